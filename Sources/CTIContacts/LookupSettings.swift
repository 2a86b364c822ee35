public import CTICore

/// How a tenant asks an address who is calling; the defaults are those of the tenant's file.
public struct LookupSettings: Hashable, Sendable {
    /// Its values are percent-encoded.
    public var url: Template
    public var timeout = Duration.milliseconds(800)
    public var headers: [Header] = []
    /// Requests under way at once. The others wait within their own time.
    public var concurrency = 8
    public var cache = Cache()
    public var breaker = Breaker()
    public var answer = LookupMapping()

    public init(url: Template) { self.url = url }

    public struct Header: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Answers that are kept, by the URL that was asked. Zero: none is.
    public struct Cache: Hashable, Sendable {
        public var lifetime = Duration.seconds(60)
        public var entries = 10_000

        public init() {}
    }

    /// After so many failures in a row nobody asks for the pause.
    public struct Breaker: Hashable, Sendable {
        public var failures = 5
        public var pause = Duration.seconds(30)

        public init() {}
    }
}
