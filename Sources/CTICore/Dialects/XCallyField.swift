/// The members of xCALLY's event objects, and which event has which, in the order of the vendor's samples.
///
/// Source: xCALLY Shuttle, CTI API 2.4.0 onwards. `callername`, `sipname` and `channel` came with later versions.
enum XCallyField: String, CaseIterable {
    case event, queue, agentname, agentnum, peer, direction, uniqueid, context, `extension`, trunk, callernum
    case callername, sipname, channel
    case holdtime, ringtime, talktime, reason
    case ringing, up, hangup, unmanaged
    /// On the board's channel alone.
    case time

    /// The boolean that is named after the event, and true.
    static func flag(of event: CallEventKind) -> XCallyField? {
        switch event {
        case .calling: nil
        case .ringing: .ringing
        case .up: .up
        case .hangup: .hangup
        case .abandon: .unmanaged
        }
    }

    static func documented(for event: CallEventKind) -> [XCallyField] {
        switch event {
        case .calling: common
        case .ringing: common + [.ringing]
        case .up: common + [.holdtime, .ringtime, .up]
        case .hangup: common + [.holdtime, .ringtime, .talktime, .reason, .hangup]
        // The only one without `event`, and with nobody at a telephone.
        case .abandon: [.queue, .direction, .uniqueid, .callernum, .callername, .channel, .holdtime, .unmanaged]
        }
    }

    private static let common: [XCallyField] = [
        .event, .queue, .agentname, .agentnum, .peer, .direction, .uniqueid, .context, .extension, .trunk, .callernum,
        .callername, .sipname, .channel,
    ]

    /// Whether the call model has a place for it; the others pass through.
    var isModelled: Bool {
        switch self {
        case .context, .trunk, .sipname, .channel: false
        default: true
        }
    }
}
