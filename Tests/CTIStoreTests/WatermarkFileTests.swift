import CTIPipeline
import Foundation
import Testing

@testable import CTIStore

@Suite struct WatermarkFileTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/acme.seen" }

    init() throws { folder = try TemporaryFolder() }

    @Test func itIsThereForTheNextProcess() throws {
        let file = try WatermarkFile(path: path, list: "pbx/0 inbound")
        #expect(file.value == nil)
        try file.store(1_795_000_000_000)
        try file.store(1_795_000_000_001)
        #expect(file.value == 1_795_000_000_001)
        // The first is still open, as in a process that was killed.
        #expect(try WatermarkFile(path: path, list: "pbx/0 inbound").value == 1_795_000_000_001)
        #expect(FileManager.default.contents(atPath: path)?.count == 16)
    }

    @Test(arguments: [[], [1, 2, 3], [UInt8](repeating: 0, count: 16)])
    func aHalfWrittenFileHasNoValue(_ content: [UInt8]) throws {
        try Data(content).write(to: URL(fileURLWithPath: path))
        let file = try WatermarkFile(path: path, list: "pbx/0 inbound")
        #expect(file.value == nil)
        try file.store(5)
        #expect(try WatermarkFile(path: path, list: "pbx/0 inbound").value == 5)
    }

    @Test func thatAnotherListWasEmptySaysNothing() throws {
        try WatermarkFile(path: path, list: "pbx/0 inbound").store(1_795_000_000_000)
        let file = try WatermarkFile(path: path, list: "pbx/1 inbound")
        #expect(file.value == nil)
        try file.store(1_795_000_000_001)
        #expect(try WatermarkFile(path: path, list: "pbx/0 inbound").value == nil)
    }

    @Test func aFolderThatIsNotThereIsAnError() {
        #expect(throws: EventLogError.self) { try WatermarkFile(path: folder.path + "/none/acme.seen", list: "") }
    }
}
