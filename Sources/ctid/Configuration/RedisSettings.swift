/// How to reach a Redis server, and as whom.
struct RedisServer: Hashable, Sendable {
    var endpoint: RedisEndpoint
    var database = 0
    /// `nil`: nothing is encrypted.
    var tls: TLSFiles?
    var username: String?
    var password: Secret?

    /// Paths of PEM files. Without an authority's, the system's own are trusted.
    struct TLSFiles: Hashable, Sendable {
        var authorityPath: String?
        var certificatePath: String?
        var keyPath: String?
    }
}

/// The PBX's Redis, and how its lists are read.
struct RedisSettings: Hashable, Sendable {
    var server: RedisServer
    var delivery = Delivery.atMostOnce
    var popSide = PopSide.left
    var keys = Keys()

    enum Delivery: String, CaseIterable, Sendable {
        /// The PBX vendor's own contract: popped, then recorded.
        case atMostOnce = "at-most-once"
        /// Recorded, then removed.
        case atLeastOnce = "at-least-once"
    }

    /// The list's end from which the oldest element is taken.
    enum PopSide: String, CaseIterable, Sendable {
        /// For a PBX that pushes with RPUSH.
        case left
        /// For one that uses LPUSH.
        case right
    }

    struct Keys: Hashable, Sendable {
        var inbound = "enigma:notifications:inbound"
        /// Ends calls; not read unless given.
        var cdr: String?
        /// A pub/sub pattern; not subscribed unless given.
        var agents: String?
    }
}
