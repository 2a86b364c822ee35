import Foundation

/// schemathesis, which others wrote, against a daemon: it makes requests of all that `/openapi.yaml` allows and forbids,
/// and says where an answer is not as that document has it.
enum Judge {
    static let python = "\(Repository.root)/.build/peers/judges/bin/python"
    static let isThere = FileManager.default.isExecutableFile(atPath: python)

    /// Streams never end, and a poll waits for packets.
    private static let endless = ["agentEvents", "realtime", "board", "socketPoll"]

    /// - Parameters:
    ///   - token: of the agent 1007 of acme, where it is an agent's.
    ///   - examples: requests an operation, beyond those that every document's limits ask for.
    static func run(
        _ daemon: DaemonUnderTest, token: String, examples: Int, phases: String = "examples,coverage,fuzzing"
    ) async throws -> Child.Outcome {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let settings = """
            hooks = "schemathesis_hooks"
            [parameters]
            "path.tenant" = "acme"
            "path.extension" = "1007"
            """
        try settings.write(toFile: "\(folder)/schemathesis.toml", atomically: true, encoding: .utf8)
        let checks = [
            "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
            "response_headers_conformance", "ignored_auth", "unsupported_method", "allow_header_conformance",
        ]
        return try await Child(
            "/usr/bin/env",
            // It writes what it found where it runs.
            [
                "-C", folder, "PYTHONPATH=\(Repository.root)/Tests/Integration/Fixtures/peers",
                "PYTHONDONTWRITEBYTECODE=1", python,
                "-m", "schemathesis.cli", "--config-file", "\(folder)/schemathesis.toml", "run",
                "\(daemon.base)/openapi.yaml",
                "--header", "Authorization: Bearer \(token)", "--checks",
                checks.joined(separator: ","), "--phases", phases,
                "--max-examples", "\(examples)", "--request-timeout", "20", "--seed", "1", "--workers", "1",
                "--no-color",
            ] + endless.flatMap { ["--exclude-operation-id", $0] }
        ).ended()
    }
}
