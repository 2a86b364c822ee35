import CTICore
import CTIPipeline
import Foundation

/// The notifications that could not be handled, out of a tenant's log.
struct DeadLetters {
    let log: any ReadableLog

    private static let page = 500

    /// Oldest first.
    func scan(_ body: (DeadLetter) -> Void) async throws(EventLogError) {
        var position: Position?
        while true {
            let found = try await log.entries(.kind(.deadLetter), after: position, limit: Self.page)
            for recorded in found { body(DeadLetter(recorded)) }
            guard let last = found.last else { return }
            position = last.position
        }
    }

    /// The newest `limit`, newest first, and how many there are in all.
    func newest(_ limit: Int) async throws(EventLogError) -> (letters: [DeadLetter], total: Int) {
        var (kept, total) = ([DeadLetter](), 0)
        try await scan { letter in
            total += 1
            kept.append(letter)
            // Cut in stretches: cutting one by one would move all of them each time.
            if kept.count >= 2 * limit { kept.removeFirst(kept.count - limit) }
        }
        return (kept.suffix(limit).reversed(), total)
    }

    /// `nil` where there is no dead letter at this position.
    func letter(at position: Position) async throws(EventLogError) -> DeadLetter? {
        let before = Position(position.rawValue.subtractingReportingOverflow(1).partialValue)
        let found = try await log.entries(.kind(.deadLetter), after: before, limit: 1).first
        return found.flatMap { $0.position == position ? DeadLetter($0) : nil }
    }
}

/// A notification that could not be handled, as it came, or an event that a sink could not deliver; and why.
struct DeadLetter: Sendable {
    let position: Position
    let at: Timestamp
    let code: String
    let message: String
    let raw: [UInt8]
    /// Where it came from.
    let feed: Feed
    /// Which sink did not deliver what; `nil` for a notification.
    let sink: SinkRecord?
    let ref: CallRef?

    init(_ recorded: RecordedEntry) {
        position = recorded.position
        at = recorded.entry.at
        let data = StoredJSON(recorded.entry.data)
        code = data["code"].text ?? "unknown"
        message = data["message"].text ?? ""
        raw = recorded.entry.raw ?? []
        feed = recorded.entry.feed ?? .inbound
        sink = SinkRecord(recorded.entry)
        ref = recorded.entry.ref
    }

    var reason: String { "\(code): \(message)".printable }

    /// `nil` where the bytes are no text.
    var text: String? { String(validating: raw, as: UTF8.self) }

    /// `up of call X to webhook crm`; `nil` of a notification.
    var undelivered: String? {
        sink.map { sink in
            let call = ref.map { " of call \($0.rawValue)" } ?? ""
            return "\(sink.event)\(call) to \(sink.sink)".printable
        }
    }

    /// `{"id":…,"at":…,"code":…,"message":…,"size":…,"raw":…}`; bytes that are no text stand as `rawBase64` instead. Of
    /// what a sink did not deliver `sink`, `event`, `callRef` and `tries` take the place of the bytes.
    var json: [UInt8] {
        var json = JSONWriter(capacity: 192 + 2 * raw.count)
        json.object {
            $0.member("id", position.description)
            $0.member("at", at)
            $0.member("code", code)
            $0.member("message", message)
            if let sink {
                $0.member("sink", sink.sink.description)
                $0.member("event", sink.event)
                $0.member("callRef", ref?.rawValue)
                $0.member("tries", Int64(sink.tries))
                return
            }
            $0.member("size", Int64(raw.count))
            if let text { $0.member("raw", text) } else { $0.member("rawBase64", Data(raw).base64EncodedString()) }
        }
        return json.bytes
    }

    /// The beginning, on one line.
    func excerpt(_ length: Int) -> String {
        let start = String(decoding: raw.prefix(4 * length), as: UTF8.self)
        let words = start.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return (raw.count > 4 * length ? words + "…" : words).printable.shortened(to: length)
    }

    /// Sixteen bytes a line, for those that are no text.
    var hexadecimal: [String] {
        stride(from: 0, to: raw.count, by: 16).map { start in
            let bytes = raw[start..<Swift.min(start + 16, raw.count)]
            let digits = bytes.map { Self.hex(Int($0), 2) }.joined(separator: " ")
            let text = String(bytes.map { (0x20..<0x7F).contains($0) ? Character(Unicode.Scalar($0)) : "." })
            return "\(Self.hex(start, 8))  \(digits.padded(to: 47))  \(text)"
        }
    }

    private static func hex(_ number: Int, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
