import CTICore
import Testing

/// Field sets of the vendor's samples, without what is never known here.
@Suite struct XCallyEncoderTests {
    private static let start = Timestamp(milliseconds: 1_795_255_200_000)
    private static let common =
        #""queue":"Sales","agentname":"John Doe","agentnum":"1007","peer":"SIP/john.doe","direction":"inbound","#
        + #""uniqueid":"ref-1","extension":"0117654321","callernum":"0821234567""#

    private func sample(_ event: CallEventKind) throws -> SampleCall {
        var sample = try SampleCall(event: event)
        sample.call.ringingAt = Self.start
        sample.call.upAt = Self.start.adding(.milliseconds(3900))
        sample.call.endedAt = Self.start.adding(.milliseconds(65_000))
        return sample
    }

    private func shape(_ sample: SampleCall, callerName: String? = nil, agentHungUp: Bool = false) -> String {
        let encoder = XCallyEncoder(
            call: sample.call, event: sample.event, agent: sample.agent, callerName: callerName,
            agentHungUp: agentHungUp)
        return json { encoder.write(to: &$0) }
    }

    @Test func ringing() throws {
        #expect(shape(try sample(.ringing)) == #"{"event":"ringing",\#(Self.common),"ringing":true}"#)
    }

    @Test func up() throws {
        #expect(
            shape(try sample(.up)) == #"{"event":"up",\#(Self.common),"holdtime":"12","ringtime":"3","up":true}"#)
    }

    @Test(arguments: [(true, "agent"), (false, "caller")])
    func hangup(agentHungUp: Bool, reason: String) throws {
        #expect(
            shape(try sample(.hangup), agentHungUp: agentHungUp)
                == #"{"event":"hangup",\#(Self.common),"holdtime":"12","ringtime":"3","talktime":"61","#
                + #""reason":"\#(reason)","hangup":true}"#)
    }

    @Test func abandonKnowsNoAgent() throws {
        #expect(
            shape(try sample(.abandon), callerName: "Jane Roe")
                == #"{"queue":"Sales","direction":"unmanaged","uniqueid":"ref-1","callernum":"0821234567","#
                + #""callername":"Jane Roe","holdtime":"12","unmanaged":true}"#)
    }

    @Test func whatIsUnknownIsLeftOut() throws {
        var sample = try SampleCall(event: .hangup)
        sample.agent = Agent(extension: Extension("1007"))
        sample.call.queue = nil
        sample.call.dialed = nil
        sample.call.holdSeconds = nil
        #expect(
            shape(sample)
                == #"{"event":"hangup","agentnum":"1007","direction":"inbound","uniqueid":"ref-1","#
                + #""callernum":"0821234567","ringtime":"0","reason":"caller","hangup":true}"#)
        sample.event = .abandon
        #expect(
            shape(sample)
                == #"{"direction":"unmanaged","uniqueid":"ref-1","callernum":"0821234567","unmanaged":true}"#)
    }

    @Test func aClockSetBackGivesNoNegativeTime() throws {
        var sample = try sample(.hangup)
        sample.call.endedAt = Self.start
        #expect(shape(sample).contains(#""talktime":"0""#))
    }

    @Test func thereIsNoEventForDialling() throws {
        #expect(CallEventKind.allCases.filter { !XCallyEncoder.speaks(of: $0) } == [.calling])
    }

    @Test(arguments: [CallEventKind.ringing, .up, .hangup, .abandon])
    func theBoardsChannelIsTheShapeWithEventAndTime(event: CallEventKind) throws {
        let sample = try sample(event)
        let encoder = XCallyEncoder(call: sample.call, event: event, agent: sample.agent)
        let channel = shape(sample).dropFirst().dropLast()
        let named = event == .abandon ? #""event":"abandon","# + channel : String(channel)
        let text = json {
            encoder.writeRealtime(app: "SalesCTI", reference: "42", url: "https://crm", at: Self.start, to: &$0)
        }
        #expect(
            text == #"{"type":"SalesCTI","channel":{\#(named),"time":"\#(Self.start)"},"reference":"42","#
                + #""url":"https://crm"}"#)
    }
}
