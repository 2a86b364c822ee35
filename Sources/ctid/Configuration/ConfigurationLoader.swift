import CTICore
import Foundation

/// Loads a configuration folder: `ctid.yaml` and `tenants/*.yaml`. Files are validated each on its own, completely.
struct ConfigurationLoader: Sendable {
    /// The largest configuration file; a tenant of some ten thousand agents fits.
    private static let largestFile = 4 << 20

    /// As it was given: findings name files below it.
    let directory: String
    private let credentialsDirectory: String?
    private let missingSecretsAreErrors: Bool

    /// - Parameter missingSecretsAreErrors: false for `check`, which may run where the secrets are not.
    init(directory: String, environment: [String: String], missingSecretsAreErrors: Bool) {
        self.directory = directory
        credentialsDirectory = environment["CREDENTIALS_DIRECTORY"]
        self.missingSecretsAreErrors = missingSecretsAreErrors
    }

    var daemonFile: String { ReferencedFiles.join(directory, "ctid.yaml") }
    var tenantsDirectory: String { ReferencedFiles.join(directory, "tenants") }

    func load() -> LoadedConfiguration {
        var loaded = LoadedConfiguration()
        loaded.daemonLook = FileWatch.Look(at: [daemonFile])
        (loaded.daemon, loaded.findings) = loadDaemon()
        for path in tenantFiles(reporting: &loaded.findings) {
            let file = readTenant(path, daemon: loaded.daemon ?? DaemonConfiguration())
            loaded.findings += file.findings
            loaded.files.append(file)
        }
        loaded.findings.sort()
        return loaded
    }

    /// Without a file, the defaults; with an error in it, `nil`.
    func loadDaemon() -> (DaemonConfiguration?, [Finding]) {
        let (daemon, findings) = readDaemon()
        return (findings.hasErrors ? nil : daemon, findings)
    }

    /// The same, with what can be read of a file that has errors, and the defaults for the rest.
    func readDaemon() -> (DaemonConfiguration, [Finding]) {
        let findings = FindingList(file: daemonFile)
        guard ReferencedFiles.exists(daemonFile) else { return (DaemonConfiguration(), []) }
        let root = root(of: daemonFile, as: DaemonKeys.Root.self, reporting: findings)
        let daemon = root.map { DaemonReader(root: $0).read() }
        return (daemon ?? DaemonConfiguration(), findings.findings.sorted())
    }

    /// - Parameter path: with the folder's own path in front.
    func readTenant(_ path: String, daemon: DaemonConfiguration = DaemonConfiguration()) -> TenantFile {
        let findings = FindingList(file: path)
        let look = FileWatch.Look(at: [path])
        let id = Self.tenantID(ofFile: path)
        if id == nil { reportName(of: path, to: findings) }
        let root = root(of: path, as: TenantKeys.Root.self, reporting: findings)
        // A bad name is no reason to leave the rest of the mistakes for later.
        let reader = root.flatMap { root in
            (id ?? TenantID("unnamed")).map {
                TenantReader(id: $0, root: root, stackedPops: daemon.limits.stackedPops)
            }
        }
        let tenant = reader?.read()
        let named = (root?.context.files.paths ?? []).subtracting(tenant?.contacts.paths ?? [])
        return TenantFile(
            path: path, id: id, tenant: findings.findings.hasErrors ? nil : tenant,
            findings: findings.findings.sorted(),
            watchedPaths: named.union([path]),
            look: look.merging(root?.context.files.looks ?? [:]) { own, _ in own })
    }

    /// The tenant whose file it is; `nil` for a name that is none.
    static func tenantID(ofFile file: String) -> TenantID? {
        TenantID(URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent)
    }
}

extension ConfigurationLoader {
    /// The same, but `nil` where the folder cannot be looked into: then nobody knows who is there and who is not.
    func tenantFilesIfReadable() -> [String]? {
        guard (try? FileManager.default.contentsOfDirectory(atPath: tenantsDirectory)) != nil else { return nil }
        return tenantFiles()
    }

    /// The tenants' files, sorted, with the folder's own path in front.
    func tenantFiles() -> [String] {
        var ignored: [Finding] = []
        return tenantFiles(reporting: &ignored)
    }

    private func tenantFiles(reporting findings: inout [Finding]) -> [String] {
        let list = FindingList(file: tenantsDirectory)
        defer { findings += list.findings }
        guard ReferencedFiles.exists(directory) else {
            let missing = FindingList(file: directory)
            missing.error("is not there, expected a configuration folder", at: .start, key: "")
            findings += missing.findings
            return []
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: tenantsDirectory)) ?? []
        // Editors leave hidden files behind while they save.
        let visible = names.filter { !$0.hasPrefix(".") }.sorted()
        for name in visible where name.hasSuffix(".yml") {
            list.warning("\(name) is not read, expected a name that ends in .yaml", at: .start, key: "")
        }
        let files = visible.filter { $0.hasSuffix(".yaml") }
        if files.isEmpty { list.warning("holds no tenant, expected a file as acme.yaml", at: .start, key: "") }
        return files.map { ReferencedFiles.join(tenantsDirectory, $0) }
    }

    /// The mapping at the top of a file, `nil`, and a report, where there is none.
    private func root<Key: SectionKey>(
        of file: String, as key: Key.Type, reporting findings: FindingList
    ) -> Section<Key>? {
        guard let text = text(of: file, reporting: findings) else { return nil }
        let source = YAMLSource(text)
        let mistakes = findings.findings.count
        let parsed = source.parse(reporting: findings)
        // An empty file is none; for a tenant the missing keys are then reported.
        if parsed == nil, findings.findings.count > mistakes { return nil }
        let files = ReferencedFiles(
            directory: URL(fileURLWithPath: file).deletingLastPathComponent().relativePath,
            credentialsDirectory: credentialsDirectory, missingIsError: missingSecretsAreErrors)
        let context = ReadingContext(findings: findings, source: source, files: files)
        let node = parsed ?? YAMLNode(content: .null, place: .start)
        return ConfigurationValue(node: node, path: "", context: context).section(of: key)
    }

    private func text(of file: String, reporting findings: FindingList) -> String? {
        do {
            var bytes = try FileContents(path: file, most: Self.largestFile).bytes[...]
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
            if let text = String(validating: bytes, as: UTF8.self) { return text }
            findings.error("is not UTF-8, expected YAML in UTF-8", at: Self.placeOfBadText(bytes), key: "")
        } catch {
            findings.error("\(error.text), expected a readable file", at: .start, key: "")
        }
        return nil
    }

    /// The first line that is not UTF-8.
    private static func placeOfBadText(_ bytes: ArraySlice<UInt8>) -> SourcePlace {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        return SourcePlace(line: index + 1, column: 1)
    }

    private func reportName(of file: String, to findings: FindingList) {
        let stem = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        findings.error(
            "\"\(stem)\" is not a tenant's name, expected up to 63 of a-z, 0-9 and -, the first not -", at: .start,
            key: "")
    }
}
