/// What happened to a call.
public enum CallEventKind: String, Sendable, CaseIterable {
    case calling, ringing, up, hangup, abandon

    /// Whether the call is over with this event.
    public var isEnd: Bool { self == .hangup || self == .abandon }
}

public enum CallDirection: String, Sendable { case inbound, outbound }

/// Which payload the PBX spoke. v3 and later carry `call_dir`, earlier ones `campaign_ref`.
public enum PayloadGeneration: String, Sendable {
    case v3
    case preV3 = "pre-v3"
    case unknown
}

/// Seconds that the caller waited, kept as digits: a PBX may send more of them than an `Int` holds, and none is lost.
public struct HoldSeconds: Hashable, Sendable {
    /// Without leading zeros; "0" for none.
    public let digits: String

    public init(_ seconds: Int) { digits = String(Swift.max(0, seconds)) }

    /// `digits` must be decimal digits without leading zeros, which the decoders see to.
    public init(verifiedDigits digits: String) { self.digits = digits }

    /// Clamped to `Int.max`.
    public var value: Int { Int(digits) ?? .max }
}

/// One thing that happened to one call, decoded and dialect-free, as it was sent: nothing is resolved yet.
///
/// `caller` is always the outside party, also of an outbound call; `dialed` is our side's number. Neither is normalised.
///
/// The public initialiser stands in an extension so that there is a synthesised one, too: that one fills the value in place,
/// where assignments in a written one copy and destroy it once more, a tenth of the time that decoding takes.
public struct CallEvent: Hashable, Sendable {
    public var generation: PayloadGeneration
    public var direction: CallDirection
    public var kind: CallEventKind
    /// Empty when withheld.
    public var caller: String
    public var dialed: String?
    public var holdSeconds: HoldSeconds?
    public var callRef: CallRef
    /// What the caller typed in the IVR, or the integrator's own reference. Never empty.
    public var contactRef: String?
    public var `extension`: Extension
    public var campaign: String?
}

extension CallEvent {
    public init(
        kind: CallEventKind, generation: PayloadGeneration, direction: CallDirection, caller: String,
        dialed: String? = nil, holdSeconds: HoldSeconds? = nil, callRef: CallRef, contactRef: String? = nil,
        extension: Extension, campaign: String? = nil
    ) {
        self.init(
            generation: generation, direction: direction, kind: kind, caller: caller, dialed: dialed,
            holdSeconds: holdSeconds, callRef: callRef, contactRef: contactRef, extension: `extension`,
            campaign: campaign)
    }
}

extension CallEvent {
    /// The object that `ctid decode` prints; keys in the contract's order, absent values `null`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.member("event", kind.rawValue)
            $0.member("generation", generation.rawValue)
            $0.member("direction", direction.rawValue)
            $0.member("caller", caller)
            $0.member("dialed", dialed)
            $0.member("holdSeconds", number: holdSeconds?.digits)
            $0.member("callRef", callRef.rawValue)
            $0.member("contactRef", contactRef)
            $0.member("extension", self.extension.rawValue)
            $0.member("campaign", campaign)
        }
    }
}
