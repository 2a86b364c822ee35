import CTICore

/// The words that may stand somewhere, and what to tell somebody who wrote another.
struct WordChoice {
    var known: [String]

    init(_ known: [String]) { self.known = known }

    /// `did you mean "delivery"?` for a near miss; otherwise all there is to choose from.
    func advice(for word: String) -> String {
        let nearest = NearestNames.of(word, among: known).map { "\"\($0)\"" }
        return nearest.isEmpty ? "expected \(self)" : "did you mean \(WordChoice(nearest))?"
    }
}

extension WordChoice: CustomStringConvertible {
    /// `a`, `a or b`, `a, b or c`.
    var description: String {
        guard let last = known.last, known.count > 1 else { return known.first ?? "nothing" }
        return known.dropLast().joined(separator: ", ") + " or " + last
    }
}
