import ArgumentParser

/// For packages and `make man`; nobody needs it at work, so the help does not list it.
struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "man",
        abstract: "Prints the manual page ctid(1), made from the definitions of the commands.",
        discussion: """
            Example:

              ctid man --date 2026-11-21 > ctid.1
            """,
        shouldDisplay: false
    )

    @Option(help: "The date of what it describes: 2026-11-21.")
    var date = ""

    func run() throws {
        let page = ManualPage(ctid: try CommandDefinition.ofCTID(), version: Version.current, date: date)
        StandardStreams.write(Array(page.text.utf8))
    }
}
