/// Why a call ended, in nobody's dialect. Source of what is told apart: Teleforge's end reasons, old and new.
public enum EndReason: String, Sendable, CaseIterable {
    /// Somebody hung up; who is not told.
    case hungUp = "hung-up"
    case calleeHungUp = "callee-hung-up"
    case agentHungUp = "agent-hung-up"
    case voicemail, busy, rejected, cancelled, congestion, unavailable, failed, error
    /// Nobody answered in time.
    case unanswered
    /// The number must not be called, or the dialler would not.
    case refusedByDialler = "refused-by-dialler"
    /// Nothing more was heard of the call.
    case silence
}
