import CTICore
import CTIPipeline
import CTIStore
import Foundation
import Testing

/// What a process leaves behind when it is killed: opening the file again stands for the next process.
struct InHandFileTests {
    private let path = NSTemporaryDirectory() + "in-hand-\(UUID().uuidString)"
    private let moment = Timestamp(milliseconds: 1_700_000_000_000)

    private func batch(_ texts: [String], ageBound: Duration? = .milliseconds(250)) -> NotificationBatch {
        var batch = NotificationBatch()
        for text in texts { Array(text.utf8).withUnsafeBytes { batch.append($0) } }
        batch.ageBound = ageBound
        return batch
    }

    private func withFile(_ body: (() throws -> InHandFile) throws -> Void) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body { try InHandFile(path: path) }
    }

    @Test("a fresh file holds nothing")
    func fresh() throws {
        try withFile { open in
            let contents = try open().contents()
            #expect(contents == nil)
        }
    }

    @Test("the next process finds the batch, its age and its death", arguments: [1, 300])
    func leftBehind(_ count: Int) throws {
        try withFile { open in
            let texts = (0..<count).map { "notification \($0)" } + [""]
            try open().hold(batch(texts), at: moment)
            let left = try #require(try open().contents())
            #expect(left.notifications == texts.map { Array($0.utf8) })
            #expect(!left.isRecorded && left.fetchedAt == moment && left.ageBound == .milliseconds(250))
            #expect(left.deaths == 1 && left.deaths(at: 0) == 1)
        }
    }

    @Test("what is recorded is no longer in hand, counts no death, and can still be read to be removed from the list")
    func recorded() throws {
        try withFile { open in
            let file = try open()
            file.hold(batch(["a"], ageBound: nil), at: moment)
            file.recorded()
            let left = try #require(try open().contents())
            #expect(left.isRecorded && left.deaths == 0 && left.ageBound == nil)
        }
    }

    @Test("deaths are counted for the one that was taken up, beside those of the batch")
    func deaths() throws {
        try withFile { open in
            try open().hold(batch(["a", "b", "c"]), at: moment)
            try open().takeUp(1)
            try open().takeUp(1)
            let third = try open()
            #expect(third.contents()?.deaths(at: 1) == 3)
            #expect(third.contents()?.deaths(at: 2) == 1)
            third.takeUp(2)
            let fourth = try open()
            #expect(fourth.contents()?.deaths(at: 2) == 2)
        }
    }

    @Test("a process that ends before it has begun with what was left counts no death: the batch is not to blame")
    func notBegun() throws {
        try withFile { open in
            try open().hold(batch(["a"]), at: moment)
            for _ in 0..<5 { _ = try open() }
            let file = try open()
            #expect(file.contents()?.deaths(at: 0) == 1)
            file.takeUp(0)
            let next = try open()
            #expect(next.contents()?.deaths(at: 0) == 2)
        }
    }

    @Test("an index beyond the batch, as a lost machine may leave it, is the batch's end")
    func damagedIndex() throws {
        try withFile { open in
            try open().hold(batch(["a", "b"]), at: moment)
            let handle = try #require(FileHandle(forUpdatingAtPath: path))
            try handle.seek(toOffset: 20)
            try handle.write(contentsOf: Data([200, 0, 0, 0]))
            try handle.close()
            let left = try #require(try open().contents())
            #expect(left.index == 2)
        }
    }

    @Test("a death while the log cannot be written is nobody's fault")
    func blameless() throws {
        try withFile { open in
            let file = try open()
            file.hold(batch(["a"]), at: moment)
            file.waitsForLog()
            let left = try #require(try open().contents())
            #expect(!left.isRecorded && left.deaths == 0)
        }
    }

    @Test("a new batch replaces the former, and its deaths")
    func replaced() throws {
        try withFile { open in
            try open().hold(batch(["a"]), at: moment)
            let file = try open()
            file.hold(batch(["b"]), at: moment)
            #expect(file.contents()?.notifications == [Array("b".utf8)])
            #expect(file.contents()?.deaths == 0)
        }
    }

    @Test("a file that a lost machine left half-written holds nothing", arguments: [70, 9, 13])
    func damaged(_ offset: UInt64) throws {
        try withFile { open in
            try open().hold(batch(["a notification", "another"]), at: moment)
            let handle = try #require(FileHandle(forUpdatingAtPath: path))
            try handle.seek(toOffset: offset)
            try handle.write(contentsOf: Data([0xFF]))
            try handle.close()
            let contents = try open().contents()
            #expect(contents == nil)
        }
    }
}
