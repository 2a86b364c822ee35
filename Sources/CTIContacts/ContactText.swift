import Foundation

/// The bytes of a contact file, a window of them at a time: a file of any size takes the same memory.
///
/// It is read by lines or by bytes. A line ends with LF, CR LF or CR; of a line beyond ``longestLine`` the rest is passed
/// over, and that is told. A byte order mark is passed, UTF-16 is turned into UTF-8, and NUL bytes are left out.
final class ContactText {
    /// Longer than any contact without its picture: 1 MiB.
    static let longestLine = 1 << 20

    struct Line {
        /// Valid until the next line is asked for.
        var bytes: UnsafeBufferPointer<UInt8>
        /// From 1.
        var number: Int
        /// Only its beginning is here.
        var isCut: Bool
        /// False for a last line that the file ends within.
        var isEnded: Bool
    }

    private let source: any ByteSource
    private var window: UnsafeMutableBufferPointer<UInt8>
    private var (at, end) = (0, 0)
    private var isOver = false
    private var utf16: UTF16Text?
    private var isStarted = false
    /// Of the next byte.
    private(set) var line = 1
    /// The byte before was a CR: an LF that follows belongs to it.
    private var wasCR = false
    private(set) var failure: ContactFileError?
    /// The line of the first NUL.
    private(set) var firstNUL: Int?

    init(_ source: any ByteSource) {
        self.source = source
        window = .allocate(capacity: 1 << 18)
    }

    deinit { window.deallocate() }

    // MARK: Bytes

    /// The next byte, which stays. Of CR LF there is only the CR.
    func peek() -> UInt8? {
        while true {
            if at == end, !fill() { return nil }
            guard wasCR else { return window[at] }
            wasCR = false
            if window[at] == 0x0A { at += 1 }
        }
    }

    /// The next byte. Counts lines.
    func next() -> UInt8? {
        guard let byte = peek() else { return nil }
        at += 1
        if byte == 0x0A || byte == 0x0D { line += 1 }
        wasCR = byte == 0x0D
        return byte
    }

    /// Whether these bytes come next.
    func starts(with prefix: [UInt8]) -> Bool {
        guard peek() != nil else { return false }
        while end - at < prefix.count, fill() {}
        return UnsafeBufferPointer(rebasing: window[at..<end]).starts(with: prefix)
    }

    // MARK: Lines

    func nextLine() -> Line? {
        guard peek() != nil else { return nil }
        var (length, isCut) = (0, false)
        while true {
            let rest = UnsafeBufferPointer(rebasing: window[(at + length)..<end])
            if let stop = Self.lineEnd(in: rest) {
                let found = taken(length + stop, isCut, isEnded: true)
                wasCR = rest[stop] == 0x0D
                at += 1
                return found
            }
            length += rest.count
            if length > Self.longestLine {
                (length, isCut) = (Self.longestLine, true)
                end = at + length
            }
            // What was cut off is overwritten; the beginning stays.
            if !fill() { return taken(length, isCut, isEnded: false) }
        }
    }

    private static func lineEnd(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let end = index(of: 0x0A, in: bytes) ?? bytes.count
        let found = index(of: 0x0D, in: UnsafeBufferPointer(rebasing: bytes[..<end])) ?? end
        return found < bytes.count ? found : nil
    }

    /// By the C library, which looks at many bytes at a time.
    private static func index(of byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let start = bytes.baseAddress, let found = memchr(start, Int32(byte), bytes.count) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(start)
    }

    private func taken(_ length: Int, _ isCut: Bool, isEnded: Bool) -> Line {
        defer {
            at += length
            line += 1
        }
        let kept = min(length, Self.longestLine)
        return Line(
            bytes: UnsafeBufferPointer(rebasing: window[at..<at + kept]), number: line,
            isCut: isCut || kept < length, isEnded: isEnded)
    }

    /// Gives lines back, to be read again; they were read just before.
    func putBack(_ lines: [UInt8], from number: Int) {
        let rest = Array(window[at..<end])
        let together = lines + rest
        reserve(together.count)
        _ = window.update(fromContentsOf: together)
        (at, end) = (0, together.count)
        line = number
        wasCR = false
    }

    // MARK: The window

    /// Reads more behind what is there; false at the end. What was passed is forgotten, so the window moves.
    private func fill() -> Bool {
        guard !isOver else { return false }
        if !isStarted { return start() }
        if at > 0 {
            _ = UnsafeMutableBufferPointer(rebasing: window[0..<end - at]).update(fromContentsOf: window[at..<end])
            (at, end) = (0, end - at)
        }
        if end + (1 << 16) > window.count { reserve(window.count * 2) }
        let before = end
        while end == before, !isOver { append(read()) }
        return end > before
    }

    private func reserve(_ capacity: Int) {
        guard capacity > window.count else { return }
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: capacity)
        _ = larger.update(fromContentsOf: window[0..<end])
        window.deallocate()
        window = larger
    }

    /// The first bytes tell what kind of text it is.
    private func start() -> Bool {
        isStarted = true
        var first: [UInt8] = []
        while first.count < 4, !isOver { first += read() }
        utf16 = UTF16Text(start: first)
        if first.starts(with: [0xEF, 0xBB, 0xBF]) { first.removeFirst(3) }
        append(first)
        return end > 0 || fill()
    }

    private func read() -> [UInt8] {
        do throws(ContactFileError) {
            let bytes = try source.read(upTo: 1 << 16)
            if bytes.isEmpty { isOver = true }
            return bytes
        } catch {
            failure = error
            isOver = true
            return []
        }
    }

    private func append(_ bytes: [UInt8]) {
        let text = utf16?.utf8(bytes, isLast: isOver) ?? bytes
        reserve(end + text.count)
        if text.withUnsafeBufferPointer({ Self.index(of: 0, in: $0) }) != nil {
            if firstNUL == nil { firstNUL = line + text.prefix { $0 != 0 }.count { $0 == 0x0A } }
            for byte in text where byte != 0 {
                window[end] = byte
                end += 1
            }
        } else {
            _ = UnsafeMutableBufferPointer(rebasing: window[end...]).update(fromContentsOf: text)
            end += text.count
        }
    }
}
