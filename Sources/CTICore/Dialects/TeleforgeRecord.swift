/// A call detail record, `cdr`, with which Teleforge tells that a call is over.
///
/// The dialler's records come in the same shape, with the campaign as their `ref`. What is not understood of the end
/// (a reason, a code) fails nothing: a call that is over must not stay alive for it. It passes through.
struct TeleforgeRecord {
    private let payload: TeleforgePayload
    private let parties: Parties
    private let extensionNumber: String
    private let callRef: String
    private let contactRef: String?
    private let dialed: String?
    private let holdSeconds: HoldSeconds?
    private let talkSeconds: Int?
    private let endWord: String?
    private let endCode: Int?

    private struct Parties {
        var generation: PayloadGeneration
        var direction: CallDirection
        var caller: String
        var campaign: String?
    }

    init(_ payload: TeleforgePayload) throws(DecodeFailure) {
        self.payload = payload
        callRef = try payload.requiredText(.callRef, "text, not empty")
        contactRef = try payload.filledText(.contactRef)
        parties = try Self.parties(payload)
        dialed = try payload.text(.dialNumber)
        extensionNumber = try payload.text(.extension) ?? ""
        holdSeconds = try payload.seconds(.holdTime)
        talkSeconds = try payload.seconds(.callTime)?.value
        endWord = payload[.endReason]?.string
        endCode = payload[.endCode]?.text.flatMap { HoldSeconds($0) }.flatMap { Int($0.digits) }
    }

    /// `number` came with v3; before, `ref` was the client's number.
    private static func parties(_ payload: TeleforgePayload) throws(DecodeFailure) -> Parties {
        let ref = try payload.filledText(.ref)
        let told = try direction(payload)
        if let number = try payload.text(.number) {
            let campaign = ref == clickDial || ref == number ? nil : ref
            return Parties(
                generation: .v3, direction: told ?? (campaign == nil ? .inbound : .outbound), caller: number,
                campaign: campaign)
        }
        guard let ref, ref != clickDial else {
            throw payload.missing(.number, "a number, or an empty string when withheld; before v3, \"ref\"")
        }
        return Parties(generation: .preV3, direction: told ?? .inbound, caller: ref)
    }

    private static func direction(_ payload: TeleforgePayload) throws(DecodeFailure) -> CallDirection? {
        guard let word = payload[.callDir] else { return nil }
        guard let direction = word.string.flatMap(CallDirection.init(rawValue:)) else {
            throw payload.wrong(.callDir, "\"inbound\" or \"outbound\"")
        }
        return direction
    }

    /// `ref` of a call that is no campaign's, from v3 on.
    static let clickDial = "click-dial"

    var account: CallAccount {
        let event = CallEvent(
            kind: wasAnswered ? .hangup : .abandon, generation: parties.generation, direction: parties.direction,
            caller: parties.caller, dialed: dialed, holdSeconds: holdSeconds, callRef: CallRef(callRef),
            contactRef: contactRef, extension: Extension(extensionNumber), campaign: parties.campaign)
        return CallAccount(event, facts: facts)
    }
}

extension TeleforgeRecord {
    private var endReason: EndReason? { endWord.flatMap(EndReason.init(teleforge:)) }

    /// Up means bridged to an agent: without an extension it never was, whatever voicemail took.
    private var wasAnswered: Bool {
        guard !extensionNumber.isEmpty else { return false }
        if let talkSeconds { return talkSeconds > 0 }
        return endReason?.meansAnswered ?? false
    }

    private var facts: CallFacts {
        var facts = CallFacts()
        facts.endReason = endReason
        facts.endedBy = endReason?.endedBy
        facts.endCode = endCode
        facts.talkSeconds = talkSeconds
        facts.vendor = payload.vendorMembers(otherThan: read)
        return facts
    }

    /// What the model keeps so well that it is written again from there.
    private var read: [TeleforgeField] {
        var read: [TeleforgeField] = [
            .extension, .number, .dialNumber, .callRef, .contactRef, .callTime, .holdTime, .ref,
        ]
        if parties.generation == .v3 { read.append(.callDir) }
        if endReason.map(\.teleforgeWord) == endWord { read.append(.endReason) }
        if endCode != nil { read.append(.endCode) }
        return read
    }
}
