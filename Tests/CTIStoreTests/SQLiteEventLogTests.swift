import CTICore
import CTIPipeline
import Foundation
import GRDB
import GRDBSQLite
import Synchronization
import Testing

@testable import CTIStore

/// What only a log on a disk has to care about.
@Suite struct SQLiteEventLogTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func code(_ body: () async throws(EventLogError) -> Void) async -> EventLogError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return error.code
        }
    }

    // MARK: Restarts

    @Test func positionsGoOnAfterARestart() async throws {
        let log = try await folder.open()
        let first = try await log.append([.sample("1"), .sample("2")])
        try await log.close()
        // The clock does not matter once there is a file.
        let again = try await folder.open(now: Timestamp(milliseconds: 1))
        #expect(try await again.append([.sample("3")]).rawValue == first.rawValue + 2)
        #expect(try await again.entries(.everything, after: nil, limit: 9).texts == ["1", "2", "3"])
    }

    /// What a killed process leaves: the files as they are while it runs.
    @Test func whatWasAppendedIsThereAfterAKill() async throws {
        let log = try await folder.open()
        let first = try await log.append([.sample("1"), .sample("2")])
        try await log.setMark("m", [7])
        let killed = folder.path + "/killed.log"
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: folder.logPath + suffix, toPath: killed + suffix)
        }
        let again = try await folder.open(killed)
        #expect(try await again.entries(.everything, after: nil, limit: 9).texts == ["1", "2"])
        #expect(try await again.bounds().newest.rawValue == first.rawValue + 1)
        #expect(try await again.mark("m") == [7])
    }

    @Test func aReplacedFileNeverReachesTheOldPositions() async throws {
        let log = try await folder.open()
        var newest = Position(0)
        // More entries than milliseconds pass.
        for _ in 0..<4 { newest = try await log.append(Array(repeating: .sample(), count: 1000)) }
        try await log.close()
        let later = LogUnderTest.start.adding(.milliseconds(5))
        _ = try SQLiteEventLog.setAside(path: folder.logPath, now: later)
        let fresh = try await folder.open(now: later)
        #expect(try await fresh.bounds().newest > newest)
        #expect(try await fresh.bounds().reachesBack(to: newest) == false)
    }

    @Test func aClosedLogSaysSo() async throws {
        let log = try await folder.open()
        try await log.close()
        try await log.close()
        #expect(await code { () throws(EventLogError) in _ = try await log.append([.sample()]) } == .closed)
        #expect(await code { () throws(EventLogError) in _ = try await log.bounds() } == .closed)
    }

    // MARK: Reading

    @Test func theNewestEntriesAreReadWithoutWalkingOverTheOlderOnes() async throws {
        let log = try await folder.open()
        _ = try await log.append((0..<5000).map { .sample("\($0)", ref: "\($0)") })
        let newest = try await log.bounds().newest
        try await log.close()
        let file = try LogFile(readingPath: folder.logPath)
        let walked = Walked()
        try file.access { db in
            let counter = Unmanaged.passUnretained(walked).toOpaque()
            // Told every 100 instructions: an entry takes some.
            sqlite3_progress_handler(
                db.sqliteConnection, 100,
                { counter in
                    if let counter { Unmanaged<Walked>.fromOpaque(counter).takeUnretainedValue().hundreds += 1 }
                    return 0
                }, counter)
            let start = Position(newest.rawValue - 10)
            for selection in [LogSelection.everything, .kind(.call), .agentFrames(Extension("1001"))] {
                let found = try LogReading.entries(selection, after: start, limit: 10, in: db)
                #expect(found.count == 10)
            }
        }
        #expect(walked.hundreds < 50)
    }

    private final class Walked {
        var hundreds = 0
    }

    // MARK: Damage

    @Test func aFileThatIsNoDatabaseIsCorrupt() async throws {
        try Data(repeating: 0x41, count: 10_000).write(to: URL(fileURLWithPath: folder.logPath))
        #expect(await code { () throws(EventLogError) in _ = try await folder.open() } == .corrupt)
    }

    @Test func aFileCutShortIsCorrupt() async throws {
        let log = try await folder.open()
        _ = try await log.append((0..<2000).map { .sample(String(repeating: "x", count: 300), ref: "\($0)") })
        try await log.close()
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: folder.logPath))
        try handle.truncate(atOffset: 40_960)
        try handle.close()
        #expect(await code { () throws(EventLogError) in _ = try await folder.open() } == .corrupt)
    }

    @Test func aDamagedFileIsSetAsideWhole() async throws {
        let content = Data(repeating: 0x41, count: 10_000)
        for suffix in ["", "-wal", "-shm"] { try content.write(to: URL(fileURLWithPath: folder.logPath + suffix)) }
        let moment = Timestamp(milliseconds: 1_795_255_200_123)
        let first = try SQLiteEventLog.setAside(path: folder.logPath, now: moment)
        #expect(first == folder.logPath + ".corrupt-20261121T100000Z")
        #expect(FileManager.default.contents(atPath: first) == content)
        let name = "acme.log.corrupt-20261121T100000Z"
        #expect(try folder.names == [name, name + "-shm", name + "-wal"])
        _ = try await folder.open().append([.sample()])

        let second = try SQLiteEventLog.setAside(path: folder.logPath, now: moment)
        #expect(second != first)
        #expect(FileManager.default.contents(atPath: first) == content)
    }

    @Test func aFileThatIsDamagedWhileItIsOpenIsSetAsideAndTheAppendGoesToAFreshOne() async throws {
        let told = Mutex<[String]>([])
        let log = try await folder.open(onDamage: { path in told.withLock { $0.append(path) } })
        _ = try await log.append((0..<2000).map { .sample(String(repeating: "x", count: 300), ref: "\($0)") })
        let newest = try await log.bounds().newest
        // Another process's change makes the log read its pages anew.
        let other = try DatabaseQueue(path: folder.logPath)
        try await other.writeWithoutTransaction { db in
            try db.execute(sql: "INSERT INTO marks (name, value) VALUES ('other', x'00')")
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: folder.logPath))
        let size = try handle.seekToEnd()
        try handle.seek(toOffset: 4096)
        try handle.write(contentsOf: Data(repeating: 0x41, count: Int(size) - 4096))
        try handle.close()
        let position = try await log.append([.sample("after")])
        #expect(position > newest)
        #expect(try await log.entries(.everything, after: nil, limit: 10).texts == ["after"])
        #expect(try await log.bounds().reachesBack(to: Position(newest.rawValue - 1)) == false)
        let aside = try #require(told.withLock { $0.first })
        #expect(FileManager.default.contents(atPath: aside)?.count == Int(size))
    }

    @Test func aNewerFileIsLeftAlone() async throws {
        try await folder.open().close()
        try await DatabaseQueue(path: folder.logPath).write { try $0.execute(sql: "PRAGMA user_version = 2") }
        await #expect { try await folder.open() } throws: {
            let error = $0 as? EventLogError
            return error?.code == .failed && error?.message.contains("schema 2, newer than 1") == true
        }
        await #expect(throws: EventLogError.self) { try await SQLiteLogReader(path: folder.logPath, pool: folder.pool) }
    }

    @Test func entriesOfALaterVersionsKindArePassedOver() async throws {
        let log = try await folder.open()
        let first = try await log.append([.sample("1"), .sample("2"), .sample("3")])
        let sql = "UPDATE entries SET kind = 99 WHERE position = \(first.rawValue + 1)"
        try await DatabaseQueue(path: folder.logPath).write { try $0.execute(sql: sql) }
        for selection in [LogSelection.everything, .call(CallRef("r1")), .kind(.call), .agentFrames(Extension("1001"))]
        {
            #expect(try await log.entries(selection, after: nil, limit: 9).texts == ["1", "3"])
        }
    }

    @Test func anotherProgramsDatabaseIsLeftAlone() async throws {
        let other = try DatabaseQueue(path: folder.logPath)
        try await other.write { try $0.execute(sql: "CREATE TABLE theirs (x)") }
        #expect(await code { () throws(EventLogError) in _ = try await folder.open() } == .failed)
        let tables = try await other.read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema") }
        #expect(tables == ["theirs"])
    }

    // MARK: The disk

    @Test func aFullDiskFailsAndIsForgottenOnceItIsCleared() async throws {
        let log = try await folder.open()
        let first = try await log.append([.sample("1")])
        try await log.limitPages(to: 1)
        let large = LogEntry.sample(String(repeating: "x", count: 1 << 20))
        #expect(await code { () throws(EventLogError) in _ = try await log.append([.sample("lost"), large]) } == .full)
        #expect(try await log.bounds().newest == first)
        try await log.limitPages(to: 1 << 20)
        #expect(try await log.append([.sample("2")]).rawValue == first.rawValue + 1)
        #expect(try await log.entries(.everything, after: nil, limit: 9).texts == ["1", "2"])
    }

    /// The large ones do not fit, the small ones do, whichever share a commit.
    @Test func anAppendThatFailsTakesNoOtherWithIt() async throws {
        let log = try await folder.open()
        try await log.limitPages(to: 60)
        let large = String(repeating: "x", count: 1 << 20)
        let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
            for number in 0..<40 {
                let entries = [LogEntry.sample("\(number)"), .sample(number % 2 == 0 ? "small" : large)]
                group.addTask {
                    (number, await code { () throws(EventLogError) in _ = try await log.append(entries) } == nil)
                }
            }
            return await group.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
        }
        for number in 0..<40 { #expect(outcomes[number] == (number % 2 == 0)) }
        let all = try await log.entries(.everything, after: nil, limit: 100)
        #expect(all.count == 40)
        #expect(Set(all.texts) == Set((0..<20).map { "\($0 * 2)" } + ["small"]))
    }

    @Test func aFolderThatIsNotThereIsUnwritable() async {
        let path = folder.path + "/none/acme.log"
        #expect(await code { () throws(EventLogError) in _ = try await folder.open(path) } == .unwritable)
    }

    @Test func errorsTellNothingOfWhatWasStored() async throws {
        let log = try await folder.open()
        try await log.limitPages(to: 1)
        let secret = LogEntry.sample(String(repeating: "0821234567", count: 100_000), ref: "0821234567")
        await #expect { try await log.append([secret]) } throws: { !String(describing: $0).contains("0821234567") }
    }

    // MARK: Several openers

    @Test func aReaderBesideTheWriterSeesWhatIsCommitted() async throws {
        let log = try await folder.open()
        _ = try await log.append([.sample("1", ref: "a")])
        let reader = try await SQLiteLogReader(path: folder.logPath, pool: folder.pool)
        _ = try await log.append([.sample("2", ref: "b")])
        #expect(try await reader.entries(.everything, after: nil, limit: 9).texts == ["1", "2"])
        #expect(try await reader.recentCalls(before: nil, limit: 9).texts == ["2", "1"])
        #expect(try await reader.bounds() == log.bounds())
        try await log.setMark("m", [1])
        #expect(try await reader.mark("m") == [1])
    }

    @Test func aReaderOfAStoppedDaemonsLogSeesIt() async throws {
        let log = try await folder.open()
        _ = try await log.append([.sample("1")])
        try await log.close()
        let reader = try await SQLiteLogReader(path: folder.logPath, pool: folder.pool)
        #expect(try await reader.entries(.everything, after: nil, limit: 9).texts == ["1"])
    }

    @Test func aReaderMakesNoLog() async throws {
        await #expect(throws: EventLogError.self) { try await SQLiteLogReader(path: folder.logPath, pool: folder.pool) }
        #expect(try folder.names.isEmpty)
    }

    @Test func twoWritersNeverGiveAPositionTwice() async throws {
        let one = try await folder.open()
        let other = try await folder.open()
        var positions: [Position] = []
        for _ in 0..<20 {
            positions.append(try await one.append([.sample()]))
            positions.append(try await other.append([.sample()]))
        }
        #expect(positions == positions.sorted() && Set(positions).count == 40)
        #expect(try await one.bounds() == other.bounds())
        #expect(try await one.trim(before: Timestamp(milliseconds: 5000)) == 40)
        #expect(try await other.bounds().oldest > positions[39])
    }
}
