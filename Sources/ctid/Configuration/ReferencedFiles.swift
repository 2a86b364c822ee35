import Foundation

/// Finds and reads the files that one configuration file names. A class, since it remembers them: when one of them
/// changes, the configuration has changed.
final class ReferencedFiles {
    private static let largestSecret = 64 << 10

    /// The folder of the file that names them.
    let directory: String
    /// Where systemd puts a service's credentials: `$CREDENTIALS_DIRECTORY`.
    let credentialsDirectory: String?
    /// A daemon cannot start without its secrets; a check may run where they are not.
    let missingIsError: Bool
    /// Every path that was looked for, found or not.
    private(set) var paths: Set<String> = []
    /// How they looked before they were read: what changes in the midst of it has changed.
    private(set) var looks: FileWatch.Look = [:]

    init(directory: String, credentialsDirectory: String?, missingIsError: Bool) {
        self.directory = directory
        self.credentialsDirectory = credentialsDirectory.flatMap { $0.isEmpty ? nil : $0 }
        self.missingIsError = missingIsError
    }

    /// A plain file: beside the file that names it, unless it is absolute.
    func path(of name: String) -> String { remember(name, in: directory) }

    /// A secret: under the credentials' folder where there is one.
    func secretPath(of name: String) -> String {
        guard let credentialsDirectory, !name.hasPrefix("/") else { return remember(name, in: directory) }
        return remember(Self.credential(name, in: credentialsDirectory) ?? name, in: credentialsDirectory)
    }

    /// A certificate or public key, which may lie with the secrets or with the configuration.
    func certificatePath(of name: String) -> String {
        guard let credentialsDirectory, !name.hasPrefix("/") else { return path(of: name) }
        return Self.credential(name, in: credentialsDirectory) == nil ? path(of: name) : secretPath(of: name)
    }

    /// What the file is called there: as it is named, or as `LoadCredential=ctid:FOLDER` calls a file of the folder,
    /// which is how the units of the package hand over all secrets at once.
    private static func credential(_ name: String, in folder: String) -> String? {
        [name, "ctid_" + name.replacing("/", with: "_")].first { exists(join(folder, $0)) }
    }

    func read(path: String) throws(FileContents.Problem) -> FileContents {
        try FileContents(path: path, most: Self.largestSecret)
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether systemd guards the file, so that its mode need not.
    func isCredential(path: String) -> Bool {
        guard let credentialsDirectory else { return false }
        return Self.normalise(path).hasPrefix(Self.normalise(credentialsDirectory) + "/")
    }

    private func remember(_ name: String, in folder: String) -> String {
        let path = name.hasPrefix("/") ? name : Self.join(folder, name)
        if paths.insert(path).inserted { looks[path] = FileSignature(path: path) }
        return path
    }

    static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// Without `.`, `..` and doubled slashes; links are not followed.
    private static func normalise(_ path: String) -> String {
        URL(fileURLWithPath: path).standardized.path
    }
}
