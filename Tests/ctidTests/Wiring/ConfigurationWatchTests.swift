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

    private func read(_ file: String, _ others: Set<String> = [], in watch: inout ConfigurationWatch) {
        let paths = others.union([file])
        watch.wasRead(file, FileWatch.Look(at: paths), naming: paths)
    }

    private func watching(_ file: String, _ others: Set<String> = []) -> ConfigurationWatch {
        var watch = ConfigurationWatch()
        read(file, others, in: &watch)
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
        #expect(watch.due(present: [file]) == [file])
        read(file, in: &watch)
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
        #expect(watch.due(present: [file]) == [file])
    }

    @Test func aSecretThatComesLaterMakesItsFileDue() throws {
        let file = try write("acme.yaml", "a")
        var watch = watching(file, ["\(scratch)/acme-jwt"])
        _ = try write("acme-jwt", "one")
        _ = watch.due(present: [file])
        #expect(watch.due(present: [file]) == [file])
    }

    @Test func aNewFileIsDueAndARemovedOneToo() throws {
        var watch = ConfigurationWatch()
        let file = try write("new.yaml", "a")
        #expect(watch.due(present: [file]).isEmpty)
        #expect(watch.due(present: [file]) == [file])
        read(file, in: &watch)
        try FileManager.default.removeItem(atPath: file)
        #expect(watch.due(present: []).isEmpty)
        #expect(watch.due(present: []) == [file])
        watch.forget(file)
        #expect(watch.due(present: []).isEmpty)
    }

    @Test func aChangeInTheMidstOfReadingIsSeen() throws {
        let file = try write("acme.yaml", "a")
        var watch = watching(file)
        _ = try write("acme.yaml", "bb")
        _ = watch.due(present: [file])
        #expect(watch.due(present: [file]) == [file])
        let look = FileWatch.Look(at: [file])
        // Read, and written again before it is told so.
        _ = try write("acme.yaml", "ccc")
        watch.wasRead(file, look, naming: [file])
        _ = watch.due(present: [file])
        #expect(!watch.due(present: [file]).isEmpty)
    }
}
