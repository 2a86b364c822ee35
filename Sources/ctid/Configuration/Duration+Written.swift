extension Duration {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// A whole number with its unit: `800ms`, `15s`, `5m`, `12h`, `30d`. `nil` for anything else.
    init?(written: String) {
        let digits = written.prefix { ("0"..."9").contains($0) }
        guard let number = Int64(digits),
            let unit = Self.units.first(where: { $0.name == written.dropFirst(digits.count) })
        else { return nil }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        if overflow { return nil }
        self = .milliseconds(milliseconds)
    }

    /// As it is written in a configuration, in the greatest unit that gives a whole number.
    var written: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        if milliseconds == 0 { return "0s" }
        let unit = Self.units.first { milliseconds % $0.milliseconds == 0 } ?? ("ms", 1)
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}
