/// An event to be emitted, with one argument.
public struct ClientEvent: Sendable, Hashable {
    public var name: String
    /// JSON.
    public var data: [UInt8]
    /// The same whenever the same event is emitted.
    public var key: String

    public init(_ name: String, _ data: [UInt8], key: String) {
        self.name = name
        self.data = data
        self.key = key
    }

    func packet(_ settings: ClientSession.Settings, id: Int) -> EnginePacket {
        let argument = settings.revision == .three ? JSONText.ascii(data) : data
        return .message(SocketPacket.event(name, [argument], namespace: settings.namespace, id: id).text)
    }
}
