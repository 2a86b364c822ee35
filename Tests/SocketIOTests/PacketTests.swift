import SocketIO
import Testing

struct PacketTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Examples of the Engine.IO protocol's text, revision 4.
    @Test func bodiesOfRevisionFour() throws {
        let packets = [EnginePacket(.message, "hello"), EnginePacket(.ping), .message(binary: [1, 2, 3])]
        let body = EnginePayload.encode(packets, .four)
        #expect(body == bytes("4hello\u{1E}2\u{1E}bAQID"))
        #expect(try EnginePayload.decode(body, .four) == packets)
    }

    @Test func bodiesOfRevisionThreeCountAsJavaScriptDoes() throws {
        let packets = [EnginePacket(.message, "€😀"), EnginePacket(.pong), .message(binary: [1, 2, 3])]
        let body = EnginePayload.encode(packets, .three)
        #expect(body == bytes("4:4€😀1:36:b4AQID"))
        #expect(try EnginePayload.decode(body, .three) == packets)
    }

    @Test func bodiesOfRevisionThreeInBinary() throws {
        let body: [UInt8] = [0, 6, 0xFF] + bytes("4hello") + [1, 4, 0xFF, 4, 1, 2, 3]
        #expect(
            try EnginePayload.decode(body, .three) == [EnginePacket(.message, "hello"), .message(binary: [1, 2, 3])])
    }

    @Test(arguments: ["", "9", "x", "2:4", "0:", "99999999999999:4", "4\u{1E}"])
    func whatIsNoBodyIsRefused(body: String) {
        #expect(throws: PacketError.self) { try EnginePayload.decode(bytes(body), body.contains(":") ? .three : .four) }
    }

    @Test(arguments: [
        ("0", SocketPacket(.connect)), ("1/cti,", SocketPacket(.disconnect, namespace: "/cti")),
        ("2/cti,12[\"pop\",{\"id\":\"7\"}]", .event("pop", [Array("{\"id\":\"7\"}".utf8)], namespace: "/cti", id: 12)),
        ("312[]", .ack([], namespace: "/", id: 12)),
        (
            "51-[\"f\",{\"_placeholder\":true,\"num\":0}]",
            SocketPacket(.binaryEvent, data: Array("[\"f\",{\"_placeholder\":true,\"num\":0}]".utf8), attachments: 1)
        ),
    ])
    func packetsAreTheirText(text: String, packet: SocketPacket) throws {
        #expect(try SocketPacket(text: bytes(text)) == packet)
        #expect(packet.text == bytes(text))
    }

    @Test(arguments: ["", "7", "2", "2{}", "3[]", "2999999999999999999[\"a\"]", "5[\"a\"]", "1[]"])
    func whatIsNoPacketIsRefused(text: String) {
        #expect(throws: PacketError.self) { try SocketPacket(text: bytes(text)) }
    }

    @Test func argumentsStayAsTheyWereWritten() throws {
        let packet = try SocketPacket(text: bytes(#"2["a\"b", {"x": [1, "],\\"]} ,12345678901234567890,null]"#))
        let (name, arguments) = try packet.nameAndArguments()
        #expect(name == "a\"b")
        #expect(
            arguments.map { String(decoding: $0, as: UTF8.self) }
                == [#"{"x":[1,"],\\"]}"#, "12345678901234567890", "null"])
    }

    @Test(arguments: [#"2[1]"#, #"2["a""#, #"2["a",}]"#, #"2[]"#])
    func whatIsNoEventIsRefused(text: String) {
        #expect(throws: PacketError.self) { try SocketPacket(text: bytes(text)).nameAndArguments() }
    }
}
