import CTISinks
import SocketIO

extension TenantConfiguration.SocketIO {
    /// `nil` where the URL is none; the file with such a URL is refused.
    var client: SocketIOClient.Settings? {
        guard let address = SocketIOAddress(url) else { return nil }
        var settings = SocketIOClient.Settings(
            address, revision: engine == 3 ? .three : .four, transport: transport, namespace: namespace,
            token: token?.text)
        settings.confirmation = ackTimeout
        return settings
    }

    /// What the sink is called by.
    var label: String? { client.map(SocketIOSink.label) }
}
