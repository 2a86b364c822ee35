import CTIPipeline
import Testing

struct SinkNameTests {
    @Test(arguments: SinkName.Kind.allCases) func aNameIsItsDescription(kind: SinkName.Kind) {
        let name = SinkName(kind, "crm of Acme")
        #expect(SinkName(name.description) == name)
    }

    @Test(arguments: ["", "webhook", "webhook ", "fax crm"]) func anythingElseIsNone(text: String) {
        #expect(SinkName(text) == nil)
    }
}
