import CTICore
import Testing

@Suite struct TemplateParsingTests {
    @Test func readsTextFieldsAndFallbacks() throws {
        let template = try Template(parsing: "a{caller}b{contact.id|none}{queue|}")
        #expect(
            template.parts == [
                .literal("a"), .field(.caller, fallback: nil), .literal("b"), .field(.contactID, fallback: "none"),
                .field(.queue, fallback: ""),
            ])
    }

    @Test(arguments: [("{{", "{"), ("}}", "}"), ("{{x}}", "{x}"), ("a{{}}b", "a{}b"), ("ü{{ß", "ü{ß")])
    func doubledBracesAreBraces(text: String, expected: String) throws {
        #expect(try Template(parsing: text).parts == [.literal(expected)])
    }

    @Test func aFieldMayStandInBraces() throws {
        #expect(
            try Template(parsing: "{{{caller}}}").parts == [
                .literal("{"), .field(.caller, fallback: nil), .literal("}"),
            ])
    }

    @Test func nothingGivesNoParts() throws {
        #expect(try Template(parsing: "").parts.isEmpty)
    }

    @Test(arguments: TemplateField.names.map(\.name) + ["variables.ordernumber"])
    func everyKnownNameIsRead(name: String) throws {
        let field = try #require(TemplateField(name: name))
        #expect(try Template(parsing: "{\(name)}").parts == [.field(field, fallback: nil)])
    }

    @Test(arguments: [
        ("{caller", 0), ("ab{", 2), ("{caller|x", 0), ("{a{caller}", 0), ("{caller|{x}", 0), ("ü{caller", 2),
    ])
    func anUnclosedBraceIsAnErrorWhereItOpens(text: String, offset: Int) {
        expectError(text, at: offset, saying: "without its \"}\"")
    }

    @Test(arguments: [("}", 0), ("a}b", 1), ("{caller}}", 8), ("{queue|a}}b", 9)])
    func aStrayBraceIsAnErrorWhereItStands(text: String, offset: Int) {
        expectError(text, at: offset, saying: "closes nothing")
    }

    @Test func anEmptyNameIsAnError() {
        expectError("x{}", at: 2, saying: "nothing between the braces")
        expectError("x{|y}", at: 2, saying: "nothing between the braces")
    }

    @Test func anUnknownNameIsAnErrorWithTheNearest() {
        expectError("a{calller}", at: 2, saying: "\"calller\"; did you mean \"caller\"?")
        expectError("{contactid}", at: 1, saying: "did you mean \"contact.id\"?")
        expectError("{ caller }", at: 1, saying: "did you mean \"caller\"?")
        expectError("{CALLERE164|x}", at: 1, saying: "did you mean \"callerE164\"?")
    }

    @Test func anUnknownNameNearNothingListsAllNames() {
        expectError("{zebrafinches}", at: 1, saying: "expected one of caller, callerE164, dialed")
    }

    @Test func variablesAreCheckedWhenTheyAreGiven() throws {
        #expect(throws: Never.self) { try Template(parsing: "{variables.order}", variables: ["order"]) }
        let error = #expect(throws: TemplateError.self) {
            try Template(parsing: "n={variables.ordre}", variables: ["order"])
        }
        #expect(error?.offset == 3)
        #expect(error?.message == "unknown name \"variables.ordre\"; did you mean \"variables.order\"?")
    }

    private func expectError(_ text: String, at offset: Int, saying words: String) {
        let error = #expect(throws: TemplateError.self) { try Template(parsing: text) }
        #expect(error?.offset == offset)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
}
