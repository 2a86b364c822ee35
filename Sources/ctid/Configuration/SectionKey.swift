/// The keys that a mapping of a configuration file may have. The only list of them: readers, suggestions, and the test
/// that holds the examples and the schemas against it all go by it.
protocol SectionKey: RawRepresentable, CaseIterable, Hashable, Sendable where RawValue == String {
    /// Where the mapping stands, as `redis.keys` or `agents[]`; empty for the file itself.
    static var place: String { get }
}

extension SectionKey {
    static var names: [String] { allCases.map(\.rawValue) }
}

/// The keys of `ctid.yaml`.
enum DaemonKeys {
    static let sections: [any SectionKey.Type] = [Root.self, HTTP.self, TLS.self, Log.self, Limits.self]

    enum Root: String, SectionKey {
        static let place = ""
        case http
        case dataDir = "data_dir"
        case log, durability
        case shutdownTimeout = "shutdown_timeout"
        case limits
    }

    enum HTTP: String, SectionKey {
        static let place = "http"
        case listen, tls
    }

    enum TLS: String, SectionKey {
        static let place = "http.tls"
        case certificateFile = "certificate_file"
        case keyFile = "key_file"
    }

    enum Log: String, SectionKey {
        static let place = "log"
        case level, format
        case revealNumbers = "reveal_numbers"
    }

    enum Limits: String, SectionKey {
        static let place = "limits"
        case payload
        case sessionsPerAgent = "sessions_per_agent"
        case stackedPops = "stacked_pops"
        case logRetention = "log_retention"
    }
}
