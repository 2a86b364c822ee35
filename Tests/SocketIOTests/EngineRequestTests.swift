import NIOCore
import Testing

@testable import SocketIO

struct EngineRequestTests {
    @Test(
        arguments: [
            (EngineRequest(.get, query: "EIO=4&transport=polling"), nil),
            (EngineRequest(.get, query: "transport=polling&EIO=4&sid=x"), nil),
            (EngineRequest(.post, query: "EIO=4&transport=polling&sid=x"), nil),
            (EngineRequest(.get, query: "EIO=4&transport=websocket", isUpgrade: true), nil),
            (EngineRequest(.get, query: ""), .unknownTransport),
            (EngineRequest(.get, query: "EIO=4&transport=webtransport"), .unknownTransport),
            (EngineRequest(.post, query: "EIO=4&transport=polling"), .badMethod),
            (EngineRequest(.other, query: "EIO=4&transport=polling&sid=x"), .badMethod),
            (EngineRequest(.get, query: "EIO=4&transport=websocket"), .badRequest),
            (EngineRequest(.get, query: "EIO=4&transport=polling", isUpgrade: true), .badRequest),
            (EngineRequest(.get, query: "EIO=3&transport=polling"), .unsupportedRevision),
            (EngineRequest(.get, query: "transport=polling"), .unsupportedRevision),
        ] as [(EngineRequest, EngineRefusal?)])
    func refusals(request: EngineRequest, refusal: EngineRefusal?) { #expect(request.refusal == refusal) }

    @Test func aRefusalIsEngineIOs() {
        let answer = EngineRefusal.unknownSession.answer
        #expect(answer.status == 400)
        #expect(answer.type == "application/json")
        #expect(String(buffer: answer.body) == #"{"code":1,"message":"Session ID unknown"}"#)
    }

    @Test func valuesOfAQueryAreDecoded() {
        #expect(EngineRequest.value(of: "a", in: "b=1&a=x%20%3D&a=2") == "x =")
        #expect(EngineRequest.value(of: "a", in: "a=&aa=1&a") == nil)
        #expect(EngineRequest.value(of: "a", in: "a=%FF") == nil)
    }

    @Test(arguments: [
        (
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\n\r\n",
            FirstRequest.webSocket
        ),
        ("GET /socket.io?a HTTP/1.1\r\nupgrade:websocket\r\n\r\n", .webSocket),
        ("GET /socket.io/ HTTP/1.1\nUpgrade: websocket\n\n", .webSocket),
        ("GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: x\r\n\r\n", .other),
        ("GET /socket.io/?upgrade:websocket HTTP/1.1\r\nX-Upgrade: websocket\r\n\r\n", .other),
        ("GET /socket.iox/ HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", .other),
        ("POST /socket.io/ HTTP/1.1\r\n", .other), ("GET /agent/", .other), ("\r\n", .other),
        ("", .undecided), ("GET /so", .undecided),
        ("GET /socket.io/?EIO=4 HTTP/1.1\r\nUpgrade: websocket\r\n", .undecided),
    ])
    func theFirstRequestDecides(text: String, expected: FirstRequest) {
        #expect(FirstRequest(ByteBuffer(string: text)) == expected)
    }

    @Test func aHeadWithoutAnEndIsForOthersToJudge() {
        let text = "GET /socket.io/ HTTP/1.1\r\nX: " + String(repeating: "x", count: FirstRequest.longest)
        #expect(FirstRequest(ByteBuffer(string: text)) == .other)
    }

    @Test(arguments: [(0, 2), (124, 2), (125, 4), (65534, 4), (65535, 10)])
    func framesHaveTheHeadOfTheirLength(length: Int, head: Int) {
        let packet = WirePacket(EnginePacket(.message, String(repeating: "x", count: length)))
        #expect(packet.frame.readableBytes == length + 1 + head)
        #expect(packet.payload.readableBytes == length + 1)
        #expect(packet.frame.getInteger(at: 0, as: UInt8.self) == 0x81)
        #expect(packet.frame.readableBytesView.suffix(length + 1).first == UInt8(ascii: "4"))
    }

    @Test func aBodyHasBinaryInBase64() {
        let body = WirePacket.body(of: [.noop, WirePacket(.message(binary: [1, 2, 3]))])
        #expect(String(buffer: body) == "6\u{1E}bAQID")
    }
}
