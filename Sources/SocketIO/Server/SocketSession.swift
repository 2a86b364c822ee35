import Foundation
public import NIOCore

/// The Socket.IO 5 of one session, as a server sees it: its namespaces, and what was asked to be acknowledged. Pure.
///
///     client 40/ns,{auth} ─▶ joining ── accepted: 40/ns,{sid} ──▶ joined ── 41/ns, from either side ──▶ left
///                               └─────── refused: 44/ns,{message} ──▶ (nothing; it may ask again)
///
///     events   42[…] and back; with a number 421[…] ─▶ 431[…]
///     binary   452-[…] and two binary messages, nothing in between
///
/// What cannot be understood ends the session, as socket.io's own server does it. What comes for a namespace that was
/// left is overlooked: client and server may part at the same moment.
public struct SocketSession: Sendable {
    public enum Action: Sendable, Hashable {
        /// Whoever decides calls ``accept(_:id:recovery:)`` or ``refuse(_:message:data:)``.
        case join(String, auth: [UInt8]?)
        case event(SocketEvent, of: String)
        /// `nil`: not in time, or too many others wait.
        case acknowledged(tag: String, [[UInt8]]?, of: String)
        case left(String)
        case send(WirePacket)
        case end(EngineEnd)
    }

    private enum State: Sendable {
        case joining
        case joined(nextID: Int, waiting: [Int: Waiting])
        case left
    }

    private struct Waiting: Sendable {
        var tag: String
        var until: NIODeadline
    }

    private struct Partial: Sendable {
        var packet: SocketPacket
        var attachments: [[UInt8]] = []
        var bytes = 0
    }

    private let settings: SocketServerSettings
    private var namespaces: [String: State] = [:]
    private var partial: Partial?
    /// Until when it must have joined a namespace; `nil` while it is in one.
    private var joinBy: NIODeadline?

    public init(settings: SocketServerSettings, at now: NIODeadline) {
        self.settings = settings
        joinBy = now + settings.joinTimeout
    }

    public var hasJoined: Bool { joinBy == nil }

    public func isJoining(_ namespace: String) -> Bool {
        if case .joining? = namespaces[namespace] { true } else { false }
    }

    // MARK: What comes

    public mutating func receive(_ payload: EnginePacket.Payload, at now: NIODeadline) -> [Action] {
        do throws(PacketError) {
            switch payload {
            case .binary(let bytes): return try attach(bytes)
            case .text(let text):
                guard partial == nil else { return [.end(.garbage)] }
                return try take(try SocketPacket(text: text), at: now)
            }
        } catch {
            return [.end(.garbage)]
        }
    }

    private mutating func take(_ packet: SocketPacket, at now: NIODeadline) throws(PacketError) -> [Action] {
        switch packet.kind {
        case .connect: return join(packet)
        case .disconnect: return leave(packet.namespace, at: now)
        case .event: return try event(packet)
        case .ack: return try acknowledge(packet)
        case .binaryEvent, .binaryAck:
            guard packet.attachments <= settings.attachments else { return [.end(.tooLarge)] }
            guard packet.attachments > 0 else { return try finish(packet, []) }
            partial = Partial(packet: packet)
            return []
        // It is the server who refuses.
        case .connectError: return [.end(.garbage)]
        }
    }

    private mutating func attach(_ bytes: [UInt8]) throws(PacketError) -> [Action] {
        guard var partial else { return [.end(.garbage)] }
        partial.attachments.append(bytes)
        partial.bytes += bytes.count
        guard partial.bytes <= settings.maxPayload else { return [.end(.tooLarge)] }
        guard partial.attachments.count == partial.packet.attachments else {
            self.partial = partial
            return []
        }
        self.partial = nil
        return try finish(partial.packet, partial.attachments)
    }

    private mutating func finish(
        _ packet: SocketPacket, _ attachments: [[UInt8]]
    ) throws(PacketError) -> [Action] {
        packet.kind == .binaryEvent ? try event(packet, attachments) : try acknowledge(packet)
    }

    private mutating func join(_ packet: SocketPacket) -> [Action] {
        switch namespaces[packet.namespace] {
        case .joining, .joined: return [.end(.garbage)]
        case nil where namespaces.count >= settings.namespaces:
            return [.send(Self.refusal(packet.namespace, message: "Too many namespaces", data: nil))]
        case nil, .left:
            namespaces[packet.namespace] = .joining
            return [.join(packet.namespace, auth: packet.data)]
        }
    }

    private func event(_ packet: SocketPacket, _ attachments: [[UInt8]] = []) throws(PacketError) -> [Action] {
        switch namespaces[packet.namespace] {
        case nil, .joining: return [.end(.garbage)]
        case .left: return []
        case .joined:
            let (name, arguments) = try packet.nameAndArguments()
            let event = SocketEvent(name, arguments, id: packet.id, attachments: attachments)
            return [.event(event, of: packet.namespace)]
        }
    }

    /// One that nobody waits for is overlooked: it may be late.
    private mutating func acknowledge(_ packet: SocketPacket) throws(PacketError) -> [Action] {
        let arguments = try packet.arguments()
        guard let id = packet.id, case .joined(let next, var waiting)? = namespaces[packet.namespace],
            let asked = waiting.removeValue(forKey: id)
        else { return namespaces[packet.namespace] == nil ? [.end(.garbage)] : [] }
        namespaces[packet.namespace] = .joined(nextID: next, waiting: waiting)
        return [.acknowledged(tag: asked.tag, arguments, of: packet.namespace)]
    }

    private mutating func leave(_ namespace: String, at now: NIODeadline) -> [Action] {
        switch namespaces[namespace] {
        case .joined, .joining:
            part(namespace, at: now)
            return [.left(namespace)]
        case .left: return []
        case nil: return [.end(.garbage)]
        }
    }

    private mutating func part(_ namespace: String, at now: NIODeadline) {
        namespaces[namespace] = .left
        let isInOne = namespaces.values.contains { if case .joined = $0 { true } else { false } }
        if !isInOne, joinBy == nil { joinBy = now + settings.joinTimeout }
    }
}

// MARK: - What the server does

extension SocketSession {
    /// Nothing where the client is gone meanwhile.
    public mutating func accept(_ namespace: String, id: String, recovery: String?) -> [Action] {
        guard case .joining? = namespaces[namespace] else { return [] }
        namespaces[namespace] = .joined(nextID: 0, waiting: [:])
        joinBy = nil
        let pid = recovery.map { #","pid":"# + String(decoding: JSONText.string($0), as: UTF8.self) } ?? ""
        let data = Array(#"{"sid":"\#(id)"\#(pid)}"#.utf8)
        return [.send(Self.wire(SocketPacket(.connect, namespace: namespace, data: data)))]
    }

    public mutating func refuse(_ namespace: String, message: String, data: [UInt8]?) -> [Action] {
        guard case .joining? = namespaces[namespace] else { return [] }
        namespaces[namespace] = nil
        return [.send(Self.refusal(namespace, message: message, data: data))]
    }

    /// The number of an event that is to be acknowledged until then; `nil` where nobody is there. The oldest of too many
    /// is given up. `tag` comes back with the acknowledgement.
    public mutating func number(
        _ tag: String, in namespace: String, until: NIODeadline
    ) -> (id: Int, givenUp: [Action])? {
        guard case .joined(let id, var waiting)? = namespaces[namespace] else { return nil }
        var givenUp: [Action] = []
        if waiting.count >= settings.pendingAcks, let oldest = waiting.keys.min() {
            let lost = waiting.removeValue(forKey: oldest)
            givenUp = lost.map { [.acknowledged(tag: $0.tag, nil, of: namespace)] } ?? []
        }
        waiting[id] = Waiting(tag: tag, until: until)
        namespaces[namespace] = .joined(nextID: id + 1, waiting: waiting)
        return (id, givenUp)
    }

    public mutating func disconnect(_ namespace: String, at now: NIODeadline) -> [Action] {
        guard case .joined? = namespaces[namespace] else { return [] }
        part(namespace, at: now)
        return [.send(Self.wire(SocketPacket(.disconnect, namespace: namespace))), .left(namespace)]
    }

    public mutating func tick(at now: NIODeadline) -> [Action] {
        if let joinBy, joinBy <= now { return [.end(.joinTimeout)] }
        var actions: [Action] = []
        for case (let namespace, .joined(let next, let waiting)) in namespaces where !waiting.isEmpty {
            let late = waiting.filter { $0.value.until <= now }.sorted { $0.key < $1.key }
            guard !late.isEmpty else { continue }
            namespaces[namespace] = .joined(nextID: next, waiting: waiting.filter { $0.value.until > now })
            actions += late.map { .acknowledged(tag: $0.value.tag, nil, of: namespace) }
        }
        return actions
    }

    private static func refusal(_ namespace: String, message: String, data: [UInt8]?) -> WirePacket {
        var json = Array(#"{"message":"#.utf8) + JSONText.string(message)
        if let data { json += Array(#","data":"#.utf8) + data }
        json.append(UInt8(ascii: "}"))
        return wire(SocketPacket(.connectError, namespace: namespace, data: json))
    }

    static func wire(_ packet: SocketPacket) -> WirePacket { WirePacket(.message(packet.text)) }
}
