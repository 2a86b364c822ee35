public import CTIPipeline

/// What became of a call's pop, by what the log holds of the call.
public struct CallOutcome: Hashable, Sendable {
    /// `popped` (sent to a page, no word yet), `shown`, `blocked`, `handled`, `dismissed` (a page's last word on it) or
    /// `missed`; `nil` where no pop was asked for.
    public private(set) var word: String?
    /// Why it was missed.
    public private(set) var reason: String?

    /// The session that has the pop; others may still say something about it.
    private var holder: String?

    /// - Parameter entries: of one call, in the order of the log.
    public init(_ entries: some Sequence<LogEntry>) {
        for entry in entries { note(entry) }
    }

    private mutating func note(_ entry: LogEntry) {
        let data = RawJSON(entry.data)
        switch entry.kind {
        case .pop:
            (word, reason) = ("popped", nil)
            holder = entry.trace.flatMap { RawJSON.text(RawJSON($0).member("session")) }
        case .missed where !entry.isHandedOver:
            (word, reason) = ("missed", RawJSON.text(data.member("reason")))
        case .ack:
            noteWord(RawJSON.text(data.member("outcome")), of: RawJSON.text(data.member("session")))
        default:
            break
        }
    }

    /// A page that was passed over may refuse late: by then the pop is another's, or done with.
    private mutating func noteWord(_ outcome: String?, of session: String?) {
        guard let outcome else { return }
        let isOfHolder = session == nil || holder == nil || session == holder
        if outcome == "blocked", word != "popped" || !isOfHolder { return }
        (word, reason) = (outcome, nil)
    }
}

extension LogEntry {
    /// Whether it tells once more, at a log-in, what was missed before it.
    public var isHandedOver: Bool {
        kind == .missed && trace.map { RawJSON($0).member("handedOver") != nil } ?? false
    }
}
