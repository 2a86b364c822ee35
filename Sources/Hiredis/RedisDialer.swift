internal import CHiredis
internal import Dispatch
internal import Glibc

/// Opens sockets without ever blocking the loop: names are looked up on a thread of their own, connecting is waited
/// for by the loop.
struct RedisDialer {
    /// Longer paths are cut silently by the kernel's interface, and then name another socket.
    static let longestUnixPath = 107

    let loop: RedisEventLoop
    let timeout: Duration

    /// A connected socket: non-blocking, closed on exec.
    func open(
        _ address: RedisEndpoint.Address, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> Int32 {
        let candidates = try await Self.resolve(address)
        var failure = RedisError(.unreachable, "no address for this host name")
        for candidate in candidates {
            do throws(RedisError) { return try await connect(candidate) } catch { failure = error }
        }
        throw failure
    }

    private func connect(
        _ target: SocketAddress, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(target.family, kind, 0)
        guard descriptor >= 0 else { throw RedisError(.unreachable, RedisEventLoop.systemMessage()) }
        let result = target.withSockaddr { Glibc.connect(descriptor, $0, $1) }
        var code = result == 0 ? 0 : errno
        if code == EINPROGRESS { code = await waitUntilConnected(descriptor) }
        guard code == 0 else {
            close(descriptor)
            throw RedisError(code == ETIMEDOUT ? .timeout : .unreachable, RedisEventLoop.systemMessage(code))
        }
        if target.family != AF_UNIX { setTCPOptions(descriptor) }
        return descriptor
    }

    /// The socket's error once it is known, `ETIMEDOUT` where that takes too long.
    private func waitUntilConnected(
        _ descriptor: Int32, isolation: isolated (any Actor)? = #isolation
    ) async -> Int32 {
        await withCheckedContinuation { continuation in
            var timer: RedisEventLoop.TimerID?
            let finish: (Int32) -> Void = { [loop] code in
                if let timer { loop.cancel(timer) }
                loop.unwatch(descriptor)
                continuation.resume(returning: code)
            }
            timer = loop.schedule(at: .now + timeout) { finish(ETIMEDOUT) }
            loop.watch(descriptor, writable: true) { _ in
                var code: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
                finish(code)
            }
        }
    }

    private func setTCPOptions(_ descriptor: Int32) {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, size)
    }

    // MARK: Names

    private static func resolve(_ address: RedisEndpoint.Address) async throws(RedisError) -> [SocketAddress] {
        switch address {
        case .unix(let path):
            guard path.utf8.count <= longestUnixPath else {
                throw RedisError(.unreachable, "a socket's path may have \(longestUnixPath) bytes at most")
            }
            return [SocketAddress(unixPath: path)]
        case .tcp(let host, let port):
            // getaddrinfo blocks, for seconds where the name server is away.
            let result = await withCheckedContinuation { continuation in
                DispatchQueue.global().async { continuation.resume(returning: lookUp(host, port)) }
            }
            return try result.get()
        }
    }

    private static func lookUp(_ host: String, _ port: Int) -> Result<[SocketAddress], RedisError> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        defer { list.map(freeaddrinfo) }
        guard code == 0 else {
            return .failure(RedisError(.unreachable, "host name: \(String(cString: gai_strerror(code)))"))
        }
        let addresses = sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }
        return .success(addresses.compactMap { $0.map { SocketAddress($0.pointee) } })
    }
}

/// A socket's address of any family, as bytes.
struct SocketAddress: Sendable {
    let family: Int32
    private let bytes: [UInt8]

    init(_ info: addrinfo) {
        family = info.ai_family
        bytes = Array(UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen)))
    }

    init(unixPath path: String) {
        family = AF_UNIX
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        bytes = withUnsafeBytes(of: address) { Array($0) }
    }

    func withSockaddr(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        bytes.withUnsafeBytes { raw in
            guard let address = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            return body(address, socklen_t(raw.count))
        }
    }
}
