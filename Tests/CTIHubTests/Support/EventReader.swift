import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Reads Server-Sent Events block by block, as they stand on the wire.
struct EventReader {
    let status: Int
    let headers: HTTPHeaders
    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private var text = ""

    init(_ response: HTTPClientResponse) {
        status = Int(response.status.code)
        headers = response.headers
        iterator = response.body.makeAsyncIterator()
    }

    /// What stands before the next empty line; `nil` at the stream's end.
    mutating func next() async throws -> String? {
        while true {
            if let end = text.firstRange(of: "\n\n") {
                defer { text.removeSubrange(..<end.upperBound) }
                return String(text[..<end.lowerBound])
            }
            guard let bytes = try await iterator.next() else { return nil }
            text += String(buffer: bytes)
        }
    }

    /// The next block that is no comment: on a busy machine a heartbeat may come in between.
    mutating func frame() async throws -> String? {
        while let block = try await next() {
            if !block.hasPrefix(":") { return block }
        }
        return nil
    }

    /// All blocks up to the end.
    mutating func rest() async throws -> [String] {
        var blocks: [String] = []
        while let block = try await next() { blocks.append(block) }
        return blocks
    }
}
