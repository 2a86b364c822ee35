/// The payload of a notification that is not on the hot path, and how its members are read.
///
/// As everywhere with this vendor, missing and `null` mean the same, and a number may come as one or as a string.
struct TeleforgePayload {
    let object: JSONObject
    /// Members that stand beside `type` and `payload`; none is documented.
    private let beside: [VendorMember]

    init(of envelope: JSONObject) throws(DecodeFailure) {
        guard let payload = envelope["payload"], !payload.isNull else {
            throw DecodeFailure(.missingField, "payload: missing, expected an object")
        }
        object = try payload.object("payload")
        beside = envelope.others(than: ["type", "payload"])
    }

    subscript(field: TeleforgeField) -> JSONFragment? {
        guard let value = object[field.rawValue], !value.isNull else { return nil }
        return value
    }

    /// What the model has no place for, to be passed through; `nil` where nothing is left.
    func vendorMembers(otherThan read: [TeleforgeField]) -> VendorMembers? {
        let outside = beside.map { VendorMember(name: Self.outside + $0.name, json: $0.json) }
        let members = object.others(than: Set(read.map(\.rawValue))) + outside
        return members.isEmpty ? nil : VendorMembers(dialect: .teleforge, members: members)
    }

    /// In front of the name of a vendor member that stood beside the payload, not in it: as in a path.
    static let outside = "../"
}

extension TeleforgePayload {
    func text(_ field: TeleforgeField) throws(DecodeFailure) -> String? {
        guard let value = self[field] else { return nil }
        guard let text = value.text else { throw wrong(field, "a string or digits") }
        return text
    }

    /// Empty counts as missing.
    func filledText(_ field: TeleforgeField) throws(DecodeFailure) -> String? {
        let text = try text(field)
        return text == "" ? nil : text
    }

    func requiredText(_ field: TeleforgeField, _ expected: String) throws(DecodeFailure) -> String {
        guard let text = try filledText(field) else { throw missing(field, expected) }
        return text
    }

    func seconds(_ field: TeleforgeField) throws(DecodeFailure) -> HoldSeconds? {
        guard let text = try filledText(field) else { return nil }
        guard let seconds = HoldSeconds(text) else { throw wrong(field, "whole seconds, not negative") }
        return seconds
    }

    func missing(_ field: TeleforgeField, _ expected: String) -> DecodeFailure {
        DecodeFailure(.missingField, "payload.\(field.rawValue): missing, expected \(expected)")
    }

    func wrong(_ field: TeleforgeField, _ expected: String) -> DecodeFailure {
        DecodeFailure(.wrongType, "payload.\(field.rawValue): expected \(expected)")
    }
}

extension HoldSeconds {
    /// Decimal digits, leading zeros or not; `nil` for any other text.
    init?(_ text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        let significant = text.drop { $0 == "0" }
        self.init(verifiedDigits: significant.isEmpty ? "0" : String(significant))
    }
}
