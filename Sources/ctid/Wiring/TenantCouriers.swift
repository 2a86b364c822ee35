import CTIPipeline
import CTIStore

/// The couriers of a tenant's sinks, each with its duty. A reload exchanges those whose settings have changed.
actor TenantCouriers {
    private struct Member: Sendable {
        let settings: TenantSinks.Settings
        let courier: SinkCourier
        let duty: Duty
    }

    private var members: [Member] = []
    /// The tenant stops: whoever is made now would not be waited for.
    private var isFinishing = false

    var couriers: [SinkCourier] { members.map(\.courier) }

    /// So long a sink that is exchanged may still deliver what it has under way; the rest its successor does.
    private static let grace = Duration.seconds(2)

    /// Ends those that are gone or different, and prepares the new ones, each of which has found its place in the log
    /// when this comes back.
    ///
    /// - Returns: what is to be run from now on.
    func adopt(
        _ sinks: TenantSinks, log: SQLiteEventLog, desk: TenantDesk
    ) async throws(EventLogError) -> [Duty] {
        let wanted = sinks.settings
        await finish(members.filter { !wanted.contains($0.settings) }, within: Self.grace)
        members.removeAll { !wanted.contains($0.settings) }
        let new = wanted.filter { settings in !members.contains { $0.settings == settings } }.compactMap { settings in
            sinks.sink(settings).map { sink in
                let courier = SinkCourier(sink, log: log, desk: desk, logger: desk.logger, now: Clocks.wall)
                return Member(settings: settings, courier: courier, duty: Duty { await courier.run() })
            }
        }
        let names = (members + new).map(\.courier.name)
        try await SinkCourier.forgetOthers(than: names, in: log)
        for member in new { try await member.courier.prepare() }
        guard !isFinishing else { return [] }
        members += new
        await desk.expect(couriers)
        return new.map(\.duty)
    }

    /// What can be delivered within this time still is.
    func finish(within time: Duration) async {
        isFinishing = true
        await finish(members, within: time)
    }

    private func finish(_ members: [Member], within time: Duration) async {
        await withTaskGroup { group in
            for member in members {
                group.addTask {
                    await member.courier.finish(within: time)
                    await member.duty.ended()
                }
            }
        }
    }
}
