public import CTICore

/// An agent's answer to a pop with several `matches`: who of them is calling.
public struct ContactChoice: Sendable, Hashable {
    public enum Result: Sendable, Hashable {
        case taken
        /// There is no such pop, or none any more: it was dealt with, or its call is over.
        case noSuchPop
        /// Not among the pop's matches, and without a name of its own.
        case noSuchContact
    }

    public var pop: PopID
    /// The id of a match.
    public var contact: String
    /// Of somebody whom a plugin of the page added; `nil` for a match.
    public var added: Contact?

    public init(pop: PopID, contact: String, added: Contact? = nil) {
        self.pop = pop
        self.contact = contact
        self.added = added
    }

    /// What is known here of a match counts, whatever a page says of it.
    func contact(among matches: [Contact]) -> Contact? { matches.first { $0.id == contact } ?? added }
}
