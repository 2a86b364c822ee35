import Foundation

/// A value of the JSON that the log holds, read leniently: what an older or a later version left out, or wrote in
/// another way, is absent, and the rest of the story is told all the same.
struct StoredJSON {
    private let value: Any?

    init(_ bytes: [UInt8]?) {
        value = bytes.flatMap { try? JSONSerialization.jsonObject(with: Data($0), options: .fragmentsAllowed) }
    }

    private init(value: Any?) { self.value = value is NSNull ? nil : value }

    subscript(name: String) -> StoredJSON { StoredJSON(value: (value as? [String: Any])?[name]) }

    var isPresent: Bool { value != nil }
    var isObject: Bool { value is [String: Any] }
    var text: String? { value as? String }
    var flag: Bool? { value as? Bool }
    /// `nil` where it is no array.
    var elements: [StoredJSON]? { (value as? [Any])?.map { StoredJSON(value: $0) } }
    /// A number's digits, however many, or a string.
    var written: String? { text ?? (value as? NSNumber)?.stringValue }
    var milliseconds: Duration? { (value as? NSNumber).map { .milliseconds($0.int64Value) } }
    var members: [(name: String, value: StoredJSON)] {
        let members = (value as? [String: Any]) ?? [:]
        return members.sorted { $0.key < $1.key }.map { ($0.key, StoredJSON(value: $0.value)) }
    }
}
