extension DaemonUnderTest {
    /// The newest calls, as the supervisor sees them.
    func calls(tenant: String = "acme") async throws -> String {
        try await get("/v1/\(tenant)/calls?limit=1000", token: token(tenant, scope: "supervisor")).body
    }

    /// One call with its trace.
    func call(_ ref: String, tenant: String = "acme") async throws -> String {
        try await get("/v1/\(tenant)/calls/\(ref)", token: token(tenant, scope: "supervisor")).body
    }
}
