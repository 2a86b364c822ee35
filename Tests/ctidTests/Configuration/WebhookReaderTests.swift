import CTICore
import CTISinks
import Testing

@testable import ctid

extension Mistake {
    /// A webhook with these members, in the third line.
    private static func webhook(_ members: String, _ finding: String) -> Mistake {
        Mistake("sinks: { webhooks: [ { name: crm, secret_file: hook, \(members) } ] }", finding)
    }

    static let ofWebhooks = [
        webhook(
            "url: http://127.0.0.1:8080/hook",
            "3:59: error: sinks.webhooks[0].url: 127.0.0.1 is a loopback address, "
                + "expected a public one, or private_addresses: true beside it"),
        webhook(
            "url: http://localhost/",
            "3:59: error: sinks.webhooks[0].url: localhost is this machine, "
                + "expected a public one, or private_addresses: true beside it"),
        webhook(
            "url: \"https://[fd00::1]/\", private_addresses: false",
            "3:59: error: sinks.webhooks[0].url: fd00::1 is a private address, "
                + "expected a public one, or private_addresses: true beside it"),
        webhook(
            "url: https://crm, timeout: 2m",
            #"3:81: error: sinks.webhooks[0].timeout: "2m" is out of range, expected a duration from 100ms to 1m"#),
        webhook(
            "url: https://crm, ttl: 8d",
            #"3:77: error: sinks.webhooks[0].ttl: "8d" is out of range, expected a duration from 10s to 7d"#),
        webhook(
            "url: https://crm, concurrency: 65",
            #"3:85: error: sinks.webhooks[0].concurrency: "65" does not do, expected a whole number from 1 to 64"#),
        webhook(
            "url: https://crm, private_addresses: yes",
            #"3:91: error: sinks.webhooks[0].private_addresses: "yes" is neither, expected true or false"#),
        webhook(
            "url: https://crm, private_adresses: true",
            #"3:72: error: sinks.webhooks[0].private_adresses: unknown key, did you mean "private_addresses"?"#),
        webhook(
            "url: https://crm, events: [ upp ]",
            #"3:82: error: sinks.webhooks[0].events[0]: unknown event "upp", did you mean "up"?"#),
    ]
}

struct WebhookReaderTests {
    private static let tenant =
        leastTenant + #"sinks: { webhooks: [ { name: crm, url: "https://crm.example", secret_file: hook } ] }"#

    @Test func `what is absent keeps its default`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(Self.tenant)
        try scratch.write("a secret of enough characters\n", to: "tenants/hook")
        let loaded = scratch.load()
        #expect(loaded.findings == [])
        let webhook = try #require(loaded.tenants.values.first?.sinks.webhooks.first)
        #expect(webhook.settings.timeout == .seconds(10) && webhook.settings.ttl == .seconds(86_400))
        #expect(webhook.settings.concurrency == 4 && !webhook.settings.allowsPrivateAddresses)
        #expect(webhook.settings.events == Set(CallEventKind.allCases))
    }

    @Test func `all keys are taken`() throws {
        let scratch = try ScratchConfiguration()
        let more = "url: http://127.1/, timeout: 3s, ttl: 1h, concurrency: 7, private_addresses: true, events: []"
        try scratch.writeTenant(leastTenant + "sinks: { webhooks: [ { name: crm, secret_file: hook, \(more) } ] }")
        let settings = try #require(scratch.load().tenants.values.first?.sinks.webhooks.first?.settings)
        #expect(settings.timeout == .seconds(3) && settings.ttl == .seconds(3600) && settings.concurrency == 7)
        #expect(settings.allowsPrivateAddresses && settings.events.isEmpty && settings.url == "http://127.1/")
    }

    @Test(arguments: [
        ("short", "the secret line 1 holds 5 bytes, expected at least 24"),
        ("whsec_c2hvcnQ=", "the secret line 1 holds 5 bytes, expected 24 to 64"),
        (
            "long enough for a secret\nwhsec_%%%%",
            "the secret line 2 is not base64 behind its prefix, expected as openssl rand -base64 32 writes it"
        ),
        ("\n\n", "the secret is empty, expected a secret a line"),
    ])
    func `a secret that does not do is an error, and stays one's own`(content: String, finding: String) throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(Self.tenant)
        try scratch.write(content, to: "tenants/hook")
        #expect(scratch.lines() == ["tenants/acme.yaml:3:76: error: sinks.webhooks[0].secret_file: \(finding)"])
    }

    @Test func `a secret that is not there is a warning for a check alone`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(Self.tenant)
        #expect(scratch.load().findings.map(\.severity) == [.warning])
        #expect(scratch.load(missingSecretsAreErrors: true).findings.map(\.severity) == [.error])
    }
}
