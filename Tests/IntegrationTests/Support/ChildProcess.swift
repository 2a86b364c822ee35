import Foundation
import Glibc

/// A program that runs beside the test. What it writes goes to files, so that no pipe can ever fill up and stop it.
actor ChildProcess {
    struct Exit: Sendable, Hashable {
        /// `nil` where a signal ended it.
        var code: Int32?
        var signal: Int32?
        var at: ContinuousClock.Instant
    }

    nonisolated let pid: pid_t
    private nonisolated let folder: TemporaryFolder
    private let process: Process
    private let exits: AsyncStream<Exit>
    private var exit: Exit?

    /// - Parameter input: what it reads from standard input; nothing where it is left out.
    init(_ executable: String, _ arguments: [String], input: Data = Data()) throws {
        folder = try TemporaryFolder()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path]
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder.write("in", input)))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.write("out", "")))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.write("err", "")))
        let (exits, ended) = AsyncStream.makeStream(of: Exit.self)
        process.terminationHandler = { process in
            let isSignal = process.terminationReason == .uncaughtSignal
            let status = process.terminationStatus
            ended.yield(Exit(code: isSignal ? nil : status, signal: isSignal ? status : nil, at: .now))
            ended.finish()
        }
        try process.runWithSignals()
        self.process = process
        self.exits = exits
        pid = process.processIdentifier
    }

    nonisolated var output: String { text("out") }
    nonisolated var errors: String { text("err") }
    nonisolated var lines: [String] { output.split(separator: "\n").map(String.init) }

    private nonisolated func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(folder.path)/\(name)") ?? Data(), as: UTF8.self)
    }

    func signal(_ number: Int32) {
        guard exit == nil, process.isRunning else { return }
        kill(pid, number)
    }

    /// Returns once it has ended by itself, or after a signal that was sent.
    func ended() async -> Exit {
        for await exit in exits { self.exit = exit }
        return exit ?? Exit(at: .now)
    }

    /// Where it has not ended within `limit` it is killed: a hang becomes a wrong exit, not a test without end.
    func ended(within limit: Duration) async -> Exit {
        let watch = Task {
            try await Task.sleep(for: limit)
            signal(SIGKILL)
        }
        defer { watch.cancel() }
        return await ended()
    }

    /// Kills it where it still runs, and removes what it wrote.
    func remove() async {
        signal(SIGKILL)
        _ = await ended()
        folder.remove()
    }
}
