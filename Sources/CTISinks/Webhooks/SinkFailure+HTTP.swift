internal import AsyncHTTPClient
import CTIPipeline
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

extension SinkFailure {
    /// Why there was no answer. Where it is not certain that nothing was sent, nobody knows whether it arrived.
    init(connecting error: any Error) {
        switch error {
        case let error as HTTPClientError where Self.beforeSending.contains(error):
            self.init(.unreachable, "no connection (\(error.shortDescription))")
        case let error as HTTPClientError: self.init(.unanswered, "no whole answer (\(error.shortDescription))")
        case ChannelError.connectTimeout: self.init(.unreachable, "no connection in time")
        case let error as IOError where Self.ofConnecting.contains(error.errnoCode):
            self.init(.unreachable, "no connection (\(String(cString: strerror(error.errnoCode))))")
        case let error as NIOSSLError where error.isOfHandshake:
            self.init(.unreachable, "no secure connection: \(error.whatDoesNotDo)")
        case is NIOSSLExtraError: self.init(.unreachable, "no secure connection: its certificate is another host's")
        case is HTTPParserError: self.init(.unanswered, "the answer is not HTTP")
        default: self.init(.unanswered, "the connection broke (\(type(of: error)))")
        }
    }

    private static let beforeSending: [HTTPClientError] = [
        .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .alreadyShutdown,
    ]

    private static let ofConnecting: Set<CInt> = [
        ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EADDRNOTAVAIL, EACCES, EPERM, EINVAL, EMFILE, ENFILE,
    ]
}

extension NIOSSLError {
    fileprivate var isOfHandshake: Bool {
        switch self {
        case .handshakeFailed, .noCertificateToValidate, .unableToValidateCertificate: true
        default: false
        }
    }

    /// A name that no library gives but in its text.
    fileprivate var whatDoesNotDo: String {
        let isOfCertificate = String(describing: self).contains("CERTIFICATE_VERIFY_FAILED")
        return isOfCertificate ? "its certificate is not trusted here" : "it speaks no TLS, or another than ours"
    }
}
