public import CTICore
public import CTIPipeline

/// What the log tells of calls, as JSON. Members of stored records are passed on as they were stored.
public struct CallHistory: Sendable {
    private let log: any ReadableLog
    private let entriesPerCall: Int

    /// Entries of one call that are read. A call has a handful; this is to bound one that went mad.
    public static let entriesPerCall = 10_000

    public init(log: any ReadableLog, entriesPerCall: Int = Self.entriesPerCall) {
        self.log = log
        self.entriesPerCall = entriesPerCall
    }

    /// One call of the list of recent ones.
    public struct Item: Sendable {
        /// The newest event.
        public let newest: LogEntry
        public let outcome: CallOutcome
    }

    /// Newest first, one item a call; `next` is `before` of the page that follows, `nil` where there is none.
    public func items(limit: Int, before: Position? = nil) async throws(EventLogError) -> (
        items: [Item], next: Position?
    ) {
        let found = try await log.recentCalls(before: before, limit: limit + 1)
        var items: [Item] = []
        for recorded in found.prefix(limit) {
            let others = if let ref = recorded.entry.ref { try await entries(ref) } else { [RecordedEntry]() }
            items.append(Item(newest: recorded.entry, outcome: CallOutcome(others.lazy.map(\.entry))))
        }
        return (items, found.count > limit ? found[limit - 1].position : nil)
    }

    /// `{"calls":[{call, event, agent, stale, outcome}], "next": cursor}`
    func page(limit: Int, before: Position?) async throws(EventLogError) -> [UInt8] {
        let (items, next) = try await items(limit: limit, before: before)
        var json = JSONWriter(capacity: 512 * items.count + 64)
        json.object {
            $0.member("calls", array: { list in for item in items { list.raw(item.json) } })
            $0.member("next", next?.description)
        }
        return json.bytes
    }

    /// `{call, outcome, events, trace, deliveries}`; `nil` where the log does not know the call.
    public func call(_ ref: CallRef) async throws(EventLogError) -> [UInt8]? {
        Self.json(of: try await entries(ref))
    }

    /// - Parameter found: all of one call, in the order of the log.
    public static func json(of found: [RecordedEntry]) -> [UInt8]? {
        let calls = found.filter { $0.entry.kind == .call }.map(\.entry)
        guard let last = calls.last else { return nil }
        var json = JSONWriter(capacity: 1024 * found.count)
        json.object {
            $0.member("call", raw: RawJSON(last.data).member("call"))
            $0.member("outcome", CallOutcome(found.lazy.map(\.entry)).word)
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

    /// All that the log holds of one call, oldest first.
    public func entries(_ ref: CallRef) async throws(EventLogError) -> [RecordedEntry] {
        try await log.entries(.call(ref), after: nil, limit: entriesPerCall)
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

    /// Members without the braces around them.
    private static func members(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter(capacity: 64)
        json.object(write)
        return Array(json.bytes.dropFirst().dropLast())
    }
}

extension CallHistory.Item {
    /// `{call, event, agent, stale, outcome}`, and `reason` of a missed one.
    public var json: [UInt8] {
        let data = RawJSON(newest.data)
        var json = JSONWriter(capacity: 512)
        json.object {
            for name in ["call", "event", "agent", "stale"] { $0.member(name, raw: data.member(name)) }
            $0.member("outcome", outcome.word)
            if let reason = outcome.reason { $0.member("reason", reason) }
        }
        return json.bytes
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
    fileprivate var name: String { self == .realtime ? "realtime" : frameName }
}
