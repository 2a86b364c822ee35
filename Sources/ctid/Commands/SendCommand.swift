import ArgumentParser
import CTICore
import CTIPipeline
import Foundation
import Hiredis

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Pushes a notification into a tenant's list, as the PBX would.",
        discussion: """
            Prints the call's reference. With --end it pushes the record that ends a call instead, into redis.keys.cdr. \
            Examples:

              ctid send --tenant acme --number 0821234567 --extension 1007 --dial-number 0117654321
              ctid send --tenant acme --number 0821234567 --extension 1007 --call-ref R --end agent_hungup --call-time 95
            """
    )

    enum Generation: String, ExpressibleByArgument, CaseIterable {
        case v3
        case preV3 = "pre-v3"
    }

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: "Which payload the PBX speaks: v3 or pre-v3.")
    var generation = Generation.v3
    @Option(help: "The caller's number; \"\" for a withheld one.")
    var number: String
    @Option(name: .customLong("extension"), help: "The agent's extension.")
    var agent: String
    @Option(help: "The number that was dialled.")
    var dialNumber: String?
    @Option(help: "Seconds that the caller waited.")
    var holdTime: Int = 0
    @Option(help: "The call's reference (default: a new one).")
    var callRef: String?
    @Option(help: "What the caller typed in the IVR.")
    var contactRef: String = ""

    @Option(
        help: ArgumentHelp("The call is over: the PBX's word for why.", valueName: "reason"),
        completion: .list(SampleRecord.reasons))
    var end: String?
    @Option(help: "Seconds that the two talked; with --end.")
    var callTime: Int?

    func validate() throws {
        guard !agent.isEmpty else { throw ValidationError("--extension is empty, expected an agent's extension") }
        guard callRef != "" else { throw ValidationError("--call-ref is empty, expected a reference") }
        guard holdTime >= 0 else { throw ValidationError("--hold-time is negative, expected seconds") }
        guard callTime ?? 0 >= 0 else { throw ValidationError("--call-time is negative, expected seconds") }
        guard let end else {
            guard callTime == nil else { throw ValidationError("--call-time is given without --end, expected both") }
            return
        }
        guard callRef != nil else {
            throw ValidationError("--end is given without --call-ref, expected the reference of the call that ends")
        }
        guard SampleRecord.reasons.contains(end) else {
            throw ValidationError("--end is no reason, expected one of \(SampleRecord.reasons.joined(separator: ", "))")
        }
    }

    func run() async throws {
        let tenant = try configuration.tenant(tenant.name, needs: .redis)
        let notification = SampleNotification(
            generation: generation == .v3 ? .v3 : .preV3, number: number, dialNumber: dialNumber, holdTime: holdTime,
            callRef: callRef ?? UUID().uuidString.lowercased(), contactRef: contactRef, agent: agent)
        if let end {
            let record = SampleRecord(of: notification, reason: end, callTime: callTime ?? 0, endedAt: Clocks.wall())
            try await push(record.json, into: try records(of: tenant))
        } else {
            try await push(notification.json, into: RedisListSettings(tenant.redis))
        }
        StandardStreams.print(notification.callRef)
    }

    private func records(of tenant: TenantConfiguration) throws -> RedisListSettings {
        guard let settings = RedisListSettings.records(tenant.redis) else {
            throw failure(
                .badConfiguration,
                "tenant \(tenant.id) reads no call records, expected redis.keys.cdr in its file")
        }
        return settings
    }

    private func push(_ notification: [UInt8], into settings: RedisListSettings) async throws {
        do throws(RedisError) {
            let loop = try RedisEventLoop()
            defer { loop.stop() }
            let list = try await PBXList(settings, on: loop)
            try await list.push([notification])
            await list.close()
        } catch {
            throw failure(.unreachable, "Redis at \(settings.endpoint): \(error)")
        }
    }
}
