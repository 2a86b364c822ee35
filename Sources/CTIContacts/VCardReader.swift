/// Business cards, vCard 2.1, 3.0 and 4.0, as telephones and mail programs write them, any number in a file.
///
/// Of each card its names, numbers, identity and a picture's address are taken; the rest is passed over. A card that has
/// no end is taken with what it has: its numbers are as good as others'. Only what the file's own end cut through is not,
/// for half a number is another's. Groups of contacts are left out.
///
/// Not in the standards, and understood: `X-REFERENCE` (what a caller may type), `X-CTID-TYPE`, `X-CTID-INACTIVE`.
struct VCardReader {
    private var lines: VCardLines
    private let intake: ContactIntake
    /// Where the card began that is being read.
    private var opened: Int?
    private var draft = ContactDraft()
    private var isGroup = false
    /// A line of it is cut off.
    private var isDamaged = false
    /// Cards within the card: version 2.1 puts an assistant's inside.
    private var depth = 0
    private var isAgent = false

    init(_ text: ContactText, _ intake: ContactIntake) {
        lines = VCardLines(text)
        self.intake = intake
    }

    /// False where no card begins in the text.
    func read() -> Bool {
        var reader = self
        var isAny = false
        while let property = reader.lines.next() {
            reader.take(property)
            if reader.opened != nil { isAny = true }
        }
        reader.close(unended: "the file ends before the card does")
        return isAny
    }

    private mutating func take(_ property: VCardProperty) {
        switch property.name {
        case "BEGIN": begin(property)
        case "END": if property.isCard { end() }
        default:
            isAgent = property.name == "AGENT"
            if depth == 0, opened != nil { note(property) }
        }
    }

    private mutating func begin(_ property: VCardProperty) {
        guard property.isCard else { return }
        if opened != nil, isAgent {
            isAgent = false
            depth += 1
            return
        }
        close(unended: "the card has no end")
        opened = property.line
        draft = ContactDraft()
        (isGroup, isDamaged) = (false, false)
    }

    private mutating func end() {
        isAgent = false
        guard depth == 0 else {
            depth -= 1
            return
        }
        close(unended: nil)
    }

    private mutating func close(unended reason: String?) {
        defer {
            opened = nil
            depth = 0
        }
        guard let line = opened else { return }
        if isGroup { return intake.skip(line: line, "a group, not a contact") }
        if let reason {
            intake.offer(draft.finished, line: line, damaged: reason)
        } else {
            intake.offer(draft.finished, line: line, damaged: isDamaged ? "a line of the card is cut off" : nil)
        }
    }

    private mutating func note(_ property: VCardProperty) {
        if property.isCut, property.name != "PHOTO" {
            isDamaged = true
            return
        }
        switch property.name {
        case "FN": draft.record.name = property.text
        case "N": (draft.family, draft.given) = (property.component(0), property.component(1))
        case "ORG": draft.company = property.component(0)
        case "NICKNAME": draft.nickname = property.text
        case "TEL", "X-MS-TEL": draft.record.phones.append(property.text)
        case "UID": draft.record.id = property.text
        case "PHOTO": draft.record.avatar = property.text
        case "KIND", "X-ADDRESSBOOKSERVER-KIND": note(kind: property.text.trimmed.lowercased())
        case "X-REFERENCE": draft.record.references.append(property.text)
        case "X-CTID-TYPE": draft.record.type = property.text
        case "X-CTID-INACTIVE": draft.record.isInactive = ContactColumn.isYes(property.text)
        case "EMAIL": if draft.record.fields["email"] == nil { draft.record.fields["email"] = property.text }
        default: break
        }
    }

    private mutating func note(kind: String) {
        if kind == "org" { draft.record.type = "account" }
        if kind == "group" { isGroup = true }
    }
}

extension VCardProperty {
    /// `BEGIN:VCARD`, not a calendar's.
    fileprivate var isCard: Bool { text.trimmed.lowercased() == "vcard" }
}
