import CTICore
import Testing

@Suite struct PlanJSONTests {
    @Test(arguments: [
        (
            Action.open(url: "https://x/?a=\"", mode: .newFrame, rule: "r"),
            #"{"kind":"open","url":"https://x/?a=\"","mode":"new_frame","rule":"r"}"#
        ),
        (
            .session(template: "t", parameters: [NamedValue(name: "a", value: "1")], rule: "r"),
            #"{"kind":"session","template":"t","parameters":{"a":"1"},"rule":"r"}"#
        ),
        (
            .session(template: "t", parameters: [], rule: "r"),
            #"{"kind":"session","template":"t","parameters":{},"rule":"r"}"#
        ),
        (
            .realtime(app: "A", reference: "42", url: "u", rule: "r"),
            #"{"kind":"realtime","app":"A","reference":"42","url":"u","rule":"r"}"#
        ),
        (.webhook(name: "crm", rule: "r"), #"{"kind":"webhook","name":"crm","rule":"r"}"#),
    ])
    func anActionHasItsShape(action: Action, expected: String) {
        #expect(json { action.write(to: &$0) } == expected)
    }

    @Test func aTraceLineHasItsWords() {
        let line = RuleTrace(rule: "r", reason: .stoppedBefore(rule: "s"))
        #expect(
            json { line.write(to: &$0) }
                == #"{"rule":"r","matched":false,"reason":"not looked at: the rule \"s\" above it applied and ended "#
                + #"the list"}"#)
    }

    @Test func aPlanWritesItsTraceThenItsActions() {
        let plan = Plan(
            actions: [.webhook(name: "w", rule: "r")], trace: [RuleTrace(rule: "r", reason: .matchedNoCondition)])
        #expect(
            json { $0.object { plan.writeMembers(to: &$0) } }
                == #"{"trace":[{"rule":"r","matched":true,"reason":"applies always: the rule has no condition"}],"#
                + #""actions":[{"kind":"webhook","name":"w","rule":"r"}]}"#)
    }
}
