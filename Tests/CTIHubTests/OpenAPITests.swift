import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1
import Testing

@testable import CTIHub

/// `/openapi.yaml` tells of exactly what the router has.
struct OpenAPITests {
    /// Paths and methods, as the document's indentation has them: a path at two blanks, a method at four.
    private static func documented() throws -> Set<String> {
        let asset = try #require(WebAsset.all["openapi.yaml"])
        let text = String(buffer: asset.content)
        let paths = try #require(text.range(of: "\npaths:\n"))
        let end = try #require(text.range(of: "\ncomponents:\n"))
        var path = ""
        var found: Set<String> = []
        for line in text[paths.upperBound..<end.lowerBound].split(separator: "\n") {
            if line.hasPrefix("  /") { path = String(line.dropFirst(2).dropLast()) }
            guard line.hasPrefix("    "), !line.hasPrefix("     "), line.hasSuffix(":") else { continue }
            let method = line.dropFirst(4).dropLast()
            if ["get", "post", "put", "delete", "patch", "options"].contains(method) {
                found.insert("\(method.uppercased()) \(path)")
            }
        }
        return found
    }

    @Test func everyRouteIsDocumentedAndEveryDocumentedRouteIsThere() async throws {
        let hub = Hub(configuration: HubConfiguration(port: 0), tenants: TenantRegistry([], phase: .serving))
        var routes: Set<String> = []
        for (path, methods) in hub.buildBook().methods {
            let written = path.split(separator: "/").map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }
            // The two whose address ends with a slash.
            let isFolder = path == "/agent" || path == SocketRoutes.path
            for method in methods where method != .head {
                routes.insert("\(method.rawValue) /\(written.joined(separator: "/"))\(isFolder ? "/" : "")")
            }
        }
        #expect(routes.count > 20)
        #expect(try Self.documented() == routes)
    }

    @Test func itIsServed() async throws {
        try await RunningHub.run { hub in
            let answer = try await hub.request(.GET, "/openapi.yaml")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == ["application/yaml"])
            #expect(answer.body.hasPrefix("openapi: 3.1.0\n"))
        }
    }
}
