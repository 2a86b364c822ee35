import CTIContacts
import CTICore
import CTIPipeline

/// The contact files of a tenant, read into one directory.
struct ContactFiles {
    let paths: [String]
    let region: String

    init(_ tenant: TenantConfiguration) {
        paths = tenant.contacts.paths
        region = tenant.profile.region
    }

    /// A file that cannot be read, and how much was left out of the others, is told to `warn`.
    func load(warn: (String) -> Void) -> any ContactDirectory {
        guard !paths.isEmpty else { return EmptyContactDirectory() }
        var intake = ContactIndexBuilder(region: region)
        for path in paths {
            do throws(ContactFileError) {
                let (records, report) = try ContactFile.read(path: path, region: region)
                if report.skipped > 0 { warn("\(path): \(report)") }
                for record in records where !intake.append(record) { warn("\(path): more contacts than fit") }
            } catch {
                warn("\(path): \(error)")
            }
        }
        return intake.finish()
    }
}
