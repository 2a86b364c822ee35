import CTICore
import CTIHub
import CTIPipeline
import Foundation
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RequestTests {
    private static let acks = "/v1/acme/agents/1001/acks"
    private static let contact = "/v1/acme/agents/1001/contact"
    private static let session = "/v1/acme/agents/1001/sessions/"

    @Test(arguments: [
        (acks, #"{"id":"pop-1","outcome":"shown"}"#, 204),
        (acks, #"{"id":"pop-1","outcome":"handled","session":"s1","more":1}"#, 204),
        (acks, #"{"id":"pop-2","outcome":"shown"}"#, 404),
        (contact, #"{"id":"p1","contact":{"id":"17"}}"#, 204),
        (contact, #"{"id":"p1","contact":{"id":"20","name":"Dee"}}"#, 204),
        (contact, #"{"id":"p2","contact":{"id":"17"}}"#, 404),
        (contact, #"{"id":"p1","contact":{"id":"99"}}"#, 422),
        (contact, #"{"id":"p1","contact":{"id":"","name":"Dee"}}"#, 422),
        (contact, #"{"id":"p1","contact":"17"}"#, 422),
        (contact, #"{"id":"p1"#, 400),
        (acks, #"{"id":"pop-1","outcome":"eaten"}"#, 422),
        (acks, #"{"id":"pop-1"}"#, 422),
        (acks, #"{"id":7,"outcome":"shown"}"#, 422),
        (acks, #"{"id":null,"outcome":"shown"}"#, 422),
        (acks, #"{"id":"#, 400),
        (acks, "[]", 400),
        (acks, "", 400),
        (session + "s1", #"{"state":"focused"}"#, 204),
        (session + "with%2Fslash", #"{"state":"hidden"}"#, 204),
        (session + "s9", #"{"state":"focused"}"#, 404),
        (session + "s1", #"{"state":"asleep"}"#, 422),
        (session + "s1", "state=focused", 400),
    ])
    func bodiesAreJudged(path: String, body: String, status: Int) async throws {
        let token = try await token()
        try await RunningHub.run { hub async throws in
            let answer = try await hub.request(.POST, path, token: token, body: body)
            #expect(answer.status == status)
            if status >= 400 { try expectProblem(answer, status) }
        }
    }

    @Test func whatWasSaidReachesTheTenant() async throws {
        let gateway = FakeGateway(.acme)
        let token = try await token()
        try await RunningHub.run(gateway) { hub async throws in
            _ = try await hub.request(
                .POST, Self.acks, token: token, body: #"{"id":"pop-1","outcome":"blocked","session":"s7"}"#)
            _ = try await hub.request(.POST, Self.session + "s1", token: token, body: #"{"state":"visible"}"#)
            #expect(await gateway.acks == [PopAck(id: PopID("pop-1"), outcome: .blocked, session: SessionID("s7"))])
            #expect(await gateway.states == [.visible])
        }
    }

    @Test func largeBodiesAreRefused() async throws {
        let token = try await token()
        try await RunningHub.run { hub async throws in
            let body = #"{"id":"pop-1","outcome":"shown","x":"\#(String(repeating: "x", count: 65_536))"}"#
            try expectProblem(try await hub.request(.POST, Self.acks, token: token, body: body), 413)
        }
    }

    @Test(
        arguments: [
            ("GET", "/nothing", 404, nil), ("GET", "/v1", 404, nil), ("GET", acks, 405, "POST"),
            ("DELETE", "/healthz", 405, "GET, HEAD"), ("PUT", "/v1/acme/calls", 405, "GET, HEAD"),
            ("GET", "/agent/../secrets", 404, nil), ("GET", "/agent/%2e%2e", 404, nil),
        ] as [(String, String, Int, String?)])
    func wrongAddressesAndMethodsAreProblems(method: String, path: String, status: Int, allow: String?) async throws {
        try await RunningHub.run { hub async throws in
            let answer = try await hub.request(.init(rawValue: method), path)
            try expectProblem(answer, status)
            #expect(answer.headers["Allow"] == (allow.map { [$0] } ?? []))
        }
    }

    @Test func everyAnswerHasTheSecurityHeaders() async throws {
        try await RunningHub.run { hub async throws in
            for path in ["/healthz", "/nothing", "/v1/acme/calls"] {
                let answer = try await hub.request(.GET, path)
                #expect(answer.headers["X-Content-Type-Options"] == ["nosniff"])
                #expect(answer.headers["Referrer-Policy"] == ["no-referrer"])
                #expect(answer.headers["Content-Security-Policy"] == ["default-src 'none'; frame-ancestors 'none'"])
            }
        }
    }

    @Test func thePageLearnsItsSettings() async throws {
        let token = try await token()
        let page = PageSettings(
            crmOrigins: ["https://crm.example"], softphoneURL: "https://phone.example/", maskNumbers: true)
        let jane = Agent(extension: Extension("1001"), name: "Jane Roe", crmUser: "005")
        try await RunningHub.run(page: page, agents: [jane.extension: jane]) { hub async throws in
            let answer = try await hub.request(.GET, "/v1/acme/agents/1001/page", token: token)
            #expect(answer.status == 200)
            #expect(
                answer.body
                    == #"{"extension":"1001","name":"Jane Roe","crmUser":"005","#
                    + #""crmOrigins":["https://crm.example"],"softphoneUrl":"https://phone.example/","#
                    + #""maskNumbers":true,"dial":"softphone"}"#)
        }
    }

    @Test(
        arguments: [
            (false, nil, "null"), (false, "https://phone.example/", #""softphone""#), (true, nil, #""click2dial""#),
            (true, "https://phone.example/", #""click2dial""#),
        ] as [(Bool, String?, String)])
    func thePageLearnsHowItMayDial(dials: Bool, softphone: String?, word: String) async throws {
        let token = try await token()
        let dialler = dials ? FakeDialler() : nil
        try await RunningHub.run(page: PageSettings(softphoneURL: softphone), dialler: dialler) { hub async throws in
            let answer = try await hub.request(.GET, "/v1/acme/agents/1001/page", token: token)
            #expect(answer.body.hasSuffix(#""dial":\#(word)}"#))
        }
    }

    private func expectProblem(_ answer: RunningHub.Answer, _ status: Int) throws {
        #expect(answer.status == status)
        #expect(answer.headers["Content-Type"] == ["application/problem+json"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any], "\(answer.body)")
        #expect(Set(object.keys) == ["type", "title", "status", "detail"])
        #expect(object["status"] as? Int == status)
    }
}
