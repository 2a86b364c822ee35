import CTICore

/// A frame, or a trace, as it stands in the log, of which a few members are read in place.
///
/// A start reads a hundred thousand of them, and parsing each whole takes it seconds. It was written by us, without
/// spaces and in a fixed order; within a value a quotation mark is escaped, so a name between two of them and before a
/// colon is a member's. Whatever does not look like that is `nil`, and then the whole is to be parsed.
struct StoredFrame {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// `{"id":"…`: what every frame about a pop begins with.
    var id: String? {
        var start = 0
        return text("{\"id\":\"", from: &start)
    }

    /// What a ``CallTracker`` remembers of a `call`, and nothing else of it.
    func recordedCall(_ ref: CallRef, agent: Extension) -> RecordedCall? {
        var start = 0
        guard let kind = text("\"event\":\"", from: &start).flatMap(CallEventKind.init(rawValue:)),
            let direction = text("\"direction\":\"", from: &start).flatMap(CallDirection.init(rawValue:)),
            let caller = text("\"caller\":\"", from: &start), let dialed = optionalText("\"dialed\":", from: &start),
            let contactRef = optionalText("\"contactRef\":", from: &start),
            let hold = digits("\"holdSeconds\":", from: &start),
            let generation = text("\"generation\":\"", from: &start).flatMap(PayloadGeneration.init(rawValue:)),
            let ringingAt = moment("\"ringingAt\":", from: &start), let upAt = moment("\"upAt\":", from: &start),
            let endedAt = moment("\"endedAt\":", from: &start)
        else { return nil }
        let event = CallEvent(
            kind: kind, generation: generation, direction: direction, caller: caller, dialed: dialed,
            holdSeconds: hold, callRef: ref, contactRef: contactRef, extension: agent)
        return RecordedCall(event: event, ringingAt: ringingAt, upAt: upAt, endedAt: endedAt)
    }

    /// Of a trace: the caller, where the frame beside it hides the number.
    var unmaskedCaller: String? {
        var start = 0
        return text("\"unmaskedCaller\":\"", from: &start)
    }

    /// Of a trace: what the event changed of its call, as its decision named it. It stands near the beginning.
    var change: String? {
        var start = 0
        return text("\"change\":\"", from: &start)
    }

    /// Whether it contains these bytes.
    func contains(_ text: StaticString) -> Bool {
        var start = 0
        return move(behind: text, &start)
    }

    /// The value after `name`, up to the next quotation mark; `start` moves on behind the name.
    func text(_ name: StaticString, from start: inout Int) -> String? {
        move(behind: name, &start) ? quotedText(from: start) : nil
    }

    /// Up to the next quotation mark; `nil` where something in it is escaped.
    private func quotedText(from start: Int) -> String? {
        guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\"")),
            !bytes[start..<end].contains(UInt8(ascii: "\\"))
        else { return nil }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// `.some(nil)` for `null`.
    func optionalText(_ name: StaticString, from start: inout Int) -> String?? {
        guard move(behind: name, &start) else { return nil }
        if bytes[start...].starts(with: "null".utf8) { return .some(nil) }
        guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { return nil }
        start += 1
        return quotedText(from: start).map { .some($0) }
    }

    /// `.some(nil)` for `null`.
    func digits(_ name: StaticString, from start: inout Int) -> HoldSeconds?? {
        guard move(behind: name, &start) else { return nil }
        if bytes[start...].starts(with: "null".utf8) { return .some(nil) }
        let digits = bytes[start...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty else { return nil }
        return .some(HoldSeconds(verifiedDigits: String(decoding: digits, as: UTF8.self)))
    }

    /// `.some(nil)` for `null`.
    func moment(_ name: StaticString, from start: inout Int) -> Timestamp?? {
        guard move(behind: name, &start) else { return nil }
        if bytes[start...].starts(with: "null".utf8) { return .some(nil) }
        return Timestamp(quoted: bytes[start...].prefix(26)).map { .some($0) }
    }

    func move(behind name: StaticString, _ start: inout Int) -> Bool {
        let length = name.utf8CodeUnitCount
        let found = bytes.withUnsafeBytes { all in
            var index = start
            while index + length <= all.count {
                if all[index] == name.utf8Start[0], all[index + length - 1] == name.utf8Start[length - 1],
                    (1..<length).allSatisfy({ all[index + $0] == name.utf8Start[$0] })
                {
                    return index + length
                }
                index += 1
            }
            return -1
        }
        guard found >= 0 else { return false }
        start = found
        return true
    }
}

extension Timestamp {
    /// `"2026-11-21T10:00:00.000Z"`, with its quotation marks and nothing else.
    init?(quoted text: ArraySlice<UInt8>) {
        let form = Array("\"0000-00-00T00:00:00.000Z\"".utf8)
        guard text.count == form.count else { return nil }
        var numbers: [Int64] = [0]
        for (byte, expected) in zip(text, form) {
            if expected == UInt8(ascii: "0") {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int64(byte - UInt8(ascii: "0"))
            } else {
                guard byte == expected else { return nil }
                numbers.append(0)
            }
        }
        let (year, month, day) = (numbers[1], numbers[2], numbers[3])
        let time = ((numbers[4] * 60 + numbers[5]) * 60 + numbers[6]) * 1000 + numbers[7]
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        self.init(milliseconds: Self.days(year, month, day) * 86_400_000 + time)
    }

    /// Since 1970; a year counts from March here, so that a leap day is its last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let years = month > 2 ? year : year - 1
        let months = (month + 9) % 12
        return years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + day - 719_469
    }
}
