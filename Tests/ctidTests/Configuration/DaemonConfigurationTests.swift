import CTICore
import TestCertificates
import Testing

@testable import ctid

struct DaemonConfigurationTests {
    @Test func `defaults hold without a file, and with an empty one`() throws {
        let scratch = try ScratchConfiguration()
        #expect(scratch.load().daemon == DaemonConfiguration())
        try scratch.write("http:\nlimits: {}\n", to: "ctid.yaml")
        #expect(scratch.load().daemon == DaemonConfiguration())
        let defaults = DaemonConfiguration()
        #expect(defaults.listen.description == "127.0.0.1:8080")
        #expect(defaults.shutdownTimeout == .seconds(10) && defaults.limits.payload == 65_536)
    }

    @Test func `every key is taken`() throws {
        let scratch = try ScratchConfiguration()
        try TestAuthority(in: scratch.directory).issue("hub")
        try scratch.write(
            """
            http: { listen: "[::1]:0", tls: { certificate_file: hub.pem, key_file: hub.key } }
            data_dir: data
            log: { level: debug, format: json, reveal_numbers: true }
            durability: power
            shutdown_timeout: 800ms
            limits: { payload: 1MiB, sessions_per_agent: 2, stacked_pops: 7, log_retention: 12h }
            """, to: "ctid.yaml")
        try scratch.writeTenant(leastTenant)
        let loaded = scratch.load(missingSecretsAreErrors: true)
        #expect(loaded.findings == [])
        let daemon = try #require(loaded.daemon)
        #expect(daemon.listen == ListenAddress(host: "::1", port: 0))
        #expect(daemon.tls?.certificatePath == scratch.directory + "/hub.pem")
        #expect(daemon.tls?.keyPath == scratch.directory + "/hub.key")
        #expect(daemon.dataDirectory == scratch.directory + "/data")
        #expect(daemon.log == .init(level: .debug, format: .json, revealNumbers: true))
        #expect(daemon.durability == .power && daemon.shutdownTimeout == .milliseconds(800))
        let limits = DaemonConfiguration.Limits(
            payload: 1 << 20, sessionsPerAgent: 2, stackedPops: 7, logRetention: .seconds(43_200))
        #expect(daemon.limits == limits)
        #expect(loaded.tenants.values.first?.profile.stackedPops == 7)
    }

    @Test(arguments: [
        ("htpp: {}", #"1:1: error: htpp: unknown key, did you mean "http"?"#),
        (
            "http: { listen: 8080 }",
            #"1:17: error: http.listen: "8080" is not an address, expected host:port, as 127.0.0.1:8080 or [::]:8080"#
        ),
        (
            "http: { tls: { key_file: k } }",
            "1:26: error: http.tls.key_file: is given without certificate_file, expected both or neither"
        ),
        ("log: { level: debgu }", #"1:15: error: log.level: unknown level "debgu", did you mean "debug"?"#),
        (
            "limits: { payload: 64KB }",
            #"1:20: error: limits.payload: "64KB" is not a size, "#
                + "expected a number with B, KiB, MiB or GiB, as 64KiB"
        ),
        (
            "limits: { payload: 1GiB }",
            #"1:20: error: limits.payload: "1GiB" is out of range, expected a size from 1KiB to 16MiB"#
        ),
        (
            "limits: { stacked_pops: 0 }",
            #"1:25: error: limits.stacked_pops: "0" does not do, expected a whole number from 1 to 1000"#
        ),
        ("- a", "1:1: error: (file): is a list, expected a mapping with "),
    ])
    func `mistakes are placed`(text: String, finding: String) throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(leastTenant)
        try scratch.write(text, to: "ctid.yaml")
        let loaded = scratch.load()
        let lines = scratch.lines(of: loaded)
        #expect(lines.count == 1 && lines[0].hasPrefix("ctid.yaml:" + finding), "\(lines)")
        #expect(loaded.daemon == nil && loaded.tenants.count == 1)
    }

    @Test func `a folder that is not there is an error`() {
        let loader = ConfigurationLoader(directory: "/nowhere/at/all", environment: [:], missingSecretsAreErrors: false)
        #expect(
            loader.load().findings.map(\.description) == [
                "/nowhere/at/all:1:1: error: (file): is not there, expected a configuration folder"
            ])
    }

    @Test(arguments: [("800ms", "800ms"), ("90s", "90s"), ("120s", "2m"), ("24h", "1d"), ("0s", "0s")])
    func `durations are written as they are read`(text: String, written: String) {
        #expect(Duration(written: text)?.written == written)
    }

    @Test(arguments: ["", "s", "1", "1.5s", "-1s", "1 s", "1S", "99999999999999999999s", "106751991168d", "1s1s"])
    func `anything else is no duration`(text: String) {
        #expect(Duration(written: text) == nil)
    }
}
