internal import Certificates
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Waits for the hand-shake of a client's connection, and looks whose certificate it was.
///
/// The promise is fulfilled once, with a ``RedisError`` where it fails; then the connection is closed, too.
final class TLSHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let tls: NIOSSLClientHandler
    private let host: String
    private let authorities: TrustedAuthorities
    private let time: TimeAmount
    private let promise: EventLoopPromise<Void>
    private var deadline: Scheduled<Void>?
    private var isOver = false
    fileprivate var hasHeard = false

    init(
        with tls: NIOSSLClientHandler, host: String, trusting authorities: TrustedAuthorities, within time: TimeAmount,
        promise: EventLoopPromise<Void>
    ) {
        self.tls = tls
        self.host = host
        self.authorities = authorities
        self.time = time
        self.promise = promise
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: time) {
            let (handler, context) = bound.value
            let words = handler.hasHeard ? "it began a TLS hand-shake and did not end it" : RedisError.silentInHandshake
            handler.fail(RedisError(.timeout, words), context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event, !isOver {
            do throws(CertificateProblem) {
                try verifyName()
                finish(.success(()))
                context.pipeline.syncOperations.removeHandler(self, promise: nil)
            } catch {
                fail(RedisError(.tls, error.description), context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func verifyName() throws(CertificateProblem) {
        guard let certificate = tls.peerCertificate else {
            throw CertificateProblem("the server showed no certificate")
        }
        let names = try ServerNames(of: certificate)
        guard names.include(host) else {
            throw CertificateProblem(
                "the server's certificate is not for \(host), but for \(names): expected one of these as the URL's "
                    + "host, or a certificate with \(host) in its subjectAltName")
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isOver else { return context.fireErrorCaught(error) }
        switch HandshakeFailure(error, of: tls.peerCertificate, trusting: authorities) {
        case .needsMending(let problem): fail(RedisError(.tls, problem.description), context)
        case .brokeOff: fail(Self.brokenOff, context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failure(Self.brokenOff))
        context.fireChannelInactive()
    }

    private static let brokenOff = RedisError(.unreachable, "closed during the TLS hand-shake")

    private func fail(_ error: RedisError, _ context: ChannelHandlerContext) {
        finish(.failure(error))
        context.close(promise: nil)
    }

    private func finish(_ result: Result<Void, RedisError>) {
        guard !isOver else { return }
        isOver = true
        deadline?.cancel()
        promise.completeWith(result.mapError { $0 })
    }

    /// Sees whether the server says anything at all, be it TLS or not.
    final class FirstBytes: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = ByteBuffer

        private let handshake: TLSHandshake

        init(_ handshake: TLSHandshake) { self.handshake = handshake }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            handshake.hasHeard = true
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
    }
}

extension RedisError {
    /// A server without TLS waits for the rest of a command, as one that hangs waits for nothing.
    static let silentInHandshake = "it says nothing to a TLS hand-shake"
    static let plainServer = "it speaks no TLS there: expected its TLS port, or redis:// in place of rediss://"
}
