import Foundation
import HTTPTypes
import Hummingbird

/// Where routes are written down: it remembers which methods a path has, so that the others get 405 and not 404.
struct RouteBook {
    typealias Handler = @Sendable (Request, HubRequestContext) async throws -> Response

    private let router: Router<HubRequestContext>
    private(set) var methods: [String: [HTTPRequest.Method]] = [:]

    init(_ router: Router<HubRequestContext>) { self.router = router }

    /// `path` is Hummingbird's, with `:name` for parameters. HEAD comes with GET.
    mutating func on(_ method: HTTPRequest.Method, _ path: String, use handler: @escaping Handler) {
        router.on(RouterPath(path), method: method, use: handler)
        methods[path, default: []].append(method)
    }

    mutating func get(_ path: String, use handler: @escaping Handler) {
        on(.get, path, use: handler)
        on(.head, path) { try await handler($0, $1).createHeadResponse() }
    }

    mutating func post(_ path: String, use handler: @escaping Handler) { on(.post, path, use: handler) }

    /// The last thing to do: answers the methods that nobody took.
    func close() {
        let known: [HTTPRequest.Method] =
            [
                .get, .head, .post, .put, .delete, .patch, .options, .trace, .connect,
            ] + [HTTPRequest.Method(rawValue: "QUERY")].compactMap(\.self)
        for (path, taken) in methods {
            for method in known where !taken.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw Problem.methodNotAllowed(taken)
                }
            }
        }
    }
}

extension HubRequestContext {
    /// A path's parameter, decoded; 404 where it is not UTF-8.
    func parameter(_ name: String) throws(Problem) -> String {
        guard let text = parameters.get(name)?.removingPercentEncoding, !text.isEmpty else { throw .notFound }
        return text
    }
}
