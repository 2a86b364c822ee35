import CTIContacts
import CTICore
import CTISinks

/// Reads a tenant's file from its document. Every part is read, whatever is wrong with another.
struct TenantReader {
    let id: TenantID
    let root: Section<TenantKeys.Root>
    let stackedPops: Int

    /// `nil` where a part is missing that nothing can stand in for; its finding says which.
    func read() -> TenantConfiguration? {
        let redis = redis()
        let sinks = SinkReader(id: id).read(root.section(.sinks, as: TenantKeys.Sinks.self))
        var profile = profile(webhooks: sinks.webhooks.map(\.settings.name))
        let contacts = contacts(of: profile)
        let access = AccessReader(root: root)
        let auth = access.authentication()
        let agentPage = access.agentPage()
        profile.masksNumbers = agentPage.maskNumbers
        let click2dial = access.click2dial()
        guard let redis, let auth else { return nil }
        return TenantConfiguration(
            id: id, redis: redis, profile: profile, contacts: contacts, auth: auth, agentPage: agentPage,
            click2dial: click2dial, sinks: sinks
        )
    }

    private func redis() -> RedisSettings? {
        guard root[.redis] != nil else {
            let message = "is missing, expected \(RedisReader.urlForms)"
            root.context.findings.error(message, at: root.place, key: "redis.url")
            return nil
        }
        return root.section(.redis, as: TenantKeys.Redis.self).flatMap { RedisReader().settings($0) }
    }

    private func profile(webhooks: [String]) -> TenantProfile {
        var profile = TenantProfile(id: id, stackedPops: stackedPops)
        profile.displayName = root.unlessEmpty(.displayName)?.text() ?? profile.displayName
        profile.region = region() ?? profile.region
        profile.freshFor = root[.freshFor]?.duration(in: .seconds(1) ... .seconds(3_600)) ?? profile.freshFor
        // A call that comes late into a wait of two seconds cannot be told from one that came at its beginning.
        if profile.freshFor < .seconds(4) {
            root[.freshFor]?.warn("calls of an idle list may count as too old, expected 4s or more")
        }
        profile.queues = queues()
        profile.agents = agents()
        profile.urlSchemes.formUnion(urlSchemes())
        profile.variables = variables()
        let rules = RuleReader(
            variables: profile.variables.map(\.name), webhooks: webhooks, urlSchemes: profile.urlSchemes)
        profile.rules = root[.rules]?.items(expected: "a list of rules").compactMap { rules.read($0) } ?? []
        return profile
    }
}

extension TenantReader {
    private func region() -> String? {
        let expected = "two capital letters of ISO 3166, as ZA"
        guard let value = root.unlessEmpty(.region), let text = value.text(expected: expected) else { return nil }
        guard text.utf8.count == 2, text.allSatisfy({ ("A"..."Z").contains($0) }) else {
            value.fail("\"\(text)\" is not a country, expected \(expected)")
            return nil
        }
        return text
    }

    private func queues() -> [String: String] {
        let members = root[.queues]?.members(expected: "a mapping of dialled numbers to queues") ?? []
        let named = members.compactMap { member in
            member.value.nonEmptyText(expected: "a queue's name").map { (member.key, $0) }
        }
        return Dictionary(named) { first, _ in first }
    }

    private func agents() -> [Extension: Agent] {
        var agents: [Extension: Agent] = [:]
        for item in root[.agents]?.items(expected: "a list of agents") ?? [] {
            guard let section = item.section(of: TenantKeys.Agent.self) else { continue }
            let name = section.unlessEmpty(.name)?.text()
            let peer = section.unlessEmpty(.peer)?.text()
            let crmUser = section.unlessEmpty(.crmUser)?.text()
            let value = section.required(.extension, expected: "the number of the agent's telephone, as \"1007\"")
            guard let value, let number = extensionNumber(value) else { continue }
            let agent = Agent(extension: number, name: name, peer: peer, crmUser: crmUser)
            if agents.updateValue(agent, forKey: number) != nil {
                value.fail("\"\(number)\" is another agent's, too, expected each extension once")
            }
        }
        return agents
    }

    /// It stands in paths and Redis channels, so that it must be one plain word.
    private func extensionNumber(_ value: ConfigurationValue) -> Extension? {
        guard let text = value.text(expected: "an extension, as \"1007\"") else { return nil }
        let isPlain = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != "/" }
        guard isPlain, text.utf8.count <= 64 else {
            value.fail("\"\(text)\" is not an extension, expected up to 64 characters without a blank or a slash")
            return nil
        }
        return Extension(text)
    }

    private func urlSchemes() -> Set<String> {
        let items = root[.urlSchemes]?.items(expected: "a list of URL schemes") ?? []
        let schemes = items.compactMap { item -> String? in
            guard let text = item.text(expected: "a URL scheme, as tel")?.lowercased() else { return nil }
            guard URLScheme.of(text + ":") == text else {
                item.fail("\"\(text)\" is not a URL scheme, expected its name without the colon, as tel")
                return nil
            }
            guard !URLScheme.neverAllowed.contains(text) else {
                item.fail("\"\(text)\" runs code in the agent's browser or reads files, expected another scheme")
                return nil
            }
            return text
        }
        return Set(schemes)
    }

    private func variables() -> [NamedTemplate] {
        var variables: [NamedTemplate] = []
        let members = root[.variables]?.members(expected: "a mapping of names to templates") ?? []
        for (index, member) in members.enumerated() {
            if !isVariableName(member.key) {
                let message = "\"\(member.key)\" is not a variable's name, expected letters, digits and _"
                root.context.findings.error(message, at: member.place, key: member.value.path)
            }
            // Even one that is wrong is known from here on: who uses it has made no mistake.
            let template = readVariable(member.value, earlier: variables, later: members[index...].map(\.key))
            variables.append(NamedTemplate(name: member.key, template: template ?? Template(literal: "")))
        }
        return variables
    }

    private func readVariable(
        _ value: ConfigurationValue, earlier: [NamedTemplate], later: [String]
    ) -> Template? {
        let known = earlier.map(\.name)
        // The later ones are known here, so that they get a message of their own.
        guard let template = value.template(variables: known + later) else { return nil }
        for name in template.unknownVariables(among: known) {
            value.fail("\"variables.\(name)\" is not known yet, expected a variable that stands above this one")
        }
        return template
    }

    private func isVariableName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }

    private func contacts(of profile: TenantProfile) -> TenantConfiguration.Contacts {
        guard let section = root.section(.contacts, as: TenantKeys.Contacts.self) else { return .init() }
        let paths = section[.files]?.items(expected: "a list of vcf, csv or json files").compactMap { contactFile($0) }
        let columns = section.section(.columns, as: TenantKeys.ContactColumns.self)
        let lookup = section.section(.lookup, as: TenantKeys.Lookup.self)
        return .init(
            paths: paths ?? [],
            columns: columns.map { ContactColumnsReader(section: $0).read() } ?? .init(),
            lookup: lookup.flatMap { LookupReader(section: $0).read(variables: profile.variables.map(\.name)) })
    }

    private func contactFile(_ value: ConfigurationValue) -> String? {
        guard let name = value.nonEmptyText(expected: "a file's name") else { return nil }
        guard [".vcf", ".csv", ".json"].contains(where: { name.lowercased().hasSuffix($0) }) else {
            value.fail("\"\(name)\" is of no known kind, expected a name that ends in .vcf, .csv or .json")
            return nil
        }
        let path = root.context.files.path(of: name)
        if !ReferencedFiles.exists(path) { value.warn("\(path) is not there, expected a file of contacts") }
        return path
    }
}
