import Foundation

/// A program under test: started, told to stop, waited for, its output kept.
final class Child: Sendable {
    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String
        var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    }

    let pid: Int32
    private let folder: String
    private let exit: Task<Int32, Never>

    /// The binary that was built with these tests; `CTID_BINARY` names another one, as the release build.
    static let ctid: String = {
        if let other = ProcessInfo.processInfo.environment["CTID_BINARY"] { return other }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return root.appendingPathComponent(".build/debug/ctid").path
    }()

    init(_ program: String, _ arguments: [String], input: String? = nil, bytes: [UInt8]? = nil) throws {
        folder = try TemporaryFolder.make()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let given = bytes.map { Data($0) } ?? Data((input ?? "").utf8)
        _ = FileManager.default.createFile(atPath: "\(folder)/in", contents: given)
        for name in ["out", "err"] { _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil) }
        let handles = [
            FileHandle(forReadingAtPath: "\(folder)/in"), FileHandle(forWritingAtPath: "\(folder)/out"),
            FileHandle(forWritingAtPath: "\(folder)/err"),
        ].compactMap(\.self)
        (process.standardInput, process.standardOutput, process.standardError) = (handles[0], handles[1], handles[2])
        // Ours are not needed once the child has its own. Foundation keeps them for good, and beyond 1,024 descriptors it
        // does not notice any more that a child has ended: it waits with select().
        defer { for handle in handles { try? handle.close() } }
        let (ended, continuation) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { ended in
            // As a shell tells it: 128 and the signal's number.
            let status = ended.terminationStatus
            continuation.yield(ended.terminationReason == .uncaughtSignal ? 128 + status : status)
        }
        try process.runWithSignals()
        pid = process.processIdentifier
        exit = Task {
            for await status in ended { return status }
            return -1
        }
    }

    var output: String { read("out") }
    var errors: String { read("err") }

    private func read(_ name: String) -> String {
        (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
    }

    /// Not over yet; one that nobody has waited for is over, too.
    var isRunning: Bool {
        let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        return status.map { !$0.contains(") Z ") } ?? false
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for its end; the folder with its output is gone afterwards.
    func ended() async -> Outcome {
        let status = await exit.value
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return Outcome(status: status, output: output, errors: errors)
    }

    static func run(_ arguments: String..., input: String = "") async throws -> Outcome {
        try await Child(ctid, arguments, input: input).ended()
    }
}

enum TemporaryFolder {
    static func make() throws -> String {
        let path = "/tmp/ctid-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

/// Looks again and again until it is so; a test waits no longer than it must.
func eventually(
    _ what: String, within limit: Duration = .seconds(60), _ holds: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !holds() {
        guard ContinuousClock.now < deadline else { throw Timeout(what: what) }
        try await Task.sleep(for: .milliseconds(10))
    }
}

struct Timeout: Error, CustomStringConvertible {
    let what: String
    var description: String { "waited in vain for \(what)" }
}
