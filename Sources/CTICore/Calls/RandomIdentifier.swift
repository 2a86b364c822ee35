/// 128 random bits as 32 hexadecimal digits: names that cannot be guessed, and need no counter that outlives a restart.
enum RandomIdentifier {
    static func text() -> String {
        let words = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
        return String(unsafeUninitializedCapacity: 32) { buffer in
            for index in 0..<32 {
                let word = index < 16 ? words.0 : words.1
                let digit = UInt8(truncatingIfNeeded: word >> UInt64((index & 15) * 4)) & 15
                buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 32
        }
    }
}

extension PopID { public static func random() -> PopID { PopID(RandomIdentifier.text()) } }
extension SessionID { public static func random() -> SessionID { SessionID(RandomIdentifier.text()) } }
