import Yams

/// Turns the parser's nodes into `YAMLNode`: merges `<<`, names repeated keys, and refuses what a configuration has no
/// use for. Anchors and aliases are followed by the parser already; a value keeps the place where it is written.
struct YAMLTreeBuilder {
    /// Aliases of aliases can make millions of nodes out of a few lines.
    private static let mostNodes = 500_000

    /// Keys that were masked because they are repeated in their mapping, by their place.
    let masks: [SourcePlace: String]
    let findings: FindingList
    private var nodes = 0

    init(masks: [SourcePlace: String], findings: FindingList) {
        self.masks = masks
        self.findings = findings
    }

    mutating func build(_ root: Node) -> YAMLNode? {
        let built = node(root, path: "")
        guard nodes <= Self.mostNodes else {
            findings.error("its aliases add up to more than \(Self.mostNodes) values", at: .start, key: "")
            return nil
        }
        return built
    }

    private mutating func node(_ node: Node, path: String) -> YAMLNode {
        nodes += 1
        let place = node.mark.map { SourcePlace($0) } ?? .start
        guard nodes <= Self.mostNodes else { return YAMLNode(content: .null, place: place) }
        switch node {
        case .scalar(let scalar): return YAMLNode(content: content(of: scalar), place: place)
        case .sequence(let sequence):
            let items = sequence.enumerated().map { self.node($1, path: "\(path)[\($0)]") }
            return YAMLNode(content: .sequence(items), place: place)
        case .mapping(let mapping): return YAMLNode(content: .mapping(entries(of: mapping, path: path)), place: place)
        case .alias: return YAMLNode(content: .null, place: place)
        }
    }

    private func content(of scalar: Node.Scalar) -> YAMLNode.Content {
        let isPlain = scalar.style == .plain || scalar.style == .any
        return isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string) ? .null : .scalar(scalar.string)
    }

    private mutating func entries(of mapping: Node.Mapping, path: String) -> [YAMLEntry] {
        var own: [YAMLEntry] = []
        var merged: [YAMLEntry] = []
        var first: [String: SourcePlace] = [:]
        for (key, value) in mapping {
            let place = key.mark.map { SourcePlace($0) } ?? .start
            guard case .scalar(let scalar) = key else {
                findings.error("a key is \(kind(of: key)), expected a plain text", at: place, key: path)
                continue
            }
            if scalar.string == "<<", scalar.style == .plain {
                merged += merge(value, path: path)
            } else {
                let name = masks[place] ?? scalar.string
                if let earlier = first.updateValue(place, forKey: name) {
                    reportRepeated(name, at: place, earlier: earlier, path: path)
                } else {
                    own.append(YAMLEntry(key: name, place: place, value: node(value, path: path.appending(key: name))))
                }
            }
        }
        // A mapping's own keys override merged ones, and of these the first wins, as YAML has it.
        for entry in merged where first.updateValue(entry.place, forKey: entry.key) == nil { own.append(entry) }
        return own
    }

    private func reportRepeated(_ key: String, at place: SourcePlace, earlier: SourcePlace, path: String) {
        let message = "is given twice, also in line \(earlier.line), expected each key once"
        findings.error(message, at: place, key: path.appending(key: key))
    }

    private mutating func merge(_ value: Node, path: String) -> [YAMLEntry] {
        switch value {
        case .mapping(let mapping): return entries(of: mapping, path: path)
        case .sequence(let sequence):
            return sequence.flatMap { merge($0, path: path) }
        case .scalar, .alias:
            let place = value.mark.map { SourcePlace($0) } ?? .start
            findings.error("<< merges \(kind(of: value)), expected an alias of a mapping", at: place, key: path)
            return []
        }
    }

    private func kind(of node: Node) -> String {
        switch node {
        case .scalar: "a text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .alias: "an alias"
        }
    }
}

extension String {
    /// The path of a key below this path.
    func appending(key: String) -> String { isEmpty ? key : "\(self).\(key)" }
}
