import CTICore

/// The last step of every reader: tidies a contact, decides whether it is of use, and keeps the report.
final class ContactIntake {
    private(set) var report = ImportReport()
    private let region: String
    private let take: (ContactRecord) -> Void

    init(region: String, take: @escaping (ContactRecord) -> Void) {
        self.region = region
        self.take = take
    }

    /// - Parameters:
    ///   - draft: its `phones` may hold several numbers in one text.
    ///   - damage: why a part of it is missing.
    func offer(_ draft: ContactRecord, line: Int, damaged damage: String? = nil) {
        var contact = draft
        contact.phones = draft.phones.flatMap { PhoneField.numbers($0, region: region) }
        contact.references = draft.references.map(\.trimmed).filter { !$0.isEmpty }
        contact.id = draft.id.trimmed
        contact.name = draft.name.trimmed
        contact.avatar = draft.avatar.flatMap(Self.address)
        guard !contact.phones.isEmpty || !contact.references.isEmpty else {
            return report.skip(line: line, damage ?? "no phone number and no reference")
        }
        if let damage { report.noteDamage(line: line, "\(damage); it is taken with what it has") }
        let numbers = contact.phones.map { PhoneNumber($0, region: region) }
        noteUnreadable(contact.phones, numbers, line: line)
        // A name of its own that stays the same from one import to the next.
        if contact.id.isEmpty {
            contact.id = numbers.first??.e164 ?? contact.phones.first ?? contact.references.first ?? ""
        }
        if contact.name.isEmpty { contact.name = contact.phones.first ?? contact.id }
        report.imported += 1
        if contact.isInactive { report.inactive += 1 }
        take(contact)
    }

    func skip(line: Int, _ reason: String) { report.skip(line: line, reason) }

    /// The contacts that were seen are whole, but the file is not.
    func noteTruncated(line: Int, _ reason: String) { report.noteDamage(line: line, reason) }

    func note(line: Int, _ reason: String) { report.note(line: line, reason) }

    private func noteUnreadable(_ phones: [String], _ numbers: [PhoneNumber?], line: Int) {
        for (phone, number) in zip(phones, numbers) where number == nil {
            // An extension is meant to be matched as it is.
            if let literal = PhoneLiteral(phone), !literal.isNational, literal.text.utf8.count <= 5 { continue }
            report.unreadableNumbers += 1
            report.note(line: line, "a phone number that cannot be read; it is compared as text")
        }
    }

    /// Pictures inside the file are left out: a page loads them by address, and they would fill the memory.
    private static func address(_ text: String) -> String? {
        let text = text.trimmed
        let isWeb = text.hasPrefix("https://") || text.hasPrefix("http://")
        return isWeb && text.utf8.count <= 2048 ? text : nil
    }
}

/// One text that may hold several phone numbers, as tables do.
enum PhoneField {
    /// Split at `;`, `|`, line ends, and `:::`; at `,` where both sides are long enough for numbers. A comma before a few
    /// digits is a telephone's pause: what is dialled after it is no part of the number.
    static func numbers(_ text: String, region: String) -> [String] {
        let isPlain = text.utf8.allSatisfy { $0 != 0x3B && $0 != 0x7C && $0 != 0x0A && $0 != 0x3A && $0 != 0x2C }
        if isPlain { return [text[...]].compactMap { kept($0, region) } }
        if text.lowercased().hasPrefix("tel:") { return [text.dropFirst(4)].compactMap { kept($0, region) } }
        return text.split { $0 == ";" || $0 == "|" || $0.isNewline || $0 == ":" }
            .filter { !isParameter($0) }
            .flatMap(splitAtCommas)
            .compactMap { kept($0, region) }
    }

    private static func isParameter(_ part: Substring) -> Bool {
        let part = part.lowercased()
        return part.hasPrefix("ext=") || part.hasPrefix("phone-context=")
    }

    private static func splitAtCommas(_ part: Substring) -> [Substring] {
        let parts = part.split(separator: ",")
        func digits(_ part: Substring) -> Int { part.utf8.count { $0 >= 0x30 && $0 <= 0x39 } }
        if parts.allSatisfy({ digits($0) >= 6 }) { return parts }
        let isPaused = parts.dropFirst().allSatisfy { digits($0) < 6 && digits($0) == $0.utf8.count }
        return isPaused ? Array(parts.prefix(1)) : [part]
    }

    /// `nil` for what nobody could call from: blanks, words, zeros.
    private static func kept(_ text: Substring, _ region: String) -> String? {
        let text = String(text).trimmed
        if text.utf8.contains(where: { $0 >= 0x31 && $0 <= 0x39 }) { return text }
        // Digits of another script.
        return PhoneNumber(text, region: region) == nil ? nil : text
    }
}
