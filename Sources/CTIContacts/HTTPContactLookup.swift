public import CTICore
public import CTIPipeline
import Synchronization

/// Asks an address of the tenant's own who is calling, and spares it: answers are kept for a while, few are asked at once,
/// and who fails again and again is left alone.
///
///     call ─▶ cache ─▶ breaker ─▶ gate ─▶ GET url ─▶ contacts
///               └─────────┴── said at once, the call does not wait
///
/// 404, 204, `null`, an empty list and an empty answer are nobody.
public final class HTTPContactLookup: ContactLookup {
    public let timeout: Duration
    private let settings: LookupSettings
    private let fetch: Fetch
    private let report: @Sendable (LookupReport) -> Void
    private let now: @Sendable () -> ContinuousClock.Instant
    private let gate: LookupGate
    private let book: Mutex<LookupBook>

    /// Gives the body that an address answers with.
    typealias Fetch = @Sendable (String) async throws(ContactLookupError) -> [UInt8]

    /// Whoever waits gives up first and says so in its own words; this ends what it left behind. What comes within it is
    /// kept for the next.
    private static let grace = Duration.milliseconds(250)

    /// - Parameter token: sent as `Authorization: Bearer`.
    public convenience init(
        _ settings: LookupSettings, token: String? = nil,
        report: @escaping @Sendable (LookupReport) -> Void = { _ in }
    ) {
        let exchange = LookupExchange(headers: settings.headers, token: token, limit: settings.timeout + Self.grace)
        self.init(
            settings, report: report, fetch: { url async throws(ContactLookupError) in try await exchange.get(url) })
    }

    init(
        _ settings: LookupSettings, report: @escaping @Sendable (LookupReport) -> Void = { _ in },
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, fetch: @escaping Fetch
    ) {
        self.settings = settings
        self.report = report
        self.now = now
        self.fetch = fetch
        timeout = settings.timeout
        gate = LookupGate(places: settings.concurrency)
        book = Mutex(LookupBook(settings))
    }

    /// Questions that wait for a place.
    var waiting: Int { gate.waiting }

    public func metrics() -> LookupMetrics? { book.withLock { $0.metrics } }

    public func known(for context: PlanContext) -> LookupAnswer? {
        let url = settings.url.renderedURL(context)
        return switch book.withLock({ $0.admit(url, isAsked: false, at: now()) }) {
        case .ask: nil
        case .known(let contacts): .cached(contacts)
        case .refused(let pause): .refused(Self.words(for: pause))
        }
    }

    public func contacts(for context: PlanContext) async throws(ContactLookupError) -> [Contact] {
        let url = settings.url.renderedURL(context)
        let begun = now()
        do {
            return try await withThrowingTaskGroup(of: [Contact].self) { group in
                group.addTask { try await self.askInTurn(url, since: begun) }
                // An answer whose body never ends would keep its place, and in time all of them.
                group.addTask {
                    try await Task.sleep(for: self.timeout + Self.grace)
                    throw ContactLookupError(.timeout, "no whole answer within \(self.timeout.milliseconds) ms")
                }
                defer { group.cancelAll() }
                return try await group.next() ?? []
            }
        } catch let error as ContactLookupError {
            throw error
        } catch {
            throw ContactLookupError(.unreachable, "no answer (\(type(of: error)))")
        }
    }
}

extension HTTPContactLookup {
    private func askInTurn(
        _ url: String, since begun: ContinuousClock.Instant
    ) async throws(ContactLookupError) -> [Contact] {
        guard await gate.enter() else {
            book.withLock { $0.count(.busy) }
            throw ContactLookupError(.busy, "others were asked all the time, expected fewer at once")
        }
        defer { gate.leave() }
        // While it waited, another may have asked the same, or have been the last to fail.
        switch book.withLock({ $0.admit(url, isAsked: true, at: now()) }) {
        case .ask: return try await ask(url, since: begun)
        case .known(let contacts): return contacts
        case .refused(let pause): throw ContactLookupError(.breakerOpen, Self.words(for: pause))
        }
    }

    private func ask(
        _ url: String, since begun: ContinuousClock.Instant
    ) async throws(ContactLookupError) -> [Contact] {
        let asked = now()
        do throws(ContactLookupError) {
            let found = try settings.answer.contacts(in: try await fetch(url))
            if found.leftOut > 0 { report(.leftOut(found.leftOut)) }
            end(url, .answered(found.contacts), since: begun, asked: asked)
            return found.contacts
        } catch {
            // One that waited long had no time left to be answered in: that tells nothing.
            let isCutOff = Task.isCancelled && asked.duration(to: now()) < timeout
            end(url, isCutOff ? .cutOff : .failed(error.outcome), since: begun, asked: asked)
            throw error
        }
    }

    private func end(
        _ url: String, _ ending: LookupBook.Ending, since begun: ContinuousClock.Instant,
        asked: ContinuousClock.Instant
    ) {
        let moment = now()
        let isLate = begun.duration(to: moment) > timeout
        let said = book.withLock {
            $0.end(url, ending, took: asked.duration(to: moment), isLate: isLate, at: moment)
        }
        if let said { report(said) }
    }

    private static func words(for pause: Duration) -> String {
        "the last ones failed; asked again in \(max(1, (pause.milliseconds + 999) / 1000)) s"
    }
}
