extension ConfigurationValue {
    func boolean() -> Bool? {
        switch text(expected: "true or false") {
        case "true": return true
        case "false": return false
        case let text?:
            fail("\"\(text)\" is neither, expected true or false")
            return nil
        case nil: return nil
        }
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let text = text(expected: expected) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            fail("\"\(text)\" does not do, expected \(expected)")
            return nil
        }
        return number
    }

    func duration(in range: ClosedRange<Duration>) -> Duration? {
        let span = "from \(range.lowerBound.written) to \(range.upperBound.written)"
        guard let text = text(expected: "a duration \(span)") else { return nil }
        guard let duration = Duration(written: text) else {
            fail("\"\(text)\" is not a duration, expected a number with ms, s, m, h or d, as 15s")
            return nil
        }
        if !range.contains(duration) { fail("\"\(text)\" is out of range, expected a duration \(span)") }
        return duration
    }

    /// In bytes.
    func size(in range: ClosedRange<Int>) -> Int? {
        guard let text = text(expected: "a size, as 64KiB") else { return nil }
        guard let size = ByteSize(written: text)?.bytes else {
            fail("\"\(text)\" is not a size, expected a number with B, KiB, MiB or GiB, as 64KiB")
            return nil
        }
        if !range.contains(size) {
            let (least, most) = (ByteSize(bytes: range.lowerBound), ByteSize(bytes: range.upperBound))
            fail("\"\(text)\" is out of range, expected a size from \(least) to \(most)")
        }
        return size
    }

    /// One of the words of an enumeration.
    func choice<Word: RawRepresentable<String> & CaseIterable>(_ type: Word.Type, called what: String) -> Word? {
        let words = Word.allCases.map(\.rawValue)
        guard let text = text(expected: "\(WordChoice(words))") else { return nil }
        guard let word = Word(rawValue: text) else {
            fail("unknown \(what) \"\(text)\", \(WordChoice(words).advice(for: text))")
            return nil
        }
        return word
    }

    /// A list of such words, none of them twice.
    func choices<Word: RawRepresentable<String> & CaseIterable & Hashable>(
        _ type: Word.Type, called what: String
    ) -> Set<Word> {
        var words: Set<Word> = []
        for item in items(expected: "a list of \(WordChoice(Word.allCases.map(\.rawValue)))") {
            guard let word = item.choice(type, called: what) else { continue }
            if !words.insert(word).inserted { item.fail("\"\(word.rawValue)\" is given twice, expected it once") }
        }
        return words
    }
}
