/// What a log's commits survive; the configuration's `durability`.
public enum LogDurability: String, Sendable, CaseIterable {
    /// A killed daemon loses nothing.
    case process
    /// Nor does a machine that loses power: the disk is synced at every commit.
    case power

    var pragma: String {
        switch self {
        case .process: "PRAGMA synchronous = NORMAL"
        case .power: "PRAGMA synchronous = FULL"
        }
    }
}
