import Foundation
import Glibc
import Synchronization

/// A small HTTP server on a port, so an origin, of its own: a softphone's page, a CRM around the agent's page, a PBX.
///
/// It keeps what it was asked, and answers by path, each path always the same.
final class PageServer: Sendable {
    struct Reply: Sendable {
        var status = 200
        var headers = ["Content-Type": "text/html; charset=utf-8"]
        var body = ""
        /// It takes the request, and says nothing.
        var isSilent = false
    }

    struct Request: Sendable {
        var method: String
        var path: String
        var body: String

        /// A value of the body, as `number`.
        subscript(key: String) -> String? {
            let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            return object?[key].map { "\($0)" }
        }
    }

    let port: Int
    var origin: String { "http://127.0.0.1:\(port)" }
    /// `nil` once it is closed: its number is then another's, which must not be shut down.
    private let listener: Mutex<Int32?>
    private let replies: [String: Reply]
    private let seen = Mutex<[Request]>([])

    init(_ replies: [String: Reply]) throws {
        self.replies = replies
        let (listener, port) = try LoopbackHTTP.listen()
        self.listener = Mutex(listener)
        self.port = port
        Thread.detachNewThread { [self] in serve(listener) }
    }

    /// Pages alone.
    convenience init(pages: [String: String]) throws {
        try self.init(pages.mapValues { Reply(body: $0) })
    }

    var requests: [Request] { seen.withLock { $0 } }

    func stop() {
        listener.withLock { listener in
            if let open = listener { shutdown(open, Int32(SHUT_RDWR)) }
        }
    }

    private func serve(_ listener: Int32) {
        defer {
            self.listener.withLock { open in
                open = nil
                close(listener)
            }
        }
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            // A connection that says nothing, which browsers open in advance, must not hold up the others.
            Thread.detachNewThread { [self] in answer(connection) }
        }
    }

    private func answer(_ connection: Int32) {
        guard let request = Self.read(connection) else {
            close(connection)
            return
        }
        seen.withLock { $0.append(request) }
        let path = request.path.split(separator: "?").first.map(String.init) ?? "/"
        let reply = replies[path] ?? Reply(status: 404)
        // Left open: the process ends with the tests.
        if reply.isSilent { return }
        let head = reply.headers.map { "\($0): \($1)\r\n" }.joined()
        let text =
            "HTTP/1.1 \(reply.status) Said\r\n\(head)Content-Length: \(reply.body.utf8.count)\r\n"
            + "Connection: close\r\n\r\n\(reply.body)"
        _ = text.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
        close(connection)
    }

    private static func read(_ connection: Int32) -> Request? {
        var received = Data()
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            received.append(contentsOf: chunk[..<count])
            if let request = request(in: received) { return request }
        }
    }

    /// `nil` while it is incomplete.
    private static func request(in data: Data) -> Request? {
        guard let end = data.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: data[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) }
        let body = data[end.upperBound...]
        guard words.count == 3, body.count >= length ?? 0 else { return nil }
        return Request(
            method: String(words[0]), path: String(words[1]), body: String(decoding: body, as: UTF8.self))
    }
}
