import CTICore
import Testing

@Suite struct TemplateVariableTests {
    private func variables(_ pairs: [(String, String)]) throws -> [NamedTemplate] {
        try pairs.map { NamedTemplate(name: $0.0, template: try Template(parsing: $0.1)) }
    }

    @Test func aVariableIsItsTemplateFilledIn() throws {
        var sample = try SampleCall()
        sample.variables = try variables([("ordernumber", "{contactRef}/{queue}")])
        #expect(try sample.rendered("{variables.ordernumber}") == "A-17/Sales")
        #expect(try sample.renderedURL("{variables.ordernumber}") == "A-17%2FSales")
    }

    @Test func aVariableSeesThoseBeforeIt() throws {
        var sample = try SampleCall()
        sample.variables = try variables([("a", "{caller}"), ("b", "<{variables.a}>"), ("c", "{variables.b}!")])
        #expect(try sample.rendered("{variables.c}") == "<0821234567>!")
    }

    @Test func aVariableSeesNeitherItselfNorThoseAfterIt() throws {
        var sample = try SampleCall()
        sample.variables = try variables([("a", "{variables.a|self}{variables.b|later}"), ("b", "{variables.a}")])
        #expect(try sample.rendered("{variables.b}") == "selflater")
    }

    @Test func aVariableThatComesOutEmptyIsAbsent() throws {
        var sample = try SampleCall()
        sample.call.contactRef = nil
        sample.variables = try variables([("order", "{contactRef}")])
        #expect(sample.context.value(of: .variable("order")) == nil)
        #expect(try sample.rendered("{variables.order|none}") == "none")
    }

    @Test func validationAcceptsEarlierOnes() throws {
        let good = try variables([("a", "{caller}"), ("b", "{variables.a}")])
        #expect(Template.validate(variables: good).isEmpty)
    }

    @Test func validationTellsUnknownFromTooEarly() throws {
        let bad = try variables([
            ("order", "{variables.order}"), ("b", "{variables.total}{variables.ordre}"), ("total", "{caller}"),
        ])
        let problems = Template.validate(variables: bad)
        #expect(problems.map(\.index) == [0, 1, 1])
        #expect(
            problems.map(\.message) == [
                "\"variables.order\" is not known yet; a variable may name only those above it",
                "\"variables.total\" is not known yet; a variable may name only those above it",
                "unknown name \"variables.ordre\"; did you mean \"variables.order\"?",
            ])
    }
}
