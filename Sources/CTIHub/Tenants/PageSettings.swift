/// What a tenant's file says about the agent's page.
public struct PageSettings: Sendable, Hashable {
    /// Who may embed the page and talk to it, as `https://crm.example`.
    public var crmOrigins: [String]
    public var softphoneURL: String?
    public var maskNumbers: Bool

    public init(crmOrigins: [String] = [], softphoneURL: String? = nil, maskNumbers: Bool = false) {
        self.crmOrigins = crmOrigins
        self.softphoneURL = softphoneURL
        self.maskNumbers = maskNumbers
    }
}
