internal import Glibc
public import NIOSSL
internal import SwiftASN1
internal import X509

/// The names and addresses that a certificate is for: its subjectAltName alone. A common name counts for nothing, as of
/// RFC 9525.
public struct ServerNames: Sendable, Hashable, CustomStringConvertible {
    let names: [String]
    /// Four bytes each, or sixteen.
    let addresses: [[UInt8]]

    init(names: [String], addresses: [[UInt8]] = []) {
        self.names = names
        self.addresses = addresses
    }

    public init(of certificate: NIOSSLCertificate) throws(CertificateProblem) {
        do {
            let parsed = try Certificate(derEncoded: certificate.toDERBytes())
            let all = try parsed.extensions.subjectAlternativeNames.map { Array($0) } ?? []
            names = all.compactMap { if case .dnsName(let name) = $0 { name } else { nil } }
            addresses = all.compactMap { if case .ipAddress(let bytes) = $0 { Array(bytes.bytes) } else { nil } }
        } catch {
            throw CertificateProblem("the names in the server's certificate cannot be read")
        }
    }

    /// Whether it is a certificate for `host`, a name or an address. An address is held against addresses alone, so that
    /// one that happens to be the peer's makes no certificate good for a name.
    public func include(_ host: String) -> Bool {
        if let address = Self.address(host) { return addresses.contains(address) }
        let labels = Self.labels(host)
        return !labels.isEmpty && names.contains { Self.matches(pattern: Self.labels($0), labels) }
    }

    /// An asterisk stands for one whole label, the first, of three at least.
    private static func matches(pattern: [String], _ labels: [String]) -> Bool {
        guard pattern.count == labels.count else { return false }
        if pattern.first == "*", pattern.count >= 3 { return pattern.dropFirst() == labels.dropFirst() }
        return pattern == labels
    }

    /// In small letters; without the dot that may end a full name. Empty for what is no name.
    private static func labels(_ name: String) -> [String] {
        let bare = name.hasSuffix(".") ? name.dropLast() : name[...]
        let labels = bare.lowercased().split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        return labels.contains("") ? [] : labels
    }

    /// The bytes of an address as it is written, without the scope of an IPv6 one.
    public static func address(_ host: String) -> [UInt8]? {
        let bare = String(host.prefix { $0 != "%" })
        var four = in_addr()
        if inet_pton(AF_INET, bare, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, bare, &six) == 1 { return withUnsafeBytes(of: six) { Array($0) } }
        return nil
    }

    /// Of which the first ten: some certificates have hundreds.
    public var description: String {
        let all = names + addresses.map(Self.written)
        guard !all.isEmpty else { return "no name at all" }
        return all.prefix(10).joined(separator: ", ") + (all.count > 10 ? ", …" : "")
    }

    private static func written(_ address: [UInt8]) -> String {
        let family = address.count == 4 ? AF_INET : AF_INET6
        guard address.count == 4 || address.count == 16 else { return "?" }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, address, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Who signed a certificate: the common name, or whatever else is said of it.
struct IssuerName: CustomStringConvertible {
    let description: String

    init?(of certificate: NIOSSLCertificate) {
        guard let bytes = try? certificate.toDERBytes(), let parsed = try? Certificate(derEncoded: bytes) else {
            return nil
        }
        let issuer = "\(parsed.issuer)".prefix(120)
        description = parsed.issuer == parsed.subject ? "it signed itself" : "but by \(issuer)"
    }
}
