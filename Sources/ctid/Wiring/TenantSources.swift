import CTICore
import CTIPipeline
import CTIStore
import Hiredis

/// Everything that a tenant reads from its PBX's Redis: a connection each, so that none of them waits for another.
struct TenantSources: Sendable {
    private let calls: RedisListSource
    private let records: RedisListSource?
    private let channels: RedisChannelSource?

    /// The inbound list alone needs to be remembered as empty: nothing of the others takes a screen for its being young.
    init(_ tenant: TenantConfiguration, desk: TenantDesk, paths: LogPaths) throws(EventLogError) {
        let watermark = try WatermarkFile(
            path: paths.watermark, list: "\(Hiredis.RedisEndpoint(tenant.redis.server)) \(tenant.redis.keys.inbound)")
        // A slash is in no tenant's id, so no other tenant's connection is called so.
        let name = "ctid-\(tenant.id)"
        var list = RedisListSettings(tenant.redis)
        list.clientName = name
        calls = RedisListSource(
            list, loop: desk.loop, consumer: desk,
            emptyAsOf: watermark.value.map { Clocks.monotonic(Timestamp(milliseconds: $0)) },
            // What cannot be written down is only known less well after a restart.
            onEmpty: { moment in try? watermark.store(Clocks.wall(moment).milliseconds) })
        records = RedisListSettings.records(tenant.redis).map { list in
            var list = list
            list.clientName = "\(name)/cdr"
            return RedisListSource(list, loop: desk.loop, consumer: desk)
        }
        channels = RedisChannelSettings(tenant.redis).map { settings in
            var settings = settings
            settings.clientName = "\(name)/agents"
            return RedisChannelSource(settings, loop: desk.loop, consumer: desk)
        }
    }

    func introduce(to desk: TenantDesk) async {
        await desk.expect(calls)
        if let records { await desk.expect(records) }
        if let channels { await desk.expect(channels) }
    }

    /// Returns once all of them were stopped, and nothing is under way any more.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await calls.run() }
            if let records { group.addTask { await records.run() } }
            if let channels { group.addTask { await channels.run() } }
            await group.waitForAll()
        }
    }

    /// All at once: ending a BLPOP takes a round trip.
    func stop() async {
        await withTaskGroup { group in
            group.addTask { await calls.stop() }
            if let records { group.addTask { await records.stop() } }
            if let channels { group.addTask { await channels.stop() } }
            await group.waitForAll()
        }
    }
}
