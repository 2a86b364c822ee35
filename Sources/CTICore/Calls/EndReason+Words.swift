extension EndReason {
    /// Part of a sentence for people, as in "The call ended: the agent hung up".
    public var words: String {
        switch self {
        case .hungUp: "somebody hung up"
        case .calleeHungUp: "the outside party hung up"
        case .agentHungUp: "the agent hung up"
        case .voicemail: "it went to voicemail"
        case .busy: "the line was busy"
        case .rejected: "it was rejected"
        case .cancelled: "it was given up before anybody answered"
        case .congestion: "the network had no room for it"
        case .unavailable: "the telephone could not be reached"
        case .failed: "it could not be set up"
        case .error: "something went wrong on the PBX"
        case .unanswered: "nobody answered in time"
        case .refusedByDialler: "the number must not be called"
        case .silence: "nothing more was heard of it"
        }
    }
}
