import Hiredis

/// What a desk answers to a watchdog. That it answers shows that the loop goes on, and the desk with it.
extension TenantDesk {
    /// One commit, on a disk that is busy with something else. Longer than any that passes by itself.
    static let longestCommit = Duration.seconds(60)

    public func pulse() -> TenantPulse { TenantPulse(readiness: readiness(), standstill: standstill(at: .now)) }

    /// What has had no turn for too long. A stop has its own bound, `shutdown_timeout`.
    func standstill(at moment: ContinuousClock.Instant) -> Standstill? {
        guard !isStopping, !isGivingUp else { return nil }
        if let recordTurnedAt {
            let lasted = recordTurnedAt.duration(to: moment)
            // Tries are turns: a log that cannot be written is tried again and again.
            if lasted > Self.longestCommit + BackOff.longest {
                return Standstill(part: "the event log", lasted: lasted)
            }
        }
        for feed in DeskLists.feeds {
            guard let source = lists[feed].source, let turnedAt = lastTurn(of: source) else { continue }
            let lasted = turnedAt.duration(to: moment)
            let part = feed == .inbound ? "the inbound list" : "the list of call records"
            if lasted > source.longestTurn { return Standstill(part: part, lasted: lasted) }
        }
        return channelStandstill(at: moment)
    }

    private func lastTurn(of source: RedisListSource) -> ContinuousClock.Instant? {
        let isHeld = heldSources.contains { $0 === source }
        return source.assumeIsolated { $0.status }
            .lastTurn(isRecording: recordTurnedAt != nil, heldSince: isHeld ? laneTurnedAt : nil)
    }

    private func channelStandstill(at moment: ContinuousClock.Instant) -> Standstill? {
        guard let source = channels.source, let turnedAt = source.assumeIsolated({ $0.status.turnedAt }) else {
            return nil
        }
        let lasted = turnedAt.duration(to: moment)
        return lasted > source.longestTurn ? Standstill(part: "the agents' channels", lasted: lasted) : nil
    }
}

extension SourceStatus {
    /// When it last took a turn that it could take; `nil` where none is to be expected.
    ///
    /// Having handed over a batch it takes none until that is recorded: while it waits, those count that it waits for.
    ///
    /// - Parameters:
    ///   - isRecording: the log is written to, or tried again and again; that is looked at by itself.
    ///   - heldSince: its batch is recorded, but there is no room for more; when there was last a little.
    func lastTurn(isRecording: Bool, heldSince: ContinuousClock.Instant?) -> ContinuousClock.Instant? {
        guard let turnedAt else { return nil }
        guard waitsForRecord else { return turnedAt }
        return isRecording ? nil : heldSince.map { max($0, turnedAt) } ?? turnedAt
    }
}
