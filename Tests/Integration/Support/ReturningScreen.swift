import Foundation
import Synchronization

/// An agent's screen that comes back after every crash of the daemon, resumes where it was, and answers `shown` to every
/// other pop at once. It keeps count of what it was sent.
actor ReturningScreen {
    struct Count: Sendable {
        /// `call` frames of each call, over all of the screen's life.
        var calls: [String: Int] = [:]
        var pops: [String: Int] = [:]
        var acknowledged: Set<String> = []
        /// What must not be: one line each.
        var wrongs: [String] = []
    }

    let agent: String
    private(set) var count = Count()
    private var stream: EventStreamClient?
    private var answering: Task<Set<String>, Never>?
    private var lastID: Int64?
    private var expected: Set<String> = []

    init(agent: String) { self.agent = agent }

    /// These calls are pushed now. Once the screen has been there, nothing may be missing on its stream.
    func expect(_ refs: [String]) {
        if stream != nil || lastID != nil { expected.formUnion(refs) }
    }

    /// What has not come, neither now nor before.
    func missing() -> Set<String> {
        let now = stream?.events.filter { $0.name == "call" }.compactMap { $0["call.ref"] } ?? []
        return expected.subtracting(count.calls.keys).subtracting(now)
    }

    func connect(to daemon: DaemonUnderTest, in world: FaultWorld) async throws {
        let isResumed = lastID != nil
        let stream = try await world.stream(daemon, agent: agent, after: lastID)
        if isResumed, stream.events.first?["recovered"] != "1" { count.wrongs.append("\(agent): not recovered") }
        self.stream = stream
        let token = try await world.token(daemon, agent: agent)
        let agent = agent
        answering = Task { await Self.answer(stream, agent: agent, daemon, token: token) }
    }

    /// Answers until it is cancelled; the calls whose answer was taken.
    private static func answer(
        _ stream: EventStreamClient, agent: String, _ daemon: DaemonUnderTest, token: String
    ) async -> Set<String> {
        var taken: Set<String> = []
        var seen = 0
        while !Task.isCancelled, !stream.hasEnded {
            let events = stream.events
            for event in events.dropFirst(seen) where event.name == "pop" {
                guard let ref = event["call.ref"], let id = event["id"], ref.hashValueIsEven else { continue }
                let path = "/v1/acme/agents/\(agent)/acks"
                let answer = try? await daemon.post(path, #"{"id":"\#(id)","outcome":"shown"}"#, token: token)
                if let answer, answer.status < 300 { taken.insert(ref) }
            }
            seen = events.count
            try? await Task.sleep(for: .milliseconds(2))
        }
        return taken
    }

    /// The daemon is gone, or the page is closed: what came meanwhile is counted.
    func disconnect() async {
        guard let stream else { return }
        stream.close()
        answering?.cancel()
        let taken = await answering?.value ?? []
        var poppedNow: Set<String> = []
        for event in stream.events {
            lastID = max(lastID ?? 0, event.id)
            guard let ref = event["call.ref"] else { continue }
            if event.name == "call" { count.calls[ref, default: 0] += 1 }
            guard event.name == "pop" else { continue }
            count.pops[ref, default: 0] += 1
            if count.acknowledged.contains(ref) { count.wrongs.append("\(ref): popped after it was acknowledged") }
            if !poppedNow.insert(ref).inserted { count.wrongs.append("\(ref): popped twice on one stream") }
        }
        count.acknowledged.formUnion(taken)
        self.stream = nil
    }
}

extension String {
    /// Half of all references, the same ones in every process.
    fileprivate var hashValueIsEven: Bool { utf8.reduce(0) { $0 &+ Int($1) }.isMultiple(of: 2) }
}
