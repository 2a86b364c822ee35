/// Values by text, filled once: agents by their extension, queues by the number dialled.
///
/// The texts come from a tenant's file, so nobody can make them collide, and the hash may be a multiplication or two: what
/// a dictionary spends on being safe from that is several times as much as all the rest of a look-up.
struct TextTable<Value: Sendable>: Sendable {
    private let keys: [String]
    private let values: [Value]
    /// The value's number, counted from 1; 0 is free. A power of two of them, at most half of them taken.
    private let places: [UInt32]

    init(_ content: [String: Value]) {
        var (keys, values): ([String], [Value]) = ([], [])
        var capacity = 8
        while capacity < content.count * 2 { capacity *= 2 }
        var places = [UInt32](repeating: 0, count: capacity)
        for (key, value) in content {
            keys.append(key)
            values.append(value)
            var place = Self.hash(key) & (capacity - 1)
            while places[place] != 0 { place = (place + 1) & (capacity - 1) }
            places[place] = UInt32(values.count)
        }
        self.keys = keys
        self.values = values
        self.places = places
    }

    subscript(key: String) -> Value? {
        let mask = places.count - 1
        var place = Self.hash(key) & mask
        while places[place] != 0 {
            let index = Int(places[place]) - 1
            if keys[index] == key { return values[index] }
            place = (place + 1) & mask
        }
        return nil
    }

    /// Texts that are equal, though written with other characters, must be told apart by nobody: only ASCII is looked at.
    private static func hash(_ text: String) -> Int {
        let hash = text.utf8.withContiguousStorageIfAvailable { bytes in
            var sum: UInt64 = 0
            for byte in bytes where byte < 0x80 { sum = sum &* 31 &+ UInt64(byte) }
            return Int(truncatingIfNeeded: (sum &* 0x9E37_79B9_7F4A_7C15) &>> 40)
        }
        return hash ?? 0
    }
}
