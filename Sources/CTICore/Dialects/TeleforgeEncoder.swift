/// Writes an account as Teleforge would have sent it: `call` for an up, `cdr` for an end.
///
/// Members are in the documented order. What came with the account in this dialect stands where it is documented to
/// stand, else at the end; where the model knows a member, too, the model's is written.
struct TeleforgeEncoder {
    private let account: CallAccount
    private let passedOn: [VendorMember]

    init(_ account: CallAccount) {
        self.account = account
        let vendor = account.facts.vendor
        passedOn = vendor?.dialect == .teleforge ? vendor?.members ?? [] : []
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.member("type", account.event.isEnd ? "cdr" : "call")
            $0.member("payload", object: { writePayload(to: &$0) })
            for member in passedOn where isOutside(member) && !["../type", "../payload"].contains(member.name) {
                $0.member(String(member.name.dropFirst(TeleforgePayload.outside.count)), json: member.json)
            }
        }
    }

    private func writePayload(to json: inout JSONWriter) {
        var written: Set<String> = []
        for field in fields {
            guard let value = value(of: field) else { continue }
            json.member(field.rawValue, json: value)
            written.insert(field.rawValue)
        }
        for member in passedOn where !isOutside(member) && written.insert(member.name).inserted {
            json.member(member.name, json: member.json)
        }
    }

    private var fields: [TeleforgeField] {
        if account.event.isEnd { return TeleforgeField.ofRecord }
        return isDiallerCall ? TeleforgeField.ofDiallerCall : TeleforgeField.ofCall
    }

    /// As ``TeleforgeCodec`` recognises it, too.
    private var isDiallerCall: Bool {
        account.call.generation == .unknown && account.call.direction == .outbound && passed(.agent) != nil
    }

    private func isOutside(_ member: VendorMember) -> Bool { member.name.hasPrefix(TeleforgePayload.outside) }

    private func passed(_ field: TeleforgeField) -> [UInt8]? {
        passedOn.last { $0.name == field.rawValue }?.json
    }

    /// A reason that was passed on is the vendor's own word, which the model's only comes near.
    private func value(of field: TeleforgeField) -> [UInt8]? {
        if field == .endReason, let word = passed(field) { return word }
        return known(field) ?? passed(field)
    }
}

extension TeleforgeEncoder {
    private var call: Call { account.call }

    private func known(_ field: TeleforgeField) -> [UInt8]? {
        switch field {
        case .callDir: text(callDir)
        case .callRef: text(call.ref.rawValue)
        case .callTime: digits(talkSeconds.map { String($0) })
        case .campaignRef: text(campaignRef)
        case .contactRef: text(call.contactRef ?? "")
        case .dialNumber: text(call.dialed)
        case .endCode: digits(account.facts.endCode.map { String($0) })
        case .endReason: text(endReason)
        case .extension: text(account.agent.extension.rawValue)
        case .holdTime: digits(call.holdSeconds?.digits)
        case .number: text(isOldRecord ? nil : call.caller)
        case .ref: text(ref)
        case .agent, .dialedAt, .recordingURL, .status: nil
        }
    }

    /// Where `ref` is the client's number, a withheld one has no place.
    private var isOldRecord: Bool { account.event.isEnd && call.generation == .preV3 && !call.caller.isEmpty }

    private var ref: String {
        guard account.event.isEnd else { return account.agent.extension.rawValue }
        return isOldRecord ? call.caller : campaign ?? TeleforgeRecord.clickDial
    }

    /// A campaign of the name that says "no campaign" cannot be told.
    private var campaign: String? { call.campaign == CallDirection.inbound.rawValue ? nil : call.campaign }

    /// Before v3 there is no such member; but where silence would mean the other direction, it is said.
    private var callDir: String? {
        if isOldRecord { return call.direction == .outbound ? call.direction.rawValue : nil }
        return isOldCall ? nil : call.direction.rawValue
    }

    private var isOldCall: Bool {
        !account.event.isEnd && call.generation == .preV3 && (campaign == nil) == (call.direction == .inbound)
    }

    private var campaignRef: String? { campaign ?? (isOldCall ? CallDirection.inbound.rawValue : nil) }

    /// A record does not say whether the call was answered but by these seconds: 0 of an agent's call would unsay the
    /// answer, and more would make one. What voicemail recorded of a call that had no agent is neither.
    private var talkSeconds: Int? {
        let seconds = account.talkSeconds
        if account.event == .hangup { return seconds == 0 ? nil : seconds }
        return account.agent.extension.rawValue.isEmpty ? seconds ?? 0 : 0
    }

    private var endReason: String? {
        guard let reason = account.facts.endReason else { return endReasonOfParty }
        // Without seconds the reason alone tells that the call was answered.
        let mustTell = account.event == .hangup && talkSeconds == nil
        return mustTell && !reason.meansAnswered ? EndReason.hungUp.teleforgeWord : reason.teleforgeWord
    }

    private var endReasonOfParty: String? {
        switch account.facts.endedBy {
        case .agent: EndReason.agentHungUp.teleforgeWord
        case .caller: EndReason.calleeHungUp.teleforgeWord
        case nil: account.event == .hangup ? EndReason.hungUp.teleforgeWord : nil
        }
    }

    private func text(_ text: String?) -> [UInt8]? {
        guard let text else { return nil }
        var json = JSONWriter(capacity: text.utf8.count + 2)
        json.value(text)
        return json.bytes
    }

    private func digits(_ digits: String?) -> [UInt8]? { digits.map { Array($0.utf8) } }
}
