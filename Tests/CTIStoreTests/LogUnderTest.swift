import CTICore
import CTIPipeline
import Foundation

@testable import CTIStore

/// The implementations that the contract's suite runs against.
enum LogImplementation: CaseIterable, Sendable {
    case memory, process, power
}

/// A log, and a way to open it again as after a restart.
struct LogUnderTest: Sendable {
    static let start = Timestamp(milliseconds: 1_795_000_000_000)

    let log: any EventLog
    let reopen: @Sendable () async throws -> any EventLog

    init(_ implementation: LogImplementation, in folder: TemporaryFolder) async throws {
        switch implementation {
        case .memory:
            let memory = InMemoryEventLog()
            log = memory
            reopen = { memory }
        case .process, .power:
            let durability: LogDurability = implementation == .power ? .power : .process
            let sqlite = try await folder.open(durability: durability)
            log = sqlite
            reopen = {
                try await sqlite.close()
                return try await folder.open(durability: durability)
            }
        }
    }
}

/// A folder of its own for each test, gone with it.
final class TemporaryFolder: Sendable {
    let path: String
    let pool = LogExecutorPool(threads: 2)

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var logPath: String { path + "/acme.log" }

    var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }

    func open(
        _ path: String? = nil, durability: LogDurability = .process, now: Timestamp = LogUnderTest.start,
        onDamage: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(EventLogError) -> SQLiteEventLog {
        try await SQLiteEventLog(
            path: path ?? logPath, durability: durability, pool: pool, now: { now }, onDamage: onDamage)
    }
}

extension LogEntry {
    /// An entry that can be told from others by its text.
    static func sample(
        _ text: String = "", kind: Kind = .call, agent: String? = "1001", ref: String? = "r1", at: Int64 = 1000,
        held: Bool = false
    ) -> LogEntry {
        LogEntry(
            kind: kind, agent: agent.map { Extension($0) }, ref: ref.map { CallRef($0) },
            at: Timestamp(milliseconds: at), data: Array(text.utf8), held: held)
    }
}

extension [RecordedEntry] {
    var texts: [String] { map { String(decoding: $0.entry.data, as: UTF8.self) } }
}
