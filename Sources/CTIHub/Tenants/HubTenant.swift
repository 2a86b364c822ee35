public import CTICore
public import CTIPipeline

/// One tenant as the hub sees it. A value: a reload replaces it whole, streams that are open keep the one they began with.
public struct HubTenant: Sendable {
    public var gateway: any TenantGateway
    /// Read for `calls`, never written here.
    public var log: any EventLog
    public var tokens: TokenVerifier
    public var page: PageSettings
    /// Those listed in the tenant's file; others are known by their extension alone.
    public var agents: [Extension: Agent]

    /// `nil` where click to dial is not configured.
    public var dialler: (any Dialler)?
    /// `nil` where there is no directory to ask or to fill.
    public var contacts: (any ContactGateway)?

    public var id: TenantID { gateway.id }

    public init(
        gateway: any TenantGateway, log: any EventLog, tokens: TokenVerifier, page: PageSettings = PageSettings(),
        agents: [Extension: Agent] = [:], dialler: (any Dialler)? = nil,
        contacts: (any ContactGateway)? = nil
    ) {
        self.gateway = gateway
        self.log = log
        self.tokens = tokens
        self.page = page
        self.agents = agents
        self.dialler = dialler
        self.contacts = contacts
    }
}
