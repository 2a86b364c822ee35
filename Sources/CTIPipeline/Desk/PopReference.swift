import CTICore
import Foundation

/// The `id` of an entry that is about a pop.
struct PopReference: Decodable {
    let id: String
    /// Of acknowledgements.
    let outcome: String?

    init?(json: [UInt8]) {
        guard let reference = try? JSONDecoder().decode(PopReference.self, from: Data(json)) else { return nil }
        self = reference
    }
}

/// What a `pop` entry's trace tells of how long its call is fresh.
struct PopFreshness: Decodable {
    let freshUntilMs: Int64

    init?(json: [UInt8]) {
        guard let freshness = try? JSONDecoder().decode(PopFreshness.self, from: Data(json)) else { return nil }
        self = freshness
    }
}

/// The data of a `received` entry, as far as a restart needs it.
struct ReceivedNote: Decodable {
    let event: String
    let ageBoundMs: Int64?
    var ageBound: Duration? { ageBoundMs.map { .milliseconds($0) } }

    init?(json: [UInt8]) {
        guard let note = try? JSONDecoder().decode(ReceivedNote.self, from: Data(json)) else { return nil }
        self = note
    }
}

/// What a `received` entry's trace tells of an event that was posted: its bytes alone may not say whose it was.
struct ReceivedAccount {
    let account: CallAccount

    init(_ account: CallAccount) { self.account = account }

    /// `nil` where there is none.
    init?(_ entry: LogEntry) {
        guard let trace = entry.trace.flatMap({ try? JSONObject($0) }), let written = trace["account"],
            var account = try? Dialect.ctid.decode(written.bytes, limit: .max)
        else { return nil }
        account.call.campaign = trace["campaign"]?.string
        self.account = account
    }

    /// Further members of the trace.
    func write(to json: inout JSONWriter) {
        guard let written = Dialect.ctid.encode(account) else { return }
        json.member("account", json: written)
        json.optionalMember("campaign", account.call.campaign)
    }
}

extension [String: Int] {
    init?(json: [UInt8]) {
        guard let counts = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
        self = counts
    }

    var json: [UInt8] {
        .object { for (name, count) in self { $0.member(name, Int64(count)) } }
    }
}
