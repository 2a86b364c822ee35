import CTICore
import CTIPipeline

/// A log that was written before the test.
struct FakeLog: EventLog {
    var recorded: [RecordedEntry] = []

    init(_ entries: [LogEntry] = []) {
        recorded = entries.enumerated().map { RecordedEntry(position: Position(Int64($0) + 1), entry: $1) }
    }

    func entries(
        _ selection: LogSelection, after position: Position?, limit: Int
    ) async throws(EventLogError) -> [RecordedEntry] {
        guard case .call(let ref) = selection else { return [] }
        return recorded.filter { $0.entry.ref == ref }
    }

    func recentCalls(before position: Position?, limit: Int) async throws(EventLogError) -> [RecordedEntry] {
        var seen: Set<CallRef?> = []
        let newest = recorded.reversed().filter { $0.entry.kind == .call && seen.insert($0.entry.ref).inserted }
        return Array(newest.filter { item in position.map { item.position < $0 } ?? true }.prefix(limit))
    }

    func append(_ entries: [LogEntry]) async throws(EventLogError) -> Position { throw Self.unused }
    func bounds() async throws(EventLogError) -> LogBounds { throw Self.unused }
    func held(agent: Extension) async throws(EventLogError) -> [RecordedEntry] { throw Self.unused }
    func release(_ positions: [Position]) async throws(EventLogError) { throw Self.unused }
    func trim(before moment: Timestamp) async throws(EventLogError) -> Int { throw Self.unused }
    func removeDeadLetters(at positions: [Position]) async throws(EventLogError) -> [Position] { throw Self.unused }
    func setMark(_ name: String, _ value: [UInt8]?) async throws(EventLogError) { throw Self.unused }
    func mark(_ name: String) async throws(EventLogError) -> [UInt8]? { throw Self.unused }

    private static let unused = EventLogError(.failed, "not of this test")
}
