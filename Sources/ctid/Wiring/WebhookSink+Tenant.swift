import CTICore
import CTISinks

extension WebhookSink {
    /// As a tenant's file has it.
    convenience init(
        _ webhook: TenantConfiguration.Webhook, of tenant: TenantConfiguration
    ) throws(StartFailure) {
        let name = webhook.settings.name
        guard let secret = webhook.secret else {
            throw StartFailure("the webhook \"\(name)\": the file of its secret is not there")
        }
        do {
            try self.init(
                webhook.settings, secrets: WebhookSecret.all(in: secret.text), tenant: tenant.id,
                region: tenant.profile.region, userAgent: "ctid/\(Version.current)", now: Clocks.wall)
        } catch let problem as WebhookSecret.Problem {
            throw StartFailure("the webhook \"\(name)\": the secret \(problem)")
        } catch {
            throw StartFailure("the webhook \"\(name)\": url is not a complete URL")
        }
    }
}
