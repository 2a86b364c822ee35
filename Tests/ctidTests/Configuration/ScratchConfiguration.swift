import CTICore
import Foundation

@testable import ctid

/// A configuration folder of a test's own, gone with the value that made it.
final class ScratchConfiguration {
    let directory: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ctid-\(UUID().uuidString)")
        directory = folder.path
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("tenants"), withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func write(_ text: String, to name: String, mode: Int = 0o600) throws {
        try write(Data(text.utf8), to: name, mode: mode)
    }

    func write(_ data: Data, to name: String, mode: Int = 0o600) throws {
        let url = URL(fileURLWithPath: "\(directory)/\(name)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
    }

    /// With a token secret that does, as `jwt`.
    func writeTenant(_ text: String, id: String = "acme") throws {
        try write(String(repeating: "k", count: 32), to: "tenants/jwt")
        try write(text, to: "tenants/\(id).yaml")
    }

    func load(environment: [String: String] = [:], missingSecretsAreErrors: Bool = false) -> LoadedConfiguration {
        ConfigurationLoader(
            directory: directory, environment: environment, missingSecretsAreErrors: missingSecretsAreErrors
        ).load()
    }

    /// The lines of `check`, with the folder's own path taken out.
    func lines(of loaded: LoadedConfiguration) -> [String] {
        loaded.findings.map { $0.description.replacingOccurrences(of: directory + "/", with: "") }
    }

    func lines(environment: [String: String] = [:], missingSecretsAreErrors: Bool = false) -> [String] {
        lines(of: load(environment: environment, missingSecretsAreErrors: missingSecretsAreErrors))
    }
}

/// What a tenant needs at least; two lines, to put a test's own below.
let leastTenant = """
    redis: { url: "pbx:6379/0" }
    auth: { hs256_secret_file: jwt }

    """
