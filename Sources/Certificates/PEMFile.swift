internal import Glibc
internal import NIOSSL

/// The bytes of a PEM file.
struct PEMFile {
    /// All the system's authorities together have a quarter of it.
    private static let largest = 1 << 20

    let path: String
    let bytes: [UInt8]

    init(_ path: String) throws(CertificateProblem) {
        self.path = path
        guard let file = fopen(path, "re") else { throw Self.unreadable(path) }
        defer { fclose(file) }
        bytes = [UInt8](unsafeUninitializedCapacity: Self.largest) { $1 = fread($0.baseAddress, 1, $0.count, file) }
        guard ferror(file) == 0 else { throw Self.unreadable(path) }
        guard bytes.count < Self.largest else {
            throw CertificateProblem("\(path) is larger than 1 MiB, expected PEM")
        }
    }

    private static func unreadable(_ path: String) -> CertificateProblem {
        CertificateProblem("\(path) cannot be read (\(String(cString: strerror(errno)))), expected a PEM file")
    }

    func certificates() throws(CertificateProblem) -> [NIOSSLCertificate] {
        let found = (try? NIOSSLCertificate.fromPEMBytes(bytes)) ?? []
        guard !found.isEmpty else {
            throw CertificateProblem("\(path) holds no certificate, expected PEM: -----BEGIN CERTIFICATE-----")
        }
        return found
    }

    func privateKey() throws(CertificateProblem) -> NIOSSLPrivateKey {
        let text = String(decoding: bytes, as: UTF8.self)
        guard !text.contains("BEGIN ENCRYPTED PRIVATE KEY"), !text.contains("Proc-Type: 4,ENCRYPTED") else {
            throw CertificateProblem(
                "the key in \(path) is encrypted, expected one without a passphrase: openssl pkey -in OLD -out NEW")
        }
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        } catch {
            throw CertificateProblem("\(path) holds no private key, expected PEM: -----BEGIN PRIVATE KEY-----")
        }
    }
}
