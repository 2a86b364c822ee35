import CTICore
import CTIPipeline
import NIOCore
import SocketIO
import Synchronization

/// The streams of one Socket.IO client: its agent's calls, its tenant's board, or both, as the events of one socket.
///
///     gateway ─▶ outlet ─▶ ┬ gathering: held, until both are open, and then sent in order
///                          └ live: emitted at once ─▶ the socket's buffer, of `mailboxBytes`
final class SocketStreams: Sendable {
    /// A pop may be acknowledged for as long as anybody may mean it: the answer may be a person's.
    private static let acknowledgeWithin = TimeAmount.hours(1)

    private enum Phase {
        case gathering(FrameGathering)
        case live
        case over
    }

    private struct Open {
        var session: SessionID?
        var board: SessionID?
    }

    let admission: SocketAdmission
    private let socket: ServerSocket
    private let dialect: Dialect
    private let lastEventID: String?
    private let withPositions: Bool
    private let emissions: FrameEmissions
    private let phase: Mutex<Phase>
    private let open = Mutex(Open())

    var session: SessionID? { open.withLock { $0.session } }

    init(
        _ admission: SocketAdmission, socket: ServerSocket, dialect: Dialect, lastEventID: String?,
        withPositions: Bool, emissions: FrameEmissions, limit: Int
    ) {
        self.admission = admission
        self.socket = socket
        self.dialect = dialect
        self.lastEventID = lastEventID
        self.withPositions = withPositions
        self.emissions = emissions
        phase = Mutex(.gathering(FrameGathering(limit: limit)))
    }

    /// - Returns: whether all that was missed is told.
    func start() async throws(EventLogError) -> Bool {
        let gateway = admission.tenant.gateway
        if let agent = admission.agent {
            let session = try await gateway.openSession(
                agent: agent, lastEventID: lastEventID, dialect: dialect, outlet: Outlet(streams: self))
            open.withLock { $0.session = session }
        }
        if admission.isSupervisor {
            let board = try await gateway.openRealtime(lastEventID: lastEventID, outlet: Outlet(streams: self))
            open.withLock { $0.board = board }
        }
        return goLive()
    }

    func close() async {
        phase.withLock { $0 = .over }
        let open = open.withLock { open in
            defer { open = Open() }
            return open
        }
        let gateway = admission.tenant.gateway
        if let session = open.session, let agent = admission.agent {
            await gateway.closeSession(session, agent: agent)
        }
        if let board = open.board { await gateway.closeRealtime(board) }
    }

    private func goLive() -> Bool {
        let id = open.withLock { $0.session ?? $0.board }
        return phase.withLock { phase in
            guard case .gathering(var gathering) = phase else { return false }
            let hello = Hello(gathering.hellos, session: id)
            emit(hello.frame)
            for frame in gathering.finish() { emit(frame) }
            phase = gathering.isCut ? .over : .live
            if gathering.isCut { socket.finish(isFull: true) }
            return hello.isRecovered
        }
    }

    fileprivate func send(_ frames: [Frame]) {
        phase.withLock { phase in
            switch phase {
            case .gathering(var gathering):
                // So that it is not copied.
                phase = .over
                for frame in frames { gathering.add(frame) }
                phase = .gathering(gathering)
            case .live: for frame in frames { emit(frame) }
            case .over: break
            }
        }
    }

    /// A stream that gives way to another is not to come back by itself, or the two would take turns for ever.
    fileprivate func finish(retryAfter: Duration) {
        if retryAfter >= .seconds(30) { socket.disconnect() } else { socket.finish() }
    }

    private func emit(_ frame: Frame) {
        let emission = emissions.emission(of: frame, withPosition: withPositions)
        if frame.event == "pop", let id = (try? JSONObject(frame.data))?["id"]?.string {
            socket.emit(emission, tag: id, within: Self.acknowledgeWithin)
        } else {
            socket.emit(emission)
        }
    }
}

/// The way of one stream to the socket; an agent who is a supervisor has two.
private final class Outlet: FrameOutlet {
    private let streams: SocketStreams

    init(streams: SocketStreams) { self.streams = streams }

    var line: ObjectIdentifier { ObjectIdentifier(streams) }

    func send(_ frames: [Frame]) { streams.send(frames) }
    func finish(retryAfter: Duration) { streams.finish(retryAfter: retryAfter) }
}

/// What the client is told first: as every stream's `hello`, and the position, for there is no `id:` beside it.
private struct Hello {
    let frame: Frame
    let isRecovered: Bool

    /// Two streams are one to the client: recovered where both are, from the earlier of their positions.
    init(_ hellos: [Frame], session: SessionID?) {
        let position = hellos.map(\.id).min() ?? Position(0)
        let isRecovered =
            !hellos.isEmpty
            && hellos.allSatisfy { (try? JSONObject($0.data))?["recovered"]?.bytes == Array("true".utf8) }
        let data = [UInt8].jsonObject {
            $0.member("session", session?.rawValue)
            $0.member("recovered", isRecovered)
            $0.member("id", position.description)
        }
        self.isRecovered = isRecovered
        frame = Frame(id: position, event: "hello", data: data)
    }
}
