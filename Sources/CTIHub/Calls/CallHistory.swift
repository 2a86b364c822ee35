import CTICore
import CTIPipeline

/// What the log tells of calls, as JSON. Members of stored records are passed on as they were stored.
struct CallHistory {
    let log: any EventLog

    /// Entries of one call that are read. A call has a handful; this is to bound one that went mad.
    private static let entriesPerCall = 10_000

    /// `{"calls":[{call, event, agent, stale, outcome}], "next": cursor}`, newest first, one item a call.
    func page(limit: Int, before: Position?) async throws -> [UInt8] {
        let found = try await log.recentCalls(before: before, limit: limit + 1)
        var items: [[UInt8]] = []
        for recorded in found.prefix(limit) { items.append(try await item(recorded.entry)) }
        let next = found.count > limit ? found[limit - 1].position : nil
        var json = JSONWriter(capacity: 512 * items.count + 64)
        json.object {
            $0.member("calls", array: { list in for item in items { list.raw(item) } })
            $0.member("next", next?.description)
        }
        return json.bytes
    }

    private func item(_ entry: LogEntry) async throws -> [UInt8] {
        let others = try await entry.ref.asyncMap(entries) ?? []
        let data = RawJSON(entry.data)
        var json = JSONWriter(capacity: 512)
        json.object {
            for name in ["call", "event", "agent", "stale"] { $0.member(name, raw: data.member(name)) }
            $0.member("outcome", Self.outcome(of: others.map(\.entry)))
        }
        return json.bytes
    }

    /// `{call, events, trace, deliveries}`; `nil` where the log does not know the call.
    func call(_ ref: CallRef) async throws -> [UInt8]? {
        let found = try await entries(ref)
        let calls = found.filter { $0.entry.kind == .call }.map(\.entry)
        guard let last = calls.last else { return nil }
        var json = JSONWriter(capacity: 1024 * found.count)
        json.object {
            $0.member("call", raw: RawJSON(last.data).member("call"))
            $0.member("outcome", Self.outcome(of: found.map(\.entry)))
            $0.member("events", array: { list in for entry in calls { list.raw(Self.event(entry)) } })
            $0.member("trace", array: { list in for step in calls.flatMap(Self.trace) { list.raw(step) } })
            $0.member(
                "deliveries",
                array: { list in
                    for recorded in found where recorded.entry.kind != .call { list.raw(Self.delivery(recorded)) }
                })
        }
        return json.bytes
    }

    private func entries(_ ref: CallRef) async throws -> [RecordedEntry] {
        try await log.entries(.call(ref), after: nil, limit: Self.entriesPerCall)
    }

    /// The event's data with the moment it was recorded at.
    private static func event(_ entry: LogEntry) -> [UInt8] {
        RawJSON(entry.data).prefixed(with: members { $0.member("at", entry.at) })
    }

    /// The steps of one event's decision, each with the event that it is about.
    private static func trace(_ entry: LogEntry) -> [[UInt8]] {
        guard let trace = entry.trace else { return [] }
        let event = RawJSON(entry.data).member("event")
        let context = members {
            $0.member("event", raw: event)
            $0.member("at", entry.at)
        }
        let steps = RawJSON(trace).elements ?? [trace[...]]
        return steps.map { RawJSON($0).prefixed(with: context) }
    }

    private static func delivery(_ recorded: RecordedEntry) -> [UInt8] {
        var json = JSONWriter(capacity: 256 + recorded.entry.data.count)
        json.object {
            $0.member("kind", recorded.entry.kind.name)
            $0.member("position", recorded.position.description)
            $0.member("at", recorded.entry.at)
            $0.member("agent", recorded.entry.agent?.rawValue)
            $0.member("data", raw: recorded.entry.data[...])
        }
        return json.bytes
    }

    /// What became of the call's pop: `popped` (offered, no word yet), `missed`, or the last word of a session on it;
    /// `null` where none was asked for.
    private static func outcome(of entries: [LogEntry]) -> String? {
        var outcome: String?
        for entry in entries {
            switch entry.kind {
            case .pop: outcome = "popped"
            case .missed: outcome = "missed"
            case .ack: outcome = RawJSON.text(RawJSON(entry.data).member("outcome")) ?? outcome
            case .clear, .call, .realtime, .deadLetter, .received: continue
            }
        }
        return outcome
    }

    /// Members without the braces around them.
    private static func members(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter(capacity: 64)
        json.object(write)
        return Array(json.bytes.dropFirst().dropLast())
    }
}

extension Optional {
    fileprivate func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}

extension JSONWriter {
    /// A value that is already JSON; `null` where there is none.
    fileprivate mutating func member(_ name: String, raw value: ArraySlice<UInt8>?) {
        key(name)
        if let value, !value.isEmpty { raw(value) } else { null() }
    }
}

extension LogEntry.Kind {
    /// As `deliveries` spells it.
    fileprivate var name: String {
        switch self {
        case .call: "call"
        case .pop: "pop"
        case .clear: "clear"
        case .missed: "missed"
        case .ack: "ack"
        case .realtime: "realtime"
        case .deadLetter: "dead-letter"
        case .received: "received"
        }
    }
}
