/// How many elements are asked for at once: fewer after a reply was too large, then more again.
///
/// Without it a list of very large elements would fail in the same way for ever.
struct FetchSize: Sendable {
    private let full: Int
    private(set) var current: Int

    init(_ full: Int) {
        self.full = max(1, full)
        current = self.full
    }

    /// Steeply, since each vain try costs a whole reply; down to one.
    mutating func shrink() { current = max(1, current / 8) }

    mutating func grow() { current = min(full, current * 2) }
}
