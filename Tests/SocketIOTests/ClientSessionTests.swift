import Testing

@testable import SocketIO

/// The pure session, both revisions: what it says to what it hears, in time.
struct ClientSessionTests {
    static let start = ContinuousClock.now

    private static func open(_ upgrades: String = "") -> EnginePacket {
        EnginePacket(
            .open, #"{"sid":"s1","upgrades":[\#(upgrades)],"pingInterval":1000,"pingTimeout":500,"maxPayload":1000}"#)
    }

    private static func session(
        _ revision: EngineRevision, namespace: String = "/", token: String? = nil, upgrades: Bool = false
    ) -> ClientSession {
        ClientSession(
            .init(revision: revision, namespace: namespace, token: token, upgrades: upgrades, patience: .seconds(2)),
            at: start)
    }

    private static func text(_ text: String) -> EnginePacket { .message(Array(text.utf8)) }

    @Test func revisionFourAsksForItsNamespaceWithTheToken() {
        var session = Self.session(.four, namespace: "/cti", token: #"a"b"#)
        #expect(
            session.handle(.packet(Self.open()), at: Self.start) == [.send(Self.text(#"0/cti,{"token":"a\"b"}"#))])
        #expect(session.handle(.packet(Self.text("0{\"sid\":\"x\"}")), at: Self.start).isEmpty, "another namespace")
        #expect(session.handle(.packet(Self.text("0/cti,{\"sid\":\"x\"}")), at: Self.start) == [.connected])
        #expect(session.phase == .connected && session.handshake?.maxPayload == 1000)
    }

    @Test func revisionThreeIsLetInUnasked() {
        var session = Self.session(.three, token: "t")
        #expect(session.handle(.packet(Self.open()), at: Self.start).isEmpty)
        #expect(session.handle(.packet(Self.text("0")), at: Self.start) == [.connected])
    }

    @Test func revisionThreeAsksForAnotherNamespaceOnceTheFirstIsOpen() {
        var session = Self.session(.three, namespace: "/cti")
        #expect(session.handle(.packet(Self.open()), at: Self.start).isEmpty)
        #expect(session.handle(.packet(Self.text("0")), at: Self.start) == [.send(Self.text("0/cti,"))])
        #expect(session.handle(.packet(Self.text("0/cti")), at: Self.start) == [.connected])
    }

    @Test(arguments: EngineRevision.allCases) func theUpgradeComesBeforeTheNamespace(revision: EngineRevision) {
        var session = Self.session(revision, upgrades: true)
        #expect(session.handle(.packet(Self.open("\"websocket\"")), at: Self.start) == [.upgrade(sid: "s1")])
        if revision == .three { #expect(session.handle(.packet(Self.text("0")), at: Self.start).isEmpty) }
        #expect(session.handle(.upgradeOpened, at: Self.start) == [.send(EnginePacket(.ping, "probe"))])
        let next: ClientSession.Action = revision == .four ? .send(Self.text("0")) : .connected
        #expect(
            session.handle(.packet(EnginePacket(.pong, "probe")), at: Self.start)
                == [.send(EnginePacket(.upgrade)), next])
    }

    @Test func anUpgradeThatFailsLeavesPolling() {
        var session = Self.session(.four, upgrades: true)
        _ = session.handle(.packet(Self.open("\"websocket\"")), at: Self.start)
        #expect(session.handle(.upgradeFailed, at: Self.start) == [.send(Self.text("0"))])
    }

    @Test func aProbeWithoutAnAnswerIsGivenUp() {
        var session = Self.session(.four, upgrades: true)
        _ = session.handle(.packet(Self.open("\"websocket\"")), at: Self.start)
        _ = session.handle(.upgradeOpened, at: Self.start)
        #expect(session.handle(.tick, at: Self.start + .milliseconds(499)).isEmpty)
        #expect(session.handle(.tick, at: Self.start + .milliseconds(500)) == [.abandonUpgrade])
        #expect(session.handle(.upgradeFailed, at: Self.start) == [.send(Self.text("0"))])
    }

    @Test func noUpgradeIsAskedForWhereNoneIsOffered() {
        var session = Self.session(.four, upgrades: true)
        #expect(session.handle(.packet(Self.open("\"webtransport\"")), at: Self.start) == [.send(Self.text("0"))])
    }

    private static func connected(_ revision: EngineRevision, token: String? = nil) -> ClientSession {
        var session = session(revision, token: token)
        _ = session.handle(.packet(open()), at: start)
        #expect(session.handle(.packet(text("0{\"sid\":\"x\"}")), at: start) == [.connected])
        return session
    }

    @Test func inRevisionFourTheServerPings() {
        var session = Self.connected(.four)
        #expect(session.deadline == Self.start + .milliseconds(1500))
        let later = Self.start + .milliseconds(1400)
        #expect(session.handle(.packet(EnginePacket(.ping)), at: later) == [.send(EnginePacket(.pong))])
        #expect(session.handle(.tick, at: Self.start + .milliseconds(1500)).isEmpty, "it was heard of meanwhile")
        #expect(
            session.handle(.tick, at: later + .milliseconds(1500))
                == [.end(ClientTrouble(.unanswered, "the server has fallen silent"))])
        #expect(session.handle(.packet(EnginePacket(.ping)), at: later).isEmpty, "it has ended")
    }

    @Test func inRevisionThreeWePing() {
        var session = Self.connected(.three)
        #expect(session.deadline == Self.start + .seconds(1))
        #expect(session.handle(.tick, at: Self.start + .milliseconds(999)).isEmpty)
        #expect(session.handle(.tick, at: Self.start + .seconds(1)) == [.send(EnginePacket(.ping))])
        #expect(session.handle(.tick, at: Self.start + .milliseconds(1100)).isEmpty, "one ping an interval")
        _ = session.handle(.packet(EnginePacket(.pong)), at: Self.start + .milliseconds(1100))
        #expect(session.handle(.tick, at: Self.start + .seconds(2)) == [.send(EnginePacket(.ping))])
        #expect(
            session.handle(.tick, at: Self.start + .milliseconds(2600))
                == [.end(ClientTrouble(.unanswered, "the server has fallen silent"))])
    }

    @Test func aHandshakeOrANamespaceIsNotWaitedForForEver() {
        var session = Self.session(.four)
        #expect(session.deadline == Self.start + .seconds(2))
        #expect(
            session.handle(.tick, at: Self.start + .seconds(2))
                == [.end(ClientTrouble(.unanswered, "no handshake in time"))])
        var other = Self.session(.four)
        _ = other.handle(.packet(Self.open()), at: Self.start)
        _ = other.handle(.packet(EnginePacket(.ping)), at: Self.start + .milliseconds(1400))
        #expect(
            other.handle(.tick, at: Self.start + .seconds(2))
                == [.end(ClientTrouble(.unanswered, "no answer to joining the namespace in time"))])
    }

    @Test(arguments: [
        (#"4{"message":"no token for you"}"#, "the server refused: no token for you"),
        (#"4"plain""#, "the server refused: plain"),
        (#"4{"message":"bad s3cret\nand more"}"#, "the server refused: bad … and more"),
        ("4", "the server refused: without a reason"),
    ]) func aRefusalIsToldWithoutTheToken(packet: String, words: String) {
        var session = Self.session(.four, token: "s3cret")
        _ = session.handle(.packet(Self.open()), at: Self.start)
        #expect(
            session.handle(.packet(Self.text(packet)), at: Self.start) == [.end(ClientTrouble(.refused, words))])
    }

    @Test func acknowledgementsAreHandedOnAndEventsLeftAlone() {
        var session = Self.connected(.four)
        #expect(session.handle(.packet(Self.text("37[]")), at: Self.start) == [.acknowledged(7)])
        for event in [#"2["noted",{}]"#, #"2/other,["x"]"#, #"51-["file",{"_placeholder":true,"num":0}]"#] {
            #expect(session.handle(.packet(Self.text(event)), at: Self.start).isEmpty)
        }
        #expect(session.handle(.packet(.message(binary: [1, 2])), at: Self.start).isEmpty)
        #expect(session.ignored == 4)
    }

    @Test(arguments: ["1", "garbage", "9[]", "2{}", "3[]"]) func theEndIsTold(packet: String) {
        var session = Self.connected(.four)
        guard case .end(let trouble)? = session.handle(.packet(Self.text(packet)), at: Self.start).first else {
            Issue.record("it goes on")
            return
        }
        #expect(trouble.code == (packet == "1" ? .unreachable : .garbled))
        #expect(session.phase == .ended)
    }

    @Test(arguments: [
        "", "{}", #"{"sid":"","upgrades":[],"pingInterval":1000,"pingTimeout":500}"#,
        #"{"sid":"a","upgrades":[],"pingInterval":0,"pingTimeout":500}"#,
        #"{"sid":"a","upgrades":[],"pingInterval":1e300,"pingTimeout":500}"#,
    ]) func aHandshakeOfAnotherShapeIsNone(json: String) {
        var session = Self.session(.four)
        #expect(
            session.handle(.packet(EnginePacket(.open, json)), at: Self.start)
                == [.end(ClientTrouble(.garbled, "a handshake of another shape"))])
    }

    @Test func aPacketBeforeTheHandshakeIsNone() {
        var session = Self.session(.four)
        #expect(
            session.handle(.packet(Self.text("0")), at: Self.start)
                == [.end(ClientTrouble(.garbled, "a packet out of its order"))])
    }
}
