import CTICore
import CTIPipeline
import HTTPTypes
import Hummingbird
import NIOCore

/// Where calls' events are posted: by a PBX, in any dialect, and by an agent's softphone.
///
/// 202 once the event is recorded, the same for a repeat; then whoever posts may forget it.
struct IngestRoutes: Sendable {
    let gatekeeper: Gatekeeper
    /// Bytes of a body.
    let limit: Int

    func add(to book: inout RouteBook) {
        book.post("/v1/:tenant/events") { try await events($0, $1) }
        book.post("/v1/:tenant/agents/:extension/phone") { try await phone($0, $1) }
    }

    private func events(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let tenant = context.parameters.get("tenant")
        let admission = try gatekeeper.admit(request, tenant: tenant, scope: .ingest)
        let notation = try Self.notation(request)
        let body = try await bytes(of: request)
        let text = EventText(bytes: body, notation: notation)
        let (account, dialect) = try understood { () throws(DecodeFailure) in try text.read() }
        return try await record(PostedEvent(account, dialect: dialect, feed: .ingest, raw: body), admission)
    }

    private func phone(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let agent = Extension(try context.parameter("extension"))
        let tenant = context.parameters.get("tenant")
        let admission = try gatekeeper.admit(request, tenant: tenant, scope: .agent, extension: agent)
        let body = try await bytes(of: request)
        let event = PhoneEvent(bytes: body, agent: agent)
        var account = try understood { () throws(DecodeFailure) in try event.read() }
        account.agent = Agent(extension: agent)
        let membership = CallMembership(log: admission.tenant.log, agent: agent)
        guard try await membership.allows(account.call.ref) else { throw Problem.anothersCall }
        return try await record(PostedEvent(account, dialect: .kunzite, feed: .phone, raw: body), admission)
    }

    private func bytes(of request: Request) async throws -> [UInt8] {
        do {
            return Array(try await request.body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem(DecodeFailure(.tooLarge, "more than \(limit) bytes"))
        }
    }

    private func understood<Value>(_ read: () throws(DecodeFailure) -> Value) throws(Problem) -> Value {
        do { return try read() } catch { throw Problem(error) }
    }

    private func record(_ posted: PostedEvent, _ admission: Gatekeeper.Admission) async throws -> Response {
        try await admission.tenant.gateway.take(posted)
        var json = JSONWriter(capacity: 96)
        json.object {
            $0.member("callRef", posted.account.call.ref.rawValue)
            $0.member("event", posted.account.event.rawValue)
            let agent = posted.account.agent.extension.rawValue
            $0.member("extension", agent.isEmpty ? nil : agent)
        }
        return .json(json.bytes, status: .accepted)
    }

    private static func notation(_ request: Request) throws(Problem) -> EventText.Notation {
        let asked = try StreamQuery.namedDialect(request)
        let type = request.headers[.contentType]?.split(separator: ";").first ?? ""
        if type.lowercased().filter({ $0 != " " }) == "message/sip" { return .sip }
        return asked.map { .dialect($0) } ?? .unknown
    }
}
