/// What `/readyz` said, in one line for people.
struct HealthReport {
    /// With more tenants in trouble than that, the rest is a number: a line is a line.
    private static let mostNamed = 5

    let isReady: Bool
    let line: String

    /// `nil` for an answer that cannot be ctid's.
    init?(_ answer: HealthQuestion.Answer) {
        let tenants = StoredJSON(answer.body)["tenants"]
        guard [200, 503].contains(answer.status), tenants.isObject else { return nil }
        isReady = answer.status == 200
        let all = tenants.members
        let troubled = all.filter { $0.value["state"].text != "ready" }
        let count = "\(all.count - troubled.count) of \(all.count) tenants ready"
        let named = troubled.prefix(Self.mostNamed).map { Self.words(for: $0.name, $0.value) }
        let rest = troubled.count > named.count ? ["and \(troubled.count - named.count) more"] : []
        let start = isReady ? "ready" : "not ready"
        // Tenants that work, and still 503: the daemon itself is on its way up or down.
        let isPassing = !isReady && (all.isEmpty || troubled.count < all.count)
        let whole = isPassing ? ["the daemon is starting or stopping"] : []
        line = "\(start): " + ([count] + whole + named + rest).joined(separator: "; ")
    }

    private static func words(for tenant: String, _ readiness: StoredJSON) -> String {
        let state = readiness["state"].text ?? "in no known state"
        let reason = readiness["reason"].text.map { " (\($0))" } ?? ""
        return "\(tenant) is \(state)\(reason)".printable
    }
}
