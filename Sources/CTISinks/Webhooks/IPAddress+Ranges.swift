/// Addresses that are not of the public Internet: IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890), and
/// multicast. Behind them are the machine itself, its network, a cloud's metadata service: whoever can write a URL, or owns
/// the name in it, would have us post there.
extension IPAddress {
    /// `127.0.0.1 is a loopback address`; `nil` for an address that anybody may be at.
    var whyNotPublic: String? {
        (embedded?.range ?? range).map { "\(self) is \($0)" }
    }

    /// The IPv4 address that traffic to this one ends at.
    private var embedded: IPAddress? {
        for (network, bits, place) in Self.embeddings where isIn(network, bits: bits) {
            return IPAddress(bytes: Array(bytes[place..<place + 4]))
        }
        return nil
    }

    private var range: String? {
        Self.ranges.first { isIn($0.network, bits: $0.bits) }?.name
    }

    struct Range: Sendable {
        let network: IPAddress
        let bits: Int
        let name: String
    }

    /// Mapped, translated by a NAT64, and 6to4.
    private static let embeddings: [(network: IPAddress, bits: Int, place: Int)] = [
        ("::ffff:0:0", 96, 12), ("64:ff9b::", 96, 12), ("2002::", 16, 2),
    ].compactMap { text, bits, place in IPAddress(text).map { ($0, bits, place) } }

    static let ranges: [Range] = written.compactMap { text, bits, name in
        IPAddress(text).map { Range(network: $0, bits: bits, name: name) }
    }

    static let written: [(network: String, bits: Int, name: String)] = [
        ("0.0.0.0", 8, "this machine's own network"),
        ("10.0.0.0", 8, "a private address"),
        ("100.64.0.0", 10, "a provider's shared address"),
        ("127.0.0.0", 8, "a loopback address"),
        ("169.254.0.0", 16, "a link-local address"),
        ("172.16.0.0", 12, "a private address"),
        ("192.0.0.0", 24, "reserved for protocols"),
        ("192.0.2.0", 24, "for documentation"),
        ("192.88.99.0", 24, "a former relay's address"),
        ("192.168.0.0", 16, "a private address"),
        ("198.18.0.0", 15, "for benchmarks"),
        ("198.51.100.0", 24, "for documentation"),
        ("203.0.113.0", 24, "for documentation"),
        ("224.0.0.0", 4, "a multicast address"),
        ("240.0.0.0", 4, "reserved"),
        ("::1", 128, "a loopback address"),
        ("::", 96, "reserved"),
        ("64:ff9b:1::", 48, "a private address"),
        ("100::", 64, "for discarding"),
        ("2001::", 23, "reserved for protocols"),
        ("2001:db8::", 32, "for documentation"),
        ("3fff::", 20, "for documentation"),
        ("5f00::", 16, "for segment routing"),
        ("fc00::", 7, "a private address"),
        ("fe80::", 10, "a link-local address"),
        ("fec0::", 10, "a private address"),
        ("ff00::", 8, "a multicast address"),
    ]
}
