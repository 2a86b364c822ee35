import CTIPipeline
import Hiredis

/// What `check --probe` finds at a tenant's Redis.
struct RedisProbe {
    struct Report {
        var isReachable: Bool
        var lines: [String]
    }

    let settings: RedisListSettings
    let loop: RedisEventLoop

    func run() async -> Report {
        do {
            let session = try await RedisSession(settings.endpoint, on: loop, within: .seconds(5))
            let lines = try await examine(session)
            await session.close()
            return Report(isReachable: true, lines: lines)
        } catch {
            return Report(isReachable: false, lines: ["Redis at \(settings.endpoint) is not usable: \(error)"])
        }
    }

    private func examine(_ session: RedisSession) async throws(RedisError) -> [String] {
        let examination = ListExamination(settings)
        let values = try await session.run(examination.commands)
        return ["Redis at \(settings.endpoint): version \(examination.version(values) ?? "not told")"]
            + examination.findings(values)
    }
}
