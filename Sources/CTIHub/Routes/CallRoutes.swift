import CTICore
import CTIPipeline
import HTTPTypes
import Hummingbird

/// Recent calls, and one call with all that led to what happened.
struct CallRoutes: Sendable {
    let gatekeeper: Gatekeeper

    private static let limits = 1...1000
    private static let usualLimit = 100

    func add(to book: inout RouteBook) {
        book.get("/v1/:tenant/calls") { try await calls($0, $1) }
        book.get("/v1/:tenant/calls/:ref") { try await call($0, $1) }
    }

    private func calls(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let history = try admit(request, context)
        let (limit, before) = (try limit(request), try before(request))
        return .json(try await history.page(limit: limit, before: before))
    }

    private func call(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let history = try admit(request, context)
        guard let json = try await history.call(CallRef(try context.parameter("ref"))) else {
            throw Problem(status: .notFound, detail: "There is no such call.")
        }
        return .json(json)
    }

    private func admit(_ request: Request, _ context: HubRequestContext) throws -> CallHistory {
        let tenant = context.parameters.get("tenant")
        return CallHistory(log: try gatekeeper.admit(request, tenant: tenant, scope: .supervisor).tenant.log)
    }

    private func limit(_ request: Request) throws(Problem) -> Int {
        guard let text = request.uri.queryParameters["limit"] else { return Self.usualLimit }
        guard let limit = Int(text), Self.limits.contains(limit) else {
            throw .badRequest("The limit is a number from 1 to 1000.")
        }
        return limit
    }

    private func before(_ request: Request) throws(Problem) -> Position? {
        guard let text = request.uri.queryParameters["before"] else { return nil }
        guard let value = Int64(text) else { throw .badRequest("`before` is the `next` of an earlier answer.") }
        return Position(value)
    }
}
