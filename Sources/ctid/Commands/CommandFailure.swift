import ArgumentParser
import Foundation

/// The exit codes of every command.
enum ExitStatus: Int32 {
    case badInput = 1
    case usage = 64
    case unreachable = 69
    case badConfiguration = 78

    var code: ExitCode { ExitCode(rawValue) }
}

/// Says what is wrong on standard error, and gives what ends the command.
func failure(_ status: ExitStatus, _ message: String) -> ExitCode {
    StandardStreams.complain("ctid: \(message)")
    return status.code
}

/// Results go to standard output, everything else to standard error.
enum StandardStreams {
    static func print(_ line: String) { write(Array(line.utf8) + [UInt8(ascii: "\n")], to: STDOUT_FILENO) }
    static func print(_ line: [UInt8]) { write(line + [UInt8(ascii: "\n")], to: STDOUT_FILENO) }
    static func complain(_ line: String) { write(Array(line.utf8) + [UInt8(ascii: "\n")], to: STDERR_FILENO) }

    /// Exactly these bytes on standard output.
    static func write(_ bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

    /// A reader that has gone away ends the output, quietly, as with `head`.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}
