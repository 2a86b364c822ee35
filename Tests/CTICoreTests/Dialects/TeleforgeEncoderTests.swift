import CTICore
import Testing

/// What is written of accounts that came from elsewhere.
@Suite struct TeleforgeEncoderTests {
    private func account(_ event: CallEventKind = .up) throws -> CallAccount {
        let sample = try SampleCall(event: event)
        return CallAccount(event: event, agent: sample.agent, call: sample.call, contact: sample.contact)
    }

    private func written(_ account: CallAccount) -> String? {
        Dialect.teleforge.encode(account).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [CallEventKind.calling, .ringing])
    func `the vendor has no word for it`(_ event: CallEventKind) throws {
        #expect(try written(account(event)) == nil)
    }

    @Test(arguments: [PayloadGeneration.v3, .unknown])
    func `an up of v3, and of nobody knows what`(_ generation: PayloadGeneration) throws {
        var account = try account()
        account.call.generation = generation
        account.call.campaign = nil
        #expect(
            written(account)
                == #"{"type":"call","payload":{"number":"0821234567","dial_number":"0117654321","hold_time":12,"#
                + #""call_ref":"ref-1","contact_ref":"A-17","call_dir":"inbound","ref":"1007"}}"#)
    }

    @Test func `what is unknown is left out, but for the contact's reference`() throws {
        var account = try account()
        account.call.generation = .preV3
        (account.call.campaign, account.call.dialed) = (nil, nil)
        (account.call.holdSeconds, account.call.contactRef) = (nil, nil)
        #expect(
            written(account)
                == #"{"type":"call","payload":{"number":"0821234567","call_ref":"ref-1","contact_ref":"","#
                + #""campaign_ref":"inbound","ref":"1007"}}"#)
    }

    @Test func `a call that goes out before v3 and has no campaign does not pass for inbound`() throws {
        var account = try account()
        account.call.generation = .preV3
        (account.call.campaign, account.call.direction) = (nil, .outbound)
        let again = try Dialect.teleforge.decode(#require(Dialect.teleforge.encode(account)))
        #expect(again.call.direction == .outbound)
    }

    @Test func `seconds are those of the moments, where the vendor told none`() throws {
        var account = try account(.hangup)
        account.call.campaign = nil
        account.call.upAt = Timestamp(milliseconds: 1_795_255_200_000)
        account.call.endedAt = Timestamp(milliseconds: 1_795_255_265_900)
        account.facts.endedBy = .agent
        account.facts.endCode = 16
        #expect(
            written(account)
                == #"{"type":"cdr","payload":{"extension":"1007","number":"0821234567","dial_number":"0117654321","#
                + #""call_ref":"ref-1","contact_ref":"A-17","end_reason":"agent_hungup","end_code":16,"#
                + #""call_time":65,"hold_time":12,"call_dir":"inbound","ref":"click-dial"}}"#)
    }

    @Test func `a withheld number is no old record's ref`() throws {
        var account = try account(.abandon)
        account.call.generation = .preV3
        (account.call.caller, account.call.campaign, account.call.direction) = ("", nil, .outbound)
        let again = try Dialect.teleforge.decode(#require(Dialect.teleforge.encode(account)))
        #expect(again.call.caller == "" && again.call.direction == .outbound && again.call.generation == .v3)
    }

    /// The record has no word for it but its seconds and its reason.
    @Test(arguments: [nil, 0, 1], [EndReason.silence, .busy, .agentHungUp])
    func `an answered call's end stays one`(_ seconds: Int?, _ reason: EndReason) throws {
        var account = try account(.hangup)
        (account.facts.talkSeconds, account.facts.endReason) = (seconds, reason)
        #expect(try Dialect.teleforge.decode(#require(Dialect.teleforge.encode(account))).event == .hangup)
        account.event = .abandon
        #expect(try Dialect.teleforge.decode(#require(Dialect.teleforge.encode(account))).event == .abandon)
    }

    @Test func `a caller who gave up talked to nobody`() throws {
        var account = try account(.abandon)
        account.agent = Agent(extension: Extension(""))
        account.call.generation = .preV3
        #expect(
            written(account)
                == #"{"type":"cdr","payload":{"extension":"","dial_number":"0117654321","call_ref":"ref-1","#
                + #""contact_ref":"A-17","call_time":0,"hold_time":12,"ref":"0821234567"}}"#)
    }

    @Test(arguments: EndReason.allCases)
    func `a reason has the vendor's word, or none`(_ reason: EndReason) throws {
        var account = try account(.hangup)
        account.facts.endReason = reason
        account.facts.talkSeconds = 1
        let again = try Dialect.teleforge.decode(#require(Dialect.teleforge.encode(account)))
        switch reason {
        case .cancelled: #expect(again.facts.endReason == .hungUp)
        case .congestion, .unavailable, .refusedByDialler: #expect(again.facts.endReason == .failed)
        case .silence: #expect(again.facts.endReason == nil)
        default: #expect(again.facts.endReason == reason)
        }
    }

    @Test func `members of another vendor are not passed on`() throws {
        var account = try account()
        let member = VendorMember(name: "trunk", json: Array("1".utf8))
        account.facts.vendor = VendorMembers(dialect: .xcally, members: [member])
        #expect(written(account)?.contains("trunk") == false)
        account.facts.vendor = VendorMembers(dialect: .teleforge, members: [member])
        #expect(written(account)?.contains(#""ref":"1007","trunk":1}}"#) == true)
    }

    @Test func `no member is written twice, and the model's counts`() throws {
        var account = try account()
        account.facts.vendor = VendorMembers(
            dialect: .teleforge,
            members: ["number", "number", "x", "x", "../type", "../payload", "../y"].map {
                VendorMember(name: $0, json: Array("1".utf8))
            })
        let text = try #require(written(account))
        #expect(text.hasPrefix(#"{"type":"call","payload":{"number":"0821234567","#))
        #expect(text.hasSuffix(#""ref":"1007","x":1},"y":1}"#))
    }
}
