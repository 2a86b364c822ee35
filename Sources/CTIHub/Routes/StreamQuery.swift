import CTICore
import HTTPTypes
import Hummingbird

/// What a stream's request may ask for.
enum StreamQuery {
    /// Where the client left off: the header that EventSource sends, else the query.
    static func lastEventID(_ request: Request) -> String? {
        let text =
            request.headers[named: "Last-Event-ID"] ?? request.uri.queryParameters["last_event_id"].map(String.init)
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// `ctid` where none is asked for.
    ///
    /// - Throws: 400 for a dialect that is not known.
    static func dialect(_ request: Request) throws(Problem) -> Dialect { try namedDialect(request) ?? .ctid }

    /// `nil` where none is asked for.
    ///
    /// - Throws: 400 for a dialect that is not known.
    static func namedDialect(_ request: Request) throws(Problem) -> Dialect? {
        guard let name = request.uri.queryParameters["dialect"] else { return nil }
        return try dialect(named: String(name))
    }

    /// - Throws: 400 for one that is not known.
    static func dialect(named name: String) throws(Problem) -> Dialect {
        guard let dialect = Dialect(rawValue: name) else {
            let known = Dialect.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("The dialect is not known; there are \(known).")
        }
        return dialect
    }
}
