import HTTPTypes
import Hummingbird

/// Headers that every answer has. A page brings its own content security policy; all else may load nothing at all.
struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[named: "Referrer-Policy"] = "no-referrer"
        if !response.headers.contains(.contentSecurityPolicy) {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        return response
    }
}

extension HTTPFields {
    /// Headers that HTTPTypes has no name for.
    subscript(named name: String) -> String? {
        get { HTTPField.Name(name).flatMap { self[$0] } }
        set {
            if let name = HTTPField.Name(name) { self[name] = newValue }
        }
    }
}

/// The policy of a page: its own files only, and framed by nobody but the tenant's CRM.
struct PagePolicy: Sendable {
    var crmOrigins: [String]

    var value: String {
        let ancestors = (["'self'"] + crmOrigins.filter(Self.isOrigin)).joined(separator: " ")
        return "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
            + "frame-src http: https:; base-uri 'none'; form-action 'none'; frame-ancestors \(ancestors)"
    }

    /// Nothing that could end the directive or the header.
    private static func isOrigin(_ text: String) -> Bool {
        (text.hasPrefix("https://") || text.hasPrefix("http://"))
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",") }
    }
}
