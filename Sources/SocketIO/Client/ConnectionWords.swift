import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Why a connection failed, in few words. Addresses, headers and bodies are never in them.
enum ConnectionWords {
    static func of(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { of($0.error) } ?? "the host's name is not known"
        case let error as HTTPClientError: error.shortDescription
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: "TLS: \(tls(error))"
        case ChannelError.connectTimeout: "no connection in time"
        case is CancellationError: "stopped"
        default: "\(type(of: error))"
        }
    }

    private static let wrongNames: [NIOSSLExtraError] = [.failedToValidateHostname, .serverHostnameImpossibleToMatch]

    private static func tls(_ error: any Error) -> String {
        switch error {
        case let error as NIOSSLExtraError where wrongNames.contains(error): "the certificate is for another name"
        case NIOSSLError.handshakeFailed(let reason) where "\(reason)".contains("CERTIFICATE_VERIFY_FAILED"):
            "the certificate is not trusted"
        case NIOSSLError.handshakeFailed: "the handshake failed"
        default: "the connection broke off"
        }
    }
}
