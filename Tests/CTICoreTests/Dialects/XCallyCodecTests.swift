import CTICore
import Testing

@Suite struct XCallyCodecTests {
    private func decode(_ text: String) throws -> CallAccount { try Dialect.xcally.decode(Array(text.utf8)) }

    private static let common = #""agentnum":"1007","uniqueid":"c1","callernum":"998""#

    @Test(arguments: [
        ("ringing", CallEventKind.ringing), ("up", .up), ("hangup", .hangup), ("unmanaged", .abandon),
    ])
    func `the flag names the event where nothing else does`(_ flag: String, _ event: CallEventKind) throws {
        #expect(try decode(#"{\#(Self.common),"\#(flag)":true}"#).event == event)
        #expect(throws: DecodeFailure.self) { _ = try decode(#"{\#(Self.common),"\#(flag)":false}"#) }
    }

    @Test(arguments: ["unmanaged", "abandon"])
    func `an abandon goes by two names`(_ name: String) throws {
        let account = try decode(#"{"event":"\#(name)","uniqueid":"c1","callernum":"998","direction":"unmanaged"}"#)
        #expect(account.event == .abandon)
        #expect(account.agent.extension.rawValue.isEmpty)
        #expect(account.call.direction == .inbound)
    }

    @Test func `of several flags the last in a call's life counts, and event before all`() throws {
        #expect(try decode(#"{\#(Self.common),"ringing":true,"hangup":true,"up":true}"#).event == .hangup)
        #expect(try decode(#"{\#(Self.common),"event":"up","hangup":true}"#).event == .up)
    }

    @Test(arguments: [CallEventKind.ringing, .up, .hangup, .abandon])
    func `time is the moment of the event`(_ event: CallEventKind) throws {
        let text = #"{\#(Self.common),"event":"\#(event.rawValue)","time":"2026-11-21T10:00:00.000Z"}"#
        let account = try decode(text)
        #expect(account.toldAt == Timestamp(milliseconds: 1_795_255_200_000))
        let call = account.call
        #expect([call.ringingAt, call.upAt, call.endedAt].compactMap(\.self).count == 1)
    }

    @Test func `what is pushed to the board is read by its channel`() throws {
        let event = #"{\#(Self.common),"event":"up","channel":"SIP/x","time":"2026-11-21T10:00:00.000Z"}"#
        let pushed = #"{"type":"SalesCTI","channel":\#(event),"reference":"42","url":"https://crm"}"#
        #expect(try decode(pushed) == decode(event))
        #expect(message(#"{"type":"SalesCTI","channel":{"event":"up"}}"#)?.contains("channel.agentnum") == true)
    }

    @Test func `numbers may come as such, and go out as text`() throws {
        let account = try decode(
            #"{"event":"up","agentnum":1007,"uniqueid":14.5e1,"uniqueid":7,"callernum":998,"holdtime":2,"ringtime":3}"#)
        let written = try JSONValue(Dialect.xcally.encode(account) ?? [])
        let expected =
            #"{"event":"up","agentnum":"1007","direction":"inbound","uniqueid":"7","callernum":"998","#
            + #""holdtime":"2","ringtime":"3","up":true}"#
        #expect(try written == JSONValue(Array(expected.utf8)))
    }

    @Test func `a member that the samples do not have for an event is read, and passes through`() throws {
        let account = try decode(#"{\#(Self.common),"event":"ringing","holdtime":"5","ringing":true}"#)
        #expect(account.call.holdSeconds == HoldSeconds(5))
        #expect(String(decoding: Dialect.xcally.encode(account) ?? [], as: UTF8.self).contains(#""holdtime":"5""#))
    }

    @Test func `there are no words for a call that is being dialled`() throws {
        var account = try decode(#"{\#(Self.common),"event":"ringing"}"#)
        account.event = .calling
        #expect(Dialect.xcally.encode(account) == nil)
    }

    private func message(_ text: String) -> String? {
        do throws(DecodeFailure) {
            _ = try Dialect.xcally.decode(Array(text.utf8))
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("{}", "missing-field: event"),
        (#"{"event":"calling","agentnum":"1","uniqueid":"c","callernum":"9"}"#, "unknown-type: event"),
        (#"{"event":"transfer-secret"}"#, "unknown-type: event"),
        (#"{"event":[]}"#, "wrong-type: event"),
        (#"{"ringing":"yes"}"#, "wrong-type: ringing"),
        (#"{"event":"up","uniqueid":"c","callernum":"9"}"#, "missing-field: agentnum"),
        (#"{"event":"up","agentnum":"","uniqueid":"c","callernum":"9"}"#, "missing-field: agentnum"),
        (#"{"event":"up","agentnum":"1","callernum":"9"}"#, "missing-field: uniqueid"),
        (#"{"event":"up","agentnum":"1","uniqueid":"","callernum":"9"}"#, "missing-field: uniqueid"),
        (#"{"event":"up","agentnum":"1","uniqueid":"c"}"#, "missing-field: callernum"),
        (#"{"event":"up","agentnum":"1","uniqueid":"c","callernum":{}}"#, "wrong-type: callernum"),
        (#"{"event":"up",\#(common),"direction":"secret"}"#, "wrong-type: direction"),
        (#"{"event":"up",\#(common),"holdtime":"secret"}"#, "wrong-type: holdtime"),
        (#"{"event":"up",\#(common),"ringtime":-1}"#, "wrong-type: ringtime"),
        (#"{"event":"up",\#(common),"talktime":"-5"}"#, "wrong-type: talktime"),
        (#"{"event":"up",\#(common),"time":"secret"}"#, "wrong-type: time"),
    ])
    func `what is wrong is named, with nothing of the payload`(_ text: String, _ expected: String) throws {
        let failure = try #require(message(text))
        #expect(failure.hasPrefix(expected + ":"))
        #expect(!failure.contains("secret"))
    }
}
