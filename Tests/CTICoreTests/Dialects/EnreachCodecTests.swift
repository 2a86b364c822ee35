import CTICore
import Testing

@Suite struct EnreachCodecTests {
    private static let common = #""direction":0,"phoneNumber":"+358403450300""#
    private static let call = #"\#(common),"eventData":{"callId":"c1","extension":"1007"}"#

    private func decode(_ text: String) throws -> CallAccount { try Dialect.enreach.decode(Array(text.utf8)) }

    private func encode(_ account: CallAccount) -> String {
        String(decoding: Dialect.enreach.encode(account) ?? [], as: UTF8.self)
    }

    private func account(_ event: CallEventKind) throws -> CallAccount {
        let sample = try SampleCall(event: event)
        return CallAccount(event: event, agent: sample.agent, call: sample.call, contact: sample.contact)
    }

    @Test(arguments: [
        (CallEventKind.calling, "onclicktoact", false, true), (.ringing, "call-incoming", false, true),
        (.up, "call-answered", true, true), (.hangup, "call-ended", true, false),
        (.abandon, "call-ended", false, false),
    ])
    func `a call is started once answered, and in progress until it ends`(
        _ event: CallEventKind, _ name: String, _ started: Bool, _ inProgress: Bool
    ) throws {
        #expect(
            encode(try account(event)).hasPrefix(
                #"{"eventId":"\#(name)","callStarted":\#(started),"callInProgress":\#(inProgress),"customer":{"#))
    }

    @Test func `every documented member is there, with what we know`() throws {
        #expect(
            encode(try account(.up)) == #"{"eventId":"call-answered","callStarted":true,"callInProgress":true,"#
                + #""customer":{"logicalName":"contact","id":"003-7","name":"Jane Roe"},"direction":0,"userId":"1007","#
                + #""crmUserId":"005","phoneNumber":"0821234567","isDirty":false,"callInitiatedFrom":null,"#
                + #""customerSearchResults":null,"eventData":{"callId":"ref-1","extension":"1007"}}"#)
    }

    @Test func `several matches are rows`() throws {
        var account = try account(.ringing)
        account.contact = nil
        account.matches = [Contact(id: "1", name: "A"), Contact(id: "2", type: "account", name: "B")]
        let text = encode(account)
        #expect(text.contains(#""customer":null"#))
        #expect(
            text.contains(
                #""customerSearchResults":[{"id":"1","name":"A","type":"contact"},"#
                    + #"{"id":"2","name":"B","type":"account"}]"#))
    }

    @Test func `a number that was dialled from no record has no words`() throws {
        var account = try account(.calling)
        #expect(Dialect.enreach.encode(account) != nil)
        account.contact = nil
        #expect(Dialect.enreach.encode(account) == nil)
        let clicked = #"{"eventId":"onclicktoact","direction":0,"phoneNumber":"9","userId":"u","eventData":{"id":1}}"#
        let told = try decode(clicked)
        #expect(told.call.direction == .outbound)
        #expect(encode(told).contains("onclicktoact"))
    }

    @Test(arguments: [
        (#"{"callId":"a","callRef":"b","id":"c"}"#, "a"), (#"{"callId":"","callRef":"b","id":"c"}"#, "b"),
        (#"{"callRef":{},"id":3}"#, "3"),
    ])
    func `the call's id is the first of three that is text`(_ eventData: String, _ ref: String) throws {
        let text = #"{"eventId":"call-incoming",\#(Self.common),"userId":"u","eventData":\#(eventData)}"#
        #expect(try decode(text).call.ref.rawValue == ref)
    }

    @Test(arguments: [
        (#"{"id":1,"extension":"1007"}"#, "1007"), (#"{"id":1,"extension":1007}"#, "1007"),
        (#"{"id":1,"extension":""}"#, "u"), (#"{"id":1}"#, "u"),
    ])
    func `the agent is the extension, else the user`(_ eventData: String, _ extension: String) throws {
        let text =
            #"{"eventId":"call-incoming",\#(Self.common),"userId":"u","crmUserId":"crm","eventData":\#(eventData)}"#
        let account = try decode(text)
        #expect(account.agent == Agent(extension: Extension(`extension`), crmUser: "crm"))
        let withoutUser = text.replacing(#""userId":"u","#, with: "")
        #expect(try decode(withoutUser).agent.extension.rawValue == (`extension` == "u" ? "crm" : `extension`))
    }

    @Test func `a session that is asked for goes out as it stands in the event`() throws {
        var account = try Dialect.enreach.decode(
            DialectFixture.one(.enreach, "before-create-inbound-call-session").vendor)
        let session = try #require(account.facts.session)
        #expect(session.templateName == "inbound_call")
        #expect(session.templateParameters.map(\.name) == ["customerName", "record"])
        account.facts.session?.templateName = "vip_call"
        account.facts.session?.templateParameters.removeLast()
        #expect(
            encode(account).contains(
                #""eventData":{"callId":"call-17","extension":"1007","remoteParty":{"displayName":"Jane Roe"},"#
                    + #""sessionTemplateId":"vip_call","sessionParameters":{"customerName":"Jane Roe"}}"#))
        // Once the call is up, the session has been opened.
        account.event = .up
        #expect(encode(account).contains(#""eventId":"call-answered""#))
    }

    @Test func `a session that a rule asks for goes out without the vendor's own data`() throws {
        var account = try account(.ringing)
        account.facts.session = SessionRequest(
            .session(template: "t", parameters: [NamedValue(name: "n", value: "v")], rule: "r"))
        let text = encode(account)
        #expect(text.hasPrefix(#"{"eventId":"beforeCreateInboundCallSession","#))
        #expect(
            text.hasSuffix(
                #""eventData":{"callId":"ref-1","extension":"1007","sessionTemplateId":"t","#
                    + #""sessionParameters":{"n":"v"}}}"#))
        #expect(try decode(text).facts.session == account.facts.session)
    }

    private func message(_ text: String) -> String? {
        do throws(DecodeFailure) {
            _ = try Dialect.enreach.decode(Array(text.utf8))
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("{}", "missing-field: eventId"),
        (#"{"eventId":"customerSelected",\#(call)}"#, "unknown-type: eventId"),
        (#"{"eventId":"secret",\#(call)}"#, "unknown-type: eventId"),
        (#"{"eventId":"call-ended",\#(call)}"#, "missing-field: callStarted"),
        (#"{"eventId":"call-ended","callStarted":1,\#(call)}"#, "wrong-type: callStarted"),
        (#"{"eventId":"call-incoming",\#(call),"customer":"secret"}"#, "wrong-type: customer"),
        (#"{"eventId":"call-incoming",\#(call),"customer":{"name":"secret"}}"#, "missing-field: customer.id"),
        (#"{"eventId":"call-incoming",\#(call),"direction":2}"#, "wrong-type: direction"),
        (#"{"eventId":"call-incoming",\#(call),"direction":null}"#, "missing-field: direction"),
        (#"{"eventId":"call-incoming",\#(call),"phoneNumber":null}"#, "missing-field: phoneNumber"),
        (#"{"eventId":"call-incoming",\#(call),"isDirty":"secret"}"#, "wrong-type: isDirty"),
        (#"{"eventId":"call-incoming",\#(call),"callInitiatedFrom":7}"#, "wrong-type: callInitiatedFrom"),
        (#"{"eventId":"call-incoming",\#(common)}"#, "missing-field: eventData.callId"),
        (#"{"eventId":"call-incoming",\#(common),"eventData":"secret"}"#, "missing-field: eventData.callId"),
        (#"{"eventId":"call-incoming",\#(common),"eventData":{"id":"1"}}"#, "missing-field: eventData.extension"),
        (#"{"eventId":"beforeCreateInboundCallSession",\#(call)}"#, "missing-field: eventData.sessionTemplateId"),
        (
            #"{"eventId":"beforeCreateInboundCallSession",\#(common),"userId":"u","#
                + #""eventData":{"id":1,"sessionTemplateId":"t","sessionParameters":[]}}"#,
            "wrong-type: eventData.sessionParameters"
        ),
    ])
    func `what is wrong is named, with nothing of the payload`(_ text: String, _ expected: String) throws {
        let failure = try #require(message(text))
        #expect(failure.hasPrefix(expected + ":"))
        #expect(!failure.contains("secret"))
    }
}
