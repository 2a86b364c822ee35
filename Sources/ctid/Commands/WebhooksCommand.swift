import ArgumentParser
import CTICore
import CTIPipeline
import CTISinks

struct WebhooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "Tries out a tenant's webhooks.",
        discussion: """
            Example:

              ctid webhooks test --tenant acme --name crm
            """,
        subcommands: [TestWebhooksCommand.self]
    )
}

struct TestWebhooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Sends one signed sample to each of the webhooks, or to one.",
        discussion: """
            The sample is of type ctid.test, an invented call of an invented agent. Says for each what came back, how long \
            that took, and at which address. --json gives an object a line: name, ok, status, address, redirects, \
            milliseconds, code, message, publicKeys. Exits with 1 where one refused, with 69 where one could not be reached or did \
            not answer, with 78 where the tenant's file forbids its address. Example:

              ctid webhooks test --tenant acme --name crm --event hangup
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions
    @Option(help: "One of sinks.webhooks, by its name; otherwise all.")
    var name: String?
    @Option(help: "The event of the sample: calling, ringing, up, hangup or abandon.")
    var event = CallEventKind.up
    @Flag(help: "An object a line, for programs.")
    var json = false

    func run() async throws {
        let tenant = try configuration.tenant(tenant.name)
        var worst: ExitStatus?
        for webhook in try selected(of: tenant) {
            let (report, keys) = try await report(on: webhook, of: tenant)
            if json {
                StandardStreams.print(report.json(webhook.settings.name, keys))
            } else {
                for line in report.lines(webhook.settings.name, keys) { StandardStreams.print(line) }
            }
            worst = max(worst, report.failure.map { ExitStatus($0.code) })
        }
        if let worst { throw worst.code }
    }

    private func selected(of tenant: TenantConfiguration) throws -> [TenantConfiguration.Webhook] {
        let all = tenant.sinks.webhooks
        guard !all.isEmpty else {
            throw failure(.usage, "tenant \(tenant.id) has no webhooks, expected some in sinks.webhooks")
        }
        guard let name else { return all }
        let named = all.filter { $0.settings.name == name }
        guard named.isEmpty else { return named }
        let known = WordChoice(all.map(\.settings.name))
        throw failure(.usage, "tenant \(tenant.id) has no webhook \"\(name)\", expected \(known)")
    }

    private func report(
        on webhook: TenantConfiguration.Webhook, of tenant: TenantConfiguration
    ) async throws -> (WebhookReport, publicKeys: [String]) {
        let sink: WebhookSink
        do throws(StartFailure) {
            sink = try WebhookSink(webhook, of: tenant)
        } catch {
            throw failure(.badConfiguration, "\(error)")
        }
        let report = await sink.report(sink.sample(event, at: Clocks.wall()))
        await sink.close()
        return (report, sink.publicKeys)
    }

    /// The greater code is told where endpoints differ.
    private func max(_ one: ExitStatus?, _ other: ExitStatus?) -> ExitStatus? {
        guard let one, let other else { return one ?? other }
        return one.rawValue < other.rawValue ? other : one
    }
}

extension ExitStatus {
    fileprivate init(_ code: SinkFailure.Code) {
        switch code {
        case .unreachable, .unanswered: self = .unreachable
        case .refused, .rejected, .throttled: self = .badInput
        case .forbidden: self = .badConfiguration
        }
    }
}

extension WebhookReport {
    fileprivate func lines(_ name: String, _ publicKeys: [String]) -> [String] {
        let place = address.map { " at \($0)" } ?? ""
        let ways = redirects > 0 ? ", redirected \(redirects == 1 ? "once" : "\(redirects) times")" : ""
        let result = failure.map { "\($0)" } ?? "answered \(status ?? 0)"
        let first = "\(name): \(result) (\(took.milliseconds) ms\(place)\(ways))"
        return [first] + publicKeys.map { "\(name): a receiver verifies v1a with \($0)" }
    }

    fileprivate func json(_ name: String, _ publicKeys: [String]) -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object {
            $0.member("name", name)
            $0.member("ok", failure == nil)
            $0.member("status", number: status.map(String.init))
            $0.member("address", address)
            $0.member("redirects", Int64(redirects))
            $0.member("milliseconds", took.milliseconds)
            $0.member("code", failure?.code.rawValue)
            $0.member("message", failure?.message)
            $0.member("publicKeys", array: { array in for key in publicKeys { array.value(key) } })
        }
        return json.bytes
    }
}
