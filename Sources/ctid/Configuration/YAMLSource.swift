import Yams

/// The text of a file, and the way from it to its nodes.
///
/// The parser underneath gives up at the first mapping with a repeated key, so such keys are masked and the text is
/// parsed again: a mask has the key's own length, so that all places stay as they are, and is made of one scalar of
/// Unicode's private use area, which nobody writes. `YAMLTreeBuilder` takes the masks off again and reports them.
struct YAMLSource {
    /// Enough for every file made by hand, and a bound on parsing a file again and again.
    private static let mostMasks = 200

    private let lines: [[Unicode.Scalar]]
    private let text: String

    init(_ text: String) {
        self.text = text
        lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0) }
    }

    /// The document's root; `nil` for an empty file, or when it is not YAML, which is reported.
    func parse(reporting findings: FindingList) -> YAMLNode? {
        var masks: [SourcePlace: String] = [:]
        var masked = lines
        while true {
            do {
                guard let root = try Yams.compose(yaml: Self.join(masked), .basic) else { return nil }
                var builder = YAMLTreeBuilder(masks: masks, findings: findings)
                return builder.build(root)
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let place = SourcePlace(context.mark)
                guard masks.count < Self.mostMasks, let key = mask(at: place, among: keys, in: &masked, masks.count)
                else {
                    findings.error("a key is given twice in this mapping", at: place, key: "")
                    return nil
                }
                masks[place] = key
            } catch {
                let (problem, place) = describe(error)
                findings.error("is not valid YAML: \(problem)", at: place, key: "")
                return nil
            }
        }
    }

    /// The place of a scalar's `offset`-th character: its own place where it is not written out on one line as it is.
    func place(of value: String, at start: SourcePlace, offset: Int) -> SourcePlace {
        guard lines.indices.contains(start.line - 1) else { return start }
        let written = lines[start.line - 1].dropFirst(start.column - 1)
        let quoted = written.first == "\"" || written.first == "'" ? 1 : 0
        let head = value.unicodeScalars.prefix(offset)
        guard head.count == offset, written.dropFirst(quoted).starts(with: head) else { return start }
        return SourcePlace(line: start.line, column: start.column + quoted + offset)
    }

    private static func join(_ lines: [[Unicode.Scalar]]) -> String {
        var joined = String.UnicodeScalarView()
        for (number, line) in lines.enumerated() {
            if number > 0 { joined.append("\n") }
            joined.append(contentsOf: line)
        }
        return String(joined)
    }
}

extension YAMLSource {
    /// Writes a mask over the key at `place`. `nil` where the key is not written there as it is.
    private func mask(
        at place: SourcePlace, among keys: [String], in masked: inout [[Unicode.Scalar]], _ number: Int
    ) -> String? {
        guard lines.indices.contains(place.line - 1) else { return nil }
        let written = lines[place.line - 1].dropFirst(place.column - 1)
        let quoted = written.first == "\"" || written.first == "'" ? 1 : 0
        let candidates = keys.filter { !$0.isEmpty && written.dropFirst(quoted).starts(with: $0.unicodeScalars) }
        // One key may begin like another: the longest is the one that stands there.
        guard let key = candidates.max(by: { $0.unicodeScalars.count < $1.unicodeScalars.count }),
            let scalar = Unicode.Scalar(UInt32(0xE000 + number))
        else { return nil }
        let first = place.column - 1 + quoted
        for index in first..<first + key.unicodeScalars.count { masked[place.line - 1][index] = scalar }
        return key
    }

    private func describe(_ error: any Error) -> (problem: String, place: SourcePlace) {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            (context.map { "\($0.text), \(problem)" } ?? problem, SourcePlace(mark))
        case YamlError.reader(let problem, let offset, _, _): (problem, place(ofCharacter: offset ?? 0))
        default: ("it cannot be parsed", .start)
        }
    }

    private func place(ofCharacter offset: Int) -> SourcePlace {
        let before = text.prefix(offset).unicodeScalars
        let line = before.reduce(into: 1) { count, scalar in if scalar == "\n" { count += 1 } }
        let column = before.reversed().prefix { $0 != "\n" }.count + 1
        return SourcePlace(line: line, column: column)
    }
}

extension SourcePlace {
    init(_ mark: Mark) { self.init(line: max(1, mark.line), column: max(1, mark.column)) }
}
