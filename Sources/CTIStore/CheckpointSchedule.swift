import GRDB

/// When the journal's pages are moved into the file: seldom, and never while an append waits for its own commit.
///
/// SQLite would do it every 1,000 pages, inside somebody's commit.
struct CheckpointSchedule {
    /// In pages of the journal, 16 MiB of it.
    private static let dueAfter = 4096
    /// What a commit adds to the journal beyond the entries themselves: the inner pages of the table and its indices.
    private static let pagesACommit = 3

    private var estimatedPages = 0

    var isDue: Bool { estimatedPages >= Self.dueAfter }

    mutating func count(entries: Int) {
        estimatedPages += entries + Self.pagesACommit
    }

    /// A failure loses nothing, what is in the journal is durable: it is tried again when it is due the next time.
    mutating func run(on file: LogFile) {
        estimatedPages = 0
        _ = try? file.access { try $0.checkpoint(.passive) }
    }
}
