import CTICore

/// What a configuration folder holds: what can be used, and everything that is wrong.
struct LoadedConfiguration: Sendable {
    /// `nil` where `ctid.yaml` has an error.
    var daemon: DaemonConfiguration?
    /// How `ctid.yaml` looked before it was read.
    var daemonLook: FileWatch.Look = [:]
    /// In the order of their names.
    var files: [TenantFile] = []
    /// Of all files, by file, line and column.
    var findings: [Finding] = []

    var tenants: [TenantID: TenantConfiguration] {
        Dictionary(files.compactMap { $0.tenant.map { ($0.id, $0) } }) { first, _ in first }
    }

    var brokenTenants: [TenantFile] { files.filter { $0.tenant == nil } }
}

/// What reading a tenant's file gave.
struct TenantFile: Sendable {
    /// With the folder's own path in front.
    var path: String
    /// `nil` where the file's name is no tenant's.
    var id: TenantID?
    /// `nil` where the findings hold an error.
    var tenant: TenantConfiguration?
    /// Warnings, too.
    var findings: [Finding]
    /// The file itself and all that it names but its contact files, found or not: a change of one of them is a change of
    /// the tenant.
    var watchedPaths: Set<String>
    /// How these looked before they were read.
    var look: FileWatch.Look

    /// The first thing that is wrong with it; `nil` where nothing is.
    var error: Finding? { findings.first { $0.severity == .error } }
}
