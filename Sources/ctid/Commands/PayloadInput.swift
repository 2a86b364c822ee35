import Foundation

/// Payloads to look at: a file each, or one a line on standard input. Of a payload beyond the limit no more is kept than
/// it takes to know that it is too large.
struct PayloadInput {
    let files: [String]
    let limit: Int

    /// Calls `body` with each in order. Returns the files that could not be read, with the reason.
    func read(_ body: ([UInt8]) -> Void) -> [(file: String, reason: String)] {
        guard !files.isEmpty else {
            readLines(body)
            return []
        }
        return files.compactMap { file in
            switch readFile(file) {
            case .success(let bytes):
                body(bytes)
                return nil
            case .failure(let reason): return (file, reason.text)
            }
        }
    }

    private struct Unreadable: Error { let text: String }

    private func readFile(_ file: String) -> Result<[UInt8], Unreadable> {
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .failure(Unreadable(text: String(cString: strerror(errno)))) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        var failure: Unreadable?
        Self.chunks(of: descriptor) { chunk in
            bytes.append(contentsOf: chunk.prefix(limit + 1 - bytes.count))
            return bytes.count <= limit
        } onError: {
            failure = Unreadable(text: $0)
        }
        return failure.map { .failure($0) } ?? .success(bytes)
    }

    private func readLines(_ body: ([UInt8]) -> Void) {
        var line: [UInt8] = []
        var isOpen = false
        Self.chunks(of: STDIN_FILENO) { chunk in
            var rest = chunk[...]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line.append(contentsOf: rest[..<end].prefix(max(0, limit + 1 - line.count)))
                body(line)
                line.removeAll(keepingCapacity: true)
                rest = rest[(end + 1)...]
                isOpen = false
            }
            if !rest.isEmpty { isOpen = true }
            line.append(contentsOf: rest.prefix(max(0, limit + 1 - line.count)))
            return true
        } onError: { _ in
        }
        // The last line need not end.
        if isOpen { body(line) }
    }

    private static func chunks(
        of descriptor: Int32, _ body: (UnsafeRawBufferPointer) -> Bool, onError: (String) -> Void
    ) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { onError(String(cString: strerror(errno))) }
            guard count > 0, body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return }
        }
    }
}
