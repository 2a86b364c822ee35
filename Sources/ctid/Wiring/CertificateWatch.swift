import CTIHub
import Certificates
import Dispatch
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Has the hub's certificate read again when one of its files changes: after a look a second, once they stay as they are.
///
/// Whoever renews them replaces one after the other, or both at once behind a link: what is no pair is not taken, and
/// said once, until the files change again.
final class CertificateWatch: Service {
    private struct State {
        var watch: FileWatch
        var said: CertificateProblem?
    }

    private let certificate: ServerCertificate
    private let logger: Logger
    /// Reading blocks.
    private let queue = DispatchQueue(label: "certificate")
    private let state: Mutex<State>

    private static let interval = Duration.seconds(1)

    init(_ certificate: ServerCertificate, logger: Logger) {
        self.certificate = certificate
        self.logger = logger
        state = Mutex(State(watch: FileWatch(read: Self.look(at: certificate))))
    }

    func run() async {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                await queue.value { [self] in
                    let look = Self.look(at: certificate)
                    if state.withLock({ $0.watch.isDue(look) }) { read(look) }
                }
            }
        }
    }

    /// Reads the files now, changed or not: for whoever is told to reload.
    func reload() async { await queue.value { [self] in read(Self.look(at: certificate)) } }

    private func read(_ look: FileWatch.Look) {
        state.withLock { $0.watch.wasRead(look) }
        do throws(CertificateProblem) {
            let isNew = try certificate.reload()
            let wasBad = state.withLock { state in
                defer { state.said = nil }
                return state.said != nil
            }
            if isNew || wasBad {
                logger.notice("http.tls: new connections are shown the certificate that ends on \(end)")
            }
        } catch {
            let isNews = state.withLock { state in
                defer { state.said = error }
                return state.said != error
            }
            if isNews {
                logger.error("http.tls: \(error); the certificate that ends on \(end) stays in use")
            }
        }
    }

    private var end: UTCDate { UTCDate(certificate.expiresAt) }

    private static func look(at certificate: ServerCertificate) -> FileWatch.Look {
        FileWatch.Look(at: [certificate.certificatePath, certificate.keyPath])
    }
}
