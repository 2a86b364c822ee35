public import CTICore

/// A contact as a file or a CRM gave it. Phone numbers stand as they were written.
public struct ContactRecord: Hashable, Sendable {
    public var id: String
    public var name: String
    /// `contact`, `account`, or the CRM's own word.
    public var type: String
    public var phones: [String]
    /// What a caller may type, or an integrator may send, to be recognised without a number.
    public var references: [String]
    /// Kept, but never matched.
    public var isInactive: Bool
    /// The address of a picture, `http` or `https`.
    public var avatar: String?
    public var fields: [String: String]

    public init(
        id: String, name: String, type: String = "contact", phones: [String] = [], references: [String] = [],
        isInactive: Bool = false, avatar: String? = nil, fields: [String: String] = [:]
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.phones = phones
        self.references = references
        self.isInactive = isInactive
        self.avatar = avatar
        self.fields = fields
    }

    public var contact: Contact { Contact(id: id, type: type, name: name) }
}
