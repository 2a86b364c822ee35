import Foundation
import Testing

@testable import ctid

/// When changed files are read, and when not yet.
@Suite struct ConfigurationWatchTests {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("ctid-\(UUID().uuidString)").path

    init() throws {
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    }

    private func write(_ name: String, _ text: String) throws -> String {
        let path = "\(scratch)/\(name)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func watching(_ file: String, _ others: Set<String> = []) -> ConfigurationWatch {
        var watch = ConfigurationWatch()
        watch.wasRead(file, watch.look(file), naming: others.union([file]))
        return watch
    }

    @Test func whatHasNotChangedIsNotDue() throws {
        let file = try write("acme.yaml", "a")
        var watch = watching(file)
        for _ in 0..<5 { #expect(watch.due(present: [file]).isEmpty) }
    }

    @Test func aChangeIsDueOnceItLooksTheSameTwice() throws {
        let file = try write("acme.yaml", "a")
        var watch = watching(file)
        _ = try write("acme.yaml", "half")
        #expect(watch.due(present: [file]).isEmpty)
        _ = try write("acme.yaml", "half and the rest")
        #expect(watch.due(present: [file]).isEmpty)
        let due = watch.due(present: [file])
        #expect(due.keys.sorted() == [file])
        watch.wasRead(file, due[file] ?? [:], naming: [file])
        #expect(watch.due(present: [file]).isEmpty)
    }

    @Test func aFileThatIsWrittenWithoutAPauseIsReadAtTheThirdLook() throws {
        let file = try write("acme.yaml", "a")
        var watch = watching(file)
        for round in 1...2 {
            _ = try write("acme.yaml", String(repeating: "b", count: round + 1))
            #expect(watch.due(present: [file]).isEmpty)
        }
        _ = try write("acme.yaml", "bbbb")
        #expect(!watch.due(present: [file]).isEmpty)
    }

    @Test func aSecretThatChangesMakesItsFileDue() throws {
        let (file, secret) = (try write("acme.yaml", "a"), try write("acme-jwt", "one"))
        var watch = watching(file, [secret])
        _ = try write("acme-jwt", "other")
        #expect(watch.due(present: [file]).isEmpty)
        #expect(watch.due(present: [file]).keys.sorted() == [file])
    }

    @Test func aSecretThatComesLaterMakesItsFileDue() throws {
        let file = try write("acme.yaml", "a")
        var watch = watching(file, ["\(scratch)/acme-jwt"])
        _ = try write("acme-jwt", "one")
        _ = watch.due(present: [file])
        #expect(watch.due(present: [file]).keys.sorted() == [file])
    }

    @Test func aNewFileIsDueAndARemovedOneToo() throws {
        var watch = ConfigurationWatch()
        let file = try write("new.yaml", "a")
        #expect(watch.due(present: [file]).isEmpty)
        #expect(watch.due(present: [file]).keys.sorted() == [file])
        watch.wasRead(file, watch.look(file), naming: [file])
        try FileManager.default.removeItem(atPath: file)
        #expect(watch.due(present: []).isEmpty)
        #expect(watch.due(present: []).keys.sorted() == [file])
        watch.forget(file)
        #expect(watch.due(present: []).isEmpty)
    }

    @Test func aChangeInTheMidstOfReadingIsSeen() throws {
        let file = try write("acme.yaml", "a")
        var watch = watching(file)
        _ = try write("acme.yaml", "bb")
        _ = watch.due(present: [file])
        let due = watch.due(present: [file])
        // Read, and written again before it is told so.
        _ = try write("acme.yaml", "ccc")
        watch.wasRead(file, due[file] ?? [:], naming: [file])
        _ = watch.due(present: [file])
        #expect(!watch.due(present: [file]).isEmpty)
    }
}
