/// Names of events in Enreach's plugin context. The vendor's list is open; these are of a call's life.
enum EnreachEvent: String, CaseIterable {
    /// It rings at the agent.
    case incoming = "call-incoming"
    case answered = "call-answered"
    /// Ended by either party, answered or not.
    case ended = "call-ended"
    /// A number was clicked on a record's form.
    case clickToAct = "onclicktoact"
    /// The call rings, and a session of the CRM is about to be opened for it.
    case beforeSession = "beforeCreateInboundCallSession"
}

extension EnreachEvent {
    /// What happened to the call. Its end is that of an answered call, or of one that nobody took.
    func kind(wasAnswered: Bool) -> CallEventKind {
        switch self {
        case .incoming, .beforeSession: .ringing
        case .answered: .up
        case .ended: wasAnswered ? .hangup : .abandon
        case .clickToAct: .calling
        }
    }

    /// `nil` where the vendor has no event: a number that was dialled, but not from a record.
    init?(_ account: CallAccount) {
        switch account.event {
        case .calling:
            // A record is known, or the vendor itself called it so.
            guard account.contact != nil || account.facts.vendor?.dialect == .enreach else { return nil }
            self = .clickToAct
        case .ringing: self = account.facts.session == nil ? .incoming : .beforeSession
        case .up: self = .answered
        case .hangup, .abandon: self = .ended
        }
    }
}
