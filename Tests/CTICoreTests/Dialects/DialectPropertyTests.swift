import CTICore
import Testing

/// What holds of every account there may be, not of the vendors' samples alone.
@Suite struct DialectPropertyTests {
    private static let accounts = {
        var random = RandomAccount(seed: 20_261_121)
        return (0..<200).map { _ in random.next() }
    }()

    @Test func `accounts are of every kind`() {
        #expect(Set(Self.accounts.map(\.event)) == Set(CallEventKind.allCases))
        #expect(Set(Self.accounts).count == 200)
    }

    @Test func `our own shape keeps everything`() throws {
        for (index, account) in Self.accounts.enumerated() {
            var account = account
            account.facts.vendor = Dialect.allCases.map { RandomAccount.undocumented(in: $0) }[index % 5]
            let again = try Dialect.ctid.decode(#require(Dialect.ctid.encode(account)))
            #expect(again == account, "account \(index)")
        }
    }

    @Test(arguments: Dialect.allCases)
    func `through one dialect, and from it through every other, comes what the table says`(_ dialect: Dialect) throws {
        var read = 0
        for (index, account) in Self.accounts.enumerated() {
            var account = account
            if index.isMultiple(of: 2) { account.facts.vendor = RandomAccount.undocumented(in: dialect) }
            guard let there = try passed(account, through: dialect, index) else { continue }
            read += 1
            #expect(there.facts.vendor?.members.contains { $0.name == "x-undocumented" } == true || index % 2 == 1)
            for other in Dialect.allCases where other != dialect {
                guard let beyond = try passed(there, through: other, index), other != .ctid else { continue }
                #expect(beyond.facts.vendor?.members.contains { $0.name == "x-undocumented" } != true)
            }
        }
        #expect(read > 100)
    }

    /// `nil` where the dialect has no words for it.
    private func passed(_ account: CallAccount, through dialect: Dialect, _ index: Int) throws -> CallAccount? {
        guard let written = dialect.encode(account) else {
            let needsRecord = dialect == .enreach && account.event == .calling && account.contact == nil
            #expect(needsRecord || !dialect.speaks(of: account.event))
            return nil
        }
        let read = try dialect.decode(written)
        let expected = Survivors(account).through(dialect)
        var left = Survivors(read)
        // Moments and other seconds may tell what was not told.
        if expected.talkSeconds == nil { left.talkSeconds = nil }
        #expect(left == expected, "account \(index) through \(dialect.rawValue)")
        return read
    }
}
