import Foundation
import Glibc
import Synchronization

/// An HTTP server on this machine that answers as it is told to: late, half, never, without an end.
///
/// A thread a connection, which is kept for further requests as HTTP/1.1 has it.
public final class ScriptedReceiver: Sendable {
    public struct Request: Sendable {
        public let path: String
        /// Names in lower case.
        public let headers: [String: String]
        public let body: [UInt8]
        /// Counted from 0; requests on one connection have the same.
        public let connection: Int
        public let at: ContinuousClock.Instant
    }

    public indirect enum Answer: Sendable {
        case status(Int, headers: [String: String] = [:], body: String = "")
        case late(Duration, Answer)
        /// Nothing, until the other side has enough of it.
        case hang
        /// Closes without a byte.
        case close
        /// Closes in the midst of the headers.
        case halfHead
        /// 200, complete headers, half of the body.
        case halfBody
        /// 200, and a body without an end, as fast as it is taken.
        case endless
        /// 200, and a body of which nothing more comes after its first bytes.
        case drip
        /// These bytes.
        case raw(String)
    }

    private struct State {
        var requests: [Request] = []
        var open: Set<Int32> = []
        var connections = 0
        var isStopped = false
    }

    public let port: Int
    public var url: String { "http://127.0.0.1:\(port)" }
    private let listener: Int32
    private let answer: @Sendable (Request) -> Answer
    private let state = Mutex(State())

    public struct Unusable: Error { public let what: String }

    /// - Parameter port: a free one where it is 0.
    public init(port: Int = 0, _ answer: @escaping @Sendable (Request) -> Answer = { _ in .status(204) }) throws {
        (listener, self.port) = try Self.listen(port)
        self.answer = answer
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else {
                    close(listener)
                    return
                }
                guard let number = admit(connection) else { continue }
                Thread.detachNewThread { [self] in
                    serve(connection, number)
                    dismiss(connection)
                }
            }
        }
    }

    /// All that came complete, in the order of its arrival.
    public var requests: [Request] { state.withLock { $0.requests } }
    public var connections: Int { state.withLock { $0.connections } }
    public var openConnections: Int { state.withLock { $0.open.count } }

    /// As if its process were killed: nobody listens, and all connections are gone.
    public func stop() {
        let wasRunning = state.withLock { state in
            defer { state.isStopped = true }
            for connection in state.open { shutdown(connection, Int32(SHUT_RDWR)) }
            return !state.isStopped
        }
        // Its thread closes it: closed here, its number may be another's by the time that thread accepts once more.
        if wasRunning { shutdown(listener, Int32(SHUT_RDWR)) }
    }

    private func admit(_ connection: Int32) -> Int? {
        state.withLock { state in
            guard !state.isStopped else {
                close(connection)
                return nil
            }
            state.open.insert(connection)
            defer { state.connections += 1 }
            return state.connections
        }
    }

    private func dismiss(_ connection: Int32) {
        state.withLock { state in
            state.open.remove(connection)
            close(connection)
        }
    }

    private func serve(_ connection: Int32, _ number: Int) {
        var received: [UInt8] = []
        while let request = read(connection, number, &received) {
            state.withLock { $0.requests.append(request) }
            guard give(answer(request), to: connection) else { return }
        }
    }

    /// Whether the connection goes on.
    private func give(_ answer: Answer, to connection: Int32) -> Bool {
        switch answer {
        case .status(let code, let headers, let body):
            let more = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
            let length = code == 204 ? "" : "Content-Length: \(body.utf8.count)\r\n"
            return Self.send("HTTP/1.1 \(code) Told\r\n\(length)\(more)\r\n\(body)", to: connection)
        case .late(let pause, let answer):
            let (seconds, attoseconds) = pause.components
            Thread.sleep(forTimeInterval: Double(seconds) + Double(attoseconds) / 1e18)
            return give(answer, to: connection)
        case .hang: Self.waitForEnd(connection)
        case .close: break
        case .halfHead: _ = Self.send("HTTP/1.1 200 OK\r\nContent-Len", to: connection)
        case .halfBody: _ = Self.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", to: connection)
        case .endless:
            let block = String(repeating: "x", count: 4096)
            guard Self.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", to: connection) else {
                return false
            }
            while Self.send("1000\r\n\(block)\r\n", to: connection) {}
        case .drip:
            _ = Self.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nh", to: connection)
            Self.waitForEnd(connection)
        case .raw(let text): _ = Self.send(text, to: connection)
        }
        return false
    }
}

extension ScriptedReceiver {
    /// `nil` once the other side has gone.
    private func read(_ connection: Int32, _ number: Int, _ received: inout [UInt8]) -> Request? {
        while true {
            if let request = Self.request(in: &received, number) { return request }
            var chunk = [UInt8](repeating: 0, count: 16_384)
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            received += chunk[..<count]
        }
    }

    private static func request(in received: inout [UInt8], _ number: Int) -> Request? {
        let text = Data(received)
        guard let end = text.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: text[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.last?.trimmingCharacters(in: .whitespaces)
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard text.count - end.upperBound >= length else { return nil }
        let body = Array(text[end.upperBound..<end.upperBound + length])
        received.removeFirst(end.upperBound + length)
        let path = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? "/"
        return Request(path: path, headers: headers, body: body, connection: number, at: .now)
    }

    private static func waitForEnd(_ connection: Int32) {
        var byte: UInt8 = 0
        while recv(connection, &byte, 1, 0) > 0 {}
    }

    private static func send(_ text: String, to connection: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func listen(_ port: Int) throws -> (Int32, Int) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && Glibc.listen(listener, 256) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard isBound else { throw Unusable(what: "port \(port)") }
        return (listener, Int(UInt16(bigEndian: address.sin_port)))
    }
}
