import CTICore
import HTTPTypes
import Hummingbird
import NIOCore

/// The agent's page, the board, their files, and the description of all endpoints. They hold no data, so they need no token.
struct PageRoutes: Sendable {
    let tenants: TenantRegistry
    var assets: [String: WebAsset] = WebAsset.all

    func add(to book: inout RouteBook) {
        book.get("/openapi.yaml") { request, _ in try document(request) }
        book.get("/agent") { request, _ in try agent(request) }
        book.get("/agent/:file") { request, context in try file(request, context) }
        book.get("/board/:tenant") { request, context in try board(request, context) }
        book.get("/board/assets/:file") { request, context in try file(request, context) }
    }

    /// Its files are named relative to `/agent/`, so the address must end with the slash.
    private func agent(_ request: Request) throws(Problem) -> Response {
        guard request.uri.path.hasSuffix("/") else { return Self.redirect(to: "/agent/", request) }
        let tenant = request.uri.queryParameters["tenant"].map(String.init)
        return try page("agent.html", tenant: tenant, request)
    }

    /// What all this is, for programs.
    private func document(_ request: Request) throws(Problem) -> Response {
        guard let asset = assets["openapi.yaml"] else { throw .notFound }
        return Self.response(asset, to: request)
    }

    private func board(_ request: Request, _ context: HubRequestContext) throws(Problem) -> Response {
        let tenant = try context.parameter("tenant")
        guard let id = TenantID(tenant) else { throw .notFound }
        guard !request.uri.path.hasSuffix("/") else { return Self.redirect(to: "/board/\(id)", request) }
        return try page("board.html", tenant: tenant, request)
    }

    private func page(_ name: String, tenant: String?, _ request: Request) throws(Problem) -> Response {
        guard let asset = assets[name] else { throw .notFound }
        let origins = tenant.flatMap { TenantID($0) }.flatMap { tenants[$0] }?.page.crmOrigins ?? []
        var response = Self.response(asset, to: request)
        response.headers[.contentSecurityPolicy] = PagePolicy(crmOrigins: origins).value
        return response
    }

    /// Pages have addresses of their own: only their parts are served by name.
    private func file(_ request: Request, _ context: HubRequestContext) throws(Problem) -> Response {
        let name = try context.parameter("file")
        guard !name.hasSuffix(".html"), let asset = assets[name] else { throw .notFound }
        return Self.response(asset, to: request)
    }

    /// Asked for again at each use, which costs a 304: a new daemon's page must not run with an old one's script.
    private static func response(_ asset: WebAsset, to request: Request) -> Response {
        let headers: HTTPFields = [.eTag: asset.etag, .cacheControl: "no-cache"]
        let known = request.headers[.ifNoneMatch]?.split(separator: ",") ?? []
        if known.contains(where: { $0.trimmingPrefix(while: \.isWhitespace) == asset.etag }) {
            return Response(status: .notModified, headers: headers)
        }
        var response = Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: asset.content))
        response.headers[.contentType] = asset.contentType
        return response
    }

    private static func redirect(to path: String, _ request: Request) -> Response {
        let query = request.uri.query.map { "?" + $0 } ?? ""
        return Response(status: .permanentRedirect, headers: [.location: path + query])
    }
}
