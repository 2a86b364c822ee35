import Foundation

/// A configuration folder whose files change while the daemon runs.
struct TenantFolder {
    let folder: String

    func path(_ name: String) -> String { "\(folder)/tenants/\(name)" }

    /// As an editor or a deployment does it: another file takes the place of the former in one step.
    func replace(_ tenant: String, _ text: String) throws {
        try DaemonUnderTest.writeTenant(tenant, text, in: folder)
    }

    func remove(_ tenant: String) throws { try FileManager.default.removeItem(atPath: path("\(tenant).yaml")) }

    func writeSecret(_ tenant: String, _ text: String) throws {
        let new = path(".\(tenant)-jwt.new")
        _ = FileManager.default.createFile(
            atPath: new, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard rename(new, path("\(tenant)-jwt")) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
