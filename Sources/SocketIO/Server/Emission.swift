import Synchronization

/// An event on its way to any number of sockets: written once for all of them.
///
/// It is written by the first event loop that sends it, not by whoever tells of the event.
public final class Emission: Sendable {
    private let name: String
    private let arguments: [[UInt8]]
    private let attachments: [[UInt8]]
    /// For the namespace that wanted it last: nearly always all of them are in the same.
    private let written = Mutex<(namespace: String, packets: [WirePacket])?>(nil)

    /// - Parameters:
    ///   - arguments: JSON each.
    ///   - attachments: binary; the arguments name them as `{"_placeholder":true,"num":n}`.
    public init(_ name: String, _ arguments: [[UInt8]], attachments: [[UInt8]] = []) {
        self.name = name
        self.arguments = arguments
        self.attachments = attachments
    }

    /// - Parameter id: to be acknowledged by; such a one is written for its socket alone.
    func packets(in namespace: String, id: Int?) -> [WirePacket] {
        if let id { return write(namespace, id) }
        return written.withLock { written in
            if let written, written.namespace == namespace { return written.packets }
            let packets = write(namespace, nil)
            written = (namespace, packets)
            return packets
        }
    }

    private func write(_ namespace: String, _ id: Int?) -> [WirePacket] {
        var packet = SocketPacket.event(name, arguments, namespace: namespace, id: id)
        if !attachments.isEmpty {
            packet.kind = .binaryEvent
            packet.attachments = attachments.count
        }
        return [SocketSession.wire(packet)] + attachments.map { WirePacket(.message(binary: $0)) }
    }
}
