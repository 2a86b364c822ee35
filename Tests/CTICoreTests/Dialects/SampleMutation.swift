/// A change to a sample that somebody's mistake, or malice, might make: always the same for one seed.
enum SampleMutation {
    static func mutated(_ sample: [UInt8], seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        var bytes = sample
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            change(&bytes, using: &random)
        }
        return bytes
    }

    private static func change(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
        let at = Int.random(in: bytes.indices, using: &random)
        let end = min(bytes.count, at + Int.random(in: 1...24, using: &random))
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(at..<end)
        case 2: bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
        case 3: bytes.insert(contentsOf: Array(random.text().utf8), at: at)
        case 4: bytes.replaceSubrange(at..<end, with: Array(#"99999999999999999999"#.utf8))
        default: bytes[at] = Array(#"{}[]":,;<>@% "#.utf8).randomElement(using: &random) ?? 0
        }
    }
}
