import CTICore
import CTIPipeline

/// Where in an answer the contacts are, and where in each of them its parts.
///
/// Without ``list`` all of these are understood:
///
///     {"id": "17", "name": "Jane Doe", "type": "lead"}      [ {…}, {…} ]      {"contacts": [ {…} ]}
public struct LookupMapping: Hashable, Sendable {
    /// Names of members, one inside the other: `data.items`.
    public struct Path: Hashable, Sendable {
        let names: [String]

        /// `nil` for an empty name.
        public init?(_ text: String) {
            names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard !names.contains("") else { return nil }
        }

        /// One name, as it is.
        init(name: String) { names = [name] }
    }

    /// A list, or one contact.
    public var list: Path?
    public var id = Path(name: "id")
    /// Joined by a blank; those that are absent or empty are left out.
    public var name = [Path(name: "name")]
    public var type = Path(name: "type")

    public init() {}

    struct Found: Equatable {
        var contacts: [Contact] = []
        /// Entries that are no contact, or one too many.
        var leftOut = 0
    }

    /// An agent cannot choose among more.
    static let most = 100
}

extension LookupMapping {
    /// - Parameter body: empty, or JSON.
    func contacts(in body: [UInt8]) throws(ContactLookupError) -> Found {
        guard !body.isEmpty else { return Found() }
        let entries = try entries(in: body)
        var found = Found()
        for entry in entries {
            guard found.contacts.count < Self.most, let contact = contact(entry) else {
                found.leftOut += 1
                continue
            }
            found.contacts.append(contact)
        }
        guard entries.isEmpty || !found.contacts.isEmpty else {
            throw Self.unreadable("an answer without a contact's id, expected a text or a number there")
        }
        return found
    }

    private func entries(in body: [UInt8]) throws(ContactLookupError) -> [JSONTree] {
        guard let tree = try? JSONTree(body) else { throw Self.unreadable("an answer that is not JSON, expected JSON") }
        var value = tree
        if let list {
            guard let listed = tree[list] else {
                throw Self.unreadable("an answer without what contacts.lookup.answer.list names, expected a list there")
            }
            value = listed
        } else if case .array? = tree["contacts"] {
            value = tree["contacts"] ?? .null
        }
        switch value {
        case .array(let entries): return entries
        case .object: return [value]
        case .null: return []
        case .bool, .number, .string:
            throw Self.unreadable("an answer that is no contact, expected an object or a list of them")
        }
    }

    private func contact(_ entry: JSONTree) -> Contact? {
        guard let id = entry[self.id]?.text, !id.isEmpty else { return nil }
        let names = name.compactMap { entry[$0]?.text }.filter { !$0.isEmpty }
        let type = entry[self.type]?.text ?? ""
        return Contact(id: id, type: type.isEmpty ? "contact" : type, name: names.joined(separator: " "))
    }

    private static func unreadable(_ what: String) -> ContactLookupError { ContactLookupError(.unreadable, what) }
}

extension JSONTree {
    fileprivate subscript(path: LookupMapping.Path) -> JSONTree? {
        var value: JSONTree? = self
        for name in path.names { value = value?[name] }
        return value
    }
}
