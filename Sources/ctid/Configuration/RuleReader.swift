import CTICore

/// Reads one rule: its names are resolved and its templates compiled, so that no call can fail on it.
struct RuleReader {
    let variables: [String]
    let webhooks: [String]
    let urlSchemes: Set<String>

    private typealias Action = Section<TenantKeys.Action>

    func read(_ value: ConfigurationValue) -> Rule? {
        guard let section = value.section(of: TenantKeys.Rule.self) else { return nil }
        let name = section.unlessEmpty(.name)?.text() ?? value.path
        let on = events(section)
        let when = section.section(.when, as: TenantKeys.When.self)
        let all = when?[.all]?.items(expected: "a list of conditions").compactMap { condition($0) } ?? []
        let any = when?[.any]?.items(expected: "a list of conditions").compactMap { condition($0) } ?? []
        let actions = actions(section, on: on)
        let stop = section[.stop]?.boolean() ?? false
        return Rule(name: name, on: on, all: all, any: any, actions: actions, stop: stop)
    }

    private func events(_ section: Section<TenantKeys.Rule>) -> Set<CallEventKind> {
        let expected = "a list of \(WordChoice(CallEventKind.allCases.map(\.rawValue)))"
        guard let value = section.required(.on, expected: expected) else { return [] }
        let events = value.choices(CallEventKind.self, called: "event")
        if events.isEmpty, value.items().isEmpty { value.fail("is empty, expected \(expected)") }
        return events
    }

    private func actions(_ section: Section<TenantKeys.Rule>, on events: Set<CallEventKind>) -> [ActionTemplate] {
        let expected = "a list of \(WordChoice(TenantKeys.Action.names)) actions"
        // A rule may do nothing but stop the list.
        guard section[.stop] == nil || section[.actions] != nil else { return [] }
        guard let value = section.required(.actions, expected: expected) else { return [] }
        return value.items(expected: expected).compactMap { action($0, on: events) }
    }
}

extension RuleReader {
    private func action(_ value: ConfigurationValue, on events: Set<CallEventKind>) -> ActionTemplate? {
        let choice = WordChoice(TenantKeys.Action.names)
        guard let members = value.members(expected: "one of \(choice)") else { return nil }
        guard members.count == 1, let key = members.first?.key else {
            value.fail("has \(members.count) keys, expected one of \(choice)")
            return nil
        }
        guard let section = value.section(of: TenantKeys.Action.self) else { return nil }
        if ["open", "session"].contains(key), events.contains(.abandon), let place = members.first?.place {
            let message = "is shown to no one on abandon, expected realtime or webhook, or a rule without abandon"
            value.context.findings.error(message, at: place, key: value.path.appending(key: key))
        }
        switch TenantKeys.Action(rawValue: key) {
        case .open: return section.section(.open, as: TenantKeys.Open.self).flatMap { open($0) }
        case .session: return section.section(.session, as: TenantKeys.Session.self).flatMap { session($0) }
        case .realtime: return section.section(.realtime, as: TenantKeys.Realtime.self).flatMap { realtime($0) }
        case .webhook: return webhook(section)
        case nil: return nil
        }
    }

    private func open(_ section: Section<TenantKeys.Open>) -> ActionTemplate? {
        let mode = section[.mode]?.choice(OpenMode.self, called: "mode") ?? .newTab
        let url = section.required(.url, expected: "a URL, as https://crm.example/c/{contact.id}")
        return url?.template(variables: variables, schemes: urlSchemes).map { .open(url: $0, mode: mode) }
    }

    private func session(_ section: Section<TenantKeys.Session>) -> ActionTemplate? {
        let members = section[.parameters]?.members(expected: "a mapping of names to templates") ?? []
        let parameters = members.compactMap { member in
            member.value.template(variables: variables).map { NamedTemplate(name: member.key, template: $0) }
        }
        let template = section.required(.template, expected: "the name of a session template, as inbound_call")
        return template?.template(variables: variables).map { .session(template: $0, parameters: parameters) }
    }

    private func realtime(_ section: Section<TenantKeys.Realtime>) -> ActionTemplate? {
        let app = section.required(.app, expected: "the application's name, as SalesCTI")
            .flatMap { $0.template(variables: variables) }
        let reference = section[.reference].map { $0.template(variables: variables) } ?? Template(literal: "")
        let url =
            section.unlessEmpty(.url).map { $0.template(variables: variables, schemes: urlSchemes) }
            ?? Template(literal: "")
        guard let app, let reference, let url else { return nil }
        return .realtime(app: app, reference: reference, url: url)
    }

    private func webhook(_ section: Action) -> ActionTemplate? {
        guard let value = section.required(.webhook, expected: "the name of one of sinks.webhooks"),
            let name = value.text(expected: "the name of one of sinks.webhooks")
        else { return nil }
        guard webhooks.contains(name) else {
            let advice = webhooks.isEmpty ? "expected it in sinks.webhooks" : WordChoice(webhooks).advice(for: name)
            value.fail("unknown webhook \"\(name)\", \(advice)")
            return nil
        }
        return .webhook(name: name)
    }
}

extension RuleReader {
    /// One field and what it is held against: `{ queue: Sales }`, `{ caller: { prefix: "082" } }`.
    private func condition(_ value: ConfigurationValue) -> Condition? {
        let expected = "one field and its value, as { queue: Sales }"
        guard let members = value.members(expected: expected) else { return nil }
        guard members.count == 1, let member = members.first else {
            value.fail("has \(members.count) fields, expected \(expected)")
            return nil
        }
        let field = field(member)
        let test = test(member.value, of: field)
        guard let field, let test else { return nil }
        return Condition(field: field, test: test)
    }

    private func field(_ member: ConfigurationValue.Member) -> TemplateField? {
        let known = TemplateField.names.map(\.name) + variables.map { "variables." + $0 }
        if known.contains(member.key), let field = TemplateField(name: member.key) { return field }
        let advice = WordChoice(known).advice(for: member.key)
        member.value.context.findings.error(
            "unknown field, \(advice)", at: member.place, key: member.value.path)
        return nil
    }

    private func test(_ value: ConfigurationValue, of field: TemplateField?) -> Condition.Test? {
        switch value.node.content {
        case .scalar: return operand(value, of: field).map { .equals($0) }
        case .mapping: return namedTest(value, of: field)
        case .null, .sequence:
            value.fail("is \(value.node.kind), expected a text, {not: …}, {in: […]} or {prefix: …}")
            return nil
        }
    }

    private func namedTest(_ value: ConfigurationValue, of field: TemplateField?) -> Condition.Test? {
        guard let section = value.section(of: TenantKeys.ConditionTest.self), let members = value.members() else {
            return nil
        }
        guard members.count == 1 else {
            value.fail("has \(members.count) tests, expected one of {not: …}, {in: […]} or {prefix: …}")
            return nil
        }
        if let not = section[.not] { return operand(not, of: field).map { .not($0) } }
        if let prefix = section[.prefix] { return prefix.nonEmptyText().map { .hasPrefix($0) } }
        guard let list = section[.isIn] else {
            // An unknown test is reported already; a known one without a value is not.
            let isKnown = TenantKeys.ConditionTest.names.contains(members[0].key)
            if isKnown { members[0].value.fail("is empty, expected a text, or a list for in") }
            return nil
        }
        return .isIn(list.items(expected: "a list of texts").compactMap { operand($0, of: field) })
    }

    /// Where a field has few values, another can never come up, and is a mistake.
    private func operand(_ value: ConfigurationValue, of field: TemplateField?) -> String? {
        switch field {
        case .event: value.choice(CallEventKind.self, called: "event")?.rawValue
        case .direction: value.choice(KnownDirection.self, called: "direction")?.rawValue
        default: value.text()
        }
    }

    private enum KnownDirection: String, CaseIterable { case inbound, outbound }
}
