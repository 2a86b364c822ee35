import CTICore
import Logging

/// What the log tells of single calls: at debug level alone, and with numbers and names where the configuration allows.
struct CallWords: Sendable {
    let isNeeded: Bool
    private let isRevealing: Bool

    /// - Parameter isRevealing: numbers and names may stand in the log in full.
    init(for logger: Logger, isRevealing: Bool) {
        isNeeded = logger.logLevel <= .debug
        self.isRevealing = isRevealing
    }

    fileprivate func number(_ number: String) -> String {
        if number.isEmpty { return "a withheld number" }
        return isRevealing ? number : MaskedNumber.mask(number)
    }

    /// Of a name no part is told.
    fileprivate func contact(_ matches: [Contact]) -> String {
        guard matches.count == 1 else { return matches.isEmpty ? "nobody known" : "\(matches.count) contacts" }
        return isRevealing ? matches[0].name : "a contact"
    }
}

extension TenantDesk {
    func tell(_ decision: CallDecision) {
        guard callWords.isNeeded else { return }
        let frame = decision.frame
        logger.debug(
            """
            \(frame.event) at \(frame.agent.extension), from \(callWords.number(frame.call.caller)) \
            (\(callWords.contact(frame.matches))): \(decision.plan.actions.count) actions\(frame.stale ? ", stale" : "")
            """,
            metadata: ["call": "\(frame.call.ref)"])
    }
}
