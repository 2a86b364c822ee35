import Foundation

extension CallFrame {
    /// Reads back what ``write(to:)`` wrote, for calls and pops that are taken up again after a restart.
    ///
    /// `nil` for what is no frame. Generation and campaign of a call come back as far as frames carry them.
    public init?(json: [UInt8]) {
        guard let written = try? JSONDecoder().decode(Written.self, from: Data(json)) else { return nil }
        self.init(written)
    }

    private init?(_ written: Written) {
        guard let tenant = TenantID(written.tenant), let event = CallEventKind(rawValue: written.event) else {
            return nil
        }
        let agent = Agent(
            extension: Extension(written.agent.extension), name: written.agent.name, peer: written.agent.peer)
        self.init(
            id: PopID(written.id), tenant: tenant, event: event, stale: written.stale, agent: agent,
            call: Call(written.call, event: event, agent: agent), contact: written.contact?.contact,
            matches: written.matches.map(\.contact), actions: written.actions.compactMap(\.action),
            reason: written.reason.flatMap(MissedReason.init(rawValue:)))
    }

    fileprivate struct Written: Decodable {
        var id: String
        var tenant: String
        var event: String
        var stale: Bool
        var agent: WrittenAgent
        var call: WrittenCall
        var contact: WrittenContact?
        var matches: [WrittenContact]
        var actions: [WrittenAction]
        var reason: String?
    }

    fileprivate struct WrittenAgent: Decodable {
        var `extension`: String
        var name: String?
        var peer: String?
    }

    fileprivate struct WrittenCall: Decodable {
        var ref: String
        var direction: String
        var caller: String
        var callerE164: String?
        var dialed: String?
        var queue: String?
        var contactRef: String?
        var holdSeconds: WrittenSeconds?
        var generation: String
        var ringingAt: String?
        var upAt: String?
        var endedAt: String?
    }

    /// Clamped where a PBX sent more digits than an `Int` holds: the frame is worth more than they are.
    fileprivate struct WrittenSeconds: Decodable {
        var seconds: HoldSeconds

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            seconds = HoldSeconds((try? value.decode(Int.self)) ?? .max)
        }
    }

    fileprivate struct WrittenContact: Decodable {
        var id: String
        var type: String
        var name: String
        var contact: Contact { Contact(id: id, type: type, name: name) }
    }

    fileprivate struct WrittenAction: Decodable {
        var kind: String
        var url: String?
        var mode: String?
        var template: String?
        var parameters: [String: String]?
        var rule: String

        /// Only those that a frame carries.
        var action: Action? {
            if kind == "open", let url, let mode = mode.flatMap(OpenMode.init(rawValue:)) {
                return .open(url: url, mode: mode, rule: rule)
            }
            guard kind == "session", let template else { return nil }
            let values = (parameters ?? [:]).sorted { $0.key < $1.key }
            return .session(
                template: template, parameters: values.map { NamedValue(name: $0.key, value: $0.value) }, rule: rule)
        }
    }
}

extension Call {
    fileprivate init(_ written: CallFrame.WrittenCall, event: CallEventKind, agent: Agent) {
        self.init(
            CallEvent(
                kind: event, generation: PayloadGeneration(rawValue: written.generation) ?? .unknown,
                direction: CallDirection(rawValue: written.direction) ?? .inbound, caller: written.caller,
                dialed: written.dialed, holdSeconds: written.holdSeconds?.seconds,
                callRef: CallRef(written.ref), contactRef: written.contactRef, extension: agent.extension),
            callerE164: written.callerE164, queue: written.queue)
        ringingAt = written.ringingAt.flatMap(Timestamp.init(iso8601:))
        upAt = written.upAt.flatMap(Timestamp.init(iso8601:))
        endedAt = written.endedAt.flatMap(Timestamp.init(iso8601:))
    }
}

extension Timestamp {
    /// The wire form, `2026-11-21T10:00:00.000Z`; `nil` for anything else, and outside of the years that it can write.
    public init?(iso8601 text: String) {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = try? style.parse(text) else { return nil }
        self.init(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
        guard Self.writable.contains(milliseconds) else { return nil }
    }
}
