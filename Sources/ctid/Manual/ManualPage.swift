/// The manual page ctid(1): all commands on one page, so that a search finds them.
struct ManualPage {
    let text: String

    init(ctid: CommandDefinition, version: String, date: String) {
        var roff = Roff()
        roff.title("CTID", section: 1, date: date, source: "ctid \(version)")
        // Ragged, and without breaks inside words: what is told here is mostly typed.
        roff.request(".ad l")
        roff.request(".nh")
        roff.section("NAME")
        roff.raw("ctid \\- \(Self.lowercased(ctid.abstract ?? ""))")
        Self.writeSynopsis(of: ctid, to: &roff)
        roff.section("DESCRIPTION")
        // Its examples and exit codes have sections of their own.
        roff.paragraph(ManualProse.description)
        Self.writeOptions(of: ctid, to: &roff)
        roff.section("COMMANDS")
        for command in ctid.everyCommand { Self.write(command, to: &roff) }
        ManualProse.write(to: &roff)
        text = roff.text
    }

    private static func writeSynopsis(of ctid: CommandDefinition, to roff: inout Roff) {
        roff.section("SYNOPSIS")
        let options = "[\(Roff.italic("option"))\\~.\\|.\\|.]"
        roff.raw("\(Roff.bold(ctid.commandName)) \(Roff.italic("command")) \(options)")
    }

    private static func writeOptions(of ctid: CommandDefinition, to roff: inout Roff) {
        roff.section("OPTIONS")
        roff.paragraph("Every command has these:")
        for argument in ctid.shownArguments where argument.isOfEveryCommand { write(argument, to: &roff) }
    }

    private static func write(_ command: CommandDefinition, to roff: inout Roff) {
        roff.subsection(command.path)
        let own = command.shownArguments.filter { !$0.isOfEveryCommand }
        // Of a family of commands its members are what is called.
        if command.everyCommand.isEmpty {
            roff.raw(([Roff.bold(command.path)] + own.map(synopsis)).joined(separator: " "))
        }
        if let abstract = command.abstract { roff.paragraph(abstract) }
        if let discussion = command.discussion { roff.help(discussion) }
        for argument in own { write(argument, to: &roff) }
    }

    /// As in a synopsis: brackets around what may be left out, dots behind what may be repeated.
    private static func synopsis(_ argument: ArgumentDefinition) -> String {
        let written = term(argument, names: Array((argument.names ?? []).suffix(1)))
        let repeated = argument.isRepeating ? "\\&.\\|.\\|." : ""
        return argument.isOptional ? "[\(written)]\(repeated)" : written + repeated
    }

    private static func term(_ argument: ArgumentDefinition, names: [ArgumentDefinition.Name]) -> String {
        let value = Roff.italic(argument.valueName ?? "value")
        switch argument.kind {
        case .positional: return value
        case .flag: return names.map { Roff.bold($0.written) }.joined(separator: ", ")
        case .option: return names.map { "\(Roff.bold($0.written)) \(value)" }.joined(separator: ", ")
        }
    }

    private static func write(_ argument: ArgumentDefinition, to roff: inout Roff) {
        // Of a word that explains itself, as the command in `ctid help COMMAND`, nothing is told.
        guard argument.abstract != nil else { return }
        let prose = [argument.abstract, argument.discussion].compactMap { $0 }.joined(separator: " ")
        var notes: [String] = []
        if let values = argument.allValues, !values.allSatisfy(prose.contains) {
            notes.append("one of \(values.joined(separator: ", "))")
        }
        if let value = argument.defaultValue, !value.isEmpty { notes.append("default: \(value)") }
        let note = notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
        roff.item(term(argument, names: argument.names ?? []), prose + note)
    }

    /// What a name does begins in small letters, and is no sentence.
    private static func lowercased(_ sentence: String) -> String {
        let words = sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
        return (words.prefix(1).lowercased() + words.dropFirst()).replacing("'", with: "\\(aq")
    }
}
