import CTIPipeline
import Hiredis

/// What `check --probe` finds at a tenant's Redis.
struct RedisProbe {
    struct Report {
        /// Calls could be taken here.
        var isReachable: Bool
        var lines: [String]
    }

    let settings: RedisListSettings
    let loop: RedisEventLoop

    func run() async -> Report {
        do throws(RedisError) {
            let session = try await RedisSession(settings.endpoint, on: loop, within: .seconds(5))
            let examination = ListExamination(settings)
            let outcome = examination.outcome(try await session.run(examination.commands))
            await session.close()
            return Report(isReachable: outcome.trouble == nil, lines: outcome.lines + unusable(outcome.trouble))
        } catch {
            return Report(isReachable: false, lines: unusable(SourceTrouble(error, of: settings)))
        }
    }

    private func unusable(_ trouble: SourceTrouble?) -> [String] {
        trouble.map { ["Redis at \(settings.endpoint) is not usable: \($0)"] } ?? []
    }
}
