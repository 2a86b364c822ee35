import CTICore
import CTIHub

/// A PBX that remembers what it was asked to dial.
actor FakeDialler: Dialler {
    struct Dial: Hashable, Sendable {
        var number: String
        var contactRef: String?
        var agent: String
    }

    private(set) var dials: [Dial] = []
    private let failure: DialFailure?

    init(failure: DialFailure? = nil) { self.failure = failure }

    func dial(_ number: String, contactRef: String?, agent: Extension) async throws(DialFailure) {
        dials.append(Dial(number: number, contactRef: contactRef, agent: agent.rawValue))
        if let failure { throw failure }
    }
}
