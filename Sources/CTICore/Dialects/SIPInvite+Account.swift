extension SIPInvite {
    /// The call as it rings at the agent's telephone.
    ///
    /// Where the PBX does not say them, the number is From's and the extension that of the request line. The call
    /// reference has no such fallback: Call-ID is another one in every leg.
    public func account() throws(DecodeFailure) -> CallAccount {
        guard let callRef = filled(.callRef) else { throw Self.missing(.callRef, "text, not empty") }
        let campaign = filled(.campaignRef).flatMap { $0 == CallDirection.inbound.rawValue ? nil : $0 }
        let event = CallEvent(
            kind: .ringing, generation: .v3, direction: campaign == nil ? .inbound : .outbound, caller: try caller(),
            dialed: self[.dialNumber], holdSeconds: try holdSeconds(), callRef: CallRef(callRef),
            contactRef: filled(.contactRef), extension: try agentExtension(), campaign: campaign)
        return CallAccount(event)
    }

    private func caller() throws(DecodeFailure) -> String {
        if let number = self[.number] { return number }
        guard let from = self["From"].flatMap(SIPAddress.init(header:)) else {
            throw Self.missing(.number, "a number, or an empty string when withheld, or else From")
        }
        return from.isAnonymous ? "" : from.user ?? ""
    }

    private func agentExtension() throws(DecodeFailure) -> Extension {
        if let ref = filled(.ref) { return Extension(ref) }
        guard let address = requestURI.flatMap(SIPAddress.init(uri:)), !address.isAnonymous, let user = address.user
        else { throw Self.missing(.ref, "an extension, not empty, or else one in the request line") }
        return Extension(user)
    }

    private func holdSeconds() throws(DecodeFailure) -> HoldSeconds? {
        guard let text = filled(.holdTime) else { return nil }
        guard let seconds = HoldSeconds(text) else {
            throw DecodeFailure(.wrongType, "\(SIPHeader.holdTime.name): expected whole seconds, not negative")
        }
        return seconds
    }

    private static func missing(_ header: SIPHeader, _ expected: String) -> DecodeFailure {
        DecodeFailure(.missingField, "\(header.name): missing, expected \(expected)")
    }

    private subscript(header: SIPHeader) -> String? {
        for name in header.names { if let value = self[name] { return value } }
        return nil
    }

    /// Empty counts as missing.
    private func filled(_ header: SIPHeader) -> String? {
        guard let value = self[header], !value.isEmpty else { return nil }
        return value
    }
}

extension SIPInvite {
    /// The headers with which the PBX would have told of the call; what is unknown is left out.
    ///
    /// Control characters become blanks: a line end in a reference must not begin a header of its own.
    public static func headers(of account: CallAccount) -> [(name: String, value: String)] {
        SIPHeader.allCases.compactMap { header in
            value(of: header, in: account).map { (header.name, singleLine($0)) }
        }
    }

    private static func value(of header: SIPHeader, in account: CallAccount) -> String? {
        switch header {
        case .number: account.call.caller
        case .dialNumber: account.call.dialed
        case .holdTime: account.call.holdSeconds?.digits
        case .callRef: account.call.ref.rawValue
        case .contactRef: account.call.contactRef ?? ""
        case .campaignRef: account.call.campaign ?? (account.call.direction == .inbound ? "inbound" : nil)
        case .ref: account.agent.extension.rawValue
        }
    }

    private static func singleLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
