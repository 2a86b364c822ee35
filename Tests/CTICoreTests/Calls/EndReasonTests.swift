import CTICore
import Testing

@Suite struct EndReasonTests {
    @Test func `every reason has words of its own, which end a sentence`() {
        let words = EndReason.allCases.map(\.words)
        #expect(Set(words).count == words.count)
        #expect(words.allSatisfy { !$0.isEmpty && !$0.hasSuffix(".") && $0.first?.isUppercase == false })
    }

    @Test func `only who hung up is told by the reason`() {
        #expect(EndReason.agentHungUp.endedBy == .agent)
        #expect(EndReason.calleeHungUp.endedBy == .caller)
        #expect(EndReason.allCases.filter { $0.endedBy != nil }.count == 2)
    }

    @Test func `ISDN causes that are well known have words, others have none`() {
        #expect(ISDNCause.known.count >= 30)
        #expect(ISDNCause(16).words == "normal end of a call")
        #expect(ISDNCause(17).words == "the line was busy")
        #expect(ISDNCause(0).words == nil && ISDNCause(128).words == nil && ISDNCause(-1).words == nil)
        #expect(ISDNCause.known.allSatisfy { (1...127).contains($0.code) && $0.words?.isEmpty == false })
    }
}
