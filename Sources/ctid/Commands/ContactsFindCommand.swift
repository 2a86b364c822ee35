import ArgumentParser
import CTIContacts
import CTICore

struct ContactsFindCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Shows whom a number or a reference belongs to.",
        discussion: """
            Reads the same files as the daemon, and needs no daemon. A reference comes before a number. Exits with 1 if \
            nobody is found. Example:

              ctid contacts find --tenant acme --number "+27 82 123 4567"
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions
    @Option(help: "A number, as people write it.")
    var number: String?
    @Option(help: "What a caller types, or the contact's id.")
    var ref: String?
    @Flag(help: "An object a line, for programs.")
    var json = false

    func validate() throws {
        guard number != nil || ref != nil else { throw ValidationError("expected --number or --ref") }
    }

    func run() throws {
        let daemon = try configuration.daemon()
        let files = ContactFiles(try configuration.tenant(tenant.name), dataDirectory: daemon.dataDirectory)
        let directory = files.load { StandardStreams.complain("ctid: \($0)") }
        let found = directory.records(number: number, reference: ref)
        guard !found.isEmpty else { throw failure(.badInput, "nobody of \(directory.count) contacts") }
        guard !json else { return printJSON(found) }
        var table = TextTable(header: ["ID", "TYPE", "NAME", "PHONES", "REFERENCES"])
        for record in found {
            let lists = [record.phones, record.references].map { $0.isEmpty ? "-" : $0.joined(separator: ", ") }
            table.add([record.id, record.type, record.name] + lists)
        }
        for line in table.lines { StandardStreams.print(line) }
    }

    private func printJSON(_ found: [ContactRecord]) {
        for record in found {
            var json = JSONWriter()
            record.write(to: &json)
            StandardStreams.print(json.bytes)
        }
    }
}
