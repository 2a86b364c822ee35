import CTICore
import Testing

@Suite struct KunziteCodecTests {
    private static let data = #""context":{"extension":"200"},"id":"c1","from":"1","to":"2","direction":"inbound""#

    private func decode(_ text: String) throws -> CallAccount { try Dialect.kunzite.decode(Array(text.utf8)) }

    private func encode(_ account: CallAccount) -> String {
        String(decoding: Dialect.kunzite.encode(account) ?? [], as: UTF8.self)
    }

    private func account(_ event: CallEventKind) throws -> CallAccount {
        let sample = try SampleCall(event: event)
        return CallAccount(event: event, agent: sample.agent, call: sample.call)
    }

    @Test(arguments: [
        (#""direction":"inbound""#, "1", "2"), (#""direction":"outbound""#, "2", "1"),
    ])
    func `the caller is the outside party, whichever way the call goes`(
        _ direction: String, _ caller: String, _ dialed: String
    ) throws {
        let text = #"{"type":"phone:ringing","data":{\#(Self.data),\#(direction)}}"#
        let account = try decode(text)
        #expect(account.call.caller == caller)
        #expect(account.call.dialed == dialed)
        #expect(encode(account).contains(#""from":"1","to":"2""#))
    }

    @Test func `moments follow from the date and the seconds`() throws {
        let fixture = try DialectFixture.one(.kunzite, "terminated")
        let call = try Dialect.kunzite.decode(fixture.vendor).call
        let start = try #require(call.ringingAt)
        #expect(start.description == "2023-05-21T15:10:19.342Z")
        #expect(call.upAt == start.adding(.seconds(8)))
        #expect(call.endedAt == start.adding(.seconds(30)))
        let missed = try Dialect.kunzite.decode(DialectFixture.one(.kunzite, "terminated-missed").vendor)
        #expect(missed.call.upAt == nil)
        #expect(missed.call.endedAt == start.adding(.seconds(15)))
        #expect(missed.facts.reach == .leg)
    }

    @Test func `what is not known stays out`() throws {
        var account = try account(.up)
        account.call.dialed = nil
        account.call.holdSeconds = nil
        #expect(
            encode(account) == #"{"type":"phone:accepted","data":{"context":{"extension":"1007"},"id":"ref-1","#
                + #""from":"0821234567","direction":"inbound","status":"answered","duration":0,"total":0}}"#)
        account.event = .hangup
        #expect(encode(account).hasSuffix(#""direction":"inbound","status":"answered"}}"#))
    }

    @Test func `seconds are 0 until they are over`() throws {
        #expect(encode(try account(.calling)).hasSuffix(#""status":"ringing","duration":0,"wait":0,"total":0}}"#))
        #expect(encode(try account(.ringing)).hasSuffix(#""status":"ringing","duration":0,"wait":0,"total":0}}"#))
        #expect(encode(try account(.up)).hasSuffix(#""status":"answered","duration":0,"wait":12,"total":0}}"#))
        var over = try account(.hangup)
        over.facts.talkSeconds = 61
        #expect(encode(over).hasSuffix(#""status":"answered","duration":61,"wait":12,"total":73}}"#))
        #expect(encode(try account(.abandon)).hasSuffix(#""status":"missed","duration":0,"wait":12,"total":12}}"#))
    }

    @Test func `the wait is the ringing where nobody queued`() throws {
        var account = try account(.hangup)
        account.call.holdSeconds = nil
        (account.facts.ringSeconds, account.facts.talkSeconds) = (5, 61)
        #expect(encode(account).hasSuffix(#""duration":61,"wait":5,"total":66}}"#))
    }

    @Test func `the date is counted back from what is known`() throws {
        let moment = try #require(Timestamp(iso8601: "2026-11-21T10:00:00.000Z"))
        var account = try account(.hangup)
        account.facts.talkSeconds = 60
        account.call.endedAt = moment
        #expect(encode(account).contains(#""date":"2026-11-21T09:58:48.000Z""#))
        account.call.upAt = moment
        #expect(encode(account).contains(#""date":"2026-11-21T09:59:48.000Z""#))
        account.call.ringingAt = moment
        #expect(encode(account).contains(#""date":"2026-11-21T10:00:00.000Z""#))
    }

    @Test(arguments: [Int.max, Int(Int32.max), 1 << 40])
    func `no number of seconds breaks it`(_ seconds: Int) throws {
        var account = try account(.hangup)
        account.call.holdSeconds = HoldSeconds(seconds)
        account.facts.talkSeconds = seconds
        account.call.endedAt = Timestamp(iso8601: "0001-01-01T00:00:00.000Z")
        account.call.upAt = account.call.endedAt
        #expect(!encode(account).contains("date"))
        let text =
            #"{"type":"phone:terminated","data":{\#(Self.data),"date":"9999-12-31T00:00:00.000Z","#
            + #""status":"answered","wait":\#(seconds),"duration":1,"total":\#(seconds)}}"#
        let read = try decode(text)
        #expect(read.call.endedAt == nil)
        #expect(encode(read).contains(#""total":\#(seconds)"#))
    }

    @Test(arguments: ["0000-01-01T00:00:00.000+14:00", "9999-12-31T23:59:59.999-14:00", "-001-01-01T00:00:00.000Z"])
    func `no year that cannot be written is read`(_ date: String) {
        let text = #"{"type":"phone:ringing","data":{\#(Self.data),"date":"\#(date)"}}"#
        #expect(message(text)?.hasPrefix("wrong-type: data.date:") == true)
    }

    @Test func `only of a caller who gave up there may be no telephone`() throws {
        let data = #""id":"c1","from":"1","to":"2","direction":"inbound""#
        let missed = try decode(#"{"type":"phone:terminated","data":{\#(data),"status":"missed"}}"#)
        #expect(missed.agent.extension.rawValue.isEmpty)
        #expect(!encode(missed).contains("context"))
        let answered = #"{"type":"phone:terminated","data":{\#(data),"status":"answered"}}"#
        #expect(message(answered)?.hasPrefix("missing-field: data.context:") == true)
    }

    private func message(_ text: String) -> String? {
        do throws(DecodeFailure) {
            _ = try Dialect.kunzite.decode(Array(text.utf8))
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("{}", "missing-field: type"),
        (#"{"type":"phone:secret","data":{}}"#, "unknown-type: type"),
        (#"{"type":"logged","data":{}}"#, "unknown-type: type"),
        (#"{"type":"phone:ringing"}"#, "missing-field: data"),
        (#"{"type":"phone:ringing","data":"secret"}"#, "wrong-type: data"),
        (#"{"type":"phone:terminated","data":{\#(data)}}"#, "missing-field: data.status"),
        (#"{"type":"phone:terminated","data":{\#(data),"status":"ringing"}}"#, "wrong-type: data.status"),
        (#"{"type":"phone:ringing","data":{"context":{}}}"#, "missing-field: data.context.extension"),
        (#"{"type":"phone:ringing","data":{"context":{"extension":""}}}"#, "missing-field: data.context.extension"),
        (#"{"type":"phone:ringing","data":{"context":{"extension":true}}}"#, "wrong-type: data.context.extension"),
        (#"{"type":"phone:ringing","data":{\#(data),"direction":"secret"}}"#, "wrong-type: data.direction"),
        (#"{"type":"phone:ringing","data":{\#(data),"direction":null}}"#, "missing-field: data.direction"),
        (#"{"type":"phone:ringing","data":{\#(data),"id":null}}"#, "missing-field: data.id"),
        (#"{"type":"phone:ringing","data":{\#(data),"from":null}}"#, "missing-field: data.from"),
        (#"{"type":"phone:ringing","data":{\#(data),"date":"secret"}}"#, "wrong-type: data.date"),
        (#"{"type":"phone:ringing","data":{\#(data),"wait":1.5}}"#, "wrong-type: data.wait"),
        (#"{"type":"phone:ringing","data":{\#(data),"total":-1}}"#, "wrong-type: data.total"),
    ])
    func `what is wrong is named, with nothing of the payload`(_ text: String, _ expected: String) throws {
        let failure = try #require(message(text))
        #expect(failure.hasPrefix(expected + ":"))
        #expect(!failure.contains("secret"))
    }
}
