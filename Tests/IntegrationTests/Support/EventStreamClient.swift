import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A client of Server-Sent Events that keeps every frame, with the moment it came.
actor EventStreamClient {
    struct Frame: Sendable {
        let id: Int?
        let event: String
        let data: JSON
        let at: ContinuousClock.Instant

        var ref: String? { data["call"]["ref"].string ?? data["ref"].string }
    }

    /// One for all tests; it is never shut down, for it ends with the process.
    static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private(set) var frames: [Frame] = []
    private(set) var isOpen = true
    private var reader: Task<Void, Never>?

    /// Returns once `hello` has come.
    init(_ url: String, token: String, lastEventID: Int? = nil) async throws {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let lastEventID { request.headers.add(name: "Last-Event-ID", value: String(lastEventID)) }
        let response = try await Self.http.execute(request, deadline: .distantFuture)
        guard response.status == .ok else { throw Overdue(what: "a stream, got \(response.status) of \(url)") }
        reader = Task { await read(response.body) }
        try await wait(for: "hello")
    }

    var last: Int? { frames.last?.id ?? nil }
    var session: String { frames.first { $0.event == "hello" }?.data["session"].string ?? "" }
    var isRecovered: Bool? { frames.first { $0.event == "hello" }?.data["recovered"].bool }
    var ids: [Int] { frames.compactMap(\.id) }

    /// Those after `hello`, as "call c1".
    var summary: [String] { frames.dropFirst().map { "\($0.event) \($0.ref ?? "-")" } }

    func frames(_ event: String) -> [Frame] { frames.filter { $0.event == event } }

    /// The first of its kind, of the call where one is named.
    @discardableResult
    func wait(for event: String, ref: String? = nil, within limit: Duration = .seconds(10)) async throws -> Frame {
        try await eventually("\(event) \(ref ?? "") among \(summary)", within: limit) {
            frames.first { $0.event == event && (ref == nil || $0.ref == ref) }
        }
    }

    func waitForEnd() async throws { try await eventually("the stream's end") { !isOpen } }

    func close() async {
        reader?.cancel()
        await reader?.value
    }

    private func read(_ body: HTTPClientResponse.Body) async {
        var text = ""
        do {
            for try await chunk in body {
                text += String(buffer: chunk)
                while let end = text.firstRange(of: "\n\n") {
                    if let frame = try Self.frame(text[..<end.lowerBound]) { frames.append(frame) }
                    text.removeSubrange(..<end.upperBound)
                }
            }
        } catch {
            // However it broke, it is over.
        }
        isOpen = false
    }

    /// `nil` for a comment or a retry hint.
    private static func frame(_ block: Substring) throws -> Frame? {
        var fields: [Substring: String] = [:]
        for line in block.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, !line.hasPrefix(":") else { continue }
            fields[parts[0], default: ""] += parts[1].trimmingPrefix(" ")
        }
        guard let event = fields["event"], let data = fields["data"] else { return nil }
        return Frame(id: fields["id"].flatMap { Int($0) }, event: event, data: try JSON(data), at: .now)
    }
}
