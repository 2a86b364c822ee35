// The constants of <sys/socket.h> are of whichever C module has it first.
internal import CHiredis
internal import Certificates
internal import Dispatch
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// The way of one connection through TLS. hiredis reads and writes one end of a socket pair, as if it were the server's
/// socket; NIO carries what passes between the other end and the server, encrypted.
///
///     hiredis ⇄ socket pair ⇄ TunnelEnd ⇄ TunnelEnd ⇄ TLS ⇄ TCP ⇄ server
///       its loop's thread     └────── one thread for all tunnels ──────┘
///
/// hiredis's end is there only once the server's certificate was found to be good, and to be the one of the host that was
/// asked for. Either side that ends closes the other: see ``TunnelEnd``. What ended it is kept, since hiredis sees no more
/// than the end.
final class TLSTunnel: Sendable {
    /// Encrypting for all tenants' connections is work for less than one thread.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private let host: String
    private let trust: TLSTrust
    private let state = Mutex<RedisError?>(nil)

    /// What is to be said of the end, where it was not just one.
    var failure: RedisError? { state.withLock { $0 } }

    func note(_ failure: RedisError) { state.withLock { $0 = $0 ?? failure } }

    private init(host: String, trust: TLSTrust) {
        self.host = host
        self.trust = trust
    }

    /// - Parameter host: whose the server's certificate must be.
    static func prepare(_ tls: RedisTLS, host: String) async throws(RedisError) -> TLSTunnel {
        let trust = await withCheckedContinuation { continuation in
            // Reading files blocks.
            DispatchQueue.global().async {
                continuation.resume(returning: Result { () throws(CertificateProblem) in try TLSTrust.read(tls) })
            }
        }
        switch trust {
        case .success(let trust): return TLSTunnel(host: host, trust: trust)
        case .failure(let problem): throw RedisError(.tls, problem.description)
        }
    }

    /// Shakes hands over a connected socket, which is its own from now on; returns hiredis's end of the pair.
    func open(over descriptor: Int32, within time: Duration) async throws(RedisError) -> Int32 {
        let end: Result<Int32, any Error> = await withCheckedContinuation { continuation in
            connect(descriptor, within: TimeAmount(time)).whenComplete { continuation.resume(returning: $0) }
        }
        switch end {
        case .success(let end): return end
        case .failure(let error as RedisError): throw error
        case .failure(let error): throw RedisError(.unreachable, "TLS: \(error)")
        }
    }

    private func connect(_ descriptor: Int32, within time: TimeAmount) -> EventLoopFuture<Int32> {
        let loop = Self.group.next()
        let shaken = loop.makePromise(of: Void.self)
        // An address is nothing to be asked for by name; the dot that may end a full one is none of it.
        let bare = host.hasSuffix(".") ? String(host.dropLast()) : host
        let name = ServerNames.address(host) == nil ? bare : nil
        return ClientBootstrap(group: loop).channelInitializer { [self] channel in
            channel.eventLoop.makeCompletedFuture {
                let tls = try NIOSSLClientHandler(context: trust.context, serverHostname: name)
                let handshake = TLSHandshake(
                    with: tls, host: host, trusting: trust.authorities, within: time, promise: shaken)
                try channel.pipeline.syncOperations.addHandlers(TLSHandshake.FirstBytes(handshake), tls, handshake)
            }
        }
        .withConnectedSocket(descriptor)
        .flatMapError { error in
            shaken.fail(error)
            return loop.makeFailedFuture(error)
        }
        .flatMap { [self] channel in shaken.futureResult.flatMap { self.join(channel) } }
    }

    /// Lays the pair beside a connection on which hands were shaken.
    private func join(_ channel: any Channel) -> EventLoopFuture<Int32> {
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
            channel.close(promise: nil)
            let error = RedisError(.unreachable, "no socket pair: \(RedisEventLoop.systemMessage())")
            return channel.eventLoop.makeFailedFuture(error)
        }
        let (ours, theirs) = (pair[0], pair[1])
        return ClientBootstrap(group: channel.eventLoop).channelInitializer { [self] inner in
            channel.eventLoop.makeCompletedFuture {
                let (outerEnd, innerEnd) = TunnelEnd.pair { [self] in noteEnd($0, afterFirstAnswer: $1) }
                try channel.pipeline.syncOperations.addHandler(outerEnd)
                try inner.pipeline.syncOperations.addHandler(innerEnd)
            }
        }
        .withConnectedSocket(ours)
        .map { _ in theirs }
        .flatMapErrorThrowing { error in
            close(theirs)
            channel.close(promise: nil)
            throw error
        }
    }

    /// In TLS 1.3 a server looks at our certificate when the hand-shake is over for us: its refusal comes later.
    private func noteEnd(_ error: (any Error)?, afterFirstAnswer: Bool) {
        if let error, case .needsMending(let problem) = HandshakeFailure(error, of: nil, trusting: trust.authorities) {
            note(RedisError(.tls, problem.description))
        } else if !afterFirstAnswer {
            note(
                RedisError(
                    .unreachable,
                    "closed right after the TLS hand-shake; perhaps it demands a client certificate, cert_file"))
        }
    }
}
