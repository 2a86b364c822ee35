import Foundation

/// Notifications as a busy PBX sends them: v3, compact, each with its own numbers and call reference.
///
/// The same count gives the same bytes in every run, so that rivals can be fed the same file.
enum DecodePayloads {
    static func make(from start: Int = 0, count: Int) -> [[UInt8]] {
        (start..<start + count).map { Array(text($0).utf8) }
    }

    /// One payload a line, to standard output, for the rivals.
    static func write(count: Int) {
        for index in 0..<count { print(text(index)) }
    }

    static func read(file: String) throws -> [[UInt8]] {
        let data = try Data(contentsOf: URL(fileURLWithPath: file))
        return data.split(separator: UInt8(ascii: "\n")).map { Array($0) }
    }

    private static func text(_ index: Int) -> String {
        let mixed = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
        let hexadecimal = String(format: "%016lx", mixed)
        let callRef = "\(hexadecimal.prefix(8))-\(hexadecimal.suffix(4))-4f2a-9c1d-\(String(format: "%012x", index))"
        return #"{"type":"call","payload":{"number":"082"# + String(format: "%07d", mixed % 10_000_000)
            + #"","dial_number":"011765"# + String(format: "%04d", index % 300)
            + #"","hold_time":"# + String(index % 90) + #","call_ref":""# + callRef
            + #"","contact_ref":"A-"# + String(100_000 + index % 9000)
            + #"","call_dir":"inbound","ref":""# + String(1000 + index % 250) + #""}}"#
    }
}
