import CTICore
import CTIPipeline
import SocketIO
import Synchronization

/// Frames as events of Socket.IO: the name, and the data as the one argument.
///
/// What one commit brings goes to each socket in turn, so the last few are kept: however many sockets there are, a frame is
/// written once. With its position, which clients that recover want behind the data, it is another event.
final class FrameEmissions: Sendable {
    private struct Last {
        var frame: Frame
        var withPosition: Bool
        var emission: Emission
    }

    private static let kept = 64
    /// Newest last.
    private let last = Mutex<[Last]>([])

    func emission(of frame: Frame, withPosition: Bool) -> Emission {
        last.withLock { last in
            if let known = last.last(where: { $0.withPosition == withPosition && $0.frame.isSame(as: frame) }) {
                return known.emission
            }
            let position = withPosition ? [JSONText.string(frame.id.description)] : []
            let emission = Emission(frame.event, [frame.data] + position)
            if last.count == Self.kept { last.removeFirst() }
            last.append(Last(frame: frame, withPosition: withPosition, emission: emission))
            return emission
        }
    }
}

extension Frame {
    /// The very same data, not merely the like: to compare it whole would cost as much as to write it.
    fileprivate func isSame(as other: Frame) -> Bool {
        guard id == other.id, event == other.event, data.count == other.data.count else { return false }
        return data.withUnsafeBufferPointer { one in
            other.data.withUnsafeBufferPointer { $0.baseAddress == one.baseAddress }
        }
    }
}
