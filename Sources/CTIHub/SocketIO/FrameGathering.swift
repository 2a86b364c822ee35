import CTICore
import CTIPipeline

/// What one or two streams send while they are opened, put in the order of the log. Pure.
///
/// A client that is agent and supervisor at once resumes both from one position, so what it is sent must rise as one:
/// otherwise a connection that breaks in the middle of one replay would lose what the other had not told yet.
///
/// When it is full (`limit` bytes or more, of what comes first in the log): what comes later in the log is left out, the
/// client is sent the rest, and then comes back for more.
struct FrameGathering {
    private(set) var hellos: [Frame] = []
    private var frames: [Frame] = []
    private var bytes = 0
    private let limit: Int
    /// The first that was left out; nothing from it on may be sent.
    private var cut: Position?

    var isCut: Bool { cut != nil }

    init(limit: Int) { self.limit = limit }

    mutating func add(_ frame: Frame) {
        guard frame.event != "hello" else { return hellos.append(frame) }
        if let cut, frame.id >= cut { return }
        frames.append(frame)
        bytes += frame.data.count
        // Not at each frame, as it sorts; so it holds twice the limit at most.
        if bytes >= 2 * limit { trim() }
    }

    private mutating func trim() {
        frames.sort { $0.id < $1.id }
        bytes = 0
        guard
            let end = frames.firstIndex(where: { frame in
                defer { bytes += frame.data.count }
                return bytes >= limit
            })
        else { return }
        cut = frames[end].id
        frames.removeSubrange(end...)
        bytes = frames.reduce(0) { $0 + $1.data.count }
    }

    /// All that is to be sent, but for the hellos.
    mutating func finish() -> [Frame] {
        trim()
        defer { frames = [] }
        return frames
    }
}
