import Testing

/// What one place tells of an event, another tells a moment before or after: a line of the log, a count. These wait for it.
extension DaemonUnderTest {
    /// The log has these words; `once`: and has them no more than once.
    func says(_ words: String, once: Bool = false) async throws {
        try await eventually("\"\(words)\" in the log, which was:\n\(log)") { log.contains(words) }
        if once { #expect(log.ranges(of: words).count == 1, "\(words)") }
    }

    /// The samples of this name and tenant have this sum.
    func counts(_ value: Double, _ name: String, tenant: String) async throws {
        try await eventually("\(name) of \(tenant) to be \(value)") { try await metric(name, tenant: tenant) == value }
    }

    /// `/metrics` has these lines: `ctid_contacts{tenant="acme"} 1`.
    func shows(_ samples: String...) async throws {
        for sample in samples {
            try await eventually("\(sample) among the metrics") {
                try await get("/metrics").body.contains("\(sample)\n")
            }
        }
    }

    /// A value of `/metrics`: the sum of a tenant's samples.
    func metric(_ name: String, tenant: String) async throws -> Double {
        let lines = try await get("/metrics").body.split(separator: "\n").filter {
            $0.hasPrefix("\(name){tenant=\"\(tenant)\"")
        }
        let values = lines.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
        return values.isEmpty ? .nan : values.reduce(0, +)
    }
}
