import CTICore
import Foundation

/// A sink's place in the log: how far it was read, and what of that is not done with.
///
/// Kept as a mark of the log, so that a restart goes on where it was. It is written after a message has been settled:
/// what a killed process had delivered within the last milliseconds is delivered again, under the same id.
struct SinkPlace: Codable, Hashable, Sendable {
    var read: Int64
    /// Neither delivered nor given up; never more than fit into a ``SinkQueue``.
    var open: [Int64]

    init(read: Position, open: [Position] = []) {
        self.read = read.rawValue
        self.open = open.map(\.rawValue)
    }

    init?(json: [UInt8]) {
        guard let place = try? JSONDecoder().decode(SinkPlace.self, from: Data(json)) else { return nil }
        self = place
    }

    var json: [UInt8] {
        [UInt8].object {
            $0.member("read", read)
            $0.member("open", array: { list in for position in open { list.value(position) } })
        }
    }
}
