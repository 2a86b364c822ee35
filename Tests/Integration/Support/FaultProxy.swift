import Foundation
import Glibc
import Synchronization

/// A TCP port in front of a Unix socket, which can be made to do what networks do.
///
///     client ── up ──▶ proxy ── up ──▶ server
///     client ◀─ down ─ proxy ◀─ down ─ server
///
/// In a black hole nothing is told: neither that bytes were dropped nor that a peer has hung up.
final class FaultProxy: Sendable {
    enum Mode: String, Sendable, CaseIterable {
        case passes
        case swallowsUp
        case swallowsDown
        case swallowsBoth
        /// Half-open: the sockets stand, and nobody reads them.
        case stopsReading
    }

    private struct State {
        var mode = Mode.passes
        var links: [Link] = []
        var isClosed = false
    }

    let port: Int
    private let target: String
    private let listener: Int32
    private let state = Mutex(State())

    init(target: String) throws {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) + listen(descriptor, 64) + getsockname(descriptor, $0, &size)
            }
        }
        port = Int(in_port_t(bigEndian: address.sin_port))
        guard descriptor >= 0, result == 0 else { throw Timeout(what: "a port for the proxy") }
        Thread.detachNewThread { [self] in acceptAll() }
    }

    var mode: Mode {
        get { state.withLock { $0.mode } }
        set { state.withLock { $0.mode = newValue } }
    }

    /// Hangs up on everybody who is connected; who comes anew is served.
    func cut() {
        let links = state.withLock { state in
            defer { state.links = [] }
            return state.links
        }
        for link in links { link.hangUp() }
    }

    func stop() {
        state.withLock { $0.isClosed = true }
        cut()
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func acceptAll() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0, !state.withLock({ $0.isClosed }) else { break }
            guard let link = Link(client: client, target: target) else { continue }
            state.withLock { $0.links.append(link) }
            Thread.detachNewThread { [self] in pump(link, from: link.client, to: link.server, isUp: true) }
            Thread.detachNewThread { [self] in pump(link, from: link.server, to: link.client, isUp: false) }
        }
        close(listener)
    }

    private func pump(_ link: Link, from source: Int32, to target: Int32, isUp: Bool) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while !link.isOver {
            var waiting = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
            guard mode != .stopsReading, poll(&waiting, 1, 20) > 0 else {
                if mode == .stopsReading { usleep(5_000) }
                continue
            }
            let count = recv(source, &chunk, chunk.count, 0)
            let isSwallowed = swallows(isUp: isUp)
            if count <= 0 {
                while swallows(isUp: isUp), !link.isOver { usleep(5_000) }
                break
            }
            if !isSwallowed, !Self.write(chunk[..<count], to: target) { break }
        }
        link.hangUp()
    }

    private func swallows(isUp: Bool) -> Bool {
        switch mode {
        case .passes, .stopsReading: false
        case .swallowsUp: isUp
        case .swallowsDown: !isUp
        case .swallowsBoth: true
        }
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// One client and its server; the sockets are closed when nobody uses them any more.
    private final class Link: Sendable {
        let client: Int32
        let server: Int32
        private let over = Mutex(false)
        var isOver: Bool { over.withLock { $0 } }

        init?(client: Int32, target: String) {
            self.client = client
            server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: target.utf8.prefix($0.count - 1)) }
            let descriptor = server
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            // A server that is away is as a port where nobody listens.
            guard result == 0 else { return nil }
        }

        func hangUp() {
            over.withLock { $0 = true }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }

        deinit {
            close(client)
            close(server)
        }
    }
}
