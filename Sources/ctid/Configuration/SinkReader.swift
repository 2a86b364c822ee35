import CTICore
import CTISinks
import SocketIO

/// Reads a tenant's `sinks`.
struct SinkReader {
    let id: TenantID

    func read(_ section: Section<TenantKeys.Sinks>?) -> TenantConfiguration.Sinks {
        guard let section else { return .init() }
        return TenantConfiguration.Sinks(
            webhooks: webhooks(section[.webhooks]),
            socketIO: socketIO(section[.socketio]),
            redis: redisChannels(section[.redis])
        )
    }

    /// Two of the same name would share a place in the log.
    private func redisChannels(_ value: ConfigurationValue?) -> [TenantConfiguration.RedisChannel] {
        var labels: Set<String> = []
        return value?.items(expected: "a list of channels").flatMap { item in
            let found = redis(item)
            for sink in found where !labels.insert(sink.label).inserted {
                item.fail("goes to \(sink.label), as another one does, expected each once")
            }
            return found
        } ?? []
    }

    private func webhooks(_ value: ConfigurationValue?) -> [TenantConfiguration.Webhook] {
        var names: Set<String> = []
        return value?.items(expected: "a list of webhooks").compactMap { item in
            guard let section = item.section(of: TenantKeys.Webhook.self) else { return nil }
            return WebhookReader(section: section).read(names: &names)
        } ?? []
    }

    private func socketIO(_ value: ConfigurationValue?) -> [TenantConfiguration.SocketIO] {
        var labels: Set<String> = []
        return value?.items(expected: "a list of servers").compactMap { server($0, labels: &labels) } ?? []
    }

    private func server(_ value: ConfigurationValue, labels: inout Set<String>) -> TenantConfiguration.SocketIO? {
        guard let section = value.section(of: TenantKeys.SocketIO.self) else { return nil }
        let place = section.required(.url, expected: "an http or https URL")
        let url = place?.webURL()
        let engine = section[.engine]?.choice(Engine.self, called: "engine") ?? .four
        let namespace = section.unlessEmpty(.namespace).flatMap { self.namespace($0) } ?? "/"
        let token = section.unlessEmpty(.tokenFile).flatMap { $0.secret() }
        let transport = section[.transport]?.choice(SocketIOClient.Transport.self, called: "transport") ?? .auto
        let ttl = section[.ttl]?.duration(in: .seconds(1) ... .seconds(86_400)) ?? .seconds(300)
        let ackTimeout = section[.ackTimeout]?.duration(in: .milliseconds(100) ... .seconds(60)) ?? .seconds(10)
        guard let place, let url else { return nil }
        let server = TenantConfiguration.SocketIO(
            url: url, engine: engine == .three ? 3 : 4, namespace: namespace, token: token, transport: transport,
            ttl: ttl,
            ackTimeout: ackTimeout)
        // Its place in the log is kept by this name.
        if let label = server.label, !labels.insert(label).inserted {
            place.fail("\(label) is another server's, too, expected each server and namespace once")
        }
        return server
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

    /// An item that names both a channel and a stream is two sinks, each with a place of its own.
    private func redis(_ value: ConfigurationValue) -> [TenantConfiguration.RedisChannel] {
        guard let section = value.section(of: TenantKeys.RedisChannel.self) else { return [] }
        let server = RedisReader().server(
            RedisReader.ServerKeys(
                url: section.required(.url, expected: RedisReader.urlForms), username: section.unlessEmpty(.username),
                passwordFile: section.unlessEmpty(.passwordFile), authorityFile: section.unlessEmpty(.caFile),
                certificateFile: section.unlessEmpty(.certFile), keyFile: section.unlessEmpty(.keyFile)))
        let dialect = section[.dialect]?.choice(Dialect.self, called: "dialect") ?? .ctid
        let events = section[.events]?.choices(CallEventKind.self, called: "event") ?? Set(CallEventKind.allCases)
        let ttl = section[.ttl]?.duration(in: .seconds(1) ... .seconds(7 * 86_400)) ?? .seconds(300)
        let targets = targets(section)
        guard let server else { return [] }
        return targets.map { target, text in
            .init(server: server, target: target, targetText: text, dialect: dialect, events: events, ttl: ttl)
        }
    }

    private func targets(
        _ section: Section<TenantKeys.RedisChannel>
    ) -> [(target: RedisSinkSettings.Target, text: String)] {
        let length = section[.streamLength]?.integer(in: 1...10_000_000) ?? 10_000
        if section.unlessEmpty(.stream) == nil {
            section[.streamLength]?.fail("is given without stream, expected both")
        }
        let stream = section.unlessEmpty(.stream).flatMap { value in
            value.template(variables: []).map { (RedisSinkSettings.Target.stream($0, length: length), value) }
        }
        let channel = section.unlessEmpty(.channel).flatMap { value in
            value.template(variables: []).map { (RedisSinkSettings.Target.channel($0), value) }
        }
        let named = [channel, stream].compactMap(\.self).map { (target: $0, text: $1.text() ?? "") }
        return named.isEmpty ? [(.channel(Self.defaultChannel), Self.defaultChannelText)] : named
    }

    private static let defaultChannelText = "ctid:{tenant}:{event}"

    private static let defaultChannel = Template(
        parts: [.literal("ctid:"), .field(.tenant, fallback: nil), .literal(":"), .field(.event, fallback: nil)])
}
