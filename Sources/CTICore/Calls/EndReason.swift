/// Why a call ended, in nobody's dialect. Source of what is told apart: Teleforge's end reasons, old and new.
public enum EndReason: String, Sendable, CaseIterable {
    /// Somebody hung up; who is not told.
    case hungUp = "hung-up"
    /// The outside party did, of an inbound call, too: to Teleforge the client is always the "callee".
    case calleeHungUp = "callee-hung-up"
    case agentHungUp = "agent-hung-up"
    case voicemail, busy, rejected, cancelled, congestion, unavailable, failed, error
    /// Nobody answered in time.
    case unanswered
    /// The number must not be called, or the dialler would not.
    case refusedByDialler = "refused-by-dialler"
    /// Nothing more was heard of the call.
    case silence

    /// Who ended the call, as far as the reason alone tells.
    public var endedBy: CallFacts.Party? {
        switch self {
        case .calleeHungUp: .caller
        case .agentHungUp: .agent
        default: nil
        }
    }

    /// Whether somebody must have answered, for an end to have this reason.
    public var meansAnswered: Bool { self == .hungUp || self == .calleeHungUp || self == .agentHungUp }
}
