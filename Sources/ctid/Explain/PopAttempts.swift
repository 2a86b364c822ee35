import CTICore
import CTIHub
import CTIPipeline

/// What was tried to show a call, attempt by attempt: a pop's offers and the words on it, or why there was none.
struct PopAttempts {
    struct Attempt {
        let id: String
        var agent: String?
        /// When the event that asked for it was recorded.
        var calledAt: Timestamp
        var offers: [Offer] = []
        var shownAt: Timestamp?
        /// The last word of a page: `shown`, `blocked`, `handled`, `dismissed`.
        var word: String?
        var missedFor: String?
        /// A page said that it could not show it.
        var wasBlocked = false
    }

    struct Offer {
        var session: String?
        var at: Timestamp
        var wasBlocked = false
    }

    private(set) var all: [Attempt] = []
    private var calledAt: [String: Timestamp] = [:]

    /// The last one tells what became of the call. That nobody answered is no attempt: a pop may have been shown before.
    var last: Attempt? {
        let told = all.filter { !$0.offers.isEmpty || $0.missedFor != nil }
        return told.last { $0.missedFor != CallFrame.MissedReason.unanswered.rawValue } ?? told.last
    }

    subscript(id: String?) -> Attempt? { all.first { $0.id == id } }

    /// When the event was recorded that a delivery goes back to.
    func calledAt(_ id: String?) -> Timestamp? { id.flatMap { calledAt[$0] } }

    mutating func note(_ decision: StoredDecision) {
        guard let id = decision.id else { return }
        calledAt[id] = decision.at
    }

    mutating func note(_ entry: LogEntry) {
        let data = StoredJSON(entry.data)
        guard let id = data["id"].text else { return }
        switch entry.kind {
        case .pop:
            let session = StoredJSON(entry.trace)["session"].text
            change(id, entry) { $0.offers.append(Offer(session: session, at: entry.at)) }
        case .missed where entry.isHandedOver:
            break
        case .missed:
            change(id, entry) { $0.missedFor = data["reason"].text ?? "unknown" }
        case .ack:
            change(id, entry) { $0.note(data["outcome"].text, of: data["session"].text, at: entry.at) }
        default:
            break
        }
    }

    private mutating func change(_ id: String, _ entry: LogEntry, _ body: (inout Attempt) -> Void) {
        if !all.contains(where: { $0.id == id }) {
            all.append(
                Attempt(id: id, agent: entry.agent?.rawValue, calledAt: calledAt[id] ?? entry.at))
        }
        if let index = all.firstIndex(where: { $0.id == id }) { body(&all[index]) }
    }
}

extension PopAttempts.Attempt {
    fileprivate mutating func note(_ outcome: String?, of session: String?, at moment: Timestamp) {
        guard let outcome else { return }
        guard outcome == "blocked" else {
            word = outcome
            // Done with it implies that it was seen.
            shownAt = shownAt ?? moment
            return
        }
        wasBlocked = true
        let refused = offers.lastIndex { session == nil || $0.session == session }
        if let refused { offers[refused].wasBlocked = true }
        if shownAt == nil, refused == offers.indices.last { word = outcome }
    }
}
