/// The metrics of the hub's certificate, where it has one.
enum CertificateFamilies {
    static func write(_ certificate: ServerCertificate?, to text: inout PrometheusText) {
        guard let certificate else { return }
        text.family(
            "ctid_tls_certificate_expiry_timestamp_seconds", .gauge,
            "When the certificate that new connections are shown ends, in seconds since 1970.",
            [.init(value: Double(certificate.expiresAt))])
        text.family(
            "ctid_tls_certificate_reloads_total", .counter,
            "The certificate's files were read again, and taken; or were no pair, and the last good one stayed.",
            [
                .init(labels: [("outcome", "taken")], value: Double(certificate.reloads)),
                .init(labels: [("outcome", "failed")], value: Double(certificate.failedReloads)),
            ])
    }
}
