/// Writes an event as Kunzite's softphone tells it, with the vendor's members in the vendor's order.
///
/// Seconds that are not over yet are 0, as the vendor has them; those that are over and not known are left out.
struct KunziteEncoder {
    let account: CallAccount
    /// What the softphone itself told.
    private let told: JSONObject

    /// In front of the names of members that stood beside `data`, not in it.
    static let besideData = "../"

    init(_ account: CallAccount) {
        self.account = account
        told = account.facts.told(in: .kunzite)
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.member("type", KunziteEvent(account.event).rawValue)
            $0.member("data", object: { writeData(to: &$0) })
            for member in told.others(than: []) where member.name.hasPrefix(Self.besideData) {
                $0.member(String(member.name.dropFirst(Self.besideData.count)), json: member.json)
            }
        }
    }

    private func writeData(to json: inout JSONWriter) {
        writeContext(to: &json)
        json.member("id", account.call.ref.rawValue)
        json.optionalMember("date", date?.description)
        let isInbound = account.call.direction == .inbound
        json.optionalMember("from", isInbound ? account.call.caller : account.call.dialed)
        json.optionalMember("to", isInbound ? account.call.dialed : account.call.caller)
        json.member("direction", account.call.direction.rawValue)
        json.member("status", KunziteStatus(account.event).rawValue)
        writeSeconds(to: &json)
        if let team = told["team"] { json.member("team", json: team.bytes) }
        json.members(told.others(than: ["context", "team"]).filter { !$0.name.hasPrefix(Self.besideData) })
    }

    /// The softphone's own, else what is known of it: the extension.
    private func writeContext(to json: inout JSONWriter) {
        if let context = told["context"] {
            json.member("context", json: context.bytes)
        } else if !account.agent.extension.rawValue.isEmpty {
            json.member("context", object: { $0.member("extension", account.agent.extension.rawValue) })
        }
    }

    private func writeSeconds(to json: inout JSONWriter) {
        let (event, facts) = (account.event, account.facts)
        // Nobody talked in a missed call, though a voicemail may have been recorded.
        let talk = event == .abandon ? pending(facts.talkSeconds) : account.talkSeconds
        json.optionalMember("duration", event.isEnd ? talk : pending(facts.talkSeconds))
        let isRinging = event == .ringing || event == .calling
        json.optionalMember("wait", isRinging ? pending(facts.waitSeconds) : account.waitSeconds)
        json.optionalMember("total", event.isEnd ? account.totalSeconds : pending(facts.totalSeconds))
    }

    /// Of what is not over: 0, unless the softphone itself told more.
    private func pending(_ seconds: Int?) -> Int { told.members.isEmpty ? 0 : seconds ?? 0 }

    /// When the call began, told or counted back from what was.
    private var date: Timestamp? {
        if let start = account.call.ringingAt { return start }
        if let up = account.call.upAt, let wait = account.waitSeconds { return up.moved(bySeconds: -wait) }
        if let end = account.call.endedAt, let total = account.totalSeconds { return end.moved(bySeconds: -total) }
        return nil
    }
}
