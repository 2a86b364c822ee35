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
            Prints the call's reference. Example:

              ctid send --tenant acme --number 0821234567 --extension 1007 --dial-number 0117654321
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

    func validate() throws {
        guard !agent.isEmpty else { throw ValidationError("--extension is empty, expected an agent's extension") }
        guard callRef != "" else { throw ValidationError("--call-ref is empty, expected a reference") }
        guard holdTime >= 0 else { throw ValidationError("--hold-time is negative, expected seconds") }
    }

    func run() async throws {
        let tenant = try configuration.tenant(tenant.name, needs: .redis)
        let notification = SampleNotification(
            generation: generation == .v3 ? .v3 : .preV3, number: number, dialNumber: dialNumber, holdTime: holdTime,
            callRef: callRef ?? UUID().uuidString.lowercased(), contactRef: contactRef, agent: agent)
        let settings = RedisListSettings(tenant.redis)
        do throws(RedisError) {
            let loop = try RedisEventLoop()
            defer { loop.stop() }
            let list = try await PBXList(settings, on: loop)
            try await list.push([notification.json])
            await list.close()
        } catch {
            throw failure(.unreachable, "Redis at \(settings.endpoint): \(error)")
        }
        StandardStreams.print(notification.callRef)
    }
}
