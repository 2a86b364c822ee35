import ArgumentParser
import Foundation

/// A command as its code defines it: what swift-argument-parser tells of it, as JSON, to `--experimental-dump-help`.
struct CommandDefinition: Decodable, Sendable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool
    var superCommands: [String]?
    var subcommands: [CommandDefinition]?
    var arguments: [ArgumentDefinition]?

    /// As it is typed: `ctid deadletters list`.
    var path: String { ((superCommands ?? []) + [commandName]).joined(separator: " ") }

    /// Those that a person is told of, and theirs, in the order of the help.
    var everyCommand: [CommandDefinition] {
        (subcommands ?? []).filter(\.shouldDisplay).flatMap { [$0] + $0.everyCommand }
    }

    var shownArguments: [ArgumentDefinition] { (arguments ?? []).filter(\.shouldDisplay) }

    static func ofCTID() throws -> CommandDefinition {
        try JSONDecoder().decode(Dump.self, from: Data(CTID._dumpHelp().utf8)).command
    }

    private struct Dump: Decodable { var command: CommandDefinition }
}

/// An option, a flag, or what stands alone on the command line.
struct ArgumentDefinition: Decodable, Sendable {
    enum Kind: String, Decodable { case positional, option, flag }

    struct Name: Decodable, Hashable, Sendable {
        var kind: String
        var name: String

        /// As it is typed.
        var written: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    var kind: Kind
    var shouldDisplay: Bool
    var isOptional: Bool
    var isRepeating: Bool
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var allValues: [String]?
    var abstract: String?
    var discussion: String?

    /// Every command has these two; they are told once.
    var isOfEveryCommand: Bool {
        kind == .flag && (names ?? []).contains { ["help", "version"].contains($0.name) }
    }
}
