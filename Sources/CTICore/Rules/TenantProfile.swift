/// What planning needs of a tenant's file, validated and compiled. A value: a reload replaces it whole.
public struct TenantProfile: Hashable, Sendable {
    public var id: TenantID
    public var displayName: String
    /// ISO 3166 code of the country in which national numbers are read, as "ZA".
    public var region: String
    /// Dialled number, as the PBX writes it, to the queue's name.
    public var queues: [String: String]
    public var agents: [Extension: Agent]
    /// In the order of the file; a variable may name only those before it.
    public var variables: [NamedTemplate]
    public var rules: [Rule]
    /// Lower-case schemes that an opened URL may have.
    public var urlSchemes: Set<String>
    public var freshFor: Duration
    /// At most so many pops of an agent that are neither handled nor dismissed.
    public var stackedPops: Int
    /// Agents see numbers' last two digits only.
    public var masksNumbers: Bool

    public init(
        id: TenantID, displayName: String? = nil, region: String = "ZA", queues: [String: String] = [:],
        agents: [Agent] = [], variables: [NamedTemplate] = [], rules: [Rule] = [],
        urlSchemes: Set<String> = ["http", "https"], freshFor: Duration = .seconds(15), stackedPops: Int = 5,
        masksNumbers: Bool = false
    ) {
        self.id = id
        self.displayName = displayName ?? id.rawValue
        self.region = region
        self.queues = queues
        self.agents = Dictionary(agents.map { ($0.extension, $0) }) { first, _ in first }
        self.variables = variables
        self.rules = rules
        self.urlSchemes = urlSchemes
        self.freshFor = freshFor
        self.stackedPops = stackedPops
        self.masksNumbers = masksNumbers
    }

    /// An agent who is not listed is known by the extension alone.
    public func agent(at extension: Extension) -> Agent { agents[`extension`] ?? Agent(extension: `extension`) }

    public func queue(forDialed number: String?) -> String? { number.flatMap { queues[$0] } }
}
