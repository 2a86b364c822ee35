import CTICore

/// Answers of a moment ago, by the URL that was asked; "nobody" is one, too. Bounded by number and by size: the oldest goes.
///
/// All are kept equally long, so that the oldest is also the first to be over.
struct LookupCache {
    private struct Entry {
        let contacts: [Contact]
        let end: ContinuousClock.Instant
        let number: Int
        let size: Int
    }

    private let lifetime: Duration
    private let limit: Int
    private let room: Int
    private var entries: [String: Entry] = [:]
    /// By age, with some that were replaced since; what stands before `first` is gone.
    private var line: [(url: String, number: Int)] = []
    private var first = 0
    private var lastNumber = 0
    /// Of all entries, in bytes, roughly.
    private(set) var size = 0

    var count: Int { entries.count }

    /// - Parameters:
    ///   - limit: so many answers.
    ///   - room: so many bytes; a CRM may answer with long names.
    init(lifetime: Duration, limit: Int, room: Int = 16 << 20) {
        self.lifetime = lifetime
        self.limit = limit
        self.room = room
    }

    func contacts(for url: String, at moment: ContinuousClock.Instant) -> [Contact]? {
        guard let entry = entries[url], moment < entry.end else { return nil }
        return entry.contacts
    }

    mutating func keep(_ contacts: [Contact], for url: String, at moment: ContinuousClock.Instant) {
        let size = Self.size(of: contacts, url)
        guard lifetime > .zero, size <= room else { return }
        remove(url)
        lastNumber += 1
        entries[url] = Entry(contacts: contacts, end: moment + lifetime, number: lastNumber, size: size)
        line.append((url, lastNumber))
        self.size += size
        removeOldest(at: moment)
    }

    private mutating func removeOldest(at moment: ContinuousClock.Instant) {
        while first < line.count {
            let oldest = line[first]
            if let entry = entries[oldest.url], entry.number == oldest.number {
                guard entries.count > limit || size > room || entry.end <= moment else { break }
                remove(oldest.url)
            }
            first += 1
        }
        // Moved rarely, so that it costs next to nothing an answer.
        guard first > 64, first > line.count / 2 else { return }
        line.removeFirst(first)
        first = 0
    }

    private mutating func remove(_ url: String) {
        if let entry = entries.removeValue(forKey: url) { size -= entry.size }
    }

    private static func size(of contacts: [Contact], _ url: String) -> Int {
        contacts.reduce(200 + 2 * url.utf8.count) { sum, contact in
            sum + 64 + contact.id.utf8.count + contact.name.utf8.count + contact.type.utf8.count
        }
    }
}
