import Foundation

/// The little of JSON that packets need: arrays are put together and taken apart, their elements stay as they are.
public enum JSONText {
    public static func array(_ elements: [[UInt8]]) -> [UInt8] {
        var text = [UInt8(ascii: "[")]
        for (index, element) in elements.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text.append(contentsOf: element)
        }
        text.append(UInt8(ascii: "]"))
        return text
    }

    /// A text with its quotation marks.
    public static func string(_ text: String) -> [UInt8] {
        var json = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): json.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0..<0x20: json.append(contentsOf: Array("\\u00".utf8) + hex(byte))
            default: json.append(byte)
            }
        }
        json.append(UInt8(ascii: "\""))
        return json
    }

    private static func hex(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// The text that a JSON text stands for; `nil` where it is none.
    public static func text(_ json: [UInt8]) -> String? {
        guard json.first == UInt8(ascii: "\"") else { return nil }
        return (try? JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed)) as? String
    }

    /// The elements of an array; `nil` where it is none, or not well-formed.
    ///
    /// Well-formed is what `JSONSerialization` takes: what comes from a peer is handed on only if anybody can read it.
    public static func elements(of json: [UInt8]) -> [[UInt8]]? {
        guard (try? JSONSerialization.jsonObject(with: Data(json))) is [Any] else { return nil }
        var elements: [[UInt8]] = []
        var element: [UInt8] = []
        var (depth, isInText, isEscaped) = (0, false, false)
        for byte in json {
            if isInText {
                element.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth > 1 { element.append(byte) }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                if depth > 0 { element.append(byte) }
            case UInt8(ascii: ",") where depth == 1:
                elements.append(element)
                element = []
            case 0x09, 0x0A, 0x0D, 0x20: break
            default:
                isInText = byte == UInt8(ascii: "\"")
                element.append(byte)
            }
        }
        return element.isEmpty ? elements : elements + [element]
    }
}

extension JSONText {
    /// The member `message` of an object; `nil` where there is none.
    static func message(_ json: [UInt8]) -> String? {
        let object = try? JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
        return object?["message"] as? String
    }

    /// The same document in ASCII.
    ///
    /// Revision 3 counts a body's packets in UTF-16 code units, and some servers in code points: here they agree.
    static func ascii(_ json: [UInt8]) -> [UInt8] {
        guard json.contains(where: { $0 >= 0x80 }) else { return json }
        var text: [UInt8] = []
        text.reserveCapacity(json.count * 2)
        for unit in String(decoding: json, as: UTF8.self).utf16 {
            if unit < 0x80 {
                text.append(UInt8(unit))
            } else {
                text.append(contentsOf: Array("\\u".utf8) + hex(UInt8(unit >> 8)) + hex(UInt8(unit & 0xFF)))
            }
        }
        return text
    }
}
