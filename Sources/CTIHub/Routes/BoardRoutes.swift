import CTICore
import CTIPipeline
import HTTPTypes
import Hummingbird
import ServiceLifecycle

/// What a supervisor's board shows: as a stream, `hello`, `snapshot`, then `delta`; or the snapshot alone.
struct BoardRoutes: Sendable {
    let gatekeeper: Gatekeeper
    let streams: EventStream
    let boards: Boards

    func add(to book: inout RouteBook) {
        book.get("/v1/:tenant/board") { try await board($0, $1) }
    }

    private func board(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let tenant = context.parameters.get("tenant")
        let admission = try gatekeeper.admit(request, tenant: tenant, scope: .supervisor)
        let id = admission.tenant.id
        guard !Self.wantsSnapshot(request) else { return try await snapshot(of: id) }
        return streams.response(
            to: request, of: id, context: context, expires: admission.claims.expires
        ) { [boards] in
            await boards.open(id, $0)
        } close: { [boards] in
            await boards.close($0, of: id)
        }
    }

    private static func wantsSnapshot(_ request: Request) -> Bool {
        if request.uri.queryParameters["once"] != nil { return true }
        guard let accepted = request.headers[.accept] else { return false }
        return accepted.contains("application/json") && !accepted.contains("text/event-stream")
    }

    private func snapshot(of id: TenantID) async throws -> Response {
        let outlet = SnapshotOutlet()
        let board = await boards.open(id, outlet)
        let snapshot = await withGracefulShutdownHandler {
            await outlet.snapshot()
        } onGracefulShutdown: {
            outlet.finish(retryAfter: .zero)
        }
        await boards.close(board, of: id)
        guard let snapshot else { throw Problem.unavailable }
        return .json(snapshot)
    }
}
