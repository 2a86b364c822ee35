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
        sample.contact = nil
        sample.call.ringingAt = Self.start
        sample.call.upAt = Self.start.adding(.milliseconds(3900))
        sample.call.endedAt = Self.start.adding(.milliseconds(65_000))
        return sample
    }

    private func account(_ sample: SampleCall, facts: CallFacts = CallFacts()) -> CallAccount {
        CallAccount(
            event: sample.event, agent: sample.agent, call: sample.call, contact: sample.contact, facts: facts)
    }

    private func shape(_ sample: SampleCall, facts: CallFacts = CallFacts()) -> String {
        json { XCallyEncoder(account(sample, facts: facts)).write(to: &$0) }
    }

    @Test func ringing() throws {
        #expect(shape(try sample(.ringing)) == #"{"event":"ringing",\#(Self.common),"ringing":true}"#)
    }

    @Test func up() throws {
        #expect(
            shape(try sample(.up)) == #"{"event":"up",\#(Self.common),"holdtime":"12","ringtime":"3","up":true}"#)
    }

    @Test(
        arguments: [
            (CallFacts.Party.agent, "agent"), (.caller, "caller"), (nil, "caller"),
        ] as [(CallFacts.Party?, String)])
    func hangup(endedBy: CallFacts.Party?, reason: String) throws {
        var facts = CallFacts()
        facts.endedBy = endedBy
        #expect(
            shape(try sample(.hangup), facts: facts)
                == #"{"event":"hangup",\#(Self.common),"holdtime":"12","ringtime":"3","talktime":"61","#
                + #""reason":"\#(reason)","hangup":true}"#)
    }

    @Test func aReasonNamesTheAgentToo() throws {
        var facts = CallFacts()
        facts.endReason = .agentHungUp
        #expect(shape(try sample(.hangup), facts: facts).contains(#""reason":"agent""#))
        facts.endReason = .calleeHungUp
        #expect(shape(try sample(.hangup), facts: facts).contains(#""reason":"caller""#))
    }

    @Test func secondsThatWereToldGoBeforeThoseThatFollowFromMoments() throws {
        var facts = CallFacts()
        (facts.ringSeconds, facts.talkSeconds) = (4, 60)
        let text = shape(try sample(.hangup), facts: facts)
        #expect(text.contains(#""ringtime":"4","talktime":"60""#))
    }

    @Test func abandonKnowsNoAgent() throws {
        var facts = CallFacts()
        facts.callerName = "Jane Roe"
        #expect(
            shape(try sample(.abandon), facts: facts)
                == #"{"queue":"Sales","direction":"unmanaged","uniqueid":"ref-1","callernum":"0821234567","#
                + #""callername":"Jane Roe","holdtime":"12","unmanaged":true}"#)
    }

    @Test func theCallersNameIsTheContactsWhereThePBXTellsNone() throws {
        var sample = try sample(.ringing)
        sample.contact = Contact(id: "003-7", name: "Jane Roe")
        #expect(shape(sample).contains(#""callernum":"0821234567","callername":"Jane Roe","ringing":true"#))
        var facts = CallFacts()
        facts.callerName = "J. ROE"
        #expect(shape(sample, facts: facts).contains(#""callername":"J. ROE""#))
    }

    @Test func membersOfTheVendorsOwnStandInItsOrderAndThoseOfOthersNowhere() throws {
        let members = [
            VendorMember(name: "later", json: Array("[1]".utf8)),
            VendorMember(name: "trunk", json: Array(#""SIP/t""#.utf8)),
            VendorMember(name: "context", json: Array(#""from-sip""#.utf8)),
        ]
        var facts = CallFacts()
        facts.vendor = VendorMembers(dialect: .xcally, members: members)
        #expect(
            shape(try sample(.ringing), facts: facts).hasSuffix(
                #""uniqueid":"ref-1","context":"from-sip","extension":"0117654321","trunk":"SIP/t","#
                    + #""callernum":"0821234567","ringing":true,"later":[1]}"#))
        facts.vendor?.dialect = .kunzite
        #expect(shape(try sample(.ringing), facts: facts) == shape(try sample(.ringing)))
    }

    @Test func whatIsUnknownIsLeftOut() throws {
        var sample = try SampleCall(event: .hangup)
        sample.agent = Agent(extension: Extension("1007"))
        sample.contact = nil
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
        let encoder = XCallyEncoder(account(sample))
        let channel = shape(sample).dropFirst().dropLast()
        let named = event == .abandon ? #""event":"abandon","# + channel : String(channel)
        let text = json {
            encoder.writeRealtime(app: "SalesCTI", reference: "42", url: "https://crm", at: Self.start, to: &$0)
        }
        #expect(
            text == #"{"type":"SalesCTI","channel":{\#(named),"time":"\#(Self.start)"},"reference":"42","#
                + #""url":"https://crm"}"#)
    }

    @Test func theBoardsTimeIsItsOwnAlsoWhereTheEventCameWithOne() throws {
        let text =
            #"{"unmanaged":true,"event":"abandon","uniqueid":"c","callernum":"1","time":"2020-01-01T00:00:00.000Z"}"#
        let encoder = XCallyEncoder(try Dialect.xcally.decode(Array(text.utf8)))
        let pushed = json { encoder.writeRealtime(app: "a", reference: "", url: "", at: Self.start, to: &$0) }
        #expect(
            pushed == #"{"type":"a","channel":{"event":"abandon","direction":"unmanaged","uniqueid":"c","#
                + #""callernum":"1","unmanaged":true,"time":"\#(Self.start)"},"reference":"","url":""}"#)
    }
}
