import CTICore
import CTIPipeline
internal import Dispatch
internal import Glibc
import Synchronization

/// The addresses of one host. What was found counts for a minute, so that most deliveries ask nobody; whoever comes while
/// a question is under way waits for the same answer.
final class HostLookup: Sendable {
    enum Answer: Sendable, Hashable {
        /// In the order to be tried.
        case found([IPAddress])
        /// In the resolver's words.
        case failed(String)
    }

    /// Blocks, for seconds where the name server is away.
    typealias LookUp = @Sendable (String) -> Answer

    /// A name that moves is followed within it; and what was checked stays checked for no longer.
    static let lifetime = Duration.seconds(60)

    private struct State {
        var known: (addresses: [IPAddress], until: ContinuousClock.Instant)?
        var waiting: [AsyncStream<Answer>.Continuation] = []
        var isAsking = false
    }

    private enum Next {
        case known(Answer)
        case wait(AsyncStream<Answer>, mustAsk: Bool)
    }

    private let host: String
    private let lookUp: LookUp
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    init(
        _ host: String, lookUp: @escaping LookUp, clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.host = host
        self.lookUp = lookUp
        self.clock = clock
    }

    /// Ends early, with `failed`, for a task that is cancelled; the question goes on for those who come after.
    func addresses() async -> Answer {
        if let address = IPAddress(host) { return .found([address]) }
        switch next() {
        case .known(let answer): return answer
        case .wait(let answers, let mustAsk):
            if mustAsk { ask() }
            for await answer in answers { return answer }
            return .failed("its name was not looked up in time")
        }
    }

    /// Nobody was there, so perhaps it has moved.
    func forget() { state.withLock { $0.known = nil } }

    private func next() -> Next {
        let moment = clock()
        return state.withLock { state in
            if let known = state.known, moment < known.until { return .known(.found(known.addresses)) }
            let (answers, continuation) = AsyncStream.makeStream(of: Answer.self, bufferingPolicy: .bufferingNewest(1))
            state.waiting.append(continuation)
            defer { state.isAsking = true }
            return .wait(answers, mustAsk: !state.isAsking)
        }
    }

    /// On a thread of Dispatch's: the pool of async code has as many threads as there are cores. One a host at a time.
    private func ask() {
        DispatchQueue.global().async { [self] in
            let answer = lookUp(host)
            let waiting = state.withLock { state in
                if case .found(let addresses) = answer { state.known = (addresses, clock() + Self.lifetime) }
                state.isAsking = false
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting {
                continuation.yield(answer)
                continuation.finish()
            }
        }
    }
}

extension HostLookup {
    static let system: LookUp = { getAddresses($0, flags: 0) }

    /// Without asking anybody: `127.1` and `0x7f000001` are addresses, too.
    static func literal(_ host: String) -> Answer { getAddresses(host, flags: AI_NUMERICHOST) }

    private static func getAddresses(_ host: String, flags: Int32) -> Answer {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        defer { list.map(freeaddrinfo) }
        guard code == 0 else { return .failed(String(cString: gai_strerror(code))) }
        let found = sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }
        let addresses = found.compactMap { $0.flatMap { IPAddress($0.pointee) } }
        return addresses.isEmpty ? .failed("its name has no address") : .found(addresses)
    }
}
