import NIOCore
import NIOWebSocket
import Synchronization

/// A session over a WebSocket, until it ends.
///
/// After events goes a WebSocket ping with the number of the last one: the server's library answers frames in their
/// order, so its pong says that the events before it were read.
struct WebSocketTransport: Sendable {
    private typealias Inbound = NIOAsyncChannelInboundStream<WebSocketFrame>
    private typealias Outbound = NIOAsyncChannelOutboundWriter<WebSocketFrame>

    let channel: WebSocketChannel
    let client: SocketIOClient

    /// - Parameter upgrades: the session began by polling, and moves here.
    func run(upgrades: Bool) async -> ClientTrouble {
        do {
            return try await channel.executeThenClose { inbound, outbound in
                if upgrades, let trouble = client.end(client.handle(.upgradeOpened)) { return trouble }
                return await client.converse(
                    read: { await read(inbound, outbound) }, write: { await write($0, outbound) })
            }
        } catch {
            return Self.brokenOff(error)
        }
    }

    private static let closed = ClientTrouble(.unreachable, "the server closed the connection")

    private static func brokenOff(_ error: any Error) -> ClientTrouble {
        ClientTrouble(.unreachable, "the connection broke off (\(ConnectionWords.of(error)))")
    }

    private func read(_ inbound: Inbound, _ outbound: Outbound) async -> ClientTrouble {
        do {
            for try await frame in inbound {
                if let trouble = try await received(frame, outbound) { return trouble }
            }
            return Task.isCancelled ? .stopped : Self.closed
        } catch let error as PacketError {
            return ClientTrouble(.garbled, error.description)
        } catch {
            return Self.brokenOff(error)
        }
    }

    private func received(_ frame: WebSocketFrame, _ outbound: Outbound) async throws -> ClientTrouble? {
        let bytes = Array(frame.unmaskedData.readableBytesView)
        switch frame.opcode {
        case .text: return try handle(.text(bytes))
        case .binary: return try handle(.binary(bytes))
        case .ping: try await outbound.write(Self.frame(.pong, bytes))
        case .pong:
            if let id = Int(String(decoding: bytes, as: UTF8.self)) { client.state.withLock { $0.read(upTo: id) } }
        case .connectionClose: return Self.closed
        default: break
        }
        return nil
    }

    private func handle(_ payload: EnginePacket.Payload) throws(PacketError) -> ClientTrouble? {
        client.end(client.handle(.packet(try EnginePacket(webSocketPayload: payload, client.settings.revision))))
    }

    private func write(_ batch: [ClientState.Outgoing], _ outbound: Outbound) async -> ClientTrouble? {
        var frames = batch.map { Self.frame($0.packet.webSocketPayload(client.settings.revision)) }
        if let last = batch.last(where: { $0.emit != nil })?.emit {
            frames.append(Self.frame(.ping, Array(String(last).utf8)))
        }
        do {
            try await outbound.write(contentsOf: frames)
            return nil
        } catch {
            return Self.brokenOff(error)
        }
    }

    private static func frame(_ payload: EnginePacket.Payload) -> WebSocketFrame {
        switch payload {
        case .text(let bytes): frame(.text, bytes)
        case .binary(let bytes): frame(.binary, bytes)
        }
    }

    private static func frame(_ opcode: WebSocketOpcode, _ bytes: [UInt8]) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: ByteBuffer(bytes: bytes))
    }
}
