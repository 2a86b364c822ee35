import CTIContacts
import CTICore
import CTIPipeline
import Foundation

/// The contact files of a tenant, read into one directory: those that its file names, then the set that was imported.
struct ContactFiles: Sendable {
    let paths: [String]
    /// It need not be there.
    let imported: String
    let region: String
    /// Of the tables among all that is read, whoever sends it.
    let columns: ContactColumns

    init(_ tenant: TenantConfiguration, dataDirectory: String) {
        paths = tenant.contacts.paths
        imported = "\(dataDirectory)/\(tenant.id).contacts"
        region = tenant.profile.region
        columns = tenant.contacts.columns
    }

    func look() -> FileWatch.Look { FileWatch.Look(at: paths + [imported]) }

    /// What came of each file.
    struct Reading {
        var index: ContactIndex
        var reports: [(path: String, report: ImportReport)]
        var failures: [String: ContactFileError]
        var findings: Int { reports.reduce(0) { $0 + $1.report.totalFindings } }
    }

    /// Reads everything. A file that fails is left out; whether that will do is for the caller to judge.
    func read() -> Reading {
        let builder = ContactIndexBuilder(region: region)
        var (reports, failures) = read(paths, into: builder)
        if ReferencedFiles.exists(imported) {
            do throws(ContactFileError) {
                reports.append((imported, try read(imported, as: .jsonLines, into: builder)))
            } catch {
                failures[imported] = error
            }
        }
        return Reading(index: builder.finish(), reports: reports, failures: failures)
    }

    /// Reads those that the tenant's file names.
    func read(
        _ paths: [String], into builder: ContactIndexBuilder
    ) -> ([(path: String, report: ImportReport)], [String: ContactFileError]) {
        var reports: [(path: String, report: ImportReport)] = []
        var failures: [String: ContactFileError] = [:]
        for path in paths {
            do throws(ContactFileError) {
                reports.append((path, try read(path, as: nil, into: builder)))
            } catch {
                failures[path] = error
            }
        }
        return (reports, failures)
    }

    private func read(
        _ path: String, as format: ContactFile.Format?, into builder: ContactIndexBuilder
    ) throws(ContactFileError) -> ImportReport {
        let report = try ContactFile.read(path: path, format: format, region: region, columns: columns) {
            _ = builder.append($0)
        }
        // Someone may be about to write it.
        guard report.imported > 0 else { throw ContactFileError.nobody(report) }
        return report
    }

    /// For a command. A file that cannot be read, and how much was left out of the others, is told to `warn`.
    func load(warn: (String) -> Void) -> ContactIndex {
        let reading = read()
        for (path, report) in reading.reports where report.isAnythingMissing { warn("\(path): \(report)") }
        for (path, error) in reading.failures.sorted(by: { $0.key < $1.key }) { warn("\(path): \(error)") }
        return reading.index
    }
}
