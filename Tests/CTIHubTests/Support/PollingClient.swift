import NIOHTTP1
import Testing

/// A Socket.IO client that polls, and shows every packet as it stands on the wire.
struct PollingClient: Sendable {
    private let hub: RunningHub
    private let path: String
    private let headers: HTTPHeaders
    private var packets: [String] = []

    init(_ hub: RunningHub, query: String = "", headers: HTTPHeaders = [:]) async throws {
        self.hub = hub
        self.headers = headers
        let base = "/socket.io/?EIO=4&transport=polling\(query)"
        let opened = try await hub.request(.GET, base, headers: headers)
        let parts = opened.body.split(separator: "\"")
        #expect(opened.status == 200 && opened.body.hasPrefix(#"0{"sid":""#))
        path = base + "&sid=\(parts.count > 3 ? parts[3] : "")"
    }

    /// In the namespace `/`; the `hello` has been read.
    init(_ hub: RunningHub, auth: String) async throws {
        try await self.init(hub)
        try await send("40\(auth)")
        #expect(try await next().hasPrefix("40{"))
        #expect(try await next().hasPrefix("42[\"hello\""))
    }

    func poll() async throws -> RunningHub.Answer { try await hub.request(.GET, path, headers: headers) }

    func post(_ body: String) async throws -> RunningHub.Answer {
        try await hub.request(.POST, path, headers: headers, body: body)
    }

    func send(_ packets: String...) async throws {
        let answer = try await post(packets.joined(separator: "\u{1E}"))
        #expect(answer.status == 200 && answer.body == "ok")
    }

    /// The next packet; waits for it.
    mutating func next() async throws -> String {
        if packets.isEmpty { packets = try await poll().body.split(separator: "\u{1E}").map(String.init) }
        return packets.isEmpty ? "" : packets.removeFirst()
    }
}
