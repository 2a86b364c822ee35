/// Reads the members of one object of a vendor's, and says by their path which of them is wrong.
///
/// A member that is missing and one that is `null` are the same.
struct MemberReader {
    let object: JSONObject
    /// In front of each name in an error, as `data.`; empty for the object at the top.
    var path = ""

    func value(_ name: String) -> JSONFragment? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    /// Numbers may come as such.
    func text(_ name: String) throws(DecodeFailure) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.text else { throw wrong(name, "a string") }
        return text
    }

    func text(_ name: String, required expected: String) throws(DecodeFailure) -> String {
        guard let text = try text(name) else { throw missing(name, expected) }
        return text
    }

    /// The call's name, which is never empty.
    func callRef(_ name: String) throws(DecodeFailure) -> CallRef {
        let text = try text(name, required: "the call's id, not empty")
        guard !text.isEmpty else { throw missing(name, "the call's id, not empty") }
        return CallRef(text)
    }

    func flag(_ name: String) throws(DecodeFailure) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let flag = value.bool else { throw wrong(name, "true or false") }
        return flag
    }

    /// An empty text is none.
    func seconds(_ name: String) throws(DecodeFailure) -> HoldSeconds? {
        guard let value = value(name), value.string != "" else { return nil }
        guard let seconds = value.text.flatMap({ HoldSeconds($0) }) else {
            throw wrong(name, "whole seconds, not negative")
        }
        return seconds
    }

    func moment(_ name: String) throws(DecodeFailure) -> Timestamp? {
        guard let text = try text(name) else { return nil }
        guard let moment = Timestamp(iso8601: text) else { throw wrong(name, "a time as 2026-11-21T10:00:00.000Z") }
        return moment
    }

    func object(_ name: String) throws(DecodeFailure) -> MemberReader? {
        guard let value = value(name) else { return nil }
        return MemberReader(object: try value.object(path + name), path: "\(path)\(name).")
    }

    func missing(_ name: String, _ expected: String) -> DecodeFailure {
        DecodeFailure(.missingField, "\(path)\(name): missing, expected \(expected)")
    }

    func wrong(_ name: String, _ expected: String) -> DecodeFailure {
        DecodeFailure(.wrongType, "\(path)\(name): expected \(expected)")
    }
}

extension CallFacts {
    /// What came in this dialect and has no place in the model; empty where the event came in another.
    func told(in dialect: Dialect) -> JSONObject {
        guard let vendor, vendor.dialect == dialect else { return JSONObject() }
        return JSONObject(vendor.members)
    }

    /// Keeps members for their dialect, where there are any.
    mutating func keep(_ members: [VendorMember], for dialect: Dialect) {
        vendor = members.isEmpty ? nil : VendorMembers(dialect: dialect, members: members)
    }
}

extension Timestamp {
    /// `nil` for more seconds than 32 bits tell, and where it leaves the years that the wire form can write.
    func moved(bySeconds seconds: Int) -> Timestamp? {
        guard Int32(exactly: seconds) != nil, Self.writable.contains(milliseconds) else { return nil }
        let moved = milliseconds + Int64(seconds) * 1000
        return Self.writable.contains(moved) ? Timestamp(milliseconds: moved) : nil
    }

    /// The years 0 to 9999.
    static let writable: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999
}
