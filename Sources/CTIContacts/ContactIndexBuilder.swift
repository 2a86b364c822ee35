import CTICore

/// Takes contacts one by one, so that a file need not stand in memory twice, and makes an index of them.
public final class ContactIndexBuilder {
    /// Keys and the contacts that have them, side by side.
    struct Pairs {
        var keys: [UInt64] = []
        var contacts: [UInt32] = []

        mutating func append(_ key: UInt64, _ contact: UInt32) {
            keys.append(key)
            contacts.append(contact)
        }

        func table() -> ContactKeyTable { ContactKeyTable(keys: keys, contacts: contacts) }
    }

    private(set) var arena = ContactArena()
    private(set) var numbers = Pairs()
    private(set) var literals = Pairs()
    private(set) var references = Pairs()
    private(set) var callingCodes: [Int: Int] = [:]
    private(set) var inactiveCount = 0
    let region: String

    /// - Parameter region: how national numbers are read, as `ZA`.
    public init(region: String) {
        self.region = region
    }

    /// False, and nothing taken, when the directory is full: at two thousand million contacts or 4 GiB.
    public func append(_ record: ContactRecord) -> Bool {
        let position = UInt32(truncatingIfNeeded: arena.count)
        guard arena.append(record) else { return false }
        guard !record.isInactive else {
            inactiveCount += 1
            return true
        }
        for phone in record.phones { index(phone, position) }
        for reference in record.references where !reference.trimmed.isEmpty {
            references.append(Self.key(of: reference.trimmed), position)
        }
        if !record.id.isEmpty { references.append(Self.key(of: record.id), position) }
        return true
    }

    public func finish() -> ContactIndex { ContactIndex(self) }

    private func index(_ phone: String, _ position: UInt32) {
        if let number = PhoneNumber(phone, region: region) {
            numbers.append(number.packed, position)
            if let code = number.callingCode { callingCodes[code, default: 0] += 1 }
        } else if let literal = PhoneLiteral(phone) {
            literals.append(Self.key(of: literal.text), position)
        }
    }

    /// Good for one run of the program: the standard library's hash is seeded. Texts that share a key are told apart
    /// when they are looked up.
    static func key(of text: String) -> UInt64 { UInt64(bitPattern: Int64(text.hashValue)) }
}
