import CTICore
import CTISinks
import Foundation
import Testing

@testable import ctid

struct YAMLSourceTests {
    @Test(arguments: [
        ("a: [1", "2:1"), ("a: b: c", "1:5"), ("a: *none", "1:4"), ("a: \"x", "1:6"), ("a: 1\n\tb: 2", "2:1"),
        ("a: 1\nb: \u{1}", "2:4"),
    ])
    func `what is not YAML is placed`(text: String, place: String) throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(text)
        let lines = scratch.lines()
        #expect(lines.count == 1)
        #expect(
            lines.first?.hasPrefix("tenants/acme.yaml:\(place): error: (file): is not valid YAML: ") == true, "\(lines)"
        )
    }

    @Test func `scalars stay the text that was written`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(
            leastTenant + """
                display_name: 1e3
                queues: { 0117654321: yes, on: 0x1F, 1_000: ~ }
                agents: [ { extension: 007, name: no } ]
                """)
        #expect(
            scratch.lines() == ["tenants/acme.yaml:4:45: error: queues.1_000: is empty, expected a queue's name"])
    }

    @Test func `the text reaches the profile`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(
            leastTenant + """
                display_name: 1e3
                queues: { 0117654321: yes, on: 0x1F }
                agents: [ { extension: 007, name: no } ]
                """)
        let profile = try #require(scratch.load().tenants.values.first?.profile)
        #expect(profile.displayName == "1e3")
        #expect(profile.queues == ["0117654321": "yes", "on": "0x1F"])
        #expect(profile.agents.values.map { [$0.extension.rawValue, $0.name] } == [["007", "no"]])
    }

    @Test func `on is a key and not a boolean`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(leastTenant + "rules: [ { on: [up, hangup], do: [ { realtime: { app: A } } ] } ]")
        let rule = try #require(scratch.load().tenants.values.first?.profile.rules.first)
        #expect(rule.on == [.up, .hangup])
        #expect(rule.name == "rules[0]")
    }

    @Test func `anchors, aliases and merges are followed`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(
            leastTenant + """
                sinks:
                  webhooks:
                    - &hook { name: a, url: "https://a", secret_file: jwt, events: &few [up] }
                    - { <<: *hook, name: b }
                    - { <<: [ *hook ], name: c, events: *few }
                """)
        let sinks = try #require(scratch.load().tenants.values.first?.sinks)
        #expect(sinks.webhooks.map(\.settings.name) == ["a", "b", "c"])
        #expect(sinks.webhooks.map(\.settings.url) == ["https://a", "https://a", "https://a"])
        #expect(sinks.webhooks.map(\.settings.events) == [[.up], [.up], [.up]])
    }

    @Test func `a mistake under an anchor is one mistake`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(leastTenant + "agents:\n  - &a { extension: 1, nam: x }\n  - { <<: *a, extension: 2 }")
        #expect(
            scratch.lines() == [
                #"tenants/acme.yaml:4:24: error: agents[0].nam: unknown key, did you mean "name"?"#,
                #"tenants/acme.yaml:4:24: error: agents[1].nam: unknown key, did you mean "name"?"#,
            ])
    }

    @Test func `aliases of aliases come to an end`() throws {
        let scratch = try ScratchConfiguration()
        let levels = (1...9).map {
            "  - &l\($0) [\(Array(repeating: "*l\($0 - 1)", count: 10).joined(separator: ","))]"
        }
        try scratch.writeTenant("queues:\n  - &l0 [1,1,1,1,1,1,1,1,1,1]\n" + levels.joined(separator: "\n"))
        #expect(
            scratch.lines() == ["tenants/acme.yaml:1:1: error: (file): its aliases add up to more than 500000 values"])
    }

    @Test func `every repeated key is found, however it is written`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(
            leastTenant + """
                queues: { "a": x, 'a': y, a: z }
                region: ZA
                variables:
                  ab: x
                  a: x
                  ab: y
                "region": DE
                """)
        let places = scratch.load().findings.map { "\($0.line):\($0.column) \($0.keyPath)" }
        #expect(places == ["3:19 queues.a", "3:27 queues.a", "8:3 variables.ab", "9:1 region"])
    }

    @Test func `what is not UTF-8 is placed`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.write(Data([0x61, 0x3A, 0x20, 0x31, 0x0A, 0x62, 0xFF]), to: "tenants/acme.yaml")
        #expect(
            scratch.lines() == ["tenants/acme.yaml:2:1: error: (file): is not UTF-8, expected YAML in UTF-8"])
    }
}
