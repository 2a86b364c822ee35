public import Certificates
import NIOCore
import NIOSSL
import Synchronization

/// The certificate that the hub shows, and its key: two PEM files, which may be renewed while it serves.
///
/// A connection keeps the certificate that it began with. Files that are no pair change nothing: the last good one stays.
public final class ServerCertificate: Sendable {
    private struct State {
        var pair: CertificatePair
        var context: NIOSSLContext
        var reloads = 0
        var failedReloads = 0
    }

    public let certificatePath: String
    public let keyPath: String
    private let state: Mutex<State>

    /// Reads the files: not for an event loop.
    public init(certificatePath: String, keyPath: String) throws(CertificateProblem) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        let pair = try CertificatePair(certificatePath: certificatePath, keyPath: keyPath)
        state = Mutex(State(pair: pair, context: try Self.context(pair)))
    }

    /// Seconds since 1970.
    public var expiresAt: Int { state.withLock { $0.pair.expiresAt } }
    /// How often another certificate was taken since the start.
    public var reloads: Int { state.withLock { $0.reloads } }
    /// How often the files were read and were no pair.
    public var failedReloads: Int { state.withLock { $0.failedReloads } }

    /// For the next connection.
    var context: NIOSSLContext { state.withLock { $0.context } }

    /// Reads the files again: not for an event loop.
    ///
    /// - Returns: false where they are as they were.
    public func reload() throws(CertificateProblem) -> Bool {
        do throws(CertificateProblem) {
            let pair = try CertificatePair(certificatePath: certificatePath, keyPath: keyPath)
            guard state.withLock({ $0.pair != pair }) else { return false }
            let context = try Self.context(pair)
            state.withLock {
                ($0.pair, $0.context) = (pair, context)
                $0.reloads += 1
            }
            return true
        } catch {
            state.withLock { $0.failedReloads += 1 }
            throw error
        }
    }

    private static func context(_ pair: CertificatePair) throws(CertificateProblem) -> NIOSSLContext {
        var configuration = pair.serverConfiguration
        configuration.applicationProtocols = ["http/1.1"]
        // A client that is gone says no good-bye, and a stop must not wait for it.
        configuration.shutdownTimeout = .seconds(1)
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw CertificateProblem("the certificate cannot be used (\(error))")
        }
    }
}
