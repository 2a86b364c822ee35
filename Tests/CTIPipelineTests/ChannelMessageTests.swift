import CTICore
import Hiredis
import Testing

@testable import CTIPipeline

/// Whose channel it is, and what is said where nothing can be heard.
struct ChannelMessageTests {
    @Test(
        "the agent is what stands after the last colon",
        arguments: [("enigma:notifications:agents:1007", "1007"), ("1007", "1007"), ("a:", "")])
    func agent(channel: String, expected: String) {
        #expect(ChannelMessage(channel: channel, payload: []).agent == Extension(expected))
    }

    @Test(
        "the agent is named in the payload where only the channel does; all else is left as it is",
        arguments: [
            (#"{"type":"call","payload":{"a":1}}"#, #"{"type":"call","payload":{"a":1,"ref":"1007"}}"#),
            (#"{"payload":{"ref":null,"a":{}},"x":[1]}"#, #"{"payload":{"a":{},"ref":"1007"},"x":[1]}"#),
            (#"{"payload":{"ref":""}}"#, #"{"payload":{"ref":"1007"}}"#),
            (#"{ "payload": {"ref":"1008"}}"#, #"{ "payload": {"ref":"1008"}}"#),
            (#"{ "payload": {"ref":1008}}"#, #"{ "payload": {"ref":1008}}"#),
            (#"{"payload":7}"#, #"{"payload":7}"#), (#"{"a" :1}"#, #"{"a" :1}"#), ("nonsense", "nonsense"),
        ])
    func named(payload: String, expected: String) {
        let message = ChannelMessage(channel: "agents:1007", payload: Array(payload.utf8))
        #expect(String(decoding: message.notification, as: UTF8.self) == expected)
    }

    private static let endpoint = RedisEndpoint(address: .tcp(host: "pbx", port: 6379), username: "ctid")

    @Test("troubles of channels name the pattern, and what is lost")
    func channelTroubles() {
        let settings = RedisChannelSettings(endpoint: Self.endpoint, pattern: "agents:*")
        func words(_ error: RedisError) -> String { "\(SourceTrouble(error, of: settings))" }
        #expect(words(RedisError(.unreachable, "x")).contains("what agents:* tells is lost meanwhile"))
        #expect(words(RedisError(.timeout, "x")).hasPrefix("agents:*: Redis at pbx:6379 does not answer"))
        let channel = "NOPERM this user has no permissions to access one of the channels used as arguments"
        #expect(words(RedisError(reply: channel)).contains("listen to agents:*: allow it, ACL SETUSER ctid &agents:*"))
        let command = "NOPERM this user has no permissions to run the 'psubscribe' command"
        #expect(words(RedisError(reply: command)).contains("run PSUBSCRIBE: allow it, ACL SETUSER ctid +psubscribe"))
    }

    @Test("troubles of the list of records name its key and its setting, and say that it is ends that wait")
    func recordTroubles() {
        let settings = RedisListSettings(endpoint: Self.endpoint, key: "records", feed: .cdr)
        func words(_ error: RedisError) -> String { "\(SourceTrouble(error, of: settings, holding: "set"))" }
        #expect(words(RedisError(.unreachable, "x")).contains("ends of calls wait in records"))
        #expect(words(RedisError(.timeout, "x")).hasPrefix("records: Redis at"))
        #expect(words(RedisError(.wrongType, "x")).contains("records in Redis at pbx:6379 holds a set"))
        #expect(words(RedisError(.wrongType, "x")).contains("check redis.keys.cdr"))
    }

    @Test("how long a trouble lasts is told by what does not come")
    func lasting() {
        var log = TroubleLog()
        let start = Timestamp(milliseconds: 1_000_000)
        let settings = RedisListSettings(endpoint: Self.endpoint, key: "records", feed: .cdr)
        let trouble = SourceTrouble(RedisError(.timeout, "x"), of: settings)
        #expect(log.failed(trouble, at: start) != nil)
        #expect(log.failed(trouble, at: start.adding(.seconds(300)))?.contains("no ends of calls for 5 min") == true)
    }
}
