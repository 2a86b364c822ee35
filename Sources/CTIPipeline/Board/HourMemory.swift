import CTICore

/// What was noted of things of the last hour, by key. Bounded: when it is full, the oldest minute is forgotten.
struct HourMemory<Key: Hashable & Sendable, Note: Sendable>: Sendable {
    private var notes: [Key: (minute: Int64, note: Note)] = [:]
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { notes.count }

    /// The note and when the first one was made: what is said of a call counts where the call began to count.
    subscript(key: Key) -> (since: Timestamp, note: Note)? {
        notes[key].map { (Timestamp(milliseconds: $0.minute * 60_000), $0.note) }
    }

    mutating func note(_ note: Note, of key: Key, at moment: Timestamp) {
        if let known = notes[key] {
            notes[key] = (known.minute, note)
        } else {
            notes[key] = (moment.minute, note)
            if notes.count > limit { forgetOldest() }
        }
    }

    mutating func forget(before minute: Int64) { notes = notes.filter { $0.value.minute >= minute } }

    private mutating func forgetOldest() {
        guard let oldest = notes.values.lazy.map(\.minute).min() else { return }
        forget(before: oldest + 1)
    }
}
