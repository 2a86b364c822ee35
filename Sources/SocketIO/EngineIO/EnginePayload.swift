import Foundation

/// Several packets in one HTTP body, as polling sends them.
///
///     revision 4    4hello ␞ 2 ␞ bAQID              (␞ is 0x1E; b: base64 of a binary message)
///     revision 3    6:4hello1:210:b4AQID            (lengths count UTF-16 code units, as JavaScript does)
///                   or, as application/octet-stream: 00|01, the length's digits as bytes 0–9, FF, the packet
public enum EnginePayload {
    private static let separator: UInt8 = 0x1E

    public static func encode(_ packets: [EnginePacket], _ revision: EngineRevision) -> [UInt8] {
        var body: [UInt8] = []
        for packet in packets {
            let text = encode(packet, revision)
            switch revision {
            case .four:
                if !body.isEmpty { body.append(separator) }
            case .three:
                let length = String(decoding: text, as: UTF8.self).utf16.count
                body.append(contentsOf: "\(length):".utf8)
            }
            body.append(contentsOf: text)
        }
        return body
    }

    /// As text: binary messages become base64.
    private static func encode(_ packet: EnginePacket, _ revision: EngineRevision) -> [UInt8] {
        switch packet.payload {
        case .text(let bytes): return [packet.kind.digit] + bytes
        case .binary(let bytes):
            let kind = revision == .three ? [packet.kind.digit] : []
            return [UInt8(ascii: "b")] + kind + Array(Data(bytes).base64EncodedString().utf8)
        }
    }

    /// - Parameter limit: more packets than these are refused.
    public static func decode(
        _ body: [UInt8], _ revision: EngineRevision, limit: Int = 1000
    ) throws(PacketError) -> [EnginePacket] {
        let packets =
            switch revision {
            case .four: try decodeSeparated(body, limit: limit)
            case .three:
                try body.first.map { $0 <= 1 } ?? false
                    ? decodeBinary(body, limit: limit) : decodeCounted(body, limit: limit)
            }
        return packets
    }

    private static func decodeSeparated(_ body: [UInt8], limit: Int) throws(PacketError) -> [EnginePacket] {
        var packets: [EnginePacket] = []
        for part in body.split(separator: separator, omittingEmptySubsequences: false) {
            guard packets.count < limit else { throw PacketError("more than \(limit) packets in one body") }
            if part.first == UInt8(ascii: "b") {
                packets.append(.message(binary: try base64(part.dropFirst())))
            } else {
                packets.append(try EnginePacket(text: part))
            }
        }
        return packets
    }

    private static func decodeCounted(_ body: [UInt8], limit: Int) throws(PacketError) -> [EnginePacket] {
        var packets: [EnginePacket] = []
        var rest = body[...]
        while !rest.isEmpty {
            guard packets.count < limit else { throw PacketError("more than \(limit) packets in one body") }
            guard let colon = rest.prefix(12).firstIndex(of: UInt8(ascii: ":")),
                let length = Int(String(decoding: rest[..<colon], as: UTF8.self)), length > 0
            else { throw PacketError("a packet without its length") }
            rest = rest[(colon + 1)...]
            guard let end = end(ofUnits: length, in: rest) else { throw PacketError("a packet that is cut off") }
            packets.append(try textPacket(rest[..<end]))
            rest = rest[end...]
        }
        return packets
    }

    private static func textPacket(_ text: ArraySlice<UInt8>) throws(PacketError) -> EnginePacket {
        guard text.first == UInt8(ascii: "b") else { return try EnginePacket(text: text) }
        let kind = try EnginePacket(text: text.dropFirst().prefix(1)).kind
        return EnginePacket(kind, .binary(try base64(text.dropFirst(2))))
    }

    /// Where so many UTF-16 code units end; `nil` beyond the end.
    private static func end(ofUnits units: Int, in text: ArraySlice<UInt8>) -> Int? {
        var (index, left) = (text.startIndex, units)
        while left > 0 {
            guard index < text.endIndex else { return nil }
            let byte = text[index]
            let size = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
            index += size
            left -= size == 4 ? 2 : 1
        }
        return index <= text.endIndex && left == 0 ? index : nil
    }

    private static func decodeBinary(_ body: [UInt8], limit: Int) throws(PacketError) -> [EnginePacket] {
        var packets: [EnginePacket] = []
        var rest = body[...]
        while let first = rest.first {
            guard packets.count < limit else { throw PacketError("more than \(limit) packets in one body") }
            guard first <= 1, let end = rest.prefix(16).firstIndex(of: 0xFF) else {
                throw PacketError("a packet without its length")
            }
            var length = 0
            for digit in rest[(rest.startIndex + 1)..<end] {
                guard digit <= 9 else { throw PacketError("a packet without its length") }
                length = length * 10 + Int(digit)
            }
            guard length > 0, rest.endIndex - end - 1 >= length else { throw PacketError("a packet that is cut off") }
            let packet = rest[(end + 1)...].prefix(length)
            packets.append(
                first == 0
                    ? try EnginePacket(text: packet)
                    : try EnginePacket(webSocketPayload: .binary(Array(packet)), .three))
            rest = rest[(end + 1 + length)...]
        }
        return packets
    }

    private static func base64(_ text: ArraySlice<UInt8>) throws(PacketError) -> [UInt8] {
        guard let data = Data(base64Encoded: Data(text)) else { throw PacketError("base64 that is none") }
        return Array(data)
    }
}
