import Foundation

/// An authority of a test's own, which signs certificates: made by openssl, whose word is not ours.
public struct TestAuthority: Sendable {
    public struct Pair: Sendable {
        public let certificate: String
        /// Readable by its owner alone.
        public let key: String
    }

    public struct Failed: Error { public let command: String }

    /// Where its own files are, and those that it signs.
    public let folder: String
    public let name: String
    public var certificate: String { "\(folder)/\(name).pem" }
    private var key: String { "\(folder)/\(name).key" }

    public init(_ name: String = "authority", in folder: String) throws {
        self.name = name
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try request(["-x509", "-subj", "/CN=Test \(name)", "-days", "2"], out: certificate, key: key)
    }

    /// A certificate and its key as `NAME.pem` and `NAME.key`.
    ///
    /// - Parameters:
    ///   - names: as openssl writes them in a subjectAltName.
    ///   - days: from now; below zero for one that has expired.
    @discardableResult
    public func issue(
        _ name: String, names: String = "DNS:localhost,IP:127.0.0.1", days: Int = 2
    ) throws -> Pair {
        let pair = Pair(certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        try request(["-new", "-subj", "/CN=\(name)"], out: "\(folder)/\(name).csr", key: pair.key)
        let extensions = "basicConstraints=critical,CA:FALSE\n" + (names.isEmpty ? "" : "subjectAltName=\(names)\n")
        try extensions.write(toFile: "\(folder)/\(name).ext", atomically: true, encoding: .utf8)
        try Self.openssl([
            "x509", "-req", "-in", "\(folder)/\(name).csr", "-CA", certificate, "-CAkey", key, "-CAcreateserial",
            "-days", "\(days)", "-extfile", "\(folder)/\(name).ext", "-out", pair.certificate,
        ])
        return pair
    }

    private func request(_ arguments: [String], out: String, key: String) throws {
        try Self.openssl(
            ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-batch"] + arguments
                + ["-keyout", key, "-out", out])
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    }

    /// Runs openssl quietly; it must be in the path.
    public static func openssl(_ arguments: [String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in 0...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var words = (["openssl"] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        var pid = pid_t()
        var status: Int32 = -1
        guard posix_spawnp(&pid, "openssl", &actions, nil, &words, environ) == 0, waitpid(pid, &status, 0) == pid,
            status == 0
        else { throw Failed(command: "openssl " + arguments.joined(separator: " ")) }
    }
}
