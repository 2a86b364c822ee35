import CTICore

/// What a configuration folder holds: what can be used, and everything that is wrong.
struct LoadedConfiguration: Sendable {
    /// `nil` where `ctid.yaml` has an error.
    var daemon: DaemonConfiguration?
    var tenants: [TenantID: TenantConfiguration] = [:]
    /// In the order of their files.
    var brokenTenants: [BrokenTenant] = []
    /// Of all files, by file, line and column.
    var findings: [Finding] = []

    /// A tenant whose file has an error.
    struct BrokenTenant: Sendable {
        /// `nil` where the file's name is no tenant's.
        var id: TenantID?
        var file: String
        /// Its warnings, too.
        var findings: [Finding]
    }
}
