/// Where a Redis is, and who we are there.
public struct RedisEndpoint: Sendable, Hashable {
    public enum Address: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    public var address: Address
    public var database: Int
    public var username: String?
    public var password: String?
    /// `nil`: nothing is encrypted. On a Unix socket it means nothing.
    public var tls: RedisTLS?

    public init(
        address: Address, database: Int = 0, username: String? = nil, password: String? = nil, tls: RedisTLS? = nil
    ) {
        self.address = address
        self.database = database
        self.username = username
        self.password = password
        self.tls = tls
    }
}

extension RedisEndpoint.Address: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tcp(let host, let port): "\(host):\(port)"
        case .unix(let path): path
        }
    }
}

extension RedisEndpoint: CustomStringConvertible {
    /// Without user and password: fit for a log.
    public var description: String {
        switch address {
        case .tcp(let host, let port): "\(host):\(port)/\(database)"
        case .unix(let path): "unix://\(path)?db=\(database)"
        }
    }
}
