import ArgumentParser
import CTICore

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Rewrites call events from one dialect into another: a file each, or one a line on standard input.",
        discussion: """
            A line out for each event: the vendor's object itself, or {"ok":false,"error":{"code":…,"message":…}}. What \
            is lost between two dialects stands in Docs/dialects.md. Exits with 1 if any failed. Example:

              echo '{"event":"ringing","agentnum":"1007","uniqueid":"c1","callernum":"0821234567","ringing":true}' \\
                | ctid convert --from xcally --to kunzite
            """
    )

    @Option(help: "The dialect of what comes in.")
    var from: Dialect

    @Option(help: "The dialect of what goes out.")
    var to: Dialect

    @Argument(help: "Files with one event each.", completion: .file())
    var files: [String] = []

    func run() throws {
        var failed = 0
        let unreadable = PayloadInput(files: files, limit: Self.limit).read { bytes in
            switch convert(bytes) {
            case .success(let line): StandardStreams.print(line)
            case .failure(let refused):
                failed += 1
                StandardStreams.print(refused.json)
            }
        }
        for (file, reason) in unreadable { StandardStreams.complain("ctid: \(file): \(reason)") }
        if failed + unreadable.count > 0 { throw ExitStatus.badInput.code }
    }

    /// Nothing is asked of a configuration, so this is its default.
    private static let limit = 65_536

    private func convert(_ bytes: [UInt8]) -> Result<[UInt8], RefusedLine> {
        do throws(DecodeFailure) {
            let account = try from.decode(bytes, limit: Self.limit)
            return to.encode(account).map { .success($0) } ?? .failure(RefusedLine(account.event, notIn: to))
        } catch {
            return .failure(RefusedLine(error))
        }
    }
}

extension RefusedLine {
    fileprivate init(_ event: CallEventKind, notIn dialect: Dialect) {
        self.init(code: "not-in-dialect", message: "\(event.rawValue): \(dialect.rawValue) has no words for it")
    }
}
