import CTICore

/// What a token opens to a Socket.IO client.
struct SocketAdmission: Sendable {
    var tenant: HubTenant
    /// Whose calls it is told; `nil` for a supervisor alone.
    var agent: Extension?
    var isSupervisor: Bool
    var expires: Timestamp
}

extension Gatekeeper {
    /// Into `/`, or the namespace that has the tenant's name.
    ///
    /// - Throws: a ``Problem``: 401 for no token, a bad one, an expired one; 403 for one that is for something else.
    func admit(token: String?, to namespace: String) throws(Problem) -> SocketAdmission {
        guard let token else { throw .tokenMissing }
        guard let id = TokenVerifier.claimedTenant(token), let tenant = tenants[id],
            let claims = try? tenant.tokens.verify(token, at: now())
        else { throw .tokenInvalid }
        guard namespace == "/" || namespace == "/\(id)" else { throw .forbidden("The token is for another tenant.") }
        let isAgent = claims.scopes.contains(TokenScope.agent.rawValue)
        let isSupervisor = claims.scopes.contains(TokenScope.supervisor.rawValue)
        guard isAgent || isSupervisor else { throw .forbidden("The token lacks the scope agent or supervisor.") }
        let agent = isAgent ? claims.subject.flatMap { $0.isEmpty ? nil : Extension($0) } : nil
        guard !isAgent || agent != nil else { throw .forbidden("The token names no extension.") }
        return SocketAdmission(tenant: tenant, agent: agent, isSupervisor: isSupervisor, expires: claims.expires)
    }
}

/// The `pid` by which a Socket.IO client may be recovered: a name of its own, and whose it is, so that a page that was
/// given another agent's token is not taken for the one it was. It survives us: nothing of it is kept here.
struct RecoveryID {
    let text: String

    init(_ admission: SocketAdmission) {
        text = SessionID.random().rawValue + "-" + Self.owner(admission)
    }

    /// Whether a client that came with it is whom it was given to.
    static func fits(_ text: String, _ admission: SocketAdmission) -> Bool {
        text.utf8.count <= 64 && text.hasSuffix("-" + owner(admission))
    }

    /// FNV-1a, 64 bits: it tells owners apart and guards nothing, as the token is needed all the same.
    private static func owner(_ admission: SocketAdmission) -> String {
        let owner = "\(admission.tenant.id) \(admission.agent?.rawValue ?? "") \(admission.isSupervisor)"
        let hash = owner.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 36)
    }
}
