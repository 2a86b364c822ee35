import CTICore
import Testing

@Suite struct ConditionTests {
    private static let cases: [(test: Condition.Test, queue: String?, expected: Bool)] = [
        (.equals("Sales"), "Sales", true), (.equals("Sales"), "sales", false),
        (.equals(""), "", true), (.equals(""), nil, false), (.equals("Sales"), nil, false),
        (.not("Sales"), "Support", true), (.not("Sales"), "Sales", false), (.not("Sales"), nil, true),
        (.isIn(["A", "B"]), "B", true), (.isIn(["A", "B"]), "C", false), (.isIn([""]), nil, false),
        (.isIn([]), "A", false), (.hasPrefix("011"), "0117", true), (.hasPrefix("011"), "110", false),
        (.hasPrefix(""), "", true), (.hasPrefix(""), nil, false), (.hasPrefix("0117"), "011", false),
    ]

    @Test(arguments: cases)
    func holds(test: Condition.Test, queue: String?, expected: Bool) throws {
        #expect(try matches(all: [(.queue, test)], queue: queue) == expected)
    }

    @Test func allOfAllMustHold() throws {
        #expect(try matches(all: [(.queue, .equals("Sales")), (.direction, .equals("inbound"))]))
        #expect(try !matches(all: [(.queue, .equals("Sales")), (.direction, .equals("outbound"))]))
    }

    @Test func oneOfAnyIsEnough() throws {
        #expect(try matches(any: [(.queue, .equals("Support")), (.direction, .equals("inbound"))]))
        #expect(try !matches(any: [(.queue, .equals("Support")), (.direction, .equals("outbound"))]))
    }

    @Test func bothGroupsMustHoldWhereBothAreGiven() throws {
        let (yes, no) = (Condition.Test.equals("Sales"), Condition.Test.not("Sales"))
        #expect(try matches(all: [(.queue, yes)], any: [(.queue, yes)]))
        #expect(try !matches(all: [(.queue, yes)], any: [(.queue, no)]))
        #expect(try !matches(all: [(.queue, no)], any: [(.queue, yes)]))
    }

    @Test func noConditionHoldsAlways() throws {
        #expect(try matches())
    }

    private func matches(
        all: [(TemplateField, Condition.Test)] = [], any: [(TemplateField, Condition.Test)] = [],
        queue: String? = "Sales"
    ) throws -> Bool {
        var sample = try SampleCall()
        sample.call.queue = queue
        let rule = Rule(
            name: "r", on: [.up], all: all.map { Condition(field: $0.0, test: $0.1) },
            any: any.map { Condition(field: $0.0, test: $0.1) }, actions: [.webhook(name: "crm")])
        let plan = sample.plan([rule])
        #expect(plan.trace.count == 1)
        #expect(plan.actions.isEmpty == (plan.trace.first?.matched == false))
        return plan.trace.first?.matched == true
    }
}
