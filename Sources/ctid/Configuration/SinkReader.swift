import CTICore

/// Reads a tenant's `sinks`.
struct SinkReader {
    let id: TenantID

    func read(_ section: Section<TenantKeys.Sinks>?) -> TenantConfiguration.Sinks {
        guard let section else { return .init() }
        return TenantConfiguration.Sinks(
            webhooks: webhooks(section[.webhooks]),
            socketIO: section[.socketio]?.items(expected: "a list of servers").compactMap { socketIO($0) } ?? [],
            redis: section[.redis]?.items(expected: "a list of channels").compactMap { channel($0) } ?? []
        )
    }

    private func webhooks(_ value: ConfigurationValue?) -> [TenantConfiguration.Webhook] {
        var names: Set<String> = []
        return value?.items(expected: "a list of webhooks").compactMap { item in
            guard let section = item.section(of: TenantKeys.Webhook.self) else { return nil }
            return WebhookReader(section: section).read(names: &names)
        } ?? []
    }

    private func socketIO(_ value: ConfigurationValue) -> TenantConfiguration.SocketIO? {
        guard let section = value.section(of: TenantKeys.SocketIO.self) else { return nil }
        let url = section.required(.url, expected: "an http or https URL").flatMap { $0.webURL() }
        let engine = section[.engine]?.choice(Engine.self, called: "engine") ?? .four
        let namespace = section.unlessEmpty(.namespace).flatMap { self.namespace($0) } ?? "/"
        let token = section.unlessEmpty(.tokenFile).flatMap { $0.secret() }
        return url.map { .init(url: $0, engine: engine == .three ? 3 : 4, namespace: namespace, token: token) }
    }

    private enum Engine: String, CaseIterable {
        case three = "3"
        case four = "4"
    }

    private func namespace(_ value: ConfigurationValue) -> String? {
        guard let text = value.text(expected: "a namespace, as /cti") else { return nil }
        // A comma ends the namespace in a packet, a question mark begins its query.
        guard text.hasPrefix("/"), !text.contains(where: { $0 == "," || $0 == "?" || $0.isWhitespace }) else {
            value.fail("\"\(text)\" is not a namespace, expected a path, as /cti")
            return nil
        }
        return text
    }

    private func channel(_ value: ConfigurationValue) -> TenantConfiguration.RedisChannel? {
        guard let section = value.section(of: TenantKeys.RedisChannel.self) else { return nil }
        let server = RedisReader().server(
            url: section.required(.url, expected: RedisReader.urlForms), username: section.unlessEmpty(.username),
            passwordFile: section.unlessEmpty(.passwordFile)
        )
        let channel = section.unlessEmpty(.channel).map { $0.template(variables: []) } ?? Self.defaultChannel
        guard let server, let channel else { return nil }
        return TenantConfiguration.RedisChannel(server: server, channel: channel)
    }

    /// `ctid:{tenant}:{event}`.
    private static let defaultChannel = Template(
        parts: [.literal("ctid:"), .field(.tenant, fallback: nil), .literal(":"), .field(.event, fallback: nil)])
}
