import ArgumentParser
import CTICore
import CTIPipeline
import CTIStore
import Hiredis

struct RequeueDeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requeue",
        abstract: "Pushes dead letters to the tenant's list again, or hands them to their sink, and removes them.",
        discussion: """
            The bytes that came go where the PBX pushes calls, in an envelope that tells when they came first, and where: \
            those of the list of call records and of the agents' channels are still taken for what they are. A call that is \
            older than fresh_for is recorded and listed as missed, and takes no screen. A dead letter is removed only \
            once Redis has answered; with Redis not reachable (69) all of them stay. What a sink could not deliver is handed over to it by \
            this command, with the id that it had; what is refused again stays, and the command ends with 1. Example:

              ctid deadletters requeue --tenant acme 1795255200123001
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var selection: DeadLetterSelection

    /// So many go at once, each time all or none.
    private static let batch = 64

    func run() async throws {
        let tenant = try configuration.tenant(tenant.name, needs: .redis)
        let tenantLog = try configuration.log(of: tenant)
        let log = try await tenantLog.openToChange()
        let (positions, missing) = try await tenantLog.asking { try await selection.find(in: log) }
        let isAllDelivered = try await tenantLog.asking {
            let undelivered = try await requeue(positions, from: log, to: RedisListSettings(tenant.redis))
            return try await redeliver(undelivered, tenant, log)
        }
        try await tenantLog.asking { try await log.close() }
        try DeadLetterSelection.report(missing: missing)
        if !isAllDelivered { throw ExitStatus.badInput.code }
    }

    private func redeliver(
        _ letters: [DeadLetter], _ tenant: TenantConfiguration, _ log: SQLiteEventLog
    ) async throws -> Bool {
        guard !letters.isEmpty else { return true }
        let redelivery = try SinkRedelivery(tenant, log: log)
        defer { redelivery.close() }
        return try await redelivery.deliver(letters)
    }

    /// Read again, since another command may have taken some meanwhile.
    private func letters(
        at positions: ArraySlice<Position>, in log: SQLiteEventLog
    ) async throws(EventLogError) -> [DeadLetter] {
        var letters: [DeadLetter] = []
        for position in positions {
            if let letter = try await DeadLetters(log: log).letter(at: position) { letters.append(letter) }
        }
        return letters
    }

    /// Pushes the notifications among them; returns what sinks did not deliver, of which no payload is kept.
    private func requeue(
        _ positions: [Position], from log: SQLiteEventLog, to settings: RedisListSettings
    ) async throws -> [DeadLetter] {
        do {
            let loop = try RedisEventLoop()
            defer { loop.stop() }
            var list: PBXList?
            var undelivered: [DeadLetter] = []
            for start in stride(from: 0, to: positions.count, by: Self.batch) {
                let batch = positions[start..<min(start + Self.batch, positions.count)]
                let letters = try await letters(at: batch, in: log)
                undelivered += letters.filter { $0.sink != nil }
                let notifications = letters.filter { $0.sink == nil }
                guard !notifications.isEmpty else { continue }
                let open = if let list { list } else { try await PBXList(settings, on: loop) }
                list = open
                try await requeue(notifications, from: log, to: open)
            }
            await list?.close()
            return undelivered
        } catch let error as RedisError {
            throw failure(
                .unreachable, "Redis at \(settings.endpoint): \(error); what is not named above stays a dead letter")
        }
    }

    private func requeue(_ letters: [DeadLetter], from log: SQLiteEventLog, to list: PBXList) async throws {
        try await list.push(letters.map { RequeuedNotification(raw: $0.raw, fetchedAt: $0.at, feed: $0.feed).envelope })
        do throws(EventLogError) {
            _ = try await log.removeDeadLetters(at: letters.map(\.position))
        } catch {
            let names = letters.map(\.position.description).joined(separator: ", ")
            StandardStreams.complain("ctid: pushed, but still among the dead letters: \(names)")
            throw error
        }
        for letter in letters {
            StandardStreams.print("requeued \(letter.position) (\(letter.code), \(letter.raw.count) bytes)")
        }
    }
}
