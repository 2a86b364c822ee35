import CTICore
import CTIHub
import CTIPipeline
import NIOHTTP1
import Testing

@testable import CTIHub

@Suite(.timeLimit(.minutes(1)))
struct CallTests {
    private static func entry(
        _ kind: LogEntry.Kind, _ ref: String, _ data: String, trace: String? = nil
    ) -> LogEntry {
        LogEntry(
            kind: kind, agent: Extension("1001"), ref: CallRef(ref), at: .start, data: Array(data.utf8),
            trace: trace.map { Array($0.utf8) })
    }

    private static func data(_ ref: String, _ event: String) -> String {
        #"{"id":"i","tenant":"acme","event":"\#(event)","stale":false,"agent":{"extension":"1001"},"#
            + #""call":{"ref":"\#(ref)","caller":"a \"b\" {"},"actions":[]}"#
    }

    private let log = FakeLog([
        entry(.call, "a/1", data("a/1", "up"), trace: #"[{"rule":"r","matched":true,"reason":"x, y"},{"rule":"s"}]"#),
        entry(.pop, "a/1", #"{"id":"p"}"#),
        entry(.call, "b", data("b", "up")),
        entry(.missed, "b", #"{"reason":"offline"}"#),
        entry(.ack, "a/1", #"{"id":"p","outcome":"handled"}"#),
        entry(.call, "a/1", data("a/1", "hangup"), trace: "[]"),
        entry(.call, "c", data("c", "up")),
    ])

    private static func item(_ ref: String, _ event: String, _ outcome: String, _ more: String = "") -> String {
        #"{"call":{"ref":"\#(ref)","caller":"a \"b\" {"},"event":"\#(event)","agent":{"extension":"1001"},"#
            + #""stale":false,"outcome":\#(outcome)\#(more)}"#
    }

    @Test func recentCallsComeNewestFirstInPages() async throws {
        let token = try await token()
        try await RunningHub.run(log: log) { hub async throws in
            let first = try await hub.request(.GET, "/v1/acme/calls?limit=2", token: token)
            #expect(first.status == 200)
            let items = [Self.item("c", "up", "null"), Self.item("a/1", "hangup", #""handled""#)]
            #expect(first.body == #"{"calls":[\#(items.joined(separator: ","))],"next":"6"}"#)
            let second = try await hub.request(.GET, "/v1/acme/calls?limit=2&before=4", token: token)
            #expect(second.body.contains(Self.item("b", "up", #""missed""#, #","reason":"offline""#)))
            #expect(second.body.hasSuffix(#""next":null}"#))
        }
    }

    @Test(arguments: ["limit=0", "limit=1001", "limit=x", "before=x"])
    func pagesThatAreNoneAreRefused(query: String) async throws {
        let token = try await token()
        try await RunningHub.run(log: log) { hub async throws in
            #expect(try await hub.request(.GET, "/v1/acme/calls?" + query, token: token).status == 400)
        }
    }

    @Test func oneCallIsToldWithAllThatLedToIt() async throws {
        let token = try await token()
        try await RunningHub.run(log: log) { hub async throws in
            let answer = try await hub.request(.GET, "/v1/acme/calls/a%2F1", token: token)
            let at = #""at":"2026-11-21T10:00:00.000Z""#
            let parts = [
                #"{"call":{"ref":"a/1","caller":"a \"b\" {"},"outcome":"handled","#,
                #""events":[{\#(at),\#(Self.data("a/1", "up").dropFirst()),{\#(at),\#(Self.data("a/1", "hangup").dropFirst())],"#,
                #""trace":[{"event":"up",\#(at),"rule":"r","matched":true,"reason":"x, y"},{"event":"up",\#(at),"rule":"s"}],"#,
                #""deliveries":[{"kind":"pop","position":"2",\#(at),"agent":"1001","data":{"id":"p"}},"#,
                #"{"kind":"ack","position":"5",\#(at),"agent":"1001","data":{"id":"p","outcome":"handled"}}]}"#,
            ]
            #expect(answer.body == parts.joined())
            #expect(try await hub.request(.GET, "/v1/acme/calls/nobody", token: token).status == 404)
        }
    }

    /// What happened, and what the call's outcome then is, each as KIND or KIND:SESSION.
    @Test(arguments: [
        ("", nil), ("pop:1", "popped"), ("pop:1 shown:1", "shown"), ("pop:1 shown:1 handled:1 clear", "handled"),
        ("pop:1 shown dismissed clear", "dismissed"), ("pop:1 blocked:1", "blocked"),
        ("pop:1 blocked:1 missed", "missed"), ("pop:1 blocked:1 missed shown:1", "shown"),
        ("pop:1 blocked:1 pop:2", "popped"), ("pop:1 pop:2 blocked:1", "popped"), ("pop:1 pop:2 blocked:2", "blocked"),
        ("pop:1 pop:2 shown:2 blocked:1", "shown"), ("missed held", "missed"),
        ("missed pop:3 handled:3 held", "handled"),
        ("pop:1 clear", "popped"), ("realtime", nil),
    ])
    func theOutcomeIsTheLastWordThatCounts(story: String, outcome: String?) {
        let entries = story.split(separator: " ").map { step -> LogEntry in
            let parts = step.split(separator: ":").map(String.init)
            let session = parts.count > 1 ? #""\#(parts[1])""# : "null"
            switch parts[0] {
            case "pop": return Self.entry(.pop, "r", "{}", trace: #"{"session":\#(session)}"#)
            case "missed": return Self.entry(.missed, "r", #"{"reason":"offline"}"#)
            case "held": return Self.entry(.missed, "r", #"{"reason":"offline"}"#, trace: #"{"handedOver":1}"#)
            case "clear": return Self.entry(.clear, "r", "{}")
            case "realtime": return Self.entry(.realtime, "r", "{}")
            default: return Self.entry(.ack, "r", #"{"outcome":"\#(parts[0])","session":\#(session)}"#)
            }
        }
        let result = CallOutcome(entries)
        #expect(result.word == outcome)
        #expect(result.reason == (outcome == "missed" ? "offline" : nil))
    }

    @Test(arguments: [
        (#"{"a":1,"b":{"a":2}}"#, "a", "1"), (#" { "b" : "x\"},{" , "a" : [1,{"a":3}] } "#, "a", #"[1,{"a":3}]"#),
        (#"{"a":"\\"}"#, "a", #""\\""#), ("{}", "a", nil), ("[1]", "a", nil), ("", "a", nil), (#"{"a"#, "a", nil),
        (#"{"x":"a","a":null}"#, "a", "null"),
    ])
    func membersAreFound(json: String, name: String, value: String?) {
        #expect(RawJSON(Array(json.utf8)).member(name).map { String(decoding: $0, as: UTF8.self) } == value)
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"x":0,"a":1}"#), ("{}", #"{"x":0}"#), (#" { "a":1}"#, #"{"x":0,"a":1}"#), ("[1]", "[1]"),
    ])
    func membersArePutInFront(json: String, expected: String) {
        let result = RawJSON(Array(json.utf8)).prefixed(with: Array(#""x":0"#.utf8))
        #expect(String(decoding: result, as: UTF8.self) == expected)
    }
}
