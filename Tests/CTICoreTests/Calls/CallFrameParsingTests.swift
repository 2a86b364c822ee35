import CTICore
import Testing

struct CallFrameParsingTests {
    @Test("what is written is read back")
    func roundTrip() throws {
        let event = CallEvent(
            kind: .up, generation: .preV3, direction: .outbound, caller: "+27 82 \"1\"", dialed: "0117654321",
            holdSeconds: HoldSeconds(12), callRef: CallRef("c/1"), contactRef: "A-17", extension: Extension("1007"))
        var call = Call(event, callerE164: "+27821234567", queue: "Sales")
        call.upAt = Timestamp(milliseconds: 1_795_236_072_119)
        let contact = Contact(id: "7", name: "Ünal")
        let frame = CallFrame(
            id: PopID("p"), tenant: try #require(TenantID("acme")), event: .up, stale: true,
            agent: Agent(extension: Extension("1007"), name: "John"), call: call, contact: contact, matches: [contact],
            actions: [
                .open(url: "https://crm.example/", mode: .window, rule: "a"),
                .session(template: "t", parameters: [NamedValue(name: "n", value: "v")], rule: "b"),
            ], reason: .stale)
        var json = JSONWriter()
        frame.write(to: &json)
        #expect(CallFrame(json: json.bytes) == frame)
    }

    @Test("what is no frame is none", arguments: ["", "{}", "[]", #"{"id":"x"}"#])
    func refused(_ text: String) {
        #expect(CallFrame(json: Array(text.utf8)) == nil)
    }
}
