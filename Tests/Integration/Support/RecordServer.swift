import Foundation

/// Stands in for a CRM: answers everything with a page that shows its own address.
final class RecordServer: Sendable {
    let port: Int
    private let listener: Int32

    init() throws {
        (listener, port) = try LoopbackHTTP.listen()
        let listener = listener
        Thread.detachNewThread { Self.serve(listener) }
    }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func serve(_ listener: Int32) {
        defer { close(listener) }
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(connection, &buffer, buffer.count)
            let request = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
            let path = request.split(separator: " ").dropFirst().first.map(String.init) ?? "/"
            let body = "<!doctype html><title>record</title><p id=record>\(path)</p>"
            let answer =
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: \(body.utf8.count)\r\n"
                + "Connection: close\r\n\r\n\(body)"
            _ = answer.withCString { write(connection, $0, strlen($0)) }
            close(connection)
        }
    }
}
