import Foundation
import Synchronization

/// A real Socket.IO server that others wrote, python-socketio, which writes down what it receives. It can be killed and
/// started again in the same place.
final class RealtimeServer: Sendable {
    /// Of Engine.IO.
    let revision: Int
    let port: Int
    let folder: String
    private let process: Mutex<Child>
    private let options: Mutex<String>

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    private static func python(_ revision: Int) -> String {
        "\(root)/.build/peers/\(revision == 4 ? "socketio5" : "socketio4")/bin/python"
    }

    /// `make setup-test` makes the environments.
    static let isHere = [3, 4].allSatisfy { FileManager.default.isExecutableFile(atPath: python($0)) }

    /// - Parameter options: members of a JSON object, as `"ack":"none"`; see the scripts.
    init(_ revision: Int, _ options: String = "") async throws {
        self.revision = revision
        port = try FreePort.any()
        folder = try TemporaryFolder.make()
        self.options = Mutex(options)
        process = Mutex(try Self.start(revision, port, folder, options))
        try await listening()
    }

    private static func start(_ revision: Int, _ port: Int, _ folder: String, _ options: String) throws -> Child {
        let script = "\(root)/Tests/Integration/Fixtures/realtime-server-\(revision == 4 ? 5 : 4).py"
        let fixed = #""port":\#(port),"file":"\#(folder)/received""#
        return try Child(python(revision), [script, "{\(fixed)\(options.isEmpty ? "" : ",\(options)")}"])
    }

    private func listening() async throws {
        try await eventually("the Socket.IO server to listen") {
            let process = process.withLock { $0 }
            guard process.isRunning else { throw Timeout(what: "the server, which said: \(process.errors)") }
            return process.output.contains("listening")
        }
    }

    var url: String { "http://127.0.0.1:\(port)" }

    private var lines: [String] {
        let text = (try? String(contentsOfFile: "\(folder)/received", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// Each event's data, its members in the order of their names.
    var received: [String] { lines.filter { !$0.hasPrefix("#") } }
    /// The token in `Authorization`, of each connection.
    var connections: [String] { lines.filter { $0.hasPrefix("#connected") } }

    /// By which events came.
    var transports: Set<String> {
        Set(lines.filter { $0.hasPrefix("#by ") }.map { String($0.dropFirst(4)) })
    }

    func signal(_ number: Int32) { process.withLock { $0 }.signal(number) }

    func kill() async {
        let process = process.withLock { $0 }
        process.signal(SIGKILL)
        _ = await process.ended()
    }

    func restart(_ options: String? = nil) async throws {
        if let options { self.options.withLock { $0 = options } }
        let options = self.options.withLock { $0 }
        try process.withLock { $0 = try Self.start(revision, port, folder, options) }
        try await listening()
    }

    func stop() async {
        await kill()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Started for a test, and gone afterwards.
    static func run(
        _ revision: Int, _ options: String = "", _ body: (RealtimeServer) async throws -> Void
    ) async throws {
        let server = try await RealtimeServer(revision, options)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
        await server.stop()
        try outcome.get()
    }
}
