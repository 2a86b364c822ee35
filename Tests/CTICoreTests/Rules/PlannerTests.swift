import CTICore
import Testing

@Suite struct PlannerTests {
    private static let webhook = ActionTemplate.webhook(name: "crm")

    private func rule(
        _ name: String, on events: Set<CallEventKind> = [.up], all: [Condition] = [],
        _ actions: [ActionTemplate] = [webhook], stop: Bool = false
    ) -> Rule {
        Rule(name: name, on: events, all: all, actions: actions, stop: stop)
    }

    private func open(_ text: String, _ mode: OpenMode = .newTab) throws -> ActionTemplate {
        .open(url: try Template(parsing: text), mode: mode)
    }

    private func session() throws -> ActionTemplate {
        .session(
            template: try Template(parsing: "{direction}_call"),
            parameters: [NamedTemplate(name: "customerName", template: try Template(parsing: "{contact.name}"))])
    }

    private func realtime(_ url: String) throws -> ActionTemplate {
        .realtime(
            app: Template(literal: "SalesCTI"), reference: try Template(parsing: "{callRef}"),
            url: try Template(parsing: url))
    }

    @Test func fillsInEveryKindOfAction() throws {
        let actions = [
            try open("https://crm/c/{contact.id}?n={agent.name}", .window), try session(),
            try realtime("https://crm/{agent.name}"), Self.webhook,
        ]
        #expect(
            try SampleCall().plan([rule("r", actions)]).actions == [
                .open(url: "https://crm/c/003-7?n=John%20Doe", mode: .window, rule: "r"),
                .session(
                    template: "inbound_call", parameters: [NamedValue(name: "customerName", value: "Jane Roe")],
                    rule: "r"),
                .realtime(app: "SalesCTI", reference: "ref-1", url: "https://crm/John%20Doe", rule: "r"),
                .webhook(name: "crm", rule: "r"),
            ])
    }

    @Test(arguments: ["https://crm/{contact.id}", "https://crm/{caller}/{variables.who}"])
    func whatNeedsTheContactWaitsForTheChoice(url: String) throws {
        let who = NamedTemplate(name: "who", template: try Template(parsing: "{contact.name}"))
        let rules = [rule("r", [try open(url), try realtime("https://crm/{contact.id}"), Self.webhook])]
        let (outline, plan) = try SampleCall().planUnchosen(rules, variables: [who])
        #expect(outline.awaitsContact && outline.screenPops.isEmpty)
        #expect(plan.actions.count == 2)
        #expect(plan.trace.map(\.reason) == [.matchedNoCondition, .contactToChoose])
    }

    @Test(arguments: ["https://crm/{caller}", "https://crm/{contact.id|none}"])
    func whatDoesWithoutTheContactIsNotHeldBack(url: String) throws {
        let (outline, _) = try SampleCall().planUnchosen([rule("r", [try open(url)])])
        #expect(!outline.awaitsContact && outline.screenPops.count == 1)
    }

    @Test func aRuleForTheScreenThatAsksAboutTheContactWaitsToo() throws {
        let leads = [Condition(field: .contactType, test: .equals("lead"))]
        #expect(
            try SampleCall().planUnchosen([rule("r", all: leads, [try open("https://crm/")])]).outline.awaitsContact)
        #expect(try !SampleCall().planUnchosen([rule("r", all: leads)]).outline.awaitsContact)
        let other = rule("r", on: [.hangup], all: leads, [try open("https://crm/")])
        #expect(try !SampleCall().planUnchosen([other]).outline.awaitsContact)
    }

    @Test func allMatchingRulesRunInOrder() throws {
        let plan = try SampleCall().plan([rule("a"), rule("b", on: [.hangup]), rule("c")])
        #expect(plan.actions == [.webhook(name: "crm", rule: "a"), .webhook(name: "crm", rule: "c")])
        #expect(plan.trace.map(\.rule) == ["a", "b", "c"])
        #expect(plan.trace.map(\.matched) == [true, false, true])
    }

    @Test func stopEndsTheListWhereItsRuleMatched() throws {
        let plan = try SampleCall().plan([rule("a", on: [.hangup], stop: true), rule("b", stop: true), rule("c")])
        #expect(plan.actions == [.webhook(name: "crm", rule: "b")])
        #expect(plan.trace.map(\.matched) == [false, true, false])
        #expect(plan.trace.last?.reason == .stoppedBefore(rule: "b"))
    }

    @Test(arguments: [
        ("java\tscript", "javascript"), ("JaVaScRiPt", "javascript"), ("\u{1} vbscript", "vbscript"),
        ("DATA", "data"), ("file", "file"), ("blob", "blob"),
    ])
    func aHostileSchemeIsNeverOpened(written: String, scheme: String) throws {
        let action = try open(" \(written):{caller}")
        let plan = try SampleCall().plan([rule("r", [action])], schemes: ["http", "https", scheme])
        #expect(plan.actions.isEmpty)
        #expect(plan.trace.map(\.reason) == [.matchedNoCondition, .addressRefused(.neverAllowed(scheme))])
    }

    @Test func aHostileSchemeOutOfAValueIsNeverOpened() throws {
        var sample = try SampleCall()
        sample.call.contactRef = "JavaScript"
        let plan = sample.plan([rule("r", [try open("{contactRef}:alert(1)"), Self.webhook])])
        #expect(plan.actions == [.webhook(name: "crm", rule: "r")])
        #expect(plan.trace.last?.reason == .addressRefused(.neverAllowed("javascript")))
        #expect(plan.trace.last?.matched == true)
    }

    @Test(arguments: ["//host/x", "/x", "{caller}", "javascript%3Ax", "{contact.type}"])
    func anAddressWithoutASchemeIsNotOpened(text: String) throws {
        let plan = try SampleCall().plan([rule("r", [try open(text)])])
        #expect(plan.actions.isEmpty)
        #expect(plan.trace.last?.reason == .addressRefused(.noScheme))
    }

    @Test func onlyAllowedSchemesAreOpened() throws {
        let rules = [rule("r", [try open("sip:{caller}"), try open("https://x"), try open("HTTP://x")])]
        #expect(try SampleCall().plan(rules).actions.count == 2)
        #expect(try SampleCall().plan(rules).trace.last?.reason == .addressRefused(.notAllowed("sip")))
        #expect(try SampleCall().plan(rules, schemes: ["https", "http", "sip"]).actions.count == 3)
        #expect(try SampleCall().plan(rules, schemes: ["sip"]).actions.count == 1)
    }

    @Test func aStaleCallTakesNoScreenButIsToldToOthers() throws {
        let actions = [try open("https://x"), try session(), try realtime("https://x"), Self.webhook]
        let plan = try SampleCall().plan([rule("r", actions)], stale: true)
        #expect(plan.actions.map(\.isScreenPop) == [false, false])
        #expect(plan.trace.map(\.reason) == [.matchedNoCondition, .staleCall, .staleCall])
    }

    @Test func anAbandonedCallTakesNoScreen() throws {
        let actions = [try open("https://x"), try session(), try realtime("https://x"), Self.webhook]
        let plan = try SampleCall(event: .abandon).plan([rule("r", on: [.abandon], actions)])
        #expect(plan.screenPops.isEmpty)
        #expect(plan.actions.count == 2)
        #expect(plan.trace.map(\.reason) == [.matchedNoCondition, .abandonedCall, .abandonedCall])
    }

    @Test func theBoardGetsNoLinkThatMustNotBeFollowed() throws {
        let plan = try SampleCall().plan([rule("r", [try realtime("javascript:x"), try realtime("")])])
        let shown = Action.realtime(app: "SalesCTI", reference: "ref-1", url: "", rule: "r")
        #expect(plan.actions == [shown, shown])
        #expect(plan.trace.map(\.reason) == [.matchedNoCondition, .linkDropped(.neverAllowed("javascript"))])
    }

    @Test func conditionsMayAskForVariables() throws {
        var sample = try SampleCall()
        sample.variables = [NamedTemplate(name: "vip", template: try Template(parsing: "{contactRef}"))]
        let condition = Condition(field: .variable("vip"), test: .hasPrefix("A-"))
        #expect(sample.plan([rule("r", all: [condition])]).actions.count == 1)
        sample.call.contactRef = "B-1"
        #expect(sample.plan([rule("r", all: [condition])]).actions.isEmpty)
    }

    @Test func noRulesGiveAnEmptyPlan() throws {
        #expect(try SampleCall().plan([]) == Plan())
    }
}
