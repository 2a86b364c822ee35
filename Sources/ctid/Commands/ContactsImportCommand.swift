import ArgumentParser
import CTIContacts
import CTICore
import Foundation

struct ContactsImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Replaces a tenant's imported contacts by those of files.",
        discussion: """
            Reads vCard, CSV, JSON and JSON lines, all files into one set, and puts that in the place of the old one in \
            one step; a running daemon takes it up within 5 seconds. A file that cannot be read as a whole leaves the old \
            set in place. Exits with 1 if anything was left out; the report tells what and why. Example:

              ctid contacts import --tenant acme customers.csv partners.vcf
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions
    @Option(help: "vcard, csv, json or jsonl; by the file's name if absent.")
    var format: ContactFile.Format?
    @Flag(help: "The report as an object a line, for programs.")
    var json = false
    @Argument(help: "Files of contacts; - is standard input, and needs --format.", completion: .file())
    var files: [String]

    func run() throws {
        let daemon = try configuration.daemon()
        let place = ContactFiles(try configuration.tenant(tenant.name), dataDirectory: daemon.dataDirectory)
        // Where the daemon has not run yet.
        try? FileManager.default.createDirectory(
            atPath: daemon.dataDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        let set: ContactSetFile
        do { set = try ContactSetFile(replacing: place.imported) } catch { throw unreachable(place, error) }
        let reports = try files.map { file in (file, try read(file, into: set, as: place)) }
        do throws(ContactFileError) { try set.commit() } catch { throw unreachable(place, error) }
        for (file, report) in reports { show(report, of: file) }
        if reports.contains(where: { $0.1.isAnythingMissing }) { throw ExitStatus.badInput.code }
    }

    private func read(
        _ file: String, into set: ContactSetFile, as place: ContactFiles
    ) throws(ExitCode) -> ImportReport {
        let bar = ProgressBar(title: (file as NSString).lastPathComponent)
        defer { bar.finish() }
        do throws(ContactFileError) {
            let report = try ContactFile.read(
                path: file, format: format, region: place.region, columns: place.columns, progress: bar.show,
                into: set.append)
            guard report.imported > 0 else { throw ContactFileError.nobody(report) }
            return report
        } catch {
            bar.finish()
            throw failure(.badInput, "\(file): \(error); nothing was changed")
        }
    }

    private func unreachable(_ place: ContactFiles, _ error: ContactFileError) -> ExitCode {
        failure(.unreachable, "\(place.imported): \(error); nothing was changed")
    }

    private func show(_ report: ImportReport, of file: String) {
        guard !json else { return showJSON(report, of: file) }
        StandardStreams.print("\(file): \(report)")
        for finding in report.findings { StandardStreams.print("\(file):\(finding)") }
        let more = report.totalFindings - report.findings.count
        if more > 0 { StandardStreams.print("\(file): and \(more) more of the kind") }
    }

    private func showJSON(_ report: ImportReport, of file: String) {
        var json = JSONWriter()
        json.object {
            $0.member("file", file)
            report.writeMembers(to: &$0)
        }
        StandardStreams.print(json.bytes)
    }
}
