import Testing

@testable import ctid

/// A mistake in the lines below the two of `leastTenant`, and what `check` says of it, behind the file's name.
struct Mistake: Sendable, CustomTestStringConvertible {
    var text: String
    var finding: String
    var testDescription: String { text }

    init(_ text: String, _ finding: String) {
        self.text = text
        self.finding = finding
    }

    static let ofKeys = [
        Mistake("regoin: ZA", #"3:1: error: regoin: unknown key, did you mean "region"?"#),
        Mistake(
            "contacts: { zzzzzzzz: 1 }",
            "3:13: error: contacts.zzzzzzzz: unknown key, expected files, columns or lookup"),
        Mistake("region: ZA\nregion: DE", "4:1: error: region: is given twice, also in line 3, expected each key once"),
        Mistake("? [a]\n: 1", "3:3: error: (file): a key is a list, expected a plain text"),
        Mistake("queues: [1]", "3:9: error: queues: is a list, expected a mapping of dialled numbers to queues"),
        Mistake("agents: 1007", "3:9: error: agents: is a text, expected a list of agents"),
        Mistake(
            "agents:\n  - name: Jo",
            #"4:5: error: agents[0].extension: is missing, expected the number of the agent's telephone, as "1007""#),
        Mistake(
            "agents: [ { extension: 7 }, { extension: \"7\" } ]",
            #"3:42: error: agents[1].extension: "7" is another agent's, too, expected each extension once"#),
        Mistake(
            "agents: [ { extension: 1/7 } ]",
            #"3:24: error: agents[0].extension: "1/7" is not an extension, "#
                + "expected up to 64 characters without a blank or a slash"),
    ]

    static let ofValues = [
        Mistake(
            "fresh_for: 15",
            #"3:12: error: fresh_for: "15" is not a duration, expected a number with ms, s, m, h or d, as 15s"#),
        Mistake(
            "fresh_for: 2d", #"3:12: error: fresh_for: "2d" is out of range, expected a duration from 1s to 1h"#),
        Mistake(
            "region: za", #"3:9: error: region: "za" is not a country, expected two capital letters of ISO 3166, as ZA"#
        ),
        Mistake(
            "agent_page: { mask_numbers: yes }",
            #"3:29: error: agent_page.mask_numbers: "yes" is neither, expected true or false"#),
        Mistake(
            #"agent_page: { crm_origins: [ "https://crm.example/x" ] }"#,
            #"3:30: error: agent_page.crm_origins[0]: "https://crm.example/x" is not an origin, "#
                + "expected scheme, host and port alone, as https://crm.example"),
        Mistake(
            "click2dial: { url: pbx/calls, outbound_id: 27117654321 }",
            "3:20: error: click2dial.url: is not a complete URL, expected an http or https URL"),
        Mistake(
            "click2dial: { url: http://pbx/calls, outbound_id: 27117654321, generation: v2 }",
            #"3:76: error: click2dial.generation: unknown generation "v2", did you mean "v3"?"#),
        Mistake(
            "url_schemes: [ tel, JavaScript ]",
            #"3:21: error: url_schemes[1]: "javascript" runs code in the agent's browser or reads files, "#
                + "expected another scheme"),
        Mistake(
            "contacts: { files: [ a.txt ] }",
            #"3:22: error: contacts.files[0]: "a.txt" is of no known kind, "#
                + "expected a name that ends in .vcf, .csv or .json"),
        Mistake(
            "contacts: { lookup: { url: \"ftp://crm/{caller}\" } }",
            #"3:28: error: contacts.lookup.url: "ftp:" is not allowed; expected one of http:, https:"#),
        Mistake(
            "sinks: { socketio: [ { url: \"http://x\", engine: 2 } ] }",
            #"3:49: error: sinks.socketio[0].engine: unknown engine "2", expected 3 or 4"#),
        Mistake(
            "sinks: { socketio: [ { url: \"http://x\", transport: wobsocket } ] }",
            #"3:52: error: sinks.socketio[0].transport: unknown transport "wobsocket", did you mean "websocket"?"#),
        Mistake(
            "sinks: { socketio: [ { url: \"http://x\", ttl: 2d } ] }",
            #"3:46: error: sinks.socketio[0].ttl: "2d" is out of range, expected a duration from 1s to 1d"#),
        Mistake(
            "sinks: { socketio: [ { url: \"http://x\", ack_timeout: 1h } ] }",
            #"3:54: error: sinks.socketio[0].ack_timeout: "1h" is out of range, expected a duration from 100ms to 1m"#),
        Mistake(
            "sinks: { socketio: [ { url: \"http://x\" }, { url: \"http://X:80/y\" }, { url: \"http://x\", namespace: /a } ] }",
            #"3:50: error: sinks.socketio[1].url: x:80 is another server's, too, "#
                + "expected each server and namespace once"),
        Mistake(
            "variables: { a: \"{variables.b}\", b: x }",
            #"3:17: error: variables.a: "variables.b" is not known yet, expected a variable that stands above this one"#
        ),
    ]

    static let ofLookups = [
        Mistake(
            "contacts: { lookup: { timeout: 1s } }",
            "3:21: error: contacts.lookup.url: is missing, expected a URL, as https://crm.example/by-phone?n={callerE164}"
        ),
        lookup(#"timout: 1s"#, #"40: error: contacts.lookup.timout: unknown key, did you mean "timeout"?"#),
        lookup(
            #"timeout: 1m"#,
            #"49: error: contacts.lookup.timeout: "1m" is out of range, expected a duration from 10ms to 30s"#),
        lookup(
            #"concurrency: 0"#,
            #"53: error: contacts.lookup.concurrency: "0" does not do, expected a whole number from 1 to 256"#),
        lookup(#"cache: { fore: 1s }"#, #"49: error: contacts.lookup.cache.fore: unknown key, did you mean "for"?"#),
        lookup(
            #"cache: { for: 2d }"#,
            #"54: error: contacts.lookup.cache.for: "2d" is out of range, expected a duration from 0s to 1d"#),
        lookup(
            #"cache: { entries: none }"#,
            #"58: error: contacts.lookup.cache.entries: "none" does not do, expected a whole number from 1 to 1000000"#),
        lookup(
            #"breaker: { failures: 0 }"#,
            #"61: error: contacts.lookup.breaker.failures: "0" does not do, expected a whole number from 1 to 1000"#),
        lookup(
            #"breaker: { pause: 10ms }"#,
            #"58: error: contacts.lookup.breaker.pause: "10ms" is out of range, expected a duration from 1s to 1h"#),
        lookup(
            #"answer: { list: data..items }"#,
            #"56: error: contacts.lookup.answer.list: "data..items" has an empty name in it, expected names of members with dots between them, as data.items"#
        ),
        lookup(
            #"answer: { name: [ first, .last ] }"#,
            #"65: error: contacts.lookup.answer.name[1]: ".last" has an empty name in it, expected names of members with dots between them, as data.items"#
        ),
        lookup(
            #"headers: { Authorization: x }"#,
            #"51: error: contacts.lookup.headers.Authorization: "Authorization" cannot be set here, expected the token in token_file"#
        ),
        lookup(
            #"headers: { X-A: 1, x-a: 2 }"#,
            #"59: error: contacts.lookup.headers.x-a: "x-a" is there twice, in whatever case, expected it once"#),
        lookup(
            #"headers: { A-B: 'é' }"#,
            #"56: error: contacts.lookup.headers.A-B: holds what no header can, expected visible characters of ASCII and blanks"#
        ),
        lookup(
            #"headers: { "A B": x }"#,
            #"51: error: contacts.lookup.headers.A B: "A B" is not a header's name, expected letters, digits and -, as Accept-Language"#
        ),
    ]

    /// One in a look-up with a URL; `finding` begins with its column.
    private static func lookup(_ text: String, _ finding: String) -> Mistake {
        Mistake("contacts: { lookup: { url: http://crm, \(text) } }", "3:\(finding)")
    }

    static let ofColumns = [
        columns("nam: x", #"24: error: contacts.columns.nam: unknown key, did you mean "name"?"#),
        columns("phone: x", #"24: error: contacts.columns.phone: unknown key, did you mean "phones"?"#),
        columns(
            "id: { a: b }",
            "28: error: contacts.columns.id: is a mapping, expected a column's header, or a list of them"),
        columns("id: ' '", "28: error: contacts.columns.id: is empty, expected a column's header, or a list of them"),
        columns("name: [ a, [ b ] ]", "35: error: contacts.columns.name[1]: is a list, expected a column's header"),
        columns(
            "name: [ a, ' A' ]",
            #"35: error: contacts.columns.name[1]: " A" is there twice, in whatever case, expected it once"#),
    ]

    private static func columns(_ text: String, _ finding: String) -> Mistake {
        Mistake("contacts: { columns: { \(text) } }", "3:\(finding)")
    }

    static let ofRules = [
        Mistake(
            "rules: [ { on: [rining], do: [ { webhook: crm } ] } ]\nsinks: { webhooks: [] }",
            #"3:17: error: rules[0].on[0]: unknown event "rining", did you mean "ringing"?"#),
        Mistake(
            "rules: [ { do: [] } ]",
            "3:10: error: rules[0].on: is missing, expected a list of calling, ringing, up, hangup or abandon"),
        Mistake(
            "rules:\n  - on: [abandon]\n    do:\n      - open: { url: \"https://crm\" }",
            "6:9: error: rules[0].do[0].open: is shown to no one on abandon, "
                + "expected realtime or webhook, or a rule without abandon"),
        Mistake(
            "rules:\n  - on: [up]\n    do:\n      - open: { url: \"https://crm/{contakt.id}\" }",
            #"6:36: error: rules[0].do[0].open.url: unknown name "contakt.id"; did you mean "contact.id"?"#),
        Mistake(
            "rules:\n  - on: [up]\n    do:\n      - open: { url: 'javascript:{caller}' }",
            #"6:22: error: rules[0].do[0].open.url: "javascript:" is never allowed; "#
                + "expected a URL, as https://crm.example/c/{contact.id}"),
        Mistake(
            "rules:\n  - on: [up]\n    do:\n      - open: { url: https://crm, mode: newtab }",
            #"6:41: error: rules[0].do[0].open.mode: unknown mode "newtab", did you mean "new_tab"?"#),
        Mistake(
            "rules:\n  - on: [up]\n    do:\n      - webhook: cmr",
            #"6:18: error: rules[0].do[0].webhook: unknown webhook "cmr", expected it in sinks.webhooks"#),
        Mistake(
            "rules:\n  - on: [up]\n    do:\n      - { webhook: a, open: {} }",
            "6:9: error: rules[0].do[0]: has 2 keys, expected one of open, session, realtime or webhook"),
        Mistake(
            "rules:\n  - on: [up]\n    when: { all: [ { qeue: Sales } ] }\n    do: []",
            #"5:22: error: rules[0].when.all[0].qeue: unknown field, did you mean "queue"?"#),
        Mistake(
            "rules:\n  - on: [up]\n    when: { any: [ { queue: { nott: Sales } } ] }\n    do: []",
            #"5:31: error: rules[0].when.any[0].queue.nott: unknown key, did you mean "not"?"#),
        Mistake(
            "rules:\n  - on: [up]\n    when: { all: [ { direction: in } ] }\n    do: []",
            #"5:33: error: rules[0].when.all[0].direction: unknown direction "in", expected inbound or outbound"#),
    ]
}

struct TenantMistakeTests {
    @Test(
        arguments: Mistake.ofKeys + Mistake.ofValues + Mistake.ofLookups + Mistake.ofColumns + Mistake.ofRules
            + Mistake.ofWebhooks)
    func `each mistake has its place and its advice`(mistake: Mistake) throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(leastTenant + mistake.text)
        #expect(scratch.lines().contains("tenants/acme.yaml:" + mistake.finding), "\(scratch.lines())")
        #expect(scratch.load().tenants.isEmpty)
    }

    @Test func `all mistakes show at once`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(
            """
            redis: { ulr: x, delivery: sometimes, delivery: at-most-once }
            fresh_for: soon
            fresh_for: never
            auth: { jwks_file: a, public_key_file: b }
            rules:
              - on: [up, gone]
                do: [ { open: { url: "{one} {two} {caller}" } } ]
            """)
        let places = scratch.load().findings.map { "\($0.line):\($0.column) \($0.keyPath)" }
        #expect(
            places == [
                "1:8 redis.url", "1:10 redis.ulr", "1:28 redis.delivery", "1:39 redis.delivery", "2:12 fresh_for",
                "3:1 fresh_for", "4:7 auth", "6:14 rules[0].on[1]", "7:28 rules[0].do[0].open.url",
                "7:34 rules[0].do[0].open.url",
            ])
    }

    @Test func `the two required keys are asked for`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant("# nothing yet\n")
        #expect(
            scratch.lines() == [
                "tenants/acme.yaml:1:1: error: auth: is missing, "
                    + "expected one of hs256_secret_file, public_key_file or jwks_file",
                "tenants/acme.yaml:1:1: error: redis.url: is missing, "
                    + "expected redis://host:port/db, rediss://, unix:///path?db=0 or host:port/db",
            ])
    }

    @Test func `a file's name must be a tenant's`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(leastTenant + "regoin: ZA", id: "Acme")
        let lines = scratch.lines()
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("tenants/Acme.yaml:1:1: error: (file): \"Acme\" is not a tenant's name") == true)
        #expect(scratch.load().brokenTenants.first?.id == nil)
    }

    @Test func `a freshness shorter than the wait works, with a warning`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(leastTenant + "fresh_for: 2s")
        let warning = "3:12: warning: fresh_for: calls of an idle list may count as too old, expected 4s or more"
        #expect(scratch.lines() == ["tenants/acme.yaml:" + warning])
        #expect(scratch.load().tenants.count == 1)
    }
}
