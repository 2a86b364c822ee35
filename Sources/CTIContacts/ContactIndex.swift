public import CTICore
public import CTIPipeline

/// A tenant's contacts, in memory: built once, then shared and only read.
///
/// Whoever calls is looked for by reference, then by exact number, then by the number within its country, and last by
/// the text itself; the first way that finds anybody wins:
///
///     reference ──► references, then ids
///     E.164     ──► numbers          read by the tenant's region when the index was built
///     national  ──► numbers of any calling code that occurs; or a contact's number that could not be read
///     text      ──► literals         extensions, and whatever else is in a contact's phone field
///
/// A number that both sides know the country of is never matched without it: the same digits elsewhere are someone
/// else's. Inactive contacts and withheld numbers match nothing.
public final class ContactIndex: ContactDirectory {
    private let arena: ContactArena
    private let numbers: ContactKeyTable
    private let literals: ContactKeyTable
    private let references: ContactKeyTable
    /// Calling codes that occur, most frequent first.
    private let callingCodes: [UInt64]
    public let inactiveCount: Int
    /// How national numbers are read, as `ZA`.
    public let region: String

    init(_ parts: ContactIndexBuilder) {
        var arena = parts.arena
        arena.compact()
        self.arena = arena
        numbers = parts.numbers.table()
        literals = parts.literals.table()
        references = parts.references.table()
        callingCodes = parts.callingCodes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { UInt64($0.key) }
        inactiveCount = parts.inactiveCount
        region = parts.region
    }

    /// - Parameter region: how the national numbers among them are read, as `ZA`.
    public convenience init(_ records: some Sequence<ContactRecord>, region: String) {
        let builder = ContactIndexBuilder(region: region)
        for record in records { _ = builder.append(record) }
        self.init(builder)
    }

    /// Active and inactive ones.
    public var count: Int { arena.count }

    /// In the order of the file. `position` from 0, below ``count``.
    public func record(at position: Int) -> ContactRecord? {
        position >= 0 && position < count ? arena[UInt32(position)] : nil
    }

    public func matches(reference: String?, caller: String, callerE164: String?) -> [Contact] {
        let found = positions(reference: reference, caller: caller, callerE164: callerE164).map { position in
            let (id, type, name) = arena.contact(position)
            return Contact(id: id, type: type, name: name)
        }
        return Self.once(found) { $0 }
    }

    /// As ``matches(reference:caller:callerE164:)``, with all that is known of each.
    public func records(reference: String?, caller: String, callerE164: String?) -> [ContactRecord] {
        Self.once(
            positions(reference: reference, caller: caller, callerE164: callerE164).map { arena[$0] }, by: \.contact)
    }

    /// A contact that two files have is one; two people with one number and no ids of their own are not.
    private static func once<Match>(_ found: [Match], by contact: (Match) -> Contact) -> [Match] {
        guard found.count > 1 else { return found }
        var seen: Set<Contact> = []
        return found.filter { seen.insert(contact($0)).inserted }
    }

    func positions(reference: String?, caller: String, callerE164: String?) -> [UInt32] {
        if let reference {
            let found = positions(reference: reference)
            if !found.isEmpty { return found }
        }
        var found: [UInt32] = []
        if let callerE164 {
            if let packed = UInt64(callerE164.dropFirst()) { numbers.find(packed, into: &found) }
            guard found.isEmpty else { return found }
            if let national = NumberPlan.nationalSignificant(callerE164) { found = positions(literal: national) }
        } else {
            found = positions(countryless: caller)
        }
        return found.isEmpty ? positions(literal: caller) : found
    }

    private func positions(reference: String) -> [UInt32] {
        let reference = reference.trimmed
        guard !reference.isEmpty else { return [] }
        var found: [UInt32] = []
        references.find(ContactIndexBuilder.key(of: reference), into: &found)
        // Different texts may share a key. What a caller may type comes before what a CRM calls its own record.
        let byReference = found.filter { arena[$0].references.contains { $0.trimmed == reference } }
        return byReference.isEmpty ? found.filter { arena.contact($0).id == reference } : byReference
    }

    /// A caller whose country is not known: the digits may be a whole number without its plus, or one within a country.
    private func positions(countryless caller: String) -> [UInt32] {
        guard let literal = PhoneLiteral(caller), literal.isNational, let digits = UInt64(literal.text) else {
            return []
        }
        var found: [UInt32] = []
        if let whole = PhoneNumber("+" + literal.text, region: "") { numbers.find(whole.packed, into: &found) }
        guard found.isEmpty, literal.text.utf8.count <= 14 else { return found }
        let scale = (0..<literal.text.utf8.count).reduce(UInt64(1)) { value, _ in value * 10 }
        for code in callingCodes { numbers.find(code * scale + digits, into: &found) }
        return callingCodes.count > 1 ? Set(found).sorted() : found
    }

    private func positions(literal text: String) -> [UInt32] {
        guard let literal = PhoneLiteral(text) else { return [] }
        var found: [UInt32] = []
        literals.find(ContactIndexBuilder.key(of: literal.text), into: &found)
        return found.filter { arena[$0].phones.contains { PhoneLiteral($0) == literal } }
    }
}
