/// A number of bytes, as a configuration writes it.
struct ByteSize: Hashable, Sendable, CustomStringConvertible {
    private static let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)]

    var bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    /// A whole number with its unit: `512B`, `64KiB`, `16MiB`, `1GiB`. `nil` for anything else.
    init?(written: String) {
        let digits = written.prefix { ("0"..."9").contains($0) }
        guard let number = Int(digits), let unit = Self.units.first(where: { $0.0 == written.dropFirst(digits.count) })
        else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.1)
        if overflow { return nil }
        self.bytes = bytes
    }

    var description: String {
        let unit = Self.units.first { bytes % $0.1 == 0 } ?? ("B", 1)
        return "\(bytes / unit.1)\(unit.0)"
    }
}
