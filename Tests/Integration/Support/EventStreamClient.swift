import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// Reads Server-Sent Events as any client would, and keeps them.
final class EventStreamClient: Sendable {
    struct Event: Sendable {
        var id: Int64
        var name: String
        var data: String
        var arrivedAt = ContinuousClock.now

        /// A value of the data, as `call.ref`.
        subscript(path: String) -> String? {
            var value = try? JSONSerialization.jsonObject(with: Data(data.utf8))
            for key in path.split(separator: ".") { value = (value as? [String: Any])?[String(key)] }
            return value.map { "\($0)" }
        }
    }

    /// Not the shared one, which has eight connections to a server at most: a stream takes one for good.
    static let plainClient: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1000
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private let state = Mutex((events: [Event](), hasEnded: false))
    private let task: Mutex<Task<Void, Never>?> = Mutex(nil)
    init(_ url: String, token: String, after id: String?, client: HTTPClient = plainClient) {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let id { request.headers.add(name: "Last-Event-ID", value: id) }
        let reading = Task { [weak self, request] in
            do {
                let response = try await client.execute(request, timeout: .hours(1))
                var text = ""
                for try await buffer in response.body {
                    text += String(buffer: buffer)
                    while let end = text.range(of: "\n\n") {
                        self?.take(String(text[..<end.lowerBound]))
                        text.removeSubrange(..<end.upperBound)
                    }
                }
            } catch {
                // The end of the stream is what is told, whatever ended it.
            }
            self?.state.withLock { $0.hasEnded = true }
        }
        task.withLock { $0 = reading }
    }

    private func take(_ block: String) {
        var fields: [Substring: String] = [:]
        for line in block.split(separator: "\n") where !line.hasPrefix(":") {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[parts[0]] = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
        }
        guard let data = fields["data"], let name = fields["event"], let id = fields["id"].flatMap({ Int64($0) })
        else { return }
        state.withLock { $0.events.append(Event(id: id, name: name, data: data)) }
    }

    var events: [Event] { state.withLock { $0.events } }
    var names: [String] { events.map(\.name) }
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func close() { task.withLock { $0?.cancel() } }

    /// The first event of this name, and, where asked for, with this call's reference.
    @discardableResult
    func event(_ name: String, ref: String? = nil, within limit: Duration = .seconds(60)) async throws -> Event {
        func found() -> Event? {
            events.first { $0.name == name && (ref == nil || $0.data.contains("\"\(ref ?? "")\"")) }
        }
        try await eventually("\(name) \(ref ?? "")", within: limit) { found() != nil }
        return found() ?? Event(id: 0, name: name, data: "")
    }
}
