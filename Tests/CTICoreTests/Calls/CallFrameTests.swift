import CTICore
import Testing

@Suite struct CallFrameTests {
    @Test func writesEveryKeyInTheContractsOrder() throws {
        var sample = try SampleCall()
        sample.call.upAt = Timestamp(milliseconds: 1_795_255_200_000)
        let contact = try #require(sample.contact)
        let frame = CallFrame(
            id: PopID("p1"), tenant: sample.tenant, event: .up, agent: sample.agent, call: sample.call,
            contact: contact, matches: [contact],
            actions: [
                .webhook(name: "crm", rule: "r"), .open(url: "https://x", mode: .newTab, rule: "r"),
                .realtime(app: "a", reference: "", url: "", rule: "r"),
            ])
        #expect(
            json { frame.write(to: &$0) }
                == #"{"id":"p1","tenant":"acme","event":"up","stale":false,"#
                + #""agent":{"extension":"1007","name":"John Doe","peer":"SIP/john.doe"},"#
                + #""call":{"ref":"ref-1","direction":"inbound","caller":"0821234567","callerE164":"+27821234567","#
                + #""dialed":"0117654321","queue":"Sales","contactRef":"A-17","holdSeconds":12,"generation":"v3","#
                + #""ringingAt":null,"upAt":"2026-11-21T10:00:00.000Z","endedAt":null},"#
                + #""contact":{"id":"003-7","type":"contact","name":"Jane Roe"},"#
                + #""matches":[{"id":"003-7","type":"contact","name":"Jane Roe"}],"#
                + #""actions":[{"kind":"open","url":"https://x","mode":"new_tab","rule":"r"}]}"#)
    }

    @Test func absentValuesAreNull() throws {
        let tenant = try #require(TenantID("acme"))
        let event = CallEvent(
            kind: .up, generation: .unknown, direction: .inbound, caller: "", callRef: CallRef("r"),
            extension: Extension("1"))
        let frame = CallFrame(
            id: PopID("p"), tenant: tenant, event: .up, stale: true, agent: Agent(extension: Extension("1")),
            call: Call(event), reason: .stacked)
        #expect(
            json { frame.write(to: &$0) }
                == #"{"id":"p","tenant":"acme","event":"up","stale":true,"#
                + #""agent":{"extension":"1","name":null,"peer":null},"#
                + #""call":{"ref":"r","direction":"inbound","caller":"","callerE164":null,"dialed":null,"#
                + #""queue":null,"contactRef":null,"holdSeconds":null,"generation":"unknown","ringingAt":null,"#
                + #""upAt":null,"endedAt":null},"contact":null,"matches":[],"actions":[],"reason":"stacked"}"#)
    }
}
