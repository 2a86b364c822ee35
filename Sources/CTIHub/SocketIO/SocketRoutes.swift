import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import SocketIO

/// `/socket.io/` for clients that poll. WebSockets are taken before there are any routes, by ``HubChannel``, but for those
/// that come on a connection that was HTTP's before.
///
/// Pages of the tenants' CRMs may ask, whatever their origin is: whose page it is, only the token tells, and that comes
/// later. Nothing here acts by a cookie.
struct SocketRoutes: Sendable {
    static let path = "/socket.io"

    let server: SocketServer
    let upgrade: WebSocketUpgrade
    let tenants: TenantRegistry

    func add(to book: inout RouteBook) {
        book.on(.get, Self.path) { try await get($0, $1) }
        book.on(.post, Self.path) { try await post($0, $1) }
        book.on(.options, Self.path) { request, _ in allowed(Response(status: .noContent), to: request) }
        for method: HTTPRequest.Method in [.head, .put, .delete, .patch] {
            book.on(method, Self.path) { request, _ in answer(EngineRefusal.badMethod.answer, to: request) }
        }
    }

    private func get(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        if request.headers[named: "Upgrade"]?.lowercased() == "websocket" { return await takeOver(request, context) }
        let asked = EngineRequest(.get, query: request.uri.query ?? "")
        if let refusal = server.refusal(of: asked) { return answer(refusal.answer, to: request) }
        guard let session = asked.session else {
            let handshake = SocketHandshake(
                query: request.uri.query ?? "", authorization: request.headers[.authorization])
            return answer(server.open(handshake, on: context.channel.eventLoop), to: request)
        }
        return answer(await poll(session, context.channel), to: request)
    }

    /// A WebSocket on a connection that was HTTP's before. What is answered after it has ended goes nowhere.
    private func takeOver(_ request: Request, _ context: HubRequestContext) async -> Response {
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: request.uri.string)
        for field in request.headers { head.headers.add(name: field.name.rawName, value: field.value) }
        do throws(EngineRefusal) {
            try await upgrade.takeOver(context.channel, head: head)
            return Response(status: .noContent)
        } catch {
            // NIO reads no further request after one that asked for an upgrade.
            var response = answer(error.answer, to: request)
            response.headers[.connection] = "close"
            return response
        }
    }

    private func poll(_ session: String, _ channel: any Channel) async -> EngineAnswer {
        let watch = PollWatch { [server] in server.end(session) }
        await watch.begin(on: channel)
        let answer = await withGracefulShutdownHandler {
            await server.poll(session)
        } onGracefulShutdown: { [server] in
            server.end(session, isShutdown: true)
        }
        watch.end(on: channel)
        return answer
    }

    private func post(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let asked = EngineRequest(.post, query: request.uri.query ?? "")
        if let refusal = server.refusal(of: asked) { return answer(refusal.answer, to: request) }
        guard let session = asked.session else { return answer(EngineRefusal.badMethod.answer, to: request) }
        let limit = server.settings.maxPayload
        let posted = try await server.post(session) {
            do {
                return try await request.body.collect(upTo: limit)
            } catch is NIOTooManyBytesError {
                return nil
            }
        }
        return answer(posted, to: request)
    }

    private func answer(_ answer: EngineAnswer, to request: Request) -> Response {
        let headers: HTTPFields = [.contentType: answer.type, .cacheControl: "no-store"]
        let response = Response(
            status: .init(code: answer.status), headers: headers, body: ResponseBody(byteBuffer: answer.body))
        return allowed(response, to: request)
    }

    /// Another origin's page may read the answer only if it is a CRM's.
    private func allowed(_ response: Response, to request: Request) -> Response {
        var response = response
        response.headers[.vary] = "Origin"
        guard let origin = request.headers[.origin],
            tenants.all.contains(where: { $0.page.crmOrigins.contains(origin) })
        else { return response }
        response.headers[.accessControlAllowOrigin] = origin
        guard request.method == .options else { return response }
        response.headers[.accessControlAllowMethods] = "GET, POST"
        response.headers[.accessControlAllowHeaders] = "Authorization, Content-Type"
        response.headers[.accessControlMaxAge] = "600"
        return response
    }
}
