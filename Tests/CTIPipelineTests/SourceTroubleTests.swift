import CTICore
import Hiredis
import Testing

@testable import CTIPipeline

/// What is said of each trouble, and how often.
struct SourceTroubleTests {
    private static func settings(_ endpoint: RedisEndpoint? = nil) -> RedisListSettings {
        RedisListSettings(
            endpoint: endpoint
                ?? RedisEndpoint(
                    address: .tcp(host: "pbx", port: 6379), username: "ctid", password: "open sesame"),
            key: "calls")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let reply: String
        let words: [String]
        let pace: SourceTrouble.Pace
        var testDescription: String { reply }
    }

    @Test(
        "says what is wrong, where, and what to do",
        arguments: [
            Case(reply: "LOADING Redis is loading", words: ["reading its data from disk; calls wait"], pace: .steady),
            Case(reply: "READONLY You can't", words: ["is a replica", "point redis.url at the primary"], pace: .calm),
            Case(
                reply: "MOVED 3999 10.0.0.7:6381", words: ["calls lives on another", "redis.url at 10.0.0.7:6381"],
                pace: .calm),
            Case(reply: "MOVED 3999 :6381", words: ["redis.url at pbx:6381"], pace: .calm),
            Case(reply: "CLUSTERDOWN Hash slot not served", words: ["Hash slot not served"], pace: .calm),
            Case(
                reply: "NOAUTH Authentication required.", words: ["wants a password: set redis.password_file"],
                pace: .calm),
            Case(
                reply: "WRONGPASS invalid", words: ["check redis.username and redis.password_file"], pace: .calm),
            Case(
                reply: "ERR AUTH <password> called without any password configured for the default user.",
                words: ["take redis.password_file out"], pace: .calm),
            Case(
                reply: "ERR wrong number of arguments for 'auth' command", words: ["take redis.username out"],
                pace: .calm),
            Case(
                reply: "NOPERM this user has no permissions to run the 'blpop' command",
                words: ["user ctid run BLPOP", "ACL SETUSER ctid +blpop"], pace: .calm),
            Case(
                reply: "NOPERM this user has no permissions to access one of the keys used as arguments",
                words: ["ACL SETUSER ctid ~calls"], pace: .calm),
            Case(
                reply: "WRONGTYPE Operation against a key",
                words: ["calls in Redis at pbx:6379 holds a string, not a list: check redis.keys.inbound"], pace: .calm),
            Case(reply: "ERR unknown command 'BLPOP'", words: ["too old, or has it renamed"], pace: .calm),
            Case(reply: "MISCONF Redis is configured", words: ["MISCONF", "disk or memory"], pace: .calm),
            Case(reply: "ERR something new", words: ["ERR something new"], pace: .quick),
        ])
    func words(_ expected: Case) {
        let trouble = SourceTrouble(RedisError(reply: expected.reply), of: Self.settings(), holding: "string")
        for words in expected.words { #expect("\(trouble)".contains(words)) }
        #expect("\(trouble)".contains("pbx:6379") && !"\(trouble)".contains("sesame"))
        #expect(trouble.pace == expected.pace)
    }

    @Test("what goes wrong on the way names the server, or its socket")
    func onTheWay() {
        let socket = Self.settings(RedisEndpoint(address: .unix(path: "/run/redis.sock")))
        for code in [RedisError.Code.unreachable, .timeout, .protocolViolation, .tooLarge] {
            let trouble = SourceTrouble(RedisError(code, "so"), of: socket)
            #expect("\(trouble)".contains("/run/redis.sock"), "\(code)")
        }
        let strange = SourceTrouble(RedisError(.protocolViolation, "so"), of: socket)
        #expect("\(strange)".contains("is not Redis") && strange.pace == .calm)
    }

    @Test("an element that is too large alone must be taken away by hand, from the end at which we read")
    func tooLarge() {
        var settings = Self.settings()
        settings.popSide = .right
        let error = RedisError(.tooLarge, "so")
        #expect("\(SourceTrouble(error, of: settings))".contains("is lost"))
        settings.delivery = .atLeastOnce
        let alone = SourceTrouble(error, of: settings, fetching: 1)
        #expect("\(alone)".contains("LINDEX calls -1") && "\(alone)".contains("RPOP calls"))
        #expect(alone.pace == .calm)
        #expect(SourceTrouble(error, of: settings, fetching: 32).pace == .quick)
    }

    // MARK: How often

    private func trouble(_ code: RedisError.Code, _ message: String = "") -> SourceTrouble {
        SourceTrouble(RedisError(code, message), of: Self.settings())
    }

    @Test("each trouble is said once, again every five minutes with how long it has lasted, and its end")
    func troubleLog() {
        var log = TroubleLog()
        let start = Timestamp(milliseconds: 1_000_000)
        func after(_ seconds: Int) -> Timestamp { start.adding(.seconds(seconds)) }
        let first = log.failed(trouble(.unreachable, "refused"), at: start)
        #expect(first?.contains("refused") == true && first?.contains(" now") == false)
        // The same with other details, and two that take turns: no more lines.
        #expect(log.failed(trouble(.unreachable, "reset"), at: after(1)) == nil)
        #expect(log.failed(trouble(.timeout), at: after(2)) != nil)
        #expect(log.failed(trouble(.unreachable), at: after(3)) == nil)
        #expect(log.failed(trouble(.timeout), at: after(299)) == nil)
        #expect(log.failed(trouble(.unreachable), at: after(300))?.contains("no calls for 5 min now") == true)
        #expect(log.failed(trouble(.unreachable), at: after(599)) == nil)
        #expect(log.ended(at: after(700)) == .seconds(700))
        #expect(log.ended(at: after(701)) == nil)
        #expect(log.failed(trouble(.unreachable), at: after(702)) != nil)
    }

    @Test("what recurs is said at once, then once a minute with its count")
    func gathering() {
        var gathering = Gathering()
        let start = Timestamp(milliseconds: 1_000_000)
        #expect(gathering.add(2, at: start) == 2)
        #expect(gathering.add(1, at: start.adding(.seconds(1))) == nil)
        #expect(gathering.add(3, at: start.adding(.seconds(59))) == nil)
        #expect(gathering.flush(at: start.adding(.seconds(60))) == 4)
        #expect(gathering.flush(at: start.adding(.seconds(200))) == nil)
        #expect(gathering.add(1, at: start.adding(.seconds(201))) == 1)
    }

    @Test("others that wait on a list are told from our own connections, other tenants' and other databases'")
    func otherClients() {
        func line(_ id: Int, _ name: String, _ command: String, database: Int = 0, flags: String = "b") -> String {
            "id=\(id) addr=10.0.0.\(id):5 laddr=1 fd=8 name=\(name) age=3 db=\(database) sub=0 flags=\(flags) cmd=\(command)"
        }
        let list = [
            line(1, "ctid-acme", "blpop"), line(2, "", "brpop"), line(3, "ctid-acme", "blmove"),
            line(4, "ctid-bravo", "blpop"), line(5, "", "blpop", database: 1), line(6, "", "get", flags: "N"),
            line(7, "old=consumer", "brpoplpush"), line(8, "", "blpop", flags: "N"),
        ].joined(separator: "\n")
        let all = WaitingClient.all(in: list)
        let waiting = OtherClient.others(among: all, database: 0, own: [1], name: "ctid-acme")
        #expect(waiting.map(\.address) == ["10.0.0.2:5", "10.0.0.3:5", "10.0.0.7:5"])
        #expect(waiting.map(\.name) == ["", "ctid-acme", "old=consumer"])
    }

    @Test("others are told when they come and when they are gone, not at each look")
    func watch() {
        var watch = OtherClientsWatch()
        let waiting = WaitingClient.all(in: "id=2 addr=a:1 name= db=0 flags=b cmd=blpop")
        #expect(watch.look(at: [], database: 0, name: nil) == nil)
        #expect(watch.look(at: waiting, database: 0, name: nil)?.count == 1)
        #expect(watch.look(at: waiting, database: 0, name: nil) == nil)
        #expect(watch.look(at: [], database: 0, name: nil)?.isEmpty == true)
        watch.note(own: 2)
        #expect(watch.look(at: waiting, database: 0, name: nil) == nil)
    }

    @Test("of all that read from a server one asks who waits there, and all are told")
    func askedOnce() throws {
        let lists = ClientLists()
        let endpoint = RedisEndpoint(address: .tcp(host: "pbx", port: 6379))
        let start = ContinuousClock.now
        #expect(lists.mayAsk(endpoint, at: start))
        #expect(!lists.mayAsk(endpoint, at: start + .seconds(59)))
        var other = endpoint
        other.username = "bravo"
        #expect(lists.mayAsk(other, at: start), "another user may be permitted other things")
        #expect(lists.answer(of: endpoint, after: 0) == nil)
        lists.tell("id=2 addr=a:1 name= db=0 flags=b cmd=blpop", of: endpoint)
        let answer = try #require(lists.answer(of: endpoint, after: 0))
        #expect(answer.waiting.map(\.id) == [2])
        #expect(lists.answer(of: endpoint, after: answer.number) == nil)
        #expect(lists.mayAsk(endpoint, at: start + .seconds(60)))
        // Refused: not asked every minute, for each refusal is written down by the server.
        lists.tell(nil, of: endpoint)
        #expect(!lists.mayAsk(endpoint, at: start + .seconds(600)))
    }
}
