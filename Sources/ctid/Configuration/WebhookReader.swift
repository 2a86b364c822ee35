import CTICore
import CTISinks

/// Reads one of `sinks.webhooks`. What is absent keeps its default.
struct WebhookReader {
    let section: Section<TenantKeys.Webhook>

    /// `nil` without a name. Even with a bad address it exists: rules that name it have made no mistake.
    func read(names: inout Set<String>) -> TenantConfiguration.Webhook? {
        let name = section.required(.name, expected: "the name that rules call it by")
        var settings = WebhookSettings(name: "", url: "")
        settings.allowsPrivateAddresses = section[.privateAddresses]?.boolean() ?? settings.allowsPrivateAddresses
        settings.url = url(allowsPrivateAddresses: settings.allowsPrivateAddresses) ?? ""
        settings.events = section[.events]?.choices(CallEventKind.self, called: "event") ?? settings.events
        settings.timeout = section[.timeout]?.duration(in: .milliseconds(100) ... .seconds(60)) ?? settings.timeout
        settings.ttl = section[.ttl]?.duration(in: .seconds(10) ... .seconds(7 * 86_400)) ?? settings.ttl
        settings.concurrency = section[.concurrency]?.integer(in: 1...64) ?? settings.concurrency
        let secret = secret()
        guard let name, let text = name.text() else { return nil }
        if !names.insert(text).inserted { name.fail("\"\(text)\" is another webhook's, too, expected each name once") }
        settings.name = text
        return TenantConfiguration.Webhook(settings: settings, secret: secret)
    }

    /// A name is looked up at each delivery, and by then it may lead to a private address, too; what can be seen here is
    /// said here.
    private func url(allowsPrivateAddresses: Bool) -> String? {
        guard let value = section.required(.url, expected: "an http or https URL"), let text = value.webURL() else {
            return nil
        }
        guard let url = try? WebhookURL(text) else {
            value.fail("is not a complete URL, expected an http or https URL")
            return nil
        }
        if !allowsPrivateAddresses, let why = url.privateAddress {
            value.fail("\(why), expected a public one, or private_addresses: true beside it")
        }
        return text
    }

    private func secret() -> Secret? {
        guard let value = section.required(.secretFile, expected: "the file of the secret that signs what is sent"),
            let secret = value.secret()
        else { return nil }
        do throws(WebhookSecret.Problem) {
            _ = try WebhookSecret.all(in: secret.text)
            return secret
        } catch {
            value.fail("the secret \(error)")
            return nil
        }
    }
}
