import CTICore
import HTTPTypes
import Hummingbird
import NIOCore

/// An error as RFC 9457 wants it: `application/problem+json` with type, title, status, detail.
///
/// The detail is a fixed sentence, or a decoder's message: no number, name, token or payload can get into it.
struct Problem: Error, Hashable {
    var status: HTTPResponse.Status
    var detail: String
    /// Why a posted event is none of ours; a member of its own, for programs.
    var code: DecodeFailure.Code?
    var headers: HTTPFields = [:]

    var response: Response {
        var json = JSONWriter(capacity: 192)
        json.object {
            $0.member("type", "about:blank")
            $0.member("title", status.reasonPhrase)
            $0.member("status", Int64(status.code))
            $0.member("detail", detail)
            $0.optionalMember("code", code?.rawValue)
        }
        var fields = headers
        fields[.contentType] = "application/problem+json"
        fields[.cacheControl] = "no-store"
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}

extension Problem {
    /// 400 for what cannot be parsed, 422 for what is understood but wrong.
    init(_ failure: DecodeFailure) {
        let status: HTTPResponse.Status =
            switch failure.code {
            case .notUTF8, .notJSON, .notAnObject: .badRequest
            case .tooLarge: .contentTooLarge
            case .unknownType, .missingField, .wrongType: .unprocessableContent
            }
        self.init(status: status, detail: failure.message, code: failure.code)
    }

    static let tokenMissing = Problem(
        status: .unauthorized, detail: "An access token is needed.",
        headers: [.wwwAuthenticate: "Bearer realm=\"ctid\""])
    static let tokenInvalid = Problem(
        status: .unauthorized, detail: "The access token is not valid, or no longer.",
        headers: [.wwwAuthenticate: "Bearer realm=\"ctid\", error=\"invalid_token\""])
    static let anothersCall = Problem.forbidden("The call is with another agent.")
    static let notFound = Problem(status: .notFound, detail: "There is nothing here.")
    static let tooLarge = Problem(status: .contentTooLarge, detail: "The body is too large.")
    static let unavailable = Problem(
        status: .serviceUnavailable, detail: "The event log cannot be used at the moment.",
        headers: [.retryAfter: "2"])
    static let unsupportedType = Problem(
        status: .unsupportedMediaType,
        detail: "Expected the Content-Type text/vcard, text/csv, application/json or application/x-ndjson.")
    static let unexpected = Problem(status: .internalServerError, detail: "Something went wrong here.")

    static func forbidden(_ detail: String) -> Problem { Problem(status: .forbidden, detail: detail) }

    static func scopeMissing(_ scope: TokenScope) -> Problem {
        Problem(
            status: .forbidden, detail: "The token lacks the scope \(scope.rawValue).",
            headers: [
                .wwwAuthenticate:
                    "Bearer realm=\"ctid\", error=\"insufficient_scope\", scope=\"\(scope.rawValue)\""
            ])
    }

    static func badRequest(_ detail: String) -> Problem { Problem(status: .badRequest, detail: detail) }
    static func unprocessable(_ detail: String) -> Problem { Problem(status: .unprocessableContent, detail: detail) }

    static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> Problem {
        Problem(
            status: .methodNotAllowed, detail: "This method is not for this address.",
            headers: [.allow: allowed.map(\.rawValue).joined(separator: ", ")])
    }
}
