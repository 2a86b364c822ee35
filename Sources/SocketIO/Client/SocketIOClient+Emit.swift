import Synchronization

extension SocketIOClient {
    /// Emits it, and returns once it counts as delivered, see ``EmitBook``.
    ///
    /// - Parameter wait: so long it waits for a connection; not at all where the server refused the last one.
    public func emit(_ event: ClientEvent, connectionWithin wait: Duration = .seconds(1)) async throws(ClientTrouble) {
        if !hasAnswer, wait > .zero { await connection(within: wait) }
        let ticket = EmitTicket()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let id = state.withLock { $0.emit(event, waiter: waiter, at: .now) }
                if let id, ticket.fill(id) { state.withLock { $0.forget(id) } }
            }
        } onCancel: {
            if let id = ticket.cancel() { state.withLock { $0.forget(id) } }
        }
        try outcome.get()
    }

    /// Either there is a connection, or waiting for one is of no use.
    private var hasAnswer: Bool { state.withLock { $0.isConnected || $0.trouble.code == .refused } }

    private func connection(within wait: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.connection() }
            group.addTask { try? await Task.sleep(for: wait) }
            await group.next()
            group.cancelAll()
        }
    }

    private func connection() async {
        let ticket = EmitTicket()
        await withTaskCancellationHandler {
            await withCheckedContinuation { arrival in
                let id = state.withLock { $0.arrive(arrival) }
                if let id, ticket.fill(id) { state.withLock { $0.leave(id) } }
            }
        } onCancel: {
            if let id = ticket.cancel() { state.withLock { $0.leave(id) } }
        }
    }
}
