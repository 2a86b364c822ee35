import Foundation
import Testing

@testable import CTICore

/// Holds the decoder against Foundation's JSONSerialization, and its two ways against each other, over mutated payloads.
@Suite struct JSONValidityTests {
    @Test func `strict accepts what Foundation accepts`() {
        var random = SplitMix(state: 20_261_121)
        var (valid, invalid) = (0, 0)
        for _ in 0..<40_000 {
            let bytes = Self.mutant(&random)
            let mine = bytes.withUnsafeBytes(Self.isText)
            if !mine, Self.isKnownDeviation(bytes) { continue }
            #expect(mine == Self.foundationAccepts(bytes), "\(String(decoding: bytes, as: UTF8.self))")
            if mine { valid += 1 } else { invalid += 1 }
        }
        // Neither side may be so rare that the comparison says nothing.
        #expect(valid > 4000 && invalid > 4000)
    }

    @Test(arguments: [true, false])
    func `both ways agree`(_ strict: Bool) {
        var random = SplitMix(state: strict ? 3 : 4)
        let decoder = NotificationDecoder(strict: strict)
        for _ in 0..<40_000 {
            let bytes = Self.mutant(&random)
            bytes.withUnsafeBytes { raw in
                let hot = outcome { () throws(DecodeFailure) in try decoder.decode(raw) }
                let general = outcome { () throws(DecodeFailure) in try decoder.decodeAnyText(raw) }
                #expect(hot == general, "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
    }

    @Test func `relaxed gives for valid JSON what strict gives`() {
        var random = SplitMix(state: 5)
        for _ in 0..<20_000 {
            let bytes = Self.mutant(&random)
            let strict = outcome { () throws(DecodeFailure) in try NotificationDecoder(strict: true).decode(bytes) }
            guard strict != "not-json" else { continue }
            #expect(outcome { () throws(DecodeFailure) in try NotificationDecoder().decode(bytes) } == strict)
        }
    }

    /// Valid, and without half a surrogate pair: legal in RFC 8259, but Foundation refuses it, and so do the fields.
    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard UTF8Text.isValid(bytes) else { return false }
        var scanner = JSONScanner(UTF8Text.withoutByteOrderMark(bytes), relaxed: false)
        while let step = try? scanner.next() {
            if case .end = step { return scanner.loneSurrogate == nil }
        }
        return false
    }

    private static func foundationAccepts(_ bytes: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
    }

    /// Foundation, against RFC 8259: takes a comma before a closing bracket, ends the text at a NUL or guesses UTF-16 from
    /// one, and reads numbers that it cannot hold as errors (which a refusal of ours cannot be mistaken for).
    private static func isKnownDeviation(_ bytes: [UInt8]) -> Bool {
        let visible = bytes.filter { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }
        let comma = zip(visible, visible.dropFirst()).contains {
            $0 == UInt8(ascii: ",") && [UInt8(ascii: "}"), UInt8(ascii: "]")].contains($1)
        }
        return comma || bytes.contains(0)
    }

    private static let seeds: [[UInt8]] = DecodeFixture.all.map(\.payload).filter { $0.count < 400 }
    private static let snippets: [[UInt8]] = [
        ",", ":", "\"", "{", "}", "[", "]", "\\", "\\u0041", "\\ud83d\\ude00", "null", "true", "1", "-", "0", ".5",
        "e3",
        " ", "\n", "é", "\u{1}", #""ref":"1","#, #","payload":{}"#, "[1,2]", "{}",
    ].map { Array($0.utf8) }

    /// A fixture with up to three bytes or snippets put in, taken out or replaced.
    private static func mutant(_ random: inout SplitMix) -> [UInt8] {
        var bytes = seeds.isEmpty ? [] : seeds[random.below(seeds.count)]
        for _ in 0..<random.below(4) {
            let place = random.below(bytes.count + 1)
            switch random.below(4) {
            case 0: bytes.insert(contentsOf: snippets[random.below(snippets.count)], at: place)
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(4)))
            case 2 where place < bytes.count: bytes[place] = UInt8(random.below(128))
            default: bytes.insert(UInt8(random.below(256)), at: place)
            }
            if bytes.isEmpty { bytes = [0x20] }
        }
        return bytes
    }
}

/// A small generator with a seed, so that a failure can be had again.
struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
