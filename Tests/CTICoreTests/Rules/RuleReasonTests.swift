import CTICore
import Testing

/// The words that a supervisor reads. They are checked as they are: a change of theirs should be meant.
@Suite struct RuleReasonTests {
    private static let failures: [(test: Condition.Test, queue: String?, text: String)] = [
        (.equals("Sales"), "Support", "queue is \"Support\", not \"Sales\""),
        (.equals("Sales"), "", "queue is empty, not \"Sales\""),
        (.equals("Sales"), nil, "queue is not known, and should be \"Sales\""),
        (.not("Sales"), "Sales", "queue is \"Sales\", which the rule excludes"),
        (.isIn(["A", "B"]), "C", "queue is \"C\", none of \"A\", \"B\""),
        (.isIn(["A", "B"]), nil, "queue is not known, and should be one of \"A\", \"B\""),
        (.hasPrefix("VIP"), "Sales", "queue is \"Sales\", which does not begin with \"VIP\""),
        (.hasPrefix("VIP"), nil, "queue is not known, and should begin with \"VIP\""),
    ]

    @Test(arguments: failures)
    func aFailedConditionSaysWhatWasFound(test: Condition.Test, queue: String?, text: String) throws {
        let condition = Condition(field: .queue, test: test)
        #expect(try reasons(all: [condition], queue: queue) == [text])
    }

    @Test func aMatchSaysWhichConditionsHeld() throws {
        let conditions = [
            Condition(field: .queue, test: .equals("Sales")), Condition(field: .caller, test: .hasPrefix("082")),
        ]
        #expect(try reasons(all: conditions) == ["queue is \"Sales\", and caller begins with \"082\""])
        #expect(try reasons(any: conditions.reversed()) == ["caller begins with \"082\""])
        #expect(
            try reasons(all: [Condition(field: .queue, test: .not("X"))], any: conditions) == [
                "queue is not \"X\", and queue is \"Sales\""
            ])
        #expect(try reasons(all: [Condition(field: .queue, test: .isIn(["Sales"]))]) == ["queue is one of \"Sales\""])
        #expect(try reasons() == ["applies always: the rule has no condition"])
    }

    @Test func noneOfAnySaysAll() throws {
        let conditions = [
            Condition(field: .queue, test: .equals("A")), Condition(field: .agentName, test: .equals("B")),
        ]
        #expect(
            try reasons(any: conditions) == [
                "at least one of these should hold, and none does: queue is \"Sales\", not \"A\"; "
                    + "agent's name is \"John Doe\", not \"B\""
            ])
    }

    @Test func theWrongEventSaysWhichAreRight() throws {
        let rule = Rule(name: "r", on: [.hangup, .up], actions: [])
        #expect(
            try SampleCall(event: .ringing).plan([rule]).trace.map(\.reason.text) == [
                "the call is ringing; the rule is for calls that are answered (up) or ended (hangup)"
            ])
    }

    @Test func whatWasNotDoneIsSaid() {
        #expect(
            RuleReason.stoppedBefore(rule: "VIP").text
                == "not looked at: the rule \"VIP\" above it applied and ended the list")
        #expect(
            RuleReason.addressRefused(.neverAllowed("data")).text
                == "the page was not opened: its address begins with \"data:\", which is never allowed")
        #expect(
            RuleReason.addressRefused(.noScheme).text
                == "the page was not opened: its address does not begin with https:// or the like")
        #expect(
            RuleReason.linkDropped(.notAllowed("sip")).text
                == "shown on the board without its link: the address begins with \"sip:\", which the configuration "
                + "does not allow")
        #expect(
            RuleReason.staleCall.text
                == "nothing was shown to the agent: the notification came too late, the call may be over")
        #expect(
            RuleReason.abandonedCall.text == "nothing was shown to an agent: the caller gave up before one answered")
    }

    private func reasons(all: [Condition] = [], any: [Condition] = [], queue: String? = "Sales") throws -> [String] {
        var sample = try SampleCall()
        sample.call.queue = queue
        return sample.plan([Rule(name: "r", on: [.up], all: all, any: any, actions: [])]).trace.map(\.reason.text)
    }
}
