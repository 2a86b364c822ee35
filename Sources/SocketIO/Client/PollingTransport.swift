import Synchronization

/// A session over polling, until it ends.
struct PollingTransport: Sendable {
    let exchange: PollingExchange
    let client: SocketIOClient
    let handshake: EngineHandshake

    func run() async -> ClientTrouble { await client.converse(read: { await read() }, write: { await write($0) }) }

    private func read() async -> ClientTrouble {
        // The server lets no request wait for longer than until its next ping.
        let limit = handshake.pingInterval + handshake.pingTimeout + .seconds(5)
        do throws(ClientTrouble) {
            while !Task.isCancelled {
                for packet in try await exchange.poll(within: limit) {
                    if let trouble = client.end(client.handle(.packet(packet))) { return trouble }
                }
            }
            return .stopped
        } catch {
            return error
        }
    }

    private func write(_ batch: [ClientState.Outgoing]) async -> ClientTrouble? {
        do throws(ClientTrouble) {
            try await exchange.post(batch.map(\.packet), within: client.settings.confirmation)
            if let last = batch.last(where: { $0.emit != nil })?.emit {
                client.state.withLock { $0.read(upTo: last) }
            }
            return nil
        } catch {
            return error
        }
    }
}
