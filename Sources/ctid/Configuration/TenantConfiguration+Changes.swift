import CTICore

extension TenantConfiguration {
    /// The parts of a tenant's file that differ from those of an older reading, as the file calls them: what a reload has
    /// to touch, and what it tells. A secret that was rotated is a change of the part that names it.
    func changes(since older: TenantConfiguration) -> [String] {
        var parts: [(String, Bool)] = [
            ("redis", redis == older.redis),
            ("contacts", contacts == older.contacts),
            ("auth", auth == older.auth),
            ("agent_page", agentPage == older.agentPage),
            ("click2dial", click2dial == older.click2dial),
            ("sinks", sinks == older.sinks),
        ]
        let (new, old) = (profile, older.profile)
        parts += [
            ("display_name", new.displayName == old.displayName),
            ("region", new.region == old.region),
            ("queues", new.queues == old.queues),
            ("agents", new.agents == old.agents),
            ("variables", new.variables == old.variables),
            ("rules", new.rules == old.rules),
            ("url_schemes", new.urlSchemes == old.urlSchemes),
            ("fresh_for", new.freshFor == old.freshFor),
            ("limits of ctid.yaml", new.stackedPops == old.stackedPops),
        ]
        return parts.filter { !$0.1 }.map(\.0)
    }
}
