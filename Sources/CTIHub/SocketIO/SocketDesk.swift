import CTICore
import CTIPipeline
import HTTPTypes
import SocketIO

/// What Socket.IO clients may do here: join with a token, be told of calls, acknowledge pops, say whether they are seen.
///
///     join {token, dialect, lastEventId, recover} ─▶ gatekeeper ─▶ streams of the tenant's gateway
///     pop ─▶ the client's acknowledgement ─▶ shown, or what it says
///     ack {id, outcome}, state "focused" ─▶ gateway ─▶ {"ok":true} or {"ok":false,"error":"…"}
struct SocketDesk: SocketServerHandler {
    let gatekeeper: Gatekeeper
    /// Bytes, see ``FrameGathering``.
    let limit: Int
    private let emissions = FrameEmissions()

    init(gatekeeper: Gatekeeper, limit: Int) {
        self.gatekeeper = gatekeeper
        self.limit = limit
    }

    func connect(_ socket: ServerSocket, auth: [UInt8]?) async -> SocketAnswer {
        let options = SocketOptions(auth: auth)
        do throws(Problem) {
            let admission = try gatekeeper.admit(token: options.token(socket.handshake), to: socket.namespace)
            let dialect = try options.dialect.map { name throws(Problem) in try StreamQuery.dialect(named: name) }
            return await open(admission, dialect ?? .ctid, options, socket)
        } catch {
            return .refused(message: error.detail, data: .jsonObject { $0.member("status", Int64(error.status.code)) })
        }
    }

    private func open(
        _ admission: SocketAdmission, _ dialect: Dialect, _ options: SocketOptions, _ socket: ServerSocket
    ) async -> SocketAnswer {
        let known = options.recover ? options.recoveryID.flatMap { RecoveryID.fits($0, admission) ? $0 : nil } : nil
        let streams = SocketStreams(
            admission, socket: socket, dialect: dialect,
            lastEventID: known == nil ? options.lastEventID : options.offset ?? options.lastEventID,
            withPositions: options.recover, emissions: emissions, limit: limit)
        socket.context = streams
        do {
            let isRecovered = try await streams.start()
            guard options.recover else { return .accepted(recovery: nil) }
            return .accepted(recovery: isRecovered ? known ?? RecoveryID(admission).text : RecoveryID(admission).text)
        } catch {
            await streams.close()
            return .unavailable
        }
    }

    func closed(_ socket: ServerSocket) async { await Self.streams(of: socket)?.close() }

    func tick(_ socket: ServerSocket) {
        guard let streams = Self.streams(of: socket), gatekeeper.now() >= streams.admission.expires else { return }
        socket.disconnect()
    }

    private static func streams(of socket: ServerSocket) -> SocketStreams? { socket.context as? SocketStreams }
}

// MARK: - What clients say

extension SocketDesk {
    /// A pop's own acknowledgement: it arrived, and where nothing else is said, it is shown.
    func acknowledged(_ tag: String, _ arguments: [[UInt8]]?, by socket: ServerSocket) async {
        guard let arguments, let streams = Self.streams(of: socket), let agent = streams.admission.agent else { return }
        let word = arguments.first.flatMap { Self.word($0, member: "outcome") }
        let outcome = word.flatMap { AckOutcome(rawValue: $0) } ?? .shown
        let ack = PopAck(id: PopID(tag), outcome: outcome, session: streams.session)
        // It counts at once, and is recorded when it can be; nobody waits for an answer.
        _ = try? await streams.admission.tenant.gateway.acknowledge(ack, agent: agent)
    }

    func received(_ event: SocketEvent, from socket: ServerSocket) async -> [[UInt8]] {
        guard let streams = Self.streams(of: socket) else { return [Self.answer("The session is over.")] }
        do throws(Problem) {
            switch event.name {
            case "ack": try await acknowledge(event, streams)
            case "state": try await setState(event, streams)
            default: throw .badRequest("There is no such event; there are ack and state.")
            }
            return [Self.answer(nil)]
        } catch {
            return [Self.answer(error.detail)]
        }
    }

    private func acknowledge(_ event: SocketEvent, _ streams: SocketStreams) async throws(Problem) {
        guard let agent = streams.admission.agent else { throw .scopeMissing(.agent) }
        guard let members = event.arguments.first.flatMap({ try? JSONObject($0) }), let id = members["id"]?.string
        else { throw .unprocessable("The member id is missing.") }
        guard let outcome = members["outcome"]?.string.flatMap({ AckOutcome(rawValue: $0) }) else {
            throw .unprocessable("The outcome is one of shown, blocked, dismissed, handled.")
        }
        let ack = PopAck(id: PopID(id), outcome: outcome, session: streams.session)
        do {
            guard try await streams.admission.tenant.gateway.acknowledge(ack, agent: agent) else {
                throw Problem(status: .notFound, detail: "There is no such pop.")
            }
        } catch {
            throw error as? Problem ?? .unavailable
        }
    }

    private func setState(_ event: SocketEvent, _ streams: SocketStreams) async throws(Problem) {
        guard let agent = streams.admission.agent, let session = streams.session else { throw .scopeMissing(.agent) }
        let word = event.arguments.first.flatMap { Self.word($0, member: "state") }
        guard let state = word.flatMap({ SessionState(rawValue: $0) }) else {
            throw .unprocessable("The state is one of focused, visible, hidden.")
        }
        guard await streams.admission.tenant.gateway.setState(state, session: session, agent: agent) else {
            throw Problem(status: .notFound, detail: "There is no such session.")
        }
    }

    /// A word alone, or as the member of an object.
    private static func word(_ json: [UInt8], member: String) -> String? {
        JSONText.text(json) ?? (try? JSONObject(json))?[member]?.string
    }

    private static func answer(_ error: String?) -> [UInt8] {
        .jsonObject {
            $0.member("ok", error == nil)
            $0.optionalMember("error", error)
        }
    }
}
