import CTICore
import Foundation

/// What a shell offers behind `--tenant`: the tenants that have a file in the configuration folder.
enum TenantNames {
    /// - Parameter words: the command line so far, as the shell splits it; bash takes `--config=DIR` for three words.
    static func completing(
        _ words: [String], environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String] {
        let folder = ConfigurationOptions.directory(given: folder(in: words), environment: environment)
        let path = NSString(string: folder).expandingTildeInPath
        let loader = ConfigurationLoader(directory: path, environment: environment, missingSecretsAreErrors: false)
        return loader.tenantFiles().compactMap { ConfigurationLoader.tenantID(ofFile: $0)?.rawValue }
    }

    private static func folder(in words: [String]) -> String? {
        guard let index = words.lastIndex(where: { $0 == "--config" || $0.hasPrefix("--config=") }) else { return nil }
        if words[index] != "--config" { return String(words[index].dropFirst("--config=".count)) }
        return words[(index + 1)...].first { $0 != "=" }
    }
}
