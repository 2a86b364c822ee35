import NIOCore
import Testing

@testable import SocketIO

struct EngineSessionTests {
    private static let settings = SocketServerSettings(outgoingBytes: 128)
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func session(_ transport: EngineSession.Transport = .polling) -> EngineSession {
        EngineSession(transport, settings: Self.settings, at: start)
    }

    private func packet(_ text: String) -> WirePacket { WirePacket(EnginePacket(.message, text)) }

    /// Polling, and a WebSocket that has probed.
    private func probing() -> EngineSession {
        var session = session()
        #expect(session.handle(.probeOpened, at: start).isEmpty)
        #expect(session.handle(.probePacket(EnginePacket(.ping, "probe")), at: start) == [.answerProbe(.probeAnswer)])
        return session
    }

    @Test func theOpenPacketTellsWhatTheClientMustKnow() {
        let packet = EngineSession.openPacket("abc", .polling, settings: SocketServerSettings())
        #expect(
            String(buffer: packet.payload)
                == #"0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536}"#
        )
        let other = EngineSession.openPacket("abc", .webSocket, settings: SocketServerSettings())
        #expect(String(buffer: other.payload).contains(#""upgrades":[]"#))
    }

    @Test func aPollWaitsForSomethingToTell() {
        var session = session()
        #expect(session.handle(.poll, at: start).isEmpty)
        #expect(session.handle(.send(packet("a")), at: start).isEmpty)
        #expect(session.handle(.send(packet("b")), at: start).isEmpty)
        #expect(session.handle(.flush, at: start) == [.answer([packet("a"), packet("b")])])
        #expect(session.handle(.send(packet("c")), at: start).isEmpty)
        #expect(session.handle(.flush, at: start).isEmpty)
        #expect(session.handle(.poll, at: start) == [.answer([packet("c")])])
    }

    @Test func aPollIsAnsweredWithNoMoreThanPythonTakes() {
        var session = session()
        for index in 0..<17 { _ = session.handle(.send(packet("\(index % 10)")), at: start) }
        #expect(session.handle(.poll, at: start) == [.answer((0..<16).map { packet("\($0 % 10)") })])
        #expect(session.handle(.poll, at: start) == [.answer([packet("6")])])
    }

    @Test func aSecondPollEndsTheSession() {
        var session = session()
        _ = session.handle(.poll, at: start)
        #expect(session.handle(.poll, at: start) == [.refuse(.badRequest), .end(.overlap)])
        #expect(session.handle(.poll, at: start) == [.refuse(.unknownSession)])
    }

    @Test func aSecondPostEndsTheSession() {
        var session = session()
        #expect(session.handle(.postBegan, at: start).isEmpty)
        #expect(session.handle(.posted([EnginePacket(.message, "x")]), at: start) == [.message(.text([0x78]))])
        #expect(session.handle(.postBegan, at: start).isEmpty)
        #expect(session.handle(.postBegan, at: start) == [.refuse(.badRequest), .end(.overlap)])
    }

    @Test func nothingIsTakenAfterAClose() {
        var session = session()
        _ = session.handle(.postBegan, at: start)
        let packets = [EnginePacket(.message, "x"), EnginePacket(.close), EnginePacket(.message, "y")]
        #expect(session.handle(.posted(packets), at: start) == [.message(.text([0x78])), .end(.closedByClient)])
        #expect(session.isOver)
        #expect(session.handle(.send(packet("a")), at: start).isEmpty)
    }

    @Test(arguments: [EnginePacket(.ping), EnginePacket(.open, "{}")])
    func whatOnlyAServerSaysIsGarbage(packet: EnginePacket) {
        var session = session(.webSocket)
        #expect(session.handle(.packet(packet), at: start) == [.end(.garbage)])
    }

    // MARK: Upgrading

    @Test func anUpgradeGoesStepByStep() {
        var session = session()
        #expect(session.handle(.poll, at: start).isEmpty)
        #expect(session.handle(.probeOpened, at: start).isEmpty)
        let probe = EnginePacket(.ping, "probe")
        // The poll that waits is let go, so that the client can stop polling.
        #expect(
            session.handle(.probePacket(probe), at: start) == [.answerProbe(.probeAnswer), .answer([.noop])])
        // One that was on its way is let go, too.
        #expect(session.handle(.poll, at: start) == [.answer([.noop])])
        _ = session.handle(.send(packet("late")), at: start)
        #expect(
            session.handle(.probePacket(EnginePacket(.upgrade)), at: start) == [.adoptProbe, .write([packet("late")])])
        #expect(session.transport == .webSocket)
        #expect(session.handle(.poll, at: start) == [.refuse(.badRequest)])
        #expect(session.handle(.probeOpened, at: start) == [.refuse(.badRequest)])
        #expect(!session.isOver)
    }

    @Test func whatIsSentWhileAClientProbesGoesByPolling() {
        var session = probing()
        _ = session.handle(.send(packet("a")), at: start)
        #expect(session.handle(.poll, at: start) == [.answer([packet("a")])])
    }

    @Test func aPollThatWaitsAtTheUpgradeIsAnsweredWithNothing() {
        var session = probing()
        for _ in 0..<4 { #expect(session.handle(.poll, at: start) == [.answer([.noop])]) }
        // One that polls on and on is not answered for nothing for ever.
        #expect(session.handle(.poll, at: start).isEmpty)
        #expect(session.handle(.probePacket(EnginePacket(.upgrade)), at: start) == [.answer([.noop]), .adoptProbe])
        // The client hangs up on that poll, rather than read its answer.
        #expect(session.handle(.pollGone, at: start).isEmpty)
        #expect(!session.isOver)
    }

    @Test(arguments: [EnginePacket(.ping, "other"), EnginePacket(.upgrade), EnginePacket(.message, "x")])
    func aProbeThatIsNoneIsDropped(packet: EnginePacket) {
        var session = session()
        _ = session.handle(.probeOpened, at: start)
        #expect(session.handle(.probePacket(packet), at: start) == [.dropProbe])
        #expect(session.transport == .polling && !session.isOver)
        #expect(session.handle(.probeOpened, at: start).isEmpty)
    }

    @Test func aProbeThatComesToNothingIsDroppedInTime() {
        var session = probing()
        #expect(session.handle(.tick, at: start + .seconds(9)).isEmpty)
        #expect(session.handle(.tick, at: start + .seconds(10)) == [.dropProbe])
        #expect(!session.isOver)
    }

    @Test func onlyOneWebSocketProbes() {
        var session = probing()
        #expect(session.handle(.probeOpened, at: start) == [.refuse(.badRequest)])
    }

    // MARK: Pings

    @Test func aClientIsPingedAndMustAnswer() {
        var session = session(.webSocket)
        #expect(session.handle(.tick, at: start + .seconds(24)).isEmpty)
        #expect(session.handle(.tick, at: start + .seconds(25)) == [.write([.ping])])
        _ = session.handle(.wrote(more: true), at: start)
        #expect(session.handle(.tick, at: start + .seconds(44)).isEmpty)
        #expect(session.handle(.packet(EnginePacket(.pong)), at: start + .seconds(44)).isEmpty)
        #expect(session.handle(.tick, at: start + .seconds(68)).isEmpty)
        #expect(session.handle(.tick, at: start + .seconds(69)) == [.write([.ping])])
        #expect(session.handle(.tick, at: start + .seconds(89)) == [.end(.pingTimeout)])
    }

    @Test func aClientThatDoesNotPollTimesOut() {
        var session = session()
        #expect(session.handle(.tick, at: start + .seconds(25)).isEmpty)
        #expect(session.handle(.tick, at: start + .seconds(45)) == [.end(.pingTimeout)])
    }

    // MARK: Full, and the end

    @Test func nothingIsWrittenToAClientThatDoesNotKeepUp() {
        var session = session(.webSocket)
        _ = session.handle(.send(packet("a")), at: start)
        #expect(session.handle(.flush, at: start) == [.write([packet("a")])])
        _ = session.handle(.send(packet("b")), at: start)
        #expect(session.handle(.flush, at: start).isEmpty)
        #expect(session.handle(.wrote(more: false), at: start).isEmpty)
        #expect(session.handle(.flush, at: start).isEmpty)
        #expect(session.handle(.writable, at: start) == [.write([packet("b")])])
    }

    @Test func whatWasTakenBeforeItWasFullIsStillSent() {
        var session = session(.webSocket)
        _ = session.handle(.send(packet("first")), at: start)
        _ = session.handle(.flush, at: start)
        let large = packet(String(repeating: "x", count: 200))
        #expect(session.handle(.send(large), at: start).isEmpty)
        #expect(session.handle(.send(packet("lost")), at: start) == [.overflow])
        #expect(session.handle(.send(packet("lost")), at: start).isEmpty)
        #expect(session.handle(.wrote(more: true), at: start) == [.write([large])])
        #expect(session.handle(.wrote(more: true), at: start) == [.end(.overflow)])
    }

    @Test func aClientThatReadsNotEvenTheEndIsCut() {
        var session = session(.webSocket)
        _ = session.handle(.send(packet("a")), at: start)
        _ = session.handle(.flush, at: start)
        #expect(session.handle(.finish(.closedByServer), at: start).isEmpty)
        #expect(session.handle(.tick, at: start + .seconds(1)).isEmpty)
        #expect(session.handle(.tick, at: start + .seconds(2)) == [.end(.closedByServer)])
    }

    @Test func aPollingSessionEndsOnceAllIsRead() {
        var session = session()
        for _ in 0..<17 { _ = session.handle(.send(packet("a")), at: start) }
        #expect(session.handle(.finish(.closedByServer), at: start).isEmpty)
        #expect(session.handle(.poll, at: start) == [.answer((0..<16).map { _ in packet("a") })])
        #expect(session.handle(.poll, at: start) == [.answer([packet("a")]), .end(.closedByServer)])
    }
}
