public import CTICore
public import CTIPipeline
import Synchronization

/// The tenants that are served now. Safe from any thread; a request sees one consistent state.
///
/// A reload calls ``update(_:)`` and ``remove(_:)`` with what changed.
public final class TenantRegistry: Sendable {
    /// Whether the daemon as a whole may be called ready.
    public enum Phase: Sendable { case starting, serving, stopping }

    private struct State {
        var phase = Phase.starting
        var tenants: [TenantID: HubTenant] = [:]
        /// Of their files.
        var problems: [TenantID: Readiness] = [:]
        /// Of building or changing them.
        var failures: [TenantID: Readiness] = [:]
    }

    private let state = Mutex(State())
    /// Of the configuration that these tenants come from.
    public let reloads = ReloadStatus()

    public init(_ tenants: [HubTenant] = [], phase: Phase = .starting) {
        state.withLock {
            $0.phase = phase
            for tenant in tenants { $0.tenants[tenant.id] = tenant }
        }
    }

    public subscript(id: TenantID) -> HubTenant? { state.withLock { $0.tenants[id] } }

    public var all: [HubTenant] { state.withLock { Array($0.tenants.values) } }

    /// Tenants whose file is broken or cannot be taken up, be it that they run on an earlier one or not at all.
    public var problems: [TenantID: Readiness] {
        state.withLock { $0.problems.merging($0.failures) { problem, _ in problem } }
    }

    /// Tenants whose file is wrong now.
    var broken: Set<TenantID> { state.withLock { Set($0.problems.keys) } }

    public var phase: Phase { state.withLock { $0.phase } }

    public func enter(_ phase: Phase) { state.withLock { $0.phase = phase } }

    /// Adds or replaces one tenant. That its file has become wrong since stays known.
    public func update(_ tenant: HubTenant) { state.withLock { $0.tenants[tenant.id] = tenant } }

    public func remove(_ id: TenantID) {
        state.withLock {
            $0.tenants[id] = nil
            $0.problems[id] = nil
            $0.failures[id] = nil
        }
    }

    /// Notes that a tenant cannot be built, or a new file of it not be taken up; `nil` that it could after all.
    public func setFailure(_ failure: Readiness?, of id: TenantID) { state.withLock { $0.failures[id] = failure } }

    /// Notes that a tenant's file is broken; `nil` that it is fine again. One that still runs, on its last good file, is
    /// shown as degraded.
    public func setProblem(_ problem: Readiness?, of id: TenantID) { state.withLock { $0.problems[id] = problem } }

    /// Every tenant's state, those that never started included.
    public func readiness() async -> [TenantID: Readiness] {
        let (tenants, problems) = (state.withLock(\.tenants), problems)
        var result = problems
        for (id, tenant) in tenants {
            var readiness = await tenant.gateway.readiness()
            if let problem = problems[id], readiness.state == .ready {
                readiness.state = .degraded
                (readiness.reason, readiness.since) = (problem.reason, problem.since)
            }
            result[id] = readiness
        }
        return result
    }
}
