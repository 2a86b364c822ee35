import CTICore
import CTIPipeline
import Foundation

/// What can be said of a call that is not in the log: how far back that reaches, and whether a notification that could
/// not be handled speaks of it.
struct UnknownCall {
    let ref: String
    let tenant: TenantID
    let log: any ReadableLog

    private static let mentionsAtMost = 5

    func lines() async throws(EventLogError) -> [String] {
        let oldest = try await log.entries(.everything, after: nil, limit: 1).first?.entry.at
        let reach =
            oldest.map { "which reaches back to \(StoryTime.minute($0)) UTC" } ?? "which is empty as yet"
        return ["there is no call \(ref.quoted) in the event log of \(tenant), \(reach)"] + (try await mentions())
    }

    private func mentions() async throws(EventLogError) -> [String] {
        let wanted = Data(ref.utf8)
        var found: [String] = []
        guard !wanted.isEmpty else { return [] }
        try await DeadLetters(log: log).scan { letter in
            guard found.count < Self.mentionsAtMost, Data(letter.raw).range(of: wanted) != nil else { return }
            found.append(
                "a notification that mentions it could not be handled: dead letter \(letter.position) (\(letter.reason))"
            )
        }
        return found
    }
}
