import CTICore
import CTIPipeline
import CTISinks
import Foundation
import Logging
import SocketIO

/// A Socket.IO server that others wrote, of either revision of Engine.IO.
final class SocketIOSinkWorld: SinkWorld {
    private let server: RealtimeServer
    private let address: SocketIOAddress

    init(_ revision: Int) async throws {
        server = try await RealtimeServer(revision)
        guard let address = SocketIOAddress(server.url) else { throw Timeout(what: "an address that is one") }
        self.address = address
    }

    func makeSink(ttl: Duration) -> any Sink {
        let settings = SocketIOClient.Settings(address, revision: server.revision == 3 ? .three : .four)
        return SocketIOSink(settings, ttl: ttl, logger: Logger(label: "test"))
    }

    func entry(_ ref: String, at moment: Timestamp) -> LogEntry {
        LogEntry(
            kind: .realtime, agent: Extension("1007"), ref: CallRef(ref), at: moment,
            data: Array(#"{"ref":"\#(ref)"}"#.utf8))
    }

    func received() async throws -> [String] {
        server.received.compactMap {
            (try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String])?["ref"]
        }
    }

    func close() async { await server.kill() }
    func open() async throws { try await server.restart() }
    func freeze() async { server.signal(SIGSTOP) }
    func thaw() async { server.signal(SIGCONT) }
    func end() async { await server.stop() }
}
