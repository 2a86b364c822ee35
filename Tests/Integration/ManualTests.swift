import Foundation
import Testing

/// The manual page ctid(1): complete, and set without a complaint.
@Suite(.timeLimit(.minutes(3)))
struct ManualTests {
    private static func isHere(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(program)")
    }

    private func withPage(_ body: (String) async throws -> Void) async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let page = try await Child.run("man", "--date", "2026-11-21")
        #expect(page.status == 0)
        try page.output.write(toFile: "\(folder)/ctid.1", atomically: true, encoding: .utf8)
        try await body("\(folder)/ctid.1")
    }

    @Test("groff has nothing to say", .enabled(if: isHere("groff"), "SKIPPED: groff is not installed here"))
    func groff() async throws {
        try await withPage { page in
            let outcome = try await Child("/usr/bin/groff", ["-man", "-ww", "-z", "-Tutf8", page]).ended()
            #expect(outcome.status == 0)
            #expect(outcome.errors.isEmpty, "\(outcome.errors)")
        }
    }

    @Test("nor has mandoc", .enabled(if: isHere("mandoc"), "SKIPPED: mandoc is not installed here"))
    func mandoc() async throws {
        try await withPage { page in
            let outcome = try await Child("/usr/bin/mandoc", ["-T", "lint", "-W", "warning", page]).ended()
            #expect(outcome.status == 0)
            #expect(outcome.output.isEmpty, "\(outcome.output)")
        }
    }

    @Test(
        "every command that --help shows is on it with each of its options, and the sections that people look for",
        .enabled(if: isHere("groff"), "SKIPPED: groff is not installed here"))
    func complete() async throws {
        let dump = try await Child.run("--experimental-dump-help").output
        let definitions = try JSONDecoder().decode(Definitions.self, from: Data(dump.utf8))
        try await withPage { page in
            let text = try await rendered(page)
            let commands = definitions.command.members
            #expect(commands.count > 20)
            for command in commands {
                let words = try #require(
                    text.part(under: "   \(command.path)"), "\(command.path) has no part of its own")
                for argument in command.shown {
                    for name in argument.names ?? [] {
                        let written = name.kind == "long" ? "--\(name.name)" : "-\(name.name)"
                        #expect(words.contains(written), "\(command.path) \(written)")
                    }
                    guard let abstract = argument.abstract else { continue }
                    let start = abstract.split(separator: " ").prefix(3).joined(separator: " ")
                    #expect(words.contains(start.replacing("`", with: "")), "\(command.path): \(start)")
                }
            }
            for section in [
                "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "ENVIRONMENT", "FILES", "SIGNALS",
                "EXIT STATUS", "EXAMPLES",
            ] {
                #expect(text.part(under: section) != nil, "\(section)")
            }
            #expect(text.part(under: "EXIT STATUS")?.contains("78") == true)
            #expect(text.part(under: "   ctid man") == nil)
        }
    }

    /// As a terminal 200 columns wide shows it.
    private func rendered(_ page: String) async throws -> Page {
        let arguments = ["-man", "-Tutf8", "-rLL=200n", "-P-c", "-P-b", "-P-u", page]
        let outcome = try await Child("/usr/bin/groff", arguments).ended()
        return Page(lines: outcome.lines.map { $0.replacing("\u{2212}", with: "-").replacing("\u{2010}", with: "-") })
    }
}

private struct Page {
    let lines: [String]

    /// From below that heading to the next one; a command's headings are indented by three.
    func part(under heading: String) -> String? {
        guard let start = lines.firstIndex(of: heading) else { return nil }
        let rest = lines[(start + 1)...]
        let end = rest.firstIndex { line in
            let indent = line.prefix { $0 == " " }.count
            return !line.isEmpty && (indent == 0 || indent == 3)
        }
        return lines[(start + 1)..<(end ?? lines.endIndex)].joined(separator: " ")
    }
}

private struct Definitions: Decodable {
    let command: Command

    struct Command: Decodable {
        let commandName: String
        let superCommands: [String]?
        let shouldDisplay: Bool
        let subcommands: [Command]?
        let arguments: [Argument]?

        var path: String { ((superCommands ?? []) + [commandName]).joined(separator: " ") }
        var members: [Command] {
            (subcommands ?? []).filter(\.shouldDisplay).flatMap { [$0] + $0.members }
        }
        /// Without those that every command has.
        var shown: [Argument] {
            (arguments ?? []).filter { argument in
                let names = (argument.names ?? []).map(\.name)
                return argument.shouldDisplay && !names.contains("help") && !names.contains("version")
            }
        }
    }

    struct Argument: Decodable {
        let shouldDisplay: Bool
        let names: [Name]?
        let abstract: String?
    }

    struct Name: Decodable {
        let kind: String
        let name: String
    }
}
