import Synchronization

/// One connection, from its handshake to its end.
extension SocketIOClient {
    /// The handshake may take so long, and joining the namespace.
    private static let patience = Duration.seconds(10)

    /// Returns why it ended.
    func connect() async -> ClientTrouble {
        let session = ClientSession.Settings(
            revision: settings.revision, namespace: settings.namespace, token: settings.token,
            upgrades: settings.transport == .auto, patience: Self.patience)
        state.withLock { $0.begin(ClientSession(session, at: .now)) }
        let requests = ClientRequests(settings.address, settings.revision, token: settings.token)
        do throws(ClientTrouble) {
            guard settings.transport == .websocket else {
                return try await begin(PollingExchange(requests, tls: tls))
            }
            let connector = WebSocketConnector(requests: requests, tls: tls, limit: Self.patience)
            return await WebSocketTransport(channel: try await connector.open(), client: self).run(upgrades: false)
        } catch {
            return error
        }
    }

    private func begin(_ unopened: PollingExchange) async throws(ClientTrouble) -> ClientTrouble {
        var (exchange, packets) = try await unopened.open(within: Self.patience)
        var isUpgrade = false
        for packet in packets {
            switch handle(.packet(packet)) {
            case .end(let trouble): return trouble
            case .upgrade: isUpgrade = true
            case .goOn, .abandonUpgrade: break
            }
        }
        guard let handshake = state.withLock({ $0.session?.handshake }) else {
            throw ClientTrouble(.garbled, "an answer without a handshake")
        }
        exchange.join(handshake.sid)
        if isUpgrade {
            if let trouble = await upgrade(exchange.requests, within: handshake.upgradePatience) { return trouble }
            if case .end(let trouble) = handle(.upgradeFailed) { return trouble }
        }
        return await PollingTransport(exchange: exchange, client: self, handshake: handshake).run()
    }

    /// `nil` where the session stays with polling.
    private func upgrade(_ requests: ClientRequests, within patience: Duration) async -> ClientTrouble? {
        let connector = WebSocketConnector(requests: requests, tls: tls, limit: patience)
        guard let channel = try? await connector.open() else { return Task.isCancelled ? .stopped : nil }
        let trouble = await WebSocketTransport(channel: channel, client: self).run(upgrades: true)
        let phase = state.withLock { $0.session?.phase }
        return [.upgrading, .probing].contains(phase) && !Task.isCancelled ? nil : trouble
    }
}

/// What both transports have in common: one reads, one writes, one looks at the clock; the first to end ends all.
extension SocketIOClient {
    /// - Parameter write: returns why it failed.
    func converse(
        read: @escaping @Sendable () async -> ClientTrouble,
        write: @escaping @Sendable ([ClientState.Outgoing]) async -> ClientTrouble?
    ) async -> ClientTrouble {
        let wakes = state.withLock { $0.wakes() }
        return await withTaskGroup(of: ClientTrouble.self) { group in
            group.addTask { await read() }
            group.addTask { await self.writeAll(wakes, write) }
            group.addTask { await self.watch() }
            defer { group.cancelAll() }
            return await group.next() ?? .stopped
        }
    }

    private func writeAll(
        _ wakes: AsyncStream<Void>, _ write: ([ClientState.Outgoing]) async -> ClientTrouble?
    ) async -> ClientTrouble {
        for await _ in wakes {
            while case let batch = state.withLock({ $0.takeOutgoing() }), !batch.isEmpty {
                if let trouble = await write(batch) { return trouble }
            }
        }
        return .stopped
    }

    private func watch() async -> ClientTrouble {
        while !Task.isCancelled {
            try? await Task.sleep(for: nap)
            if let trouble = end(handle(.tick)) { return trouble }
        }
        return .stopped
    }

    /// Until the session's next deadline, but never long: events emitted meanwhile have theirs.
    private var nap: Duration {
        let deadline = state.withLock { $0.session?.deadline } ?? .now
        let most = min(.seconds(1), settings.confirmation / 4)
        return max(.milliseconds(10), min(most, ContinuousClock.now.duration(to: deadline)))
    }

    /// Why a transport ends after this step; `nil` where it goes on.
    func end(_ step: ClientState.Step) -> ClientTrouble? {
        switch step {
        case .goOn: nil
        case .end(let trouble): trouble
        case .upgrade, .abandonUpgrade: ClientTrouble(.unanswered, "no answer to the upgrade")
        }
    }
}
