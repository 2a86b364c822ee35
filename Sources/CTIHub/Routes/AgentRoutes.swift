import CTICore
import CTIPipeline
import HTTPTypes
import Hummingbird

/// What an agent's page uses: its stream, its state, its acknowledgements.
struct AgentRoutes: Sendable {
    let gatekeeper: Gatekeeper
    let streams: EventStream
    let body: JSONBody

    func add(to book: inout RouteBook) {
        book.get("/v1/:tenant/agents/:extension/events") { try await events($0, $1) }
        book.get("/v1/:tenant/agents/:extension/page") { try await page($0, $1) }
        book.post("/v1/:tenant/agents/:extension/sessions/:session") { try await session($0, $1) }
        book.post("/v1/:tenant/agents/:extension/acks") { try await ack($0, $1) }
        book.post("/v1/:tenant/agents/:extension/contact") { try await choose($0, $1) }
    }

    private func admit(
        _ request: Request, _ context: HubRequestContext
    ) throws -> (admission: Gatekeeper.Admission, agent: Extension) {
        let agent = Extension(try context.parameter("extension"))
        let tenant = context.parameters.get("tenant")
        return (try gatekeeper.admit(request, tenant: tenant, scope: .agent, extension: agent), agent)
    }

    private func events(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let (admission, agent) = try admit(request, context)
        let dialect = try StreamQuery.dialect(request)
        let gateway = admission.tenant.gateway
        let last = StreamQuery.lastEventID(request)
        return streams.response(
            to: request, of: admission.tenant.id, context: context, expires: admission.claims.expires
        ) {
            try await gateway.openSession(agent: agent, lastEventID: last, dialect: dialect, outlet: $0)
        } close: {
            await gateway.closeSession($0, agent: agent)
        }
    }

    /// What the page must know of the tenant's file.
    private func page(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let (admission, agent) = try admit(request, context)
        let page = admission.tenant.page
        var json = JSONWriter()
        json.object {
            $0.member("extension", agent.rawValue)
            $0.member("name", admission.tenant.agents[agent]?.name)
            $0.member("crmUser", admission.tenant.agents[agent]?.crmUser)
            $0.member("crmOrigins", array: { list in for origin in page.crmOrigins { list.value(origin) } })
            $0.member("softphoneUrl", page.softphoneURL)
            $0.member("maskNumbers", page.maskNumbers)
            $0.member("dial", Self.wayToDial(admission.tenant))
        }
        return .json(json.bytes)
    }

    /// The PBX knows how to show a number that may be called back, so it comes before the softphone.
    private static func wayToDial(_ tenant: HubTenant) -> String? {
        if tenant.dialler != nil { return "click2dial" }
        return tenant.page.softphoneURL == nil ? nil : "softphone"
    }

    private struct StateBody: Decodable {
        var state: String
    }

    private func session(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let (admission, agent) = try admit(request, context)
        let session = SessionID(try context.parameter("session"))
        let sent = try await body.decode(StateBody.self, from: request)
        guard let state = SessionState(rawValue: sent.state) else {
            throw Problem.unprocessable("The state is one of focused, visible, hidden.")
        }
        guard await admission.tenant.gateway.setState(state, session: session, agent: agent) else {
            throw Problem(status: .notFound, detail: "There is no such session.")
        }
        return Response(status: .noContent)
    }

    private struct AckBody: Decodable {
        var id: String
        var outcome: String
        var session: String?
    }

    private func ack(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let (admission, agent) = try admit(request, context)
        let sent = try await body.decode(AckBody.self, from: request)
        guard let outcome = AckOutcome(rawValue: sent.outcome) else {
            throw Problem.unprocessable("The outcome is one of shown, blocked, dismissed, handled.")
        }
        let ack = PopAck(id: PopID(sent.id), outcome: outcome, session: sent.session.map { SessionID($0) })
        guard try await admission.tenant.gateway.acknowledge(ack, agent: agent) else {
            throw Problem(status: .notFound, detail: "There is no such pop.")
        }
        return Response(status: .noContent)
    }

    private struct ChoiceBody: Decodable {
        var id: String
        var contact: Chosen

        struct Chosen: Decodable {
            var id: String
            var name: String?
            var type: String?

            /// Whom the server does not know, it is to be told of by name.
            var added: Contact? { name.map { Contact(id: id, type: type ?? "contact", name: $0) } }
        }
    }

    private func choose(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let (admission, agent) = try admit(request, context)
        let sent = try await body.decode(ChoiceBody.self, from: request)
        guard !sent.contact.id.isEmpty else { throw Problem.unprocessable("The contact's id is empty.") }
        let choice = ContactChoice(pop: PopID(sent.id), contact: sent.contact.id, added: sent.contact.added)
        switch try await admission.tenant.gateway.choose(choice, agent: agent) {
        case .taken: return Response(status: .noContent)
        case .noSuchPop: throw Problem(status: .notFound, detail: "There is no such pop.")
        case .noSuchContact: throw Problem.unprocessable("The contact is not among the pop's matches, and has no name.")
        }
    }
}
