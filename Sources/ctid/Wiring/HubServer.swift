import CTIHub
import Certificates
import Logging
import ServiceLifecycle

/// What the hub's port needs for TLS, where `http.tls` asks for it.
struct HubServer: Sendable {
    /// `nil`: plain HTTP.
    let certificate: ServerCertificate?
    let watch: CertificateWatch?
    var services: [any Service] { watch.map { [$0] } ?? [] }

    /// - Throws: ``StartFailure`` where the files are no pair.
    init(_ daemon: DaemonConfiguration, logger: Logger) throws(StartFailure) {
        do throws(CertificateProblem) {
            certificate = try daemon.tls.map { files throws(CertificateProblem) in
                try ServerCertificate(certificatePath: files.certificatePath, keyPath: files.keyPath)
            }
        } catch {
            throw StartFailure("http.tls: \(error)")
        }
        watch = certificate.map { CertificateWatch($0, logger: logger) }
    }
}
