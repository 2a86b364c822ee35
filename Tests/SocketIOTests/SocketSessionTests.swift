import NIOCore
import Testing

@testable import SocketIO

struct SocketSessionTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let settings = SocketServerSettings(maxPayload: 8, namespaces: 2, attachments: 2, pendingAcks: 2)

    private func fresh() -> SocketSession { SocketSession(settings: settings, at: start) }

    private func text(_ text: String) -> EnginePacket.Payload { .text(Array(text.utf8)) }
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    private func sent(_ text: String) -> SocketSession.Action { .send(WirePacket(.message(bytes(text)))) }

    private func joined(_ namespace: String = "/") -> SocketSession {
        var session = fresh()
        let name = namespace == "/" ? "" : namespace + ","
        #expect(session.receive(text("0\(name)"), at: start) == [.join(namespace, auth: nil)])
        #expect(session.accept(namespace, id: "S", recovery: nil) == [sent(#"0\#(name){"sid":"S"}"#)])
        return session
    }

    @Test func namespacesAreJoinedOneByOne() {
        var session = fresh()
        #expect(session.receive(text(#"0{"token":"t"}"#), at: start) == [.join("/", auth: bytes(#"{"token":"t"}"#))])
        #expect(session.receive(text("0/acme,"), at: start) == [.join("/acme", auth: nil)])
        #expect(!session.hasJoined)
        #expect(session.accept("/acme", id: "S", recovery: "p\"") == [sent(#"0/acme,{"sid":"S","pid":"p\""}"#)])
        #expect(session.hasJoined)
        #expect(
            session.refuse("/", message: "No \"entry\"", data: bytes(#"{"status":401}"#))
                == [sent(#"4{"message":"No \"entry\"","data":{"status":401}}"#)])
        // One that was refused may ask again; one namespace too many is refused.
        #expect(session.receive(text("0"), at: start) == [.join("/", auth: nil)])
        #expect(
            session.receive(text("0/third,"), at: start) == [sent(#"4/third,{"message":"Too many namespaces"}"#)])
    }

    @Test(arguments: [
        "0", "2[\"a\"]x", "2[]", "2[1]", "2/other,[\"a\"]", "1/other,", "3/other,1[]", "4{}", "9", "", "2{}",
        "5[\"a\"]",
    ])
    func garbageEndsTheSession(packet: String) {
        var session = joined()
        #expect(session.receive(text(packet), at: start) == [.end(.garbage)])
    }

    @Test func nothingIsSaidBeforeJoining() {
        var session = fresh()
        #expect(session.receive(text(#"2["a"]"#), at: start) == [.end(.garbage)])
        _ = session.receive(text("0"), at: start)
        #expect(session.receive(text(#"2["a"]"#), at: start) == [.end(.garbage)])
    }

    @Test func eventsKeepTheirArguments() {
        var session = joined("/cti")
        let event = SocketEvent("state", [bytes(#"{"a":1}"#), bytes("null")], id: 12)
        #expect(session.receive(text(#"2/cti,12["state",{"a":1},null]"#), at: start) == [.event(event, of: "/cti")])
    }

    @Test func binaryEventsArePutTogether() {
        var session = joined()
        let placeholder = #"{"_placeholder":true,"num":0}"#
        #expect(session.receive(text(#"52-["f",\#(placeholder)]"#), at: start).isEmpty)
        #expect(session.receive(.binary([1, 2]), at: start).isEmpty)
        #expect(
            session.receive(.binary([3]), at: start)
                == [.event(SocketEvent("f", [bytes(placeholder)], attachments: [[1, 2], [3]]), of: "/")])
        // Too many, too large, something in between, one without an event.
        #expect(session.receive(text(#"53-["f"]"#), at: start) == [.end(.tooLarge)])
        #expect(session.receive(.binary([1]), at: start) == [.end(.garbage)])
        _ = session.receive(text(#"52-["f"]"#), at: start)
        #expect(session.receive(text(#"2["a"]"#), at: start) == [.end(.garbage)])
        #expect(session.receive(.binary([1, 2, 3, 4, 5, 6, 7, 8, 9]), at: start) == [.end(.tooLarge)])
    }

    @Test func acknowledgementsFindTheirTags() {
        var session = joined()
        #expect(session.number("one", in: "/", until: start + .seconds(5))?.id == 0)
        #expect(session.number("two", in: "/", until: start + .seconds(5))?.id == 1)
        #expect(
            session.receive(text(#"31["shown"]"#), at: start)
                == [.acknowledged(tag: "two", [bytes(#""shown""#)], of: "/")])
        // A second one, and one of nothing, are overlooked.
        #expect(session.receive(text("31[]"), at: start).isEmpty)
        #expect(session.receive(text("399[]"), at: start).isEmpty)
        #expect(session.tick(at: start + .seconds(4)).isEmpty)
        #expect(session.tick(at: start + .seconds(5)) == [.acknowledged(tag: "one", nil, of: "/")])
        #expect(session.receive(text("30[]"), at: start).isEmpty)
    }

    @Test func theOldestOfTooManyIsGivenUp() {
        var session = joined()
        for tag in ["one", "two"] { _ = session.number(tag, in: "/", until: start + .seconds(5)) }
        let third = session.number("three", in: "/", until: start + .seconds(5))
        #expect(third?.id == 2)
        #expect(third?.givenUp == [.acknowledged(tag: "one", nil, of: "/")])
    }

    @Test func aNamespaceThatWasLeftIsOverlooked() {
        var session = joined()
        #expect(session.receive(text("1"), at: start) == [.left("/")])
        #expect(session.receive(text("1"), at: start).isEmpty)
        #expect(session.receive(text(#"2["a"]"#), at: start).isEmpty)
        #expect(session.disconnect("/", at: start).isEmpty)
        #expect(session.number("one", in: "/", until: start) == nil)
        #expect(session.receive(text("0"), at: start) == [.join("/", auth: nil)])
    }

    @Test func theServerMayTurnAClientOut() {
        var session = joined()
        #expect(session.disconnect("/", at: start) == [sent("1"), .left("/")])
        #expect(!session.hasJoined)
    }

    @Test func aClientThatJoinsNothingIsGivenUp() {
        var session = fresh()
        _ = session.receive(text("0"), at: start)
        #expect(session.tick(at: start + .seconds(44)).isEmpty)
        #expect(session.tick(at: start + .seconds(45)) == [.end(.joinTimeout)])
        var other = joined()
        #expect(other.tick(at: start + .seconds(1000)).isEmpty)
        _ = other.receive(text("1"), at: start + .seconds(1000))
        #expect(other.tick(at: start + .seconds(1045)) == [.end(.joinTimeout)])
    }

    @Test func joiningAndLeavingAgainPutsNothingOff() {
        var session = fresh()
        for second in stride(from: 0, to: 44, by: 4) {
            _ = session.receive(text("0"), at: start + .seconds(Int64(second)))
            _ = session.receive(text("1"), at: start + .seconds(Int64(second)))
        }
        #expect(session.tick(at: start + .seconds(45)) == [.end(.joinTimeout)])
    }

    @Test func acceptanceThatComesTooLateIsNotTold() {
        var session = fresh()
        _ = session.receive(text("0"), at: start)
        #expect(session.receive(text("1"), at: start) == [.left("/")])
        #expect(session.accept("/", id: "S", recovery: nil).isEmpty)
        #expect(session.refuse("/", message: "no", data: nil).isEmpty)
    }
}
