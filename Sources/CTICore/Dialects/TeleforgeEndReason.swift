extension EndReason {
    /// Reads `end_reason` in either case: the words from v2.3.0 on, and the older ones, which are Asterisk's.
    init?(teleforge word: String) {
        switch word.lowercased() {
        case "hungup", "answer": self = .hungUp
        case "callee_hungup": self = .calleeHungUp
        case "agent_hungup": self = .agentHungUp
        case "voicemail": self = .voicemail
        case "busy": self = .busy
        case "reject": self = .rejected
        case "timeout", "noanswer": self = .unanswered
        case "error", "invalidargs": self = .error
        case "failed": self = .failed
        case "cancel": self = .cancelled
        case "congestion": self = .congestion
        case "chanunavail": self = .unavailable
        case "dontcall", "torture": self = .refusedByDialler
        default: return nil
        }
    }

    /// The word from v2.3.0 on, the nearest where there is none; `nil` where any would be invented.
    var teleforgeWord: String? {
        switch self {
        case .hungUp, .cancelled: "hungup"
        case .calleeHungUp: "callee_hungup"
        case .agentHungUp: "agent_hungup"
        case .voicemail: "voicemail"
        case .busy: "busy"
        case .rejected: "reject"
        case .unanswered: "timeout"
        case .error: "error"
        case .failed, .congestion, .unavailable, .refusedByDialler: "failed"
        case .silence: nil
        }
    }
}
