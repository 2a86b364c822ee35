import Hiredis

/// What a server lets us do with a list, and which delivery that makes possible.
///
///     at-least-once    BLMOVE, LRANGE, and EVAL or else LREM
///     at-most-once     BLPOP (BRPOP); with LLEN and LPOP (RPOP) a backlog goes in batches
struct ListAccess: Sendable {
    /// A command that is not to be had, and why.
    struct Refusal: Sendable {
        var name: String
        var error: RedisError
    }

    private(set) var refusals: [Refusal] = []
    /// LPOP takes a count from 6.2 on.
    private(set) var isPopCountSupported = true

    init() {}

    /// - Parameter answers: to ``ListCommands/probes``.
    /// - Throws: what is wrong with the server or the list as a whole, and not with one command.
    init(_ probes: [ListCommands.Probe], answers: some Collection<RedisValue>) throws(RedisError) {
        for (probe, answer) in zip(probes, answers) {
            guard let error = answer.error else { continue }
            switch error.code {
            case .noPermission, .unknownCommand:
                refusals.append(Refusal(name: probe.name, error: error))
            case .server where probe.isMeantToFail:
                if error.message.contains("wrong number") { isPopCountSupported = false }
            case .server:
                refusals.append(Refusal(name: probe.name, error: error))
            default:
                throw error
            }
        }
    }

    func allows(_ name: String) -> Bool { !refusals.contains { $0.name == name } }

    /// What at-least-once needs and what is not to be had.
    var lackingForAtLeastOnce: [Refusal] {
        refusals.filter { $0.name == "BLMOVE" || $0.name == "LRANGE" || ($0.name == "LREM" && !allows("EVAL")) }
    }

    /// Which delivery is done, and why not the one that is wanted.
    ///
    /// - Throws: where none is possible.
    func choose(_ wanted: RedisListSettings.Delivery, side: RedisListSettings.PopSide) throws(RedisError)
        -> (delivery: RedisListSettings.Delivery, lacking: String?)
    {
        let lacking = wanted == .atLeastOnce ? lackingForAtLeastOnce : []
        if wanted == .atLeastOnce, lacking.isEmpty { return (.atLeastOnce, nil) }
        if let refusal = refusals.first(where: { $0.name == side.waitingPop }) {
            throw lacking.first?.error ?? refusal.error
        }
        guard !lacking.isEmpty else { return (.atMostOnce, nil) }
        return (.atMostOnce, lacking.map(\.reason).joined(separator: ", "))
    }

    /// Without these a backlog is taken one by one: nothing tells of it, or nothing takes more than one.
    func canBatch(_ delivery: RedisListSettings.Delivery, side: RedisListSettings.PopSide) -> Bool {
        delivery == .atLeastOnce || (allows("LLEN") && allows(side.pop))
    }
}

extension ListAccess.Refusal {
    /// `BLMOVE is not permitted`
    var reason: String {
        switch error.code {
        case .noPermission: "\(name) is not permitted"
        case .unknownCommand: "\(name) is not known there"
        default: "\(name) fails (\(error.message))"
        }
    }
}

extension RedisListSettings.PopSide {
    var waitingPop: String { self == .left ? "BLPOP" : "BRPOP" }
    var pop: String { self == .left ? "LPOP" : "RPOP" }
}
