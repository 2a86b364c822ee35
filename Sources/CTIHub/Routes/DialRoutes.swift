import CTICore
import HTTPTypes
import Hummingbird
import Logging

/// Click to dial: the PBX rings the agent's telephone, and then calls the number.
struct DialRoutes: Sendable {
    let gatekeeper: Gatekeeper
    let body: JSONBody
    let gate: DialGate

    func add(to book: inout RouteBook) {
        book.post("/v1/:tenant/agents/:extension/dial") { try await dial($0, $1) }
    }

    private struct DialBody: Decodable {
        var number: String
        var contactRef: String?
    }

    private func dial(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let agent = Extension(try context.parameter("extension"))
        let name = context.parameters.get("tenant")
        let tenant = try gatekeeper.admit(request, tenant: name, scope: .agent, extension: agent).tenant
        guard let dialler = tenant.dialler else {
            throw Problem(status: .notFound, detail: "Click to dial is not configured for this tenant.")
        }
        let wanted = try await body.decode(DialBody.self, from: request)
        let telephone = DialGate.Telephone(tenant: tenant.id, agent: agent)
        guard gate.enter(telephone, at: gatekeeper.now()) else { throw Problem.dialledJustNow }
        defer { gate.leave(telephone) }
        do {
            try await dialler.dial(wanted.number, contactRef: wanted.contactRef, agent: agent)
        } catch {
            tell(error, of: tenant.id, context.logger)
            throw Problem(error)
        }
        return Response(status: .accepted, headers: [.cacheControl: "no-store"])
    }

    /// A PBX that fails is the operator's business; a number that was refused is the agent's alone.
    private func tell(_ failure: DialFailure, of tenant: TenantID, _ logger: Logger) {
        if case .refused = failure { return }
        logger.warning("A click to dial failed", metadata: ["tenant": "\(tenant)", "error": "\(failure.words)"])
    }
}

extension Problem {
    static let dialledJustNow = Problem(
        status: .tooManyRequests, detail: "A number was dialled just now; wait a second.", headers: [.retryAfter: "1"])

    init(_ failure: DialFailure) {
        switch failure {
        case .refused(let rule): self = .unprocessable(rule)
        case .answered, .unreachable: self = Problem(status: .badGateway, detail: failure.words)
        case .timedOut: self = Problem(status: .gatewayTimeout, detail: failure.words)
        }
    }
}

extension DialFailure {
    fileprivate var words: String {
        switch self {
        case .refused(let rule): rule
        case .answered(let status): "The PBX answered with HTTP status \(status)."
        case .unreachable: "The PBX cannot be reached."
        case .timedOut: "The PBX did not answer in time."
        }
    }
}
