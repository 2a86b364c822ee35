import Foundation

/// A `chromedriver` of our own, on a port that it chose itself, so that tests side by side never meet.
actor ChromeDriver {
    nonisolated let http: LoopbackHTTP
    private let process: Process
    private let exited: AsyncStream<Void>

    private init(port: Int, process: sending Process, exited: AsyncStream<Void>) {
        http = LoopbackHTTP(port: port)
        self.process = process
        self.exited = exited
    }

    /// Starts it, and returns once it listens.
    ///
    /// It looks for a port that is free for IPv4, and then needs it for IPv6, too: beside servers that come and go that may
    /// fail, and then it ends.
    static func launch(executable: String = "/usr/bin/chromedriver") async throws -> ChromeDriver {
        for _ in 0..<3 { if let driver = try? await launchOnce(executable) { return driver } }
        return try await launchOnce(executable)
    }

    private static func launchOnce(_ executable: String) async throws -> ChromeDriver {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = ["--port=0"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        let (exited, gone) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in gone.finish() }
        try process.runWithSignals()
        guard let port = await announcedPort(output.fileHandleForReading) else {
            process.terminate()
            throw WebDriverError(code: "not started", message: "\(executable) named no port")
        }
        return ChromeDriver(port: port, process: process, exited: exited)
    }

    /// Ends it, and returns once it has gone.
    func stop() async {
        process.terminate()
        for await _ in exited {}
    }

    /// Out of "ChromeDriver was started successfully on port 40001."; `nil` where the output ends without it.
    private static func announcedPort(_ output: FileHandle) async -> Int? {
        let (chunks, source) = AsyncStream.makeStream(of: Data.self)
        output.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                source.finish()
            } else {
                source.yield(data)
            }
        }
        // The handler stays: nobody else reads the pipe, and a full one would stop the driver.
        var text = ""
        for await chunk in chunks {
            text += String(decoding: chunk, as: UTF8.self)
            if let port = port(in: text) { return port }
        }
        return nil
    }

    static func port(in text: String) -> Int? {
        guard let found = text.range(of: "successfully on port ") else { return nil }
        let rest = text[found.upperBound...]
        guard let end = rest.firstIndex(where: { !$0.isNumber }) else { return nil }
        return Int(rest[..<end])
    }
}
