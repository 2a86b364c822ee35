public import CTICore

/// A `call` entry of the log in a vendor's words.
public struct DialectTranslation: Sendable {
    public let dialect: Dialect
    /// What frames leave out of an agent.
    private let crmUser: @Sendable (Extension) -> String?

    public init(_ dialect: Dialect, crmUser: @escaping @Sendable (Extension) -> String? = { _ in nil }) {
        self.dialect = dialect
        self.crmUser = crmUser
    }

    /// `nil` where the vendor has no words for such an event; other entries than calls stay as they are.
    public func data(of entry: LogEntry) -> [UInt8]? {
        guard dialect != .ctid, entry.kind == .call else { return entry.data }
        guard let frame = CallFrame(json: entry.data) else { return nil }
        let trace = entry.trace.flatMap { try? JSONObject($0) }
        var account = CallAccount(frame, facts: trace.flatMap { CallFacts(ofTrace: $0) } ?? CallFacts())
        account.agent.crmUser = crmUser(frame.agent.extension)
        account.call.campaign = trace?["campaign"]?.string
        return dialect.encode(account)
    }
}

extension CallFacts {
    /// What the vendor told, as a `call` entry keeps it; `nil` where it told nothing.
    public init?(ofTrace trace: [UInt8]?) {
        guard let trace = trace.flatMap({ try? JSONObject($0) }) else { return nil }
        self.init(ofTrace: trace)
    }

    fileprivate init?(ofTrace trace: JSONObject) {
        guard let written = trace["facts"], let facts = try? CallFacts(written.object("facts")) else { return nil }
        self = facts
    }
}
