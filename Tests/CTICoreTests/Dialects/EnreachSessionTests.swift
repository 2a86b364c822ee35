import CTICore
import Testing

/// Sessions of the CRM, as rules, vendors and Channel Integration Framework 2 have them.
@Suite struct EnreachSessionTests {
    private static let action = Action.session(
        template: "inbound_call", parameters: [NamedValue(name: "customerName", value: #"Jane "J" Roe"#)], rule: "r")

    @Test func `it is written as createSession takes it`() throws {
        let request = try #require(SessionRequest(Self.action))
        #expect(
            json { request.write(to: &$0) }
                == #"{"templateName":"inbound_call","templateParameters":{"customerName":"Jane \"J\" Roe"}}"#)
    }

    @Test func `a rule's action comes back as it was`() throws {
        #expect(try #require(SessionRequest(Self.action)).action(rule: "r") == Self.action)
        #expect(SessionRequest(Action.webhook(name: "crm", rule: "r")) == nil)
    }

    @Test func `parameters that are no text become their JSON`() {
        let request = SessionRequest(
            templateName: "t",
            templateParameters: [
                VendorMember(name: "a", json: Array(#"{"id":7}"#.utf8)),
                VendorMember(name: "b", json: Array("true".utf8)),
            ])
        let values = [NamedValue(name: "a", value: #"{"id":7}"#), NamedValue(name: "b", value: "true")]
        #expect(request.action(rule: "r") == .session(template: "t", parameters: values, rule: "r"))
    }
}
