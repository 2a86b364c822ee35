public import Hiredis

/// What is wrong with a list or with channels, in words for the person who can mend it, and how soon it is worth another try.
///
///     what                                     pace      who ends it
///     unreachable, timeout, closed, server     quick     nobody: it passes; doubling from 100 ms to 10 s
///     loading                                  steady    nobody: half a second to a second
///     a wrong setting, here or at the server   calm      somebody: 5 to 8 s, the first try at once
///
/// Its words carry no password and nothing of a payload: they go to the log and to `/readyz`. What is wrong with anything
/// but the inbound list names its key, since two lists of one server may be in different troubles.
public struct SourceTrouble: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Pace: Sendable, Hashable { case quick, steady, calm }

    public let error: RedisError
    public let description: String
    public let pace: Pace
    public let feed: Feed

    public var code: RedisError.Code { error.code }
    /// What makes two of them the same trouble, whatever the details.
    struct Kind: Hashable {
        var code: RedisError.Code
        var pace: Pace
    }
    var kind: Kind { Kind(code: code, pace: pace) }
    /// It passes by itself, and soon: nobody need be called.
    public var isHarmless: Bool { code == .loading }

    /// - Parameters:
    ///   - type: what the key holds, where it is not a list.
    ///   - fetching: so many elements were asked for in one reply; 1 where it could not be fewer.
    ///   - delivery: what was done, where that is not what is wanted.
    public init(
        _ error: RedisError, of settings: RedisListSettings, holding type: String? = nil, fetching: Int = 1,
        delivery: RedisListSettings.Delivery? = nil
    ) {
        let delivery = delivery ?? settings.delivery
        let words = TroubleWords(
            error: error, endpoint: settings.endpoint, key: settings.key, feed: settings.feed,
            popSide: settings.popSide, delivery: delivery)
        self.init(words, holding: type, fetching: fetching)
    }

    public init(_ error: RedisError, of channels: RedisChannelSettings) {
        let words = TroubleWords(
            error: error, endpoint: channels.endpoint, key: channels.pattern, feed: .agents, popSide: .left,
            delivery: .atMostOnce)
        self.init(words, holding: nil, fetching: 1)
    }

    private init(_ words: TroubleWords, holding type: String?, fetching: Int) {
        error = words.error
        feed = words.feed
        let said = words.say(holding: type, fetching: fetching)
        description = feed == .inbound || said.contains(words.key) ? said : "\(words.key): \(said)"
        pace =
            switch error.code {
            case .unreachable, .timeout, .closed, .server: .quick
            case .loading: .steady
            case .tooLarge: fetching > 1 || words.delivery == .atMostOnce ? .quick : .calm
            case .tls, .protocolViolation, .readOnly, .moved, .clusterDown, .noAuth, .wrongPassword, .noPermission,
                .wrongType, .unknownCommand, .refusesWrites:
                .calm
            }
    }
}

/// The sentences: what is wrong, where, and what to do.
private struct TroubleWords {
    let error: RedisError
    let endpoint: RedisEndpoint
    /// Of the list, or the channels' pattern.
    let key: String
    let feed: Feed
    let popSide: RedisListSettings.PopSide
    let delivery: RedisListSettings.Delivery

    private var server: String { "Redis at \(endpoint.address)" }
    private var user: String { endpoint.username ?? "default" }
    private var isChannel: Bool { feed == .agents }

    /// What becomes of the PBX's news meanwhile.
    private var consequence: String {
        isChannel ? "what \(key) tells is lost meanwhile" : "\(feed.goods) wait in \(key)"
    }

    func say(holding type: String?, fetching: Int) -> String {
        switch error.code {
        case .unreachable:
            "\(server) cannot be reached (\(error.message)); \(consequence): check that it runs, and redis.url"
        case .timeout:
            "\(server) does not answer (\(error.message)): it hangs, or the network drops what is sent"
        case .tls: "no TLS with \(server): \(error.message); \(consequence)"
        case .protocolViolation:
            "what answers at \(endpoint.address) is not Redis (\(error.message)): check redis.url"
        case .tooLarge where isChannel:
            "a message of \(key) in \(server) is lost: it was larger than \(RedisConnection.largestReply >> 20) MiB"
        case .tooLarge: tooLarge(fetching)
        case .loading: "\(server) is reading its data from disk; \(consequence)"
        case .readOnly:
            "\(server) is a replica, from which no \(feed == .cdr ? "call record" : "call") can be taken: point redis.url at the primary"
        case .moved: moved
        case .clusterDown: "no node of the cluster of \(server) serves \(key) (\(error.message)): mend the cluster"
        case .noAuth:
            "\(server) wants a password: set redis.password_file, and redis.username where it has users"
        case .wrongPassword: wrongPassword
        case .noPermission: noPermission
        case .wrongType:
            "\(key) in \(server) holds \(type.map { "a \($0)" } ?? "something else"), not a list: "
                + "check \(feed.setting)"
        case .unknownCommand:
            "\(server) lacks a command that is needed (\(error.message)): it is too old, or has it renamed"
        case .refusesWrites: "\(server) lets nothing be taken from \(key) (\(error.message)): mend its disk or memory"
        case .server: "\(server) refused (\(error.message))"
        case .closed: "the connection to \(server) was closed"
        }
    }

    /// `MOVED 3999 10.0.0.7:6381`; the host is left out where it is the same.
    private var moved: String {
        let target = error.message.split(separator: " ").last.map(String.init) ?? ""
        var place = target
        if target.hasPrefix(":"), case .tcp(let host, _) = endpoint.address { place = host + target }
        return "\(server) is a node of a cluster, and \(key) lives on another: point redis.url at \(place)"
    }

    private var wrongPassword: String {
        if error.message.contains("without any password") {
            return "\(server) wants no password: take redis.password_file out"
        }
        if error.message.contains("wrong number of arguments") {
            return "\(server) knows no users, being older than 6.0: take redis.username out"
        }
        return "\(server) refuses the password or the user: check redis.username and redis.password_file"
    }

    /// The server names the command in quotes, or speaks of keys.
    private var noPermission: String {
        let quoted = error.message.split(separator: "'", omittingEmptySubsequences: false)
        if quoted.count >= 3 {
            let command = quoted[1].replacing("|", with: " ").uppercased()
            return "\(server) does not let user \(user) run \(command): allow it, ACL SETUSER \(user) +\(quoted[1])"
        }
        if isChannel, error.message.contains("channel") {
            return "\(server) does not let user \(user) listen to \(key): allow it, ACL SETUSER \(user) &\(key)"
        }
        if error.message.contains("key") {
            return "\(server) does not let user \(user) use \(key): allow it, ACL SETUSER \(user) ~\(key)"
        }
        return "\(server) does not let user \(user) do what is needed (\(error.message)): see its ACL"
    }

    private func tooLarge(_ fetching: Int) -> String {
        let limit = "\(RedisConnection.largestReply >> 20) MiB"
        if delivery == .atMostOnce {
            let what = fetching == 1 ? "the last element" : "up to \(fetching) elements"
            return "\(what) taken from \(key) in \(server) is lost: it was larger than \(limit), and at-most-once "
                + "takes before it reads: see redis.delivery"
        }
        guard fetching == 1 else {
            return "\(fetching) elements of \(key) in \(server) are more than \(limit): fewer are fetched at a time"
        }
        let (index, pop) = popSide == .left ? ("0", "LPOP") : ("-1", "RPOP")
        return "the next element of \(key) in \(server) is larger than \(limit), and all others wait behind it: "
            + "look at it with LINDEX \(key) \(index), take it away with \(pop) \(key)"
    }
}
