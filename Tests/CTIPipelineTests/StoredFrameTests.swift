import CTICore
import Testing

@testable import CTIPipeline

/// What is read in place must be what is read by parsing the whole.
struct StoredFrameTests {
    private static let moments = [
        0, 951_782_400_000, 951_868_799_999, 1_709_164_800_123, 1_795_255_200_123, 4_107_542_399_999,
    ].map { Timestamp(milliseconds: $0) }

    private func frame(_ kind: CallEventKind, _ moment: Timestamp?) throws -> CallFrame {
        let event = CallEvent(
            kind: kind, generation: .v3, direction: .outbound, caller: "0821234567", dialed: moment.map { _ in "011" },
            holdSeconds: moment.map { _ in HoldSeconds(12) }, callRef: CallRef("c\"1"),
            contactRef: moment == nil ? "\"dialed\":null" : nil, extension: Extension("1007"))
        var call = Call(event, queue: #","endedAt":"#)
        (call.ringingAt, call.upAt, call.endedAt) = (moment, nil, moment)
        let contact = Contact(id: "17", name: #"\",\"event\":\"hangup"#)
        return CallFrame(
            id: PopID("p1"), tenant: try #require(TenantID("acme")), event: kind, stale: true,
            agent: Agent(extension: Extension("1007"), name: #"{"event":"abandon""#), call: call, contact: contact,
            matches: [contact], actions: [])
    }

    @Test(
        "a call read in place is the call that was parsed, whatever its values look like",
        arguments: CallEventKind.allCases, [nil] + moments)
    func tracked(_ kind: CallEventKind, _ moment: Timestamp?) throws {
        let bytes = try frame(kind, moment).bytes
        let parsed = try #require(CallFrame(json: bytes))
        let read = StoredFrame(bytes).recordedCall(parsed.call.ref, agent: parsed.agent.extension)
        // What is escaped is left to be parsed.
        #expect((read == nil) == (moment == nil))
        if let read {
            #expect(read.event == RecordedCall(parsed).event)
            #expect([read.ringingAt, read.upAt, read.endedAt] == [moment, nil, moment])
        }
        #expect([parsed.call.ringingAt, parsed.call.upAt, parsed.call.endedAt] == [moment, nil, moment])
        #expect(StoredFrame(bytes).id == parsed.id.rawValue)
    }

    @Test("what does not look as it was written is left to be parsed", arguments: ["", "{}", "[1]", #"{"id":"a\"b"}"#])
    func unknown(_ text: String) {
        let stored = StoredFrame(Array(text.utf8))
        #expect(stored.id == nil)
        #expect(stored.recordedCall(CallRef("c"), agent: Extension("1")) == nil)
        let spaced = #"{"event": "up","ringingAt": null,"upAt": 17,"endedAt": null}"#
        #expect(StoredFrame(Array(spaced.utf8)).recordedCall(CallRef("c"), agent: Extension("1")) == nil)
    }
}
