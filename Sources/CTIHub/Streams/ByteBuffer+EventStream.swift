import CTICore
import CTIPipeline
import NIOCore

/// The wire form of Server-Sent Events (WHATWG HTML, §9.2).
extension ByteBuffer {
    mutating func writeFrame(_ frame: Frame) {
        writeStaticString("id: ")
        writeString(String(frame.id.rawValue))
        writeStaticString("\nevent: ")
        writeString(frame.event)
        writeStaticString("\n")
        writeData(frame.data)
        writeStaticString("\n")
    }

    /// A client waits so long before it reconnects. Whole milliseconds.
    mutating func writeRetry(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        writeString("retry: \(seconds * 1000 + attoseconds / 1_000_000_000_000_000)\n\n")
    }

    /// A line end inside the data would end the field, so each line is a field of its own. Compact JSON has none.
    private mutating func writeData(_ data: [UInt8]) {
        guard data.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return writeLine(data[...]) }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            writeLine(line)
        }
    }

    private mutating func writeLine(_ line: ArraySlice<UInt8>) {
        writeStaticString("data: ")
        writeBytes(line)
        writeStaticString("\n")
    }
}
