import CTIHub
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import CTIHub

@Suite(.timeLimit(.minutes(1)))
struct PageTests {
    private static let origins = PageSettings(crmOrigins: ["https://crm.example", "https://x; script-src *", "*"])

    @Test(arguments: [
        ("/agent/", "'self'"), ("/agent/?tenant=acme", "'self' https://crm.example"),
        ("/agent/?tenant=nobody", "'self'"), ("/board/acme", "'self' https://crm.example"), ("/board/nobody", "'self'"),
    ])
    func pagesMayBeFramedByTheirCRMOnly(path: String, ancestors: String) async throws {
        try await RunningHub.run(page: Self.origins) { hub async throws in
            let answer = try await hub.request(.GET, path)
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Type"] == ["text/html; charset=utf-8"])
            #expect(
                answer.headers["Content-Security-Policy"] == [
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                        + "img-src 'self' data:; frame-src http: https:; base-uri 'none'; form-action 'none'; "
                        + "frame-ancestors \(ancestors)"
                ])
        }
    }

    @Test func filesAreServedUnderBothPagesAndNotSentTwice() async throws {
        try await RunningHub.run { hub async throws in
            let first = try await hub.request(.GET, "/agent/agent.js")
            #expect(first.status == 200)
            #expect(first.headers["Content-Type"] == ["text/javascript; charset=utf-8"])
            let etag = try #require(first.headers["ETag"].first)
            let again = try await hub.request(.GET, "/agent/agent.js", headers: ["If-None-Match": "\"x\", \(etag)"])
            #expect(again.status == 304)
            #expect(again.body.isEmpty)
            #expect(try await hub.request(.GET, "/board/assets/agent.js").body == first.body)
            #expect(
                try await hub.request(.HEAD, "/agent/agent.js").headers["Content-Length"] == [
                    "\(first.body.utf8.count)"
                ])
            #expect(try await hub.request(.GET, "/agent/agent.html").status == 404)
            #expect(try await hub.request(.GET, "/agent/none.js").status == 404)
        }
    }

    @Test(arguments: [("/agent?tenant=acme", "/agent/?tenant=acme"), ("/board/acme/?a=b", "/board/acme?a=b")])
    func theOtherSpellingOfAnAddressLeadsToIt(from: String, to: String) async throws {
        try await RunningHub.run { hub async throws in
            let answer = try await hub.request(.GET, from)
            #expect(answer.status == 308)
            #expect(answer.headers["Location"] == [to])
        }
    }

    /// The list in CWebAssets is written by hand: a file that was forgotten, or changed without a build, shows here.
    @Test func theBinaryHasAllFilesAsTheyAre() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/CTIHub/Web")
        let names = try FileManager.default.contentsOfDirectory(atPath: sources.path)
        #expect(Set(WebAsset.all.keys) == Set(names.filter { !$0.hasPrefix(".") }))
        for (name, asset) in WebAsset.all {
            #expect(
                Array(asset.content.readableBytesView) == Array(try Data(contentsOf: sources.appending(path: name))))
        }
    }
}
