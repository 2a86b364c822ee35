/// One row of a table, put together from the lines that it goes over.
struct CSVRow {
    private let separator: UInt8
    private(set) var fields: [String] = []
    /// A quote is open: the row goes on with the next line.
    private(set) var isOpen = false
    /// Why the row cannot be taken.
    var problem: String?
    /// Its bytes so far.
    private(set) var count = 0
    /// All but the first line, as they were.
    private(set) var laterLines: [UInt8] = []
    private var field: [UInt8] = []

    init(separator: UInt8) { self.separator = separator }

    mutating func begin(_ line: ContactText.Line) {
        fields.removeAll(keepingCapacity: true)
        laterLines.removeAll(keepingCapacity: true)
        field.removeAll(keepingCapacity: true)
        (isOpen, problem, count) = (false, nil, 0)
        take(line)
    }

    mutating func goOn(_ line: ContactText.Line) {
        laterLines.append(contentsOf: line.bytes)
        if line.isEnded { laterLines.append(0x0A) }
        field.append(0x0A)
        take(line)
    }

    private mutating func take(_ line: ContactText.Line) {
        count += line.bytes.count + 1
        if line.isCut {
            problem = "a line of more than 1 MiB"
            isOpen = false
            return
        }
        let bytes = line.bytes
        var at = isOpen ? passQuoted(bytes, from: 0) : passField(bytes, from: 0)
        while at < bytes.count { at = passField(bytes, from: at + 1) }
    }

    /// One field from here on; returns where it ends: at a separator, or behind the last byte.
    private mutating func passField(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        if start < bytes.count, bytes[start] == UInt8(ascii: "\"") {
            isOpen = true
            return passQuoted(bytes, from: start + 1)
        }
        let end = bytes[start...].firstIndex(of: separator) ?? bytes.count
        fields.append(Charset.guessed(UnsafeBufferPointer(rebasing: bytes[start..<end])))
        return end
    }

    /// Behind the opening quote; a quote within is written twice. What follows the closing one is taken as it is.
    private mutating func passQuoted(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var at = start
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\"") {
                guard at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "\"") else {
                    return closeQuoted(bytes, at + 1)
                }
                at += 1
            }
            field.append(bytes[at])
            at += 1
        }
        return bytes.count
    }

    private mutating func closeQuoted(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        isOpen = false
        let end = bytes[start...].firstIndex(of: separator) ?? bytes.count
        field.append(contentsOf: bytes[start..<end])
        fields.append(field.withUnsafeBufferPointer(Charset.guessed))
        field.removeAll(keepingCapacity: true)
        return end
    }
}
