public import CTICore

/// What a look-up came to.
public enum LookupAnswer: Sendable, Hashable {
    /// It was none of those that ask; it waited for another.
    case notAsked
    case contacts([Contact])
    /// Somebody asked the same a moment ago.
    case cached([Contact])
    /// So many have failed that nobody is asked for a while.
    case refused(String)
    case timedOut(after: Duration)
    case failed(String)

    /// Who was found. `nil` where nobody was: then it is the directory that counts.
    var found: [Contact]? {
        switch self {
        case .contacts(let contacts), .cached(let contacts): contacts.isEmpty ? nil : contacts
        case .notAsked, .refused, .timedOut, .failed: nil
        }
    }

    /// As `explain` tells it.
    var words: String? {
        switch self {
        case .notAsked: nil
        case .contacts(let contacts): "answered: \(contacts.count)"
        case .cached(let contacts): "answered from the cache: \(contacts.count)"
        case .refused(let why): "not asked: \(why)"
        case .timedOut(let limit): "no answer within \(limit.milliseconds) ms"
        case .failed(let why): "failed: \(why)"
        }
    }

    var isFailure: Bool {
        switch self {
        case .timedOut, .failed: true
        case .notAsked, .contacts, .cached, .refused: false
        }
    }
}
