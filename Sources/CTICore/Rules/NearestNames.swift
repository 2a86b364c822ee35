/// Which known names somebody may have meant who mistyped one.
public enum NearestNames {
    /// The nearest of `known`, at most three, nearest first; none where all of them are too far to be meant.
    ///
    /// Case does not count; a name is near when a third of the letters, and two at least, would have to change.
    public static func of(_ name: String, among known: [String]) -> [String] {
        let wanted = Array(name.lowercased().utf8)
        let limit = Swift.max(2, wanted.count / 3)
        let ranked = known.map { (name: $0, distance: distance(wanted, Array($0.lowercased().utf8))) }
            .filter { $0.distance <= limit && $0.distance < Swift.max(wanted.count, 1) }
        guard let best = ranked.map(\.distance).min() else { return [] }
        return ranked.filter { $0.distance == best }.prefix(3).map(\.name)
    }

    /// Bytes to insert, remove or replace to make one of the other, kept row by row.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (line, byte) in one.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, counterpart) in other.enumerated() {
                let replaced = diagonal + (byte == counterpart ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = Swift.min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}
