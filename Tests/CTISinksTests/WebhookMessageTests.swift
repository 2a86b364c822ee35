import CTICore
import CTIPipeline
import Foundation
import Testing

@testable import CTISinks

struct WebhookMessageTests {
    private func sink(_ events: Set<CallEventKind> = Set(CallEventKind.allCases), name: String = "crm") throws
        -> WebhookSink
    {
        try .forTests(WebhookSettings(name: name, url: "https://crm.example/hook", events: events))
    }

    @Test func tellsOfACall() throws {
        let entry = RecordedEntry.call()
        let message = try #require(try sink().message(for: entry))
        #expect(message.id == "msg_acme_1795255200123001")
        #expect(message.event == "up" && message.ref == CallRef("c1") && message.agent == Extension("1007"))
        #expect(message.position == entry.position && message.at == entry.entry.at)
        let text = String(decoding: message.data, as: UTF8.self)
        let frame = String(decoding: entry.entry.data, as: UTF8.self)
        #expect(text == #"{"type":"call.up","timestamp":"2026-11-21T10:00:00.123Z","data":\#(frame)}"#)
        #expect(try sink().message(for: entry) == message)
    }

    @Test(arguments: CallEventKind.allCases) func itsEventsAlone(kind: CallEventKind) throws {
        #expect(try sink([kind]).message(for: .call(kind)) != nil)
        #expect(try sink(Set(CallEventKind.allCases).subtracting([kind])).message(for: .call(kind)) == nil)
    }

    @Test func whatARuleNamesItForToo() throws {
        let named =
            #"{"change":"new","actions":[{"kind":"open","url":"u","mode":"window","rule":"r"},"#
            + #"{"kind":"webhook","name":"crm","rule":"r"}]}"#
        #expect(try sink([]).message(for: .call(trace: named)) != nil)
        #expect(try sink([], name: "other").message(for: .call(trace: named)) == nil)
        // A rule may have any name.
        let disguised = #"{"change":"new","actions":[{"kind":"realtime","name":"crm","rule":"webhook"}]}"#
        #expect(try sink([]).message(for: .call(trace: disguised)) == nil)
    }

    @Test func anAgentsChoiceIsNoEvent() throws {
        #expect(try sink().message(for: .call(trace: #"{"change":"chosen","actions":[]}"#)) == nil)
        let named = #"{"change":"chosen","actions":[{"kind":"webhook","name":"crm","rule":"r"}]}"#
        #expect(try sink([]).message(for: .call(trace: named)) != nil)
    }

    @Test func aNumberThatAgentsMayNotSeeIsTold() throws {
        let entry = RecordedEntry.call(
            caller: "********67", e164: "**********67", trace: #"{"unmaskedCaller":"0821234567","change":"new"}"#)
        let message = try #require(try sink().message(for: entry))
        let expected = try #require(try sink().message(for: .call(caller: "0821234567", e164: "+27821234567")))
        #expect(String(decoding: message.data, as: UTF8.self) == String(decoding: expected.data, as: UTF8.self))
        let withheld = RecordedEntry.call(caller: "", e164: nil, trace: #"{"unmaskedCaller":"","change":"new"}"#)
        let body = String(decoding: try #require(try sink().message(for: withheld)).data, as: UTF8.self)
        #expect(body.contains(#""caller":"","callerE164":null"#))
    }

    @Test func otherEntriesAreNotForIt() throws {
        for kind in LogEntry.Kind.allCases where kind != .call {
            var entry = RecordedEntry.call()
            entry.entry.kind = kind
            #expect(try sink().message(for: entry) == nil)
        }
        var broken = RecordedEntry.call()
        broken.entry.data = Array("{".utf8)
        #expect(try sink().message(for: broken) == nil)
        #expect(try sink().message(for: .call(trace: "{")) != nil)
    }

    @Test func aSampleSaysThatItIsOne() throws {
        let (one, other) = (
            try sink().sample(.hangup, at: Timestamp(milliseconds: 0)),
            try sink().sample(.up, at: .init(milliseconds: 0))
        )
        #expect(one.id.hasPrefix("msg_acme_test_") && one.id != other.id && !one.id.contains("."))
        let object = try JSONSerialization.jsonObject(with: Data(one.data)) as? [String: Any]
        #expect(object?["type"] as? String == "ctid.test")
        #expect((object?["data"] as? [String: Any])?["event"] as? String == "hangup")
    }
}

extension RecordedEntry {
    /// As the log has it.
    static func call(
        _ kind: CallEventKind = .up, caller: String = "0821234567", e164: String? = "+27821234567", ref: String = "c1",
        position: Int64 = 1_795_255_200_123_001, trace: String? = nil
    ) -> RecordedEntry {
        let agent = Agent(extension: Extension("1007"), name: "John \"J\" Doe", peer: nil)
        let event = CallEvent(
            kind: kind, generation: .v3, direction: .inbound, caller: caller, dialed: "0117654321", holdSeconds: nil,
            callRef: CallRef(ref), contactRef: "A-17", extension: agent.extension)
        let frame = CallFrame(
            id: PopID("p1"), tenant: TenantID("acme")!, event: kind, agent: agent, call: Call(event, callerE164: e164),
            actions: [.open(url: "https://crm.example/\u{e9}", mode: .newTab, rule: "r")])
        var json = JSONWriter()
        frame.write(to: &json)
        let entry = LogEntry(
            kind: .call, agent: agent.extension, ref: event.callRef, at: Timestamp(milliseconds: 1_795_255_200_123),
            data: json.bytes, trace: trace.map { Array($0.utf8) })
        return RecordedEntry(position: Position(position), entry: entry)
    }
}

extension WebhookSink {
    static let testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    static func forTests(
        _ settings: WebhookSettings, secrets: [String] = [testSecret],
        now: @escaping @Sendable () -> Timestamp = { Timestamp(milliseconds: 1_614_265_330_999) },
        lookUp: @escaping HostLookup.LookUp = HostLookup.system
    ) throws -> WebhookSink {
        try WebhookSink(
            settings, secrets: secrets.map { try WebhookSecret($0) }, tenant: #require(TenantID("acme")), region: "ZA",
            userAgent: "ctid/test", now: now, lookUp: lookUp)
    }
}
