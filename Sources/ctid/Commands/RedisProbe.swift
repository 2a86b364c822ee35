import CTIPipeline
import Hiredis

/// What `check --probe` finds at a tenant's Redis: the inbound list, and whatever else the tenant's file names.
struct RedisProbe {
    struct Report {
        /// All that is configured could be read here.
        var isReachable: Bool
        var lines: [String]
    }

    let calls: RedisListSettings
    let records: RedisListSettings?
    let channels: RedisChannelSettings?
    let loop: RedisEventLoop

    func run() async -> Report {
        var report = await examine(calls)
        if let records { report.add(await examine(records)) }
        if let channels { report.add(await examine(channels)) }
        return report
    }

    private func examine(_ list: RedisListSettings) async -> Report {
        do throws(RedisError) {
            let session = try await RedisSession(list.endpoint, on: loop, within: .seconds(5))
            let examination = ListExamination(list)
            let outcome = examination.outcome(try await session.run(examination.commands))
            await session.close()
            return Report(isReachable: outcome.trouble == nil, lines: outcome.lines + unusable(outcome.trouble))
        } catch {
            return Report(isReachable: false, lines: unusable(SourceTrouble(error, of: list)))
        }
    }

    /// Listens for a moment: nothing is taken away from anybody by that.
    private func examine(_ channels: RedisChannelSettings) async -> Report {
        do throws(RedisError) {
            let session = try await RedisSession(channels.endpoint, on: loop, within: .seconds(5))
            try await session.run(RedisCommand("PSUBSCRIBE", channels.pattern))
            await session.close()
            return Report(isReachable: true, lines: ["channels \(channels.pattern): listening is permitted"])
        } catch {
            return Report(isReachable: false, lines: unusable(SourceTrouble(error, of: channels)))
        }
    }

    private func unusable(_ trouble: SourceTrouble?) -> [String] {
        trouble.map { ["Redis at \(calls.endpoint) is not usable: \($0)"] } ?? []
    }
}

extension RedisProbe.Report {
    /// What holds for the server as a whole was said before.
    fileprivate mutating func add(_ other: RedisProbe.Report) {
        lines += other.lines.filter { !lines.contains($0) }
        if !other.isReachable { isReachable = false }
    }
}
