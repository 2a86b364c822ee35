import Testing

@testable import CTISinks

struct IPAddressTests {
    /// The first and the last of each range, and their neighbours outside of it where those are public.
    private static let edges: [(first: String, last: String, before: String?, after: String?)] = [
        ("0.0.0.0", "0.255.255.255", nil, "1.0.0.0"),
        ("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
        ("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"),
        ("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"),
        ("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"),
        ("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
        ("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"),
        ("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"),
        ("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"),
        ("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"),
        ("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"),
        ("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"),
        ("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"),
        ("224.0.0.0", "239.255.255.255", "223.255.255.255", nil),
        ("240.0.0.0", "255.255.255.255", nil, nil),
        ("::1", "::1", nil, nil),
        ("::", "::ffff:ffff", nil, "::1:0:0"),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", nil, "64:ff9b:2::"),
        ("100::", "100::ffff:ffff:ffff:ffff", "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "100:0:0:1::"),
        ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff::", "2001:200::"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7::", "2001:db9::"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe::", "3fff:1000::"),
        ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5eff::", "5f01::"),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fbff::", "fe00::"),
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe7f::", nil),
        ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil, nil),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil, nil),
    ]

    @Test func everyRangeEndsWhereItShould() throws {
        #expect(Self.edges.count == IPAddress.ranges.count && IPAddress.ranges.count == IPAddress.written.count)
        for (edge, range) in zip(Self.edges, IPAddress.ranges) {
            for text in [edge.first, edge.last] {
                let address = try #require(IPAddress(text), "\(text)")
                #expect(address.isIn(range.network, bits: range.bits), "\(text)")
                #expect(address.whyNotPublic != nil, "\(text)")
            }
            for text in [edge.before, edge.after].compactMap(\.self) {
                #expect(try #require(IPAddress(text), "\(text)").whyNotPublic == nil, "\(text)")
            }
        }
    }

    @Test(arguments: [
        "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", "64:ff9b::192.168.1.1", "2002:7f00:1::",
        "2002:c0a8:101::1", "::127.0.0.1",
    ])
    func anIPv4AddressInsideCounts(text: String) throws {
        #expect(try #require(IPAddress(text)).whyNotPublic != nil)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::",
    ])
    func othersArePublic(text: String) throws {
        #expect(try #require(IPAddress(text)).whyNotPublic == nil)
    }

    @Test func saysWhatItIs() throws {
        #expect(try #require(IPAddress("169.254.169.254")).whyNotPublic == "169.254.169.254 is a link-local address")
        #expect(IPAddress("::FFFF:7F00:1")?.description == "::ffff:127.0.0.1")
        for text in ["", "127.1", "1.2.3.4.5", "[::1]", "crm.example", "fe80::1%lo"] { #expect(IPAddress(text) == nil) }
    }

    @Test(arguments: [
        "http://localhost/", "http://LocalHost.:8080/", "https://a.localhost", "http://127.0.0.1/", "http://127.1/",
        "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0/", "http://[::1]:8080/",
        "http://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest/meta-data", "http://[fd00::1]/",
    ])
    func aURLShowsIt(text: String) throws {
        #expect(try WebhookURL(text).privateAddress != nil)
    }

    @Test(arguments: [
        "https://crm.example/", "https://1.1.1.1/", "http://[2606:4700::1]/", "https://localhost.example/",
    ])
    func aURLWithoutIt(text: String) throws {
        #expect(try WebhookURL(text).privateAddress == nil)
    }
}
