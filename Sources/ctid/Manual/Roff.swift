/// Text in the language of manual pages, man(7): the few macros that a page needs, and everything else taken literally.
struct Roff {
    private(set) var text = ""
    /// A heading begins a paragraph of its own; one more would be a fault.
    private var isBelowHeading = false

    mutating func title(_ name: String, section: Int, date: String, source: String) {
        line(".TH \(Self.argument(name)) \(section) \"\(date)\" \(Self.argument(source))")
    }

    mutating func section(_ title: String) { heading(".SH", title) }
    mutating func subsection(_ title: String) { heading(".SS", title) }

    private mutating func heading(_ request: String, _ title: String) {
        line("\(request) \(Self.argument(title))")
        isBelowHeading = true
    }

    /// Prose: `code` in backquotes is set bold.
    mutating func paragraph(_ prose: String) {
        beginParagraph()
        line(Self.prose(prose))
    }

    /// A term, and what it means, indented below.
    mutating func item(_ term: String, _ prose: String) {
        line(".TP")
        line(term)
        line(Self.prose(prose))
    }

    /// Lines as they are, indented.
    mutating func example(_ lines: [String]) {
        beginParagraph()
        line(".RS 4")
        line(".EX")
        for example in lines { line(Self.literal(example)) }
        line(".EE")
        line(".RE")
    }

    /// Paragraphs, and lines that are indented by two spaces: examples. As help texts are written.
    mutating func help(_ text: String) {
        var example: [String] = []
        for each in text.split(separator: "\n", omittingEmptySubsequences: true) {
            if each.hasPrefix("  ") {
                example.append(String(each.dropFirst(2)))
                continue
            }
            if !example.isEmpty { self.example(example) }
            example = []
            paragraph(String(each))
        }
        if !example.isEmpty { self.example(example) }
    }

    /// A paragraph that is roff already: a synopsis.
    mutating func raw(_ roff: String) {
        beginParagraph()
        line(roff)
    }

    /// How what follows is set.
    mutating func request(_ request: String) { line(request) }

    private mutating func beginParagraph() {
        if !isBelowHeading { line(".PP") }
    }

    private mutating func line(_ line: String) {
        text += line + "\n"
        isBelowHeading = false
    }
}

extension Roff {
    static func bold(_ text: String) -> String { "\\fB\(escape(text, dashes: true))\\fR" }
    static func italic(_ text: String) -> String { "\\fI\(escape(text, dashes: true))\\fR" }

    private static func argument(_ text: String) -> String {
        "\"\(escape(text, dashes: true).replacing("\"", with: "\\(dq"))\""
    }

    private static func literal(_ text: String) -> String { guarded(escape(text, dashes: true)) }

    /// What stands between two backquotes is set bold; a dash within a word may be one to break the line at.
    private static func prose(_ text: String) -> String {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        // A backquote without its other half is one.
        guard parts.count % 2 == 1 else { return guarded(escape(text, dashes: false)) }
        let pieces = parts.enumerated().map { index, part in
            index % 2 == 1 ? bold(String(part)) : escape(String(part), dashes: false)
        }
        return guarded(pieces.joined())
    }

    /// A line that begins with a dot or a quote would be a request.
    private static func guarded(_ line: String) -> String {
        line.hasPrefix(".") || line.hasPrefix("\\(aq") || line.isEmpty ? "\\&" + line : line
    }

    /// - Parameter dashes: whether every dash is a minus, as in what is typed; else those alone that begin a word.
    private static func escape(_ text: String, dashes: Bool) -> String {
        var escaped = ""
        var isInWord = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\e"
            case "-": escaped += dashes || !isInWord ? "\\-" : "-"
            case "'": escaped += "\\(aq"
            case "`": escaped += "\\(ga"
            case "^": escaped += "\\(ha"
            case "~": escaped += "\\(ti"
            case "\u{80}"...: escaped += "\\[u\(hexadecimal(scalar))]"
            default: escaped.unicodeScalars.append(scalar)
            }
            isInWord = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        }
        return escaped
    }

    /// At least four digits, in capitals, as groff wants them.
    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
