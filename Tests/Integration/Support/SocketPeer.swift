import Foundation

/// A Socket.IO client of others' making at work: python-socketio 5, and what it says.
final class SocketPeer: Sendable {
    struct Happening: Decodable, Sendable {
        var event: String
        /// JSON each, keys sorted.
        var arguments: [String]

        private enum Keys: String, CodingKey { case event, arguments }

        init?(line: String) {
            guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let event = object["event"] as? String, let arguments = object["arguments"] as? [Any]
            else { return nil }
            self.event = event
            self.arguments = arguments.map { value in
                let options: JSONSerialization.WritingOptions = [
                    .fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes,
                ]
                let data = try? JSONSerialization.data(withJSONObject: value, options: options)
                return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
            }
        }

        /// A value of the first argument, as `call.ref`.
        subscript(path: String) -> String? {
            var value = try? JSONSerialization.jsonObject(
                with: Data((arguments.first ?? "").utf8), options: .fragmentsAllowed)
            for key in path.split(separator: ".") { value = (value as? [String: Any])?[String(key)] }
            return value.map { "\($0)" }
        }
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    static let python = "\(root)/.build/peers/socketio5/bin/python"
    static let browserClient = "\(root)/.build/peers/socket.io.min.js"
    static let isThere = FileManager.default.isExecutableFile(atPath: python)
    static let isBrowserClientThere = FileManager.default.isReadableFile(atPath: browserClient)

    private let process: Child

    /// - Parameters:
    ///   - options: those of `Fixtures/peers/socketio_client.py`, beside its `url`.
    ///   - authority: the file of who signed the hub's certificate, for HTTPS.
    init(_ daemon: DaemonUnderTest, _ options: [String: Any], trusting authority: String? = nil) throws {
        let asked = options.merging(["url": daemon.base]) { $1 }
        let json = String(decoding: try JSONSerialization.data(withJSONObject: asked), as: UTF8.self)
        let script = "\(Self.root)/Tests/Integration/Fixtures/peers/socketio_client.py"
        let trust = authority.map { ["SSL_CERT_FILE=\($0)"] } ?? []
        process = try Child("/usr/bin/env", trust + [Self.python, script, json])
    }

    var happenings: [Happening] { process.output.split(separator: "\n").compactMap { Happening(line: String($0)) } }
    var events: [String] { happenings.map(\.event) }
    var errors: String { process.errors }

    /// The first of this name, and, where asked for, with this call's reference.
    @discardableResult
    func event(_ name: String, ref: String? = nil, within limit: Duration = .seconds(60)) async throws -> Happening {
        func found() -> Happening? {
            happenings.first {
                $0.event == name && (ref == nil || $0.arguments.first?.contains("\"\(ref ?? "")\"") == true)
            }
        }
        try await eventually("\(name) \(ref ?? ""), was \(events)", within: limit) { found() != nil }
        guard let happening = found() else { throw Timeout(what: name) }
        return happening
    }

    func stop() async {
        process.signal(SIGKILL)
        _ = await process.ended()
    }
}
