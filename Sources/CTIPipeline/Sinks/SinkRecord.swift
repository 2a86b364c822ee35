public import CTICore
import Foundation

/// What the log keeps of a delivery to a sink: that it was made, or, as a dead letter, why not.
///
///     {"sink":"webhook crm","position":"…","event":"up","tries":1}
///     {"code":"expired","message":"…","sink":"webhook crm","position":"…","event":"up","tries":7}
///
/// The message itself is not kept a second time: it is made anew of the entry at `position`.
public struct SinkRecord: Sendable, Hashable {
    public let sink: SinkName
    public let position: Position
    public let event: String
    public let tries: Int

    /// `nil` where the entry tells of no sink.
    public init?(_ entry: LogEntry) {
        guard entry.kind == .delivery || entry.kind == .deadLetter, entry.raw == nil,
            let stored = try? JSONDecoder().decode(Stored.self, from: Data(entry.data)),
            let sink = SinkName(stored.sink), let position = Int64(stored.position)
        else { return nil }
        self.sink = sink
        self.position = Position(position)
        (event, tries) = (stored.event, stored.tries)
    }

    private struct Stored: Decodable {
        var sink: String
        var position: String
        var event: String
        var tries: Int
    }
}

extension SinkSettlement {
    func entry(for sink: SinkName, at moment: Timestamp) -> LogEntry {
        let data = [UInt8].object {
            if case .gaveUp(let code, let message) = outcome {
                $0.member("code", code)
                $0.member("message", message)
            }
            $0.member("sink", sink.description)
            $0.member("position", self.message.position.description)
            $0.member("event", self.message.event)
            $0.member("tries", Int64(tries))
        }
        let kind: LogEntry.Kind = outcome == .delivered ? .delivery : .deadLetter
        return LogEntry(kind: kind, agent: message.agent, ref: message.ref, at: moment, data: data)
    }
}
