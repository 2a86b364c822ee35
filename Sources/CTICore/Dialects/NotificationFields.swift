/// The keys of a notification.
enum NotificationKey: Sendable {
    case type, payload
    case number, dialNumber, holdTime, callRef, contactRef, callDir, campaignRef, ref
    /// Not ours; its value is skipped.
    case other

    static let ofEnvelope: [NotificationKey] = [.type, .payload]
    static let ofPayload: [NotificationKey] = [
        .number, .dialNumber, .holdTime, .callRef, .contactRef, .callDir, .campaignRef, .ref,
    ]

    var name: StaticString {
        switch self {
        case .type: "type"
        case .payload: "payload"
        case .number: "number"
        case .dialNumber: "dial_number"
        case .holdTime: "hold_time"
        case .callRef: "call_ref"
        case .contactRef: "contact_ref"
        case .callDir: "call_dir"
        case .campaignRef: "campaign_ref"
        case .ref: "ref"
        case .other: "?"
        }
    }
}

/// Where in the text the values of a notification are, and what they mean.
///
/// A later value replaces an earlier one of the same key, and a later `payload` all of an earlier one.
struct NotificationFields: Sendable {
    private var type = JSONToken.absent
    private var payload = JSONToken.absent
    private var number = JSONToken.absent
    private var dialNumber = JSONToken.absent
    private var holdTime = JSONToken.absent
    private var callRef = JSONToken.absent
    private var contactRef = JSONToken.absent
    private var callDir = JSONToken.absent
    private var campaignRef = JSONToken.absent
    private var ref = JSONToken.absent

    @inline(__always)
    subscript(key: NotificationKey) -> JSONToken {
        get {
            switch key {
            case .type: type
            case .payload: payload
            case .number: number
            case .dialNumber: dialNumber
            case .holdTime: holdTime
            case .callRef: callRef
            case .contactRef: contactRef
            case .callDir: callDir
            case .campaignRef: campaignRef
            case .ref: ref
            case .other: .absent
            }
        }
        set {
            switch key {
            case .type: type = newValue
            case .payload: payload = newValue
            case .number: number = newValue
            case .dialNumber: dialNumber = newValue
            case .holdTime: holdTime = newValue
            case .callRef: callRef = newValue
            case .contactRef: contactRef = newValue
            case .callDir: callDir = newValue
            case .campaignRef: campaignRef = newValue
            case .ref: ref = newValue
            case .other: break
            }
        }
    }

    mutating func forgetPayload() {
        let kept = type
        self = NotificationFields()
        type = kept
    }
}

extension NotificationFields {
    /// `text` is the one that was scanned.
    func event(in text: UnsafeRawBufferPointer) throws(DecodeFailure) -> CallEvent {
        try checkEnvelope(in: text)
        try checkRequired()
        let leg = try leg(in: text)
        let caller = try string(.number, number, in: text)
        let dialed = dialNumber.isMissing ? nil : try string(.dialNumber, dialNumber, in: text)
        let holdSeconds = try holdSeconds(in: text)
        let callRef = CallRef(try string(.callRef, callRef, in: text))
        let contactRef = try optional(.contactRef, contactRef, in: text)
        let agent = Extension(try string(.ref, ref, in: text))
        return CallEvent(
            generation: leg.generation, direction: leg.direction, kind: .up, caller: caller, dialed: dialed,
            holdSeconds: holdSeconds, callRef: callRef, contactRef: contactRef, extension: agent,
            campaign: leg.campaign)
    }

    private func checkEnvelope(in text: UnsafeRawBufferPointer) throws(DecodeFailure) {
        if !type.isWord("call\0\0\0\0", in: text) {
            if type.isMissing { throw DecodeFailure(.missingField, "type: missing, expected \"call\"") }
            guard type.isString else { throw DecodeFailure(.wrongType, "type: expected a string") }
            throw DecodeFailure(.unknownType, "type: expected \"call\"")
        }
        if payload.isMissing { throw DecodeFailure(.missingField, "payload: missing, expected an object") }
        guard payload.kind == .object else { throw DecodeFailure(.wrongType, "payload: expected an object") }
    }

    private func checkRequired() throws(DecodeFailure) {
        if number.isMissing { throw missing(.number, "expected a number, or an empty string when withheld") }
        if callRef.isMissing || callRef.isEmptyString { throw missing(.callRef, "expected text, not empty") }
        if ref.isMissing || ref.isEmptyString { throw missing(.ref, "expected an extension, not empty") }
    }

    /// `call_dir` (v3) decides; without it `campaign_ref` does, where "inbound" means no campaign.
    private func leg(
        in text: UnsafeRawBufferPointer
    ) throws(DecodeFailure) -> (generation: PayloadGeneration, direction: CallDirection, campaign: String?) {
        let isInbound = campaignRef.isWord("inbound\0", in: text)
        let campaign = isInbound ? nil : try optional(.campaignRef, campaignRef, in: text)
        if !callDir.isMissing {
            if callDir.isWord("inbound\0", in: text) { return (.v3, .inbound, campaign) }
            guard callDir.isWord("outbound", in: text) else {
                throw wrong(.callDir, "expected \"inbound\" or \"outbound\"")
            }
            return (.v3, .outbound, campaign)
        }
        if let campaign { return (.preV3, .outbound, campaign) }
        return (isInbound ? .preV3 : .unknown, .inbound, nil)
    }

    @inline(__always)
    private func string(
        _ key: NotificationKey, _ token: JSONToken, in text: UnsafeRawBufferPointer
    ) throws(DecodeFailure) -> String {
        guard let string = token.string(in: text) else { throw wrong(key, "expected a string or digits") }
        return string
    }

    /// `nil` for missing, `null` and "", which mean the same.
    private func optional(
        _ key: NotificationKey, _ token: JSONToken, in text: UnsafeRawBufferPointer
    ) throws(DecodeFailure) -> String? {
        token.isMissing || token.isEmptyString ? nil : try string(key, token, in: text)
    }

    private func holdSeconds(in text: UnsafeRawBufferPointer) throws(DecodeFailure) -> HoldSeconds? {
        guard let string = try optional(.holdTime, holdTime, in: text) else { return nil }
        if holdTime.kind == .integer { return HoldSeconds(verifiedDigits: string) }
        guard let seconds = HoldSeconds(string) else { throw wrong(.holdTime, "expected whole seconds, not negative") }
        return seconds
    }

    private func missing(_ key: NotificationKey, _ expected: String) -> DecodeFailure {
        DecodeFailure(.missingField, "payload.\(key.name): missing, \(expected)")
    }

    private func wrong(_ key: NotificationKey, _ expected: String) -> DecodeFailure {
        DecodeFailure(.wrongType, "payload.\(key.name): \(expected)")
    }
}
