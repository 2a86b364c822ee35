import ArgumentParser
import CTICore
import CTIPipeline

struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deadletters",
        abstract: "Lists, shows, tries again or removes what could not be handled or delivered.",
        discussion: """
            Notifications are kept in the event log as they came, and events that a sink could not deliver by their \
            place in it, both with the reason. All of it works beside the running daemon and \
            while it is stopped. Example:

              ctid deadletters list --tenant acme
              ctid deadletters show --tenant acme 1795255200123001
              ctid deadletters requeue --tenant acme --all
            """,
        subcommands: [
            ListDeadLettersCommand.self, ShowDeadLetterCommand.self, RequeueDeadLettersCommand.self,
            PurgeDeadLettersCommand.self,
        ]
    )
}

struct ListDeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the dead letters, newest first.",
        discussion: """
            --json gives an object a line: id, at, code, message, and of a notification size, and raw, or rawBase64 \
            where the bytes are no text; of what a sink did not deliver sink, event, callRef and tries. Example:

              ctid deadletters list --tenant acme --limit 100
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var limit: LimitOption
    @Flag(help: "An object a line, for programs.")
    var json = false

    func run() async throws {
        let log = try configuration.log(of: try configuration.tenant(tenant.name))
        let reader = try await log.openToRead()
        let (letters, total) = try await log.asking { try await DeadLetters(log: reader).newest(limit.count) }
        if json {
            for letter in letters { StandardStreams.print(letter.json) }
        } else {
            var table = TextTable(header: ["ID", "TIME (UTC)", "SIZE", "CODE", "MESSAGE", "WHAT"])
            for letter in letters { table.add(letter.cells) }
            for line in table.lines { StandardStreams.print(line) }
        }
        if total > letters.count {
            StandardStreams.complain("ctid: \(total - letters.count) older ones are not shown, see --limit")
        }
    }
}

extension DeadLetter {
    fileprivate var cells: [String] {
        let size = sink == nil ? "\(raw.count)" : "-"
        return [position.description, StoryTime.minute(at), size, code, message, undelivered ?? excerpt(48)]
    }
}

struct ShowDeadLetterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one dead letter: its reason, and its bytes.",
        discussion: """
            --raw writes the bytes exactly as they came, and nothing else. Example:

              ctid deadletters show --tenant acme 1795255200123001 --raw | ctid decode -
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions
    @Argument(help: "Its ID, as list shows it.")
    var id: Int64
    @Flag(help: "The bytes alone.")
    var raw = false
    @Flag(help: "One object, for programs.")
    var json = false

    func validate() throws {
        if raw && json { throw ValidationError("--raw and --json are given, expected one of them") }
    }

    func run() async throws {
        let log = try configuration.log(of: try configuration.tenant(tenant.name))
        let reader = try await log.openToRead()
        let letter = try await log.asking { try await DeadLetters(log: reader).letter(at: Position(id)) }
        guard let letter else { throw failure(.badInput, "there is no dead letter \(id)") }
        if raw { return StandardStreams.write(letter.raw) }
        if json { return StandardStreams.print(letter.json) }
        StandardStreams.print("Dead letter \(letter.position) of \(StoryTime.minute(letter.at)) UTC: \(letter.reason)")
        if let undelivered = letter.undelivered {
            let tries = letter.sink.map { $0.tries == 1 ? "once" : "\($0.tries) times" } ?? ""
            return StandardStreams.print("Not delivered: \(undelivered); tried \(tries).")
        }
        StandardStreams.print("Its \(letter.raw.count) bytes:\n")
        for line in lines(of: letter) { StandardStreams.print(line) }
    }

    private func lines(of letter: DeadLetter) -> [String] {
        guard let text = letter.text else { return letter.hexadecimal }
        return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { String($0).printable }
    }
}
