import CTICore
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads a JSON object from a request's body, up to `limit` bytes.
struct JSONBody {
    var limit: Int

    /// - Throws: 413 too large, 400 what is no JSON object, 422 an object whose members are missing or of another type.
    func decode<Value: Decodable>(_ type: Value.Type, from request: Request) async throws -> Value {
        let buffer = try await request.body.collect(upTo: limit)
        do {
            return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
        } catch let error as DecodingError {
            throw Self.problem(for: error)
        }
    }

    private static func problem(for error: DecodingError) -> Problem {
        switch error {
        case .keyNotFound(let key, _): .unprocessable("The member \(key.stringValue) is missing.")
        case .typeMismatch(_, let context) where !context.codingPath.isEmpty,
            .valueNotFound(_, let context) where !context.codingPath.isEmpty:
            .unprocessable("The member \(context.codingPath[0].stringValue) has the wrong type.")
        default: .badRequest("The body is not a JSON object.")
        }
    }
}

extension Response {
    /// An answer in JSON that is already written.
    static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension [UInt8] {
    /// A JSON object.
    static func jsonObject(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter(capacity: 128)
        json.object(members)
        return json.bytes
    }
}
