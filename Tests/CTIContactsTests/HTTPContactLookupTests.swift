import CTICore
import CTIPipeline
import Synchronization
import Testing

@testable import CTIContacts

/// What is asked and what is not, with an address that answers as the test says. Time goes on when it is told to; the way
/// over HTTP is tried against the built daemon.
@Suite(.timeLimit(.minutes(1)))
struct HTTPContactLookupTests {
    private let crm = ScriptedAddress()

    private func lookup(_ change: (inout LookupSettings) -> Void = { _ in }) throws -> HTTPContactLookup {
        var settings = LookupSettings(url: try Template(parsing: "http://crm/{caller}"))
        settings.timeout = .seconds(20)
        change(&settings)
        let crm = crm
        return HTTPContactLookup(
            settings, report: { crm.note($0) }, now: { crm.now },
            fetch: { url async throws(ContactLookupError) in try await crm.get(url) })
    }

    @Test("an answer is kept for its time, nobody too, by the URL that was asked")
    func kept() async throws {
        let lookup = try lookup()
        crm.answers["http://crm/1"] = #"{"id":"17"}"#
        #expect(lookup.known(for: .from("1")) == nil)
        #expect(try await lookup.contacts(for: .from("1")).map(\.id) == ["17"])
        #expect(try await lookup.contacts(for: .from("2")) == [])
        #expect(lookup.known(for: .from("1")) == .cached([Contact(id: "17", name: "")]))
        #expect(lookup.known(for: .from("2")) == .cached([]))
        #expect(lookup.known(for: .from("3")) == nil)
        crm.advance(by: .seconds(60))
        #expect(lookup.known(for: .from("1")) == nil)
        #expect(crm.asked == 2)
        let metrics = try #require(lookup.metrics())
        #expect(metrics.outcomes == [.found: 1, .nobody: 1, .cached: 2])
        #expect(metrics.times.counts.reduce(0, +) == 2)
    }

    @Test("an error is not kept")
    func errorsAreNotKept() async throws {
        let lookup = try lookup()
        crm.failure = ContactLookupError(.status, "HTTP status 500")
        await #expect(throws: ContactLookupError(.status, "HTTP status 500")) {
            try await lookup.contacts(for: .from("1"))
        }
        crm.failure = nil
        #expect(lookup.known(for: .from("1")) == nil)
        #expect(try await lookup.contacts(for: .from("1")) == [])
        #expect(crm.asked == 2)
    }

    @Test("after so many failures in a row nobody asks for the pause; then one tries, and an answer ends it")
    func breaker() async throws {
        let lookup = try lookup { $0.breaker.failures = 2 }
        crm.failure = ContactLookupError(.unreachable, "no answer")
        for number in ["1", "2"] {
            await #expect(throws: ContactLookupError.self) { try await lookup.contacts(for: .from(number)) }
        }
        #expect(lookup.known(for: .from("3")) == .refused("the last ones failed; asked again in 30 s"))
        await #expect(throws: ContactLookupError(.breakerOpen, "the last ones failed; asked again in 30 s")) {
            try await lookup.contacts(for: .from("3"))
        }
        #expect(crm.asked == 2)
        #expect(lookup.metrics()?.isBreakerOpen == true)
        crm.advance(by: .seconds(30))
        #expect(lookup.known(for: .from("3")) == nil)
        await #expect(throws: ContactLookupError(.unreachable, "no answer")) {
            try await lookup.contacts(for: .from("3"))
        }
        #expect(lookup.known(for: .from("3")) != nil)
        crm.failure = nil
        crm.advance(by: .seconds(30))
        #expect(try await lookup.contacts(for: .from("3")) == [])
        #expect(lookup.known(for: .from("4")) == nil)
        #expect(crm.reports == [.opened(failures: 2), .closed])
        #expect(lookup.metrics()?.outcomes == [.unreachable: 3, .breakerOpen: 3, .nobody: 1])
    }

    @Test("so many ask at once; the others wait, and what was answered meanwhile is not asked again")
    func concurrency() async throws {
        let lookup = try lookup { $0.concurrency = 2 }
        crm.answers = ["http://crm/1": #"{"id":"1"}"#, "http://crm/2": #"{"id":"2"}"#]
        crm.hold()
        let found = try await withThrowingTaskGroup(of: String.self) { group in
            for number in ["1", "2", "1", "2", "1"] {
                group.addTask { try await lookup.contacts(for: .from(number)).map(\.id).joined() }
            }
            while crm.asked < 2 || lookup.waiting < 3 { await Task.yield() }
            #expect(crm.asked == 2)
            crm.letGo()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(found.count == 5)
        // Which two came first is not told: the same one may have been asked twice.
        #expect((2...3).contains(crm.asked) && crm.mostAtOnce == 2)
    }

    @Test("an answer that comes too late is kept for the next call")
    func late() async throws {
        let lookup = try lookup { $0.timeout = .seconds(1) }
        crm.takes = .seconds(2)
        _ = try await lookup.contacts(for: .from("1"))
        #expect(lookup.known(for: .from("1")) == .cached([]))
        #expect(lookup.metrics()?.outcomes == [.timeout: 1, .cached: 1])
    }

    @Test("who waits for a place when its time is over has asked nobody, and is no failure of the address")
    func busy() async throws {
        let lookup = try lookup {
            $0.concurrency = 1
            $0.breaker.failures = 1
        }
        crm.hold()
        await withTaskGroup { group in
            group.addTask { _ = try? await lookup.contacts(for: .from("1")) }
            while crm.asked < 1 { await Task.yield() }
            let second = Task { try await lookup.contacts(for: .from("2")) }
            while lookup.waiting < 1 { await Task.yield() }
            second.cancel()
            _ = await second.result
            #expect(crm.asked == 1 && lookup.metrics()?.outcomes == [.busy: 1])
            crm.letGo()
        }
        #expect(lookup.metrics()?.isBreakerOpen == false)
    }

    @Test("entries that are no contact are left out, and said")
    func leftOut() async throws {
        let lookup = try lookup()
        crm.answers["http://crm/1"] = #"[{"id":"1"},{"name":"no id"},7,{"id":true}]"#
        #expect(try await lookup.contacts(for: .from("1")).map(\.id) == ["1"])
        #expect(crm.reports == [.leftOut(3)])
    }
}

/// An address, a clock and ears, all in the test's hand.
private final class ScriptedAddress: Sendable {
    private struct State {
        var now = ContinuousClock.now
        var answers: [String: String] = [:]
        var failure: ContactLookupError?
        var takes = Duration.zero
        var asked = 0
        var (atOnce, mostAtOnce) = (0, 0)
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var reports: [LookupReport] = []
    }

    private let state = Mutex(State())

    var now: ContinuousClock.Instant { state.withLock { $0.now } }
    var asked: Int { state.withLock { $0.asked } }
    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }
    var reports: [LookupReport] { state.withLock { $0.reports } }
    var answers: [String: String] {
        get { state.withLock { $0.answers } }
        set { state.withLock { $0.answers = newValue } }
    }
    var failure: ContactLookupError? {
        get { state.withLock { $0.failure } }
        set { state.withLock { $0.failure = newValue } }
    }
    var takes: Duration {
        get { state.withLock { $0.takes } }
        set { state.withLock { $0.takes = newValue } }
    }

    func advance(by duration: Duration) { state.withLock { $0.now += duration } }
    func note(_ report: LookupReport) { state.withLock { $0.reports.append(report) } }
    func hold() { state.withLock { $0.isHeld = true } }

    func letGo() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for waiter in held { waiter.resume() }
    }

    func get(_ url: String) async throws(ContactLookupError) -> [UInt8] {
        state.withLock { state in
            state.asked += 1
            state.atOnce += 1
            state.mostAtOnce = max(state.mostAtOnce, state.atOnce)
        }
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                if state.isHeld { state.held.append(continuation) }
                return !state.isHeld
            }
            if goesOn { continuation.resume() }
        }
        let (failure, answer) = state.withLock { state in
            state.atOnce -= 1
            state.now += state.takes
            return (state.failure, state.answers[url] ?? "[]")
        }
        if let failure { throw failure }
        return Array(answer.utf8)
    }
}

extension PlanContext {
    /// A call from somebody.
    fileprivate static func from(_ caller: String) -> PlanContext {
        let event = CallEvent(
            kind: .up, generation: .v3, direction: .inbound, caller: caller, callRef: CallRef("c"),
            extension: Extension("1007"))
        return PlanContext(
            call: Call(event, callerE164: nil, queue: nil), event: .up, agent: Agent(extension: Extension("1007")),
            contact: nil, tenant: acme)
    }

    private static let acme: TenantID = {
        guard let acme = TenantID("acme") else { preconditionFailure("a name of letters is a tenant's") }
        return acme
    }()
}
