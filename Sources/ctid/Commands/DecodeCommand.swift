import ArgumentParser
import CTICore

struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Decodes payloads: a file each, or one payload a line on standard input.",
        discussion: """
            A line of JSON for each: {"ok":true,"event":{…}} or {"ok":false,"error":{"code":…,"message":…}}.
            Exits with 1 if any failed. Example:

              redis-cli LRANGE enigma:notifications:inbound 0 -1 | ctid decode
            """
    )

    @Flag(help: "Refuse the relaxed notation of the vendor's documentation (unquoted keys, a missing comma).")
    var strict = false

    @OptionGroup var configuration: ConfigurationOptions

    @Argument(help: "Files with one payload each.", completion: .file())
    var files: [String] = []

    func run() throws {
        let limit = configuration.given == nil ? 65_536 : try configuration.daemon().limits.payload
        let decoder = NotificationDecoder(strict: strict, limit: limit)
        var report = PayloadReport()
        report.run(PayloadInput(files: files, limit: limit), decoder: decoder) { _, _ in }
        try report.finish()
    }
}

/// A line out for each payload in, and what becomes of the exit code.
struct PayloadReport {
    private var failed = 0

    /// `more`: writes further members beside `event`.
    mutating func run(
        _ input: PayloadInput, decoder: NotificationDecoder, more: (CallEvent, inout JSONWriter) -> Void
    ) {
        let unreadable = input.read { bytes in
            do throws(DecodeFailure) {
                let event = try decoder.decode(bytes)
                var json = JSONWriter()
                json.object {
                    $0.member("ok", true)
                    $0.key("event")
                    event.write(to: &$0)
                    more(event, &$0)
                }
                StandardStreams.print(json.bytes)
            } catch {
                failed += 1
                StandardStreams.print(RefusedLine(error).json)
            }
        }
        for (file, reason) in unreadable { StandardStreams.complain("ctid: \(file): \(reason)") }
        failed += unreadable.count
    }

    func finish() throws(ExitCode) {
        if failed > 0 { throw ExitStatus.badInput.code }
    }
}
