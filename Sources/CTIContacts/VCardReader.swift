/// Business cards, vCard 2.1, 3.0 and 4.0, as telephones and mail programs write them, any number in a file.
///
/// Of each card its names, numbers, identity and a picture's address are taken; the rest is passed over unread.
/// Not in the standards, and understood: `X-REFERENCE` (what a caller may type), `X-CTID-TYPE`, `X-CTID-INACTIVE`.
struct VCardReader {
    private var lines: VCardLines
    private let intake: ContactIntake
    /// Where the card began that is being read.
    private var opened: Int?
    private var draft = ContactDraft()
    /// Cards within the card: version 2.1 puts an assistant's inside.
    private var depth = 0
    private var isAgent = false

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ intake: ContactIntake) {
        lines = VCardLines(bytes)
        self.intake = intake
    }

    func read() {
        var reader = self
        while let property = reader.lines.next() { reader.take(property) }
        if let opened = reader.opened { intake.skip(line: opened, "the file ends before the card does") }
    }

    private mutating func take(_ property: VCardProperty) {
        switch property.name {
        case "BEGIN": begin(property)
        case "END": end()
        default:
            isAgent = property.name == "AGENT"
            if depth == 0, opened != nil { note(property) }
        }
    }

    private mutating func begin(_ property: VCardProperty) {
        if let opened {
            guard !isAgent, depth == 0 else {
                depth += 1
                return
            }
            intake.skip(line: opened, "the card has no end")
        }
        opened = property.line
        draft = ContactDraft()
    }

    private mutating func end() {
        isAgent = false
        guard depth == 0 else {
            depth -= 1
            return
        }
        guard let line = opened else { return }
        intake.offer(draft.finished, line: line)
        opened = nil
    }

    private mutating func note(_ property: VCardProperty) {
        switch property.name {
        case "FN": draft.record.name = property.text
        case "N": (draft.family, draft.given) = (property.component(0), property.component(1))
        case "ORG": draft.company = property.component(0)
        case "TEL": draft.record.phones.append(property.text)
        case "UID": draft.record.id = property.text
        case "PHOTO": draft.record.avatar = property.text
        case "KIND": if property.text.lowercased() == "org" { draft.record.type = "account" }
        case "X-REFERENCE": draft.record.references.append(property.text)
        case "X-CTID-TYPE": draft.record.type = property.text
        case "X-CTID-INACTIVE": draft.record.isInactive = ContactColumn.isYes(property.text)
        case "EMAIL": if draft.record.fields["email"] == nil { draft.record.fields["email"] = property.text }
        default: break
        }
    }
}
