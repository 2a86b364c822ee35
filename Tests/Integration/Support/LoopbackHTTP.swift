import Foundation
import Glibc

/// One HTTP request to a server on this machine, a connection each.
///
/// URLSession on Linux cannot do it: chromedriver writes `Content-Length:249`, without a space, as HTTP allows, and
/// FoundationNetworking takes that for a broken header.
struct LoopbackHTTP: Sendable {
    let port: Int
    /// How long the server may be silent.
    var silence: Duration = .seconds(60)

    struct Answer: Sendable {
        let status: Int
        let body: Data
    }

    /// Blocking, so on a thread of Dispatch's: the pool of async code has as many threads as there are cores.
    func request(_ method: String, _ path: String, _ body: Data = Data()) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try exchange(method, path, body) })
            }
        }
    }

    private func exchange(_ method: String, _ path: String, _ body: Data) throws -> Answer {
        let descriptor = try connected()
        defer { close(descriptor) }
        let head = """
            \(method) \(path) HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Connection: close\r
            Content-Type: application/json\r
            Content-Length: \(body.count)\r
            \r

            """
        try write(Data(head.utf8) + body, to: descriptor)
        return try read(from: descriptor)
    }

    private func connected() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw failure("no socket") }
        var limit = timeval(tv_sec: Int(silence.components.seconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw failure("nobody listens on port \(port)")
        }
        return descriptor
    }

    private func write(_ data: Data, to descriptor: Int32) throws {
        var rest = data[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw failure("the connection broke while writing") }
            rest = rest.dropFirst(count)
        }
    }

    private func read(from descriptor: Int32) throws -> Answer {
        var received = Data()
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let answer = Self.answer(in: received) { return answer }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { throw failure("the connection broke, or was silent for too long") }
            received.append(contentsOf: chunk[..<count])
        }
    }

    /// `nil` while it is incomplete. Only answers with a `Content-Length` are understood.
    static func answer(in data: Data) -> Answer? {
        guard let end = data.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: data[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let lengths = lines.dropFirst().compactMap { line -> Int? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
            return Int(parts[1].trimmingCharacters(in: .whitespaces))
        }
        let body = data[end.upperBound...]
        guard let length = lengths.first, body.count >= length else { return nil }
        return Answer(status: status, body: Data(body.prefix(length)))
    }

    private func failure(_ message: String) -> WebDriverError { WebDriverError(code: "no answer", message: message) }
}

extension LoopbackHTTP {
    /// A socket that listens on a free port of this machine.
    static func listen() throws -> (listener: Int32, port: Int) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && Glibc.listen(listener, 64) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard isBound else { throw Timeout(what: "a free port") }
        return (listener, Int(UInt16(bigEndian: address.sin_port)))
    }
}
