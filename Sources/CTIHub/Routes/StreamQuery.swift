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

    /// - Throws: 400 for a dialect that is not known.
    static func checkDialect(_ request: Request) throws(Problem) {
        guard let dialect = request.uri.queryParameters["dialect"], dialect != "ctid" else { return }
        throw .badRequest("The dialect is not known.")
    }
}
