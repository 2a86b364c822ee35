import CTICore
import CTIPipeline
import HTTPTypes
import Hummingbird

/// The board's stream: what rules' `realtime` actions ask for.
struct RealtimeRoutes: Sendable {
    let gatekeeper: Gatekeeper
    let streams: EventStream

    func add(to book: inout RouteBook) {
        book.get("/v1/:tenant/realtime") { try await realtime($0, $1) }
    }

    private func realtime(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let tenant = context.parameters.get("tenant")
        let admission = try gatekeeper.admit(request, tenant: tenant, scope: .supervisor)
        let gateway = admission.tenant.gateway
        let last = StreamQuery.lastEventID(request)
        return streams.response(
            to: request, of: admission.tenant.id, context: context, expires: admission.claims.expires
        ) {
            try await gateway.openRealtime(lastEventID: last, outlet: $0)
        } close: {
            await gateway.closeRealtime($0)
        }
    }
}
