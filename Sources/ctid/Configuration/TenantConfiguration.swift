import CTIContacts
import CTICore
import CTISinks
import SocketIO

/// A tenant's file, validated, its secrets read and its templates compiled. A value: a reload replaces it whole.
///
/// Secrets and key texts are `nil` only where a check runs without them; for a daemon their absence is an error.
struct TenantConfiguration: Hashable, Sendable {
    var id: TenantID
    var redis: RedisSettings
    /// What planning needs: names, region, queues, agents, variables, rules, freshness.
    var profile: TenantProfile
    var contacts: Contacts
    var auth: Authentication
    var agentPage: AgentPage
    var click2dial: Click2Dial?
    var sinks: Sinks

    struct Contacts: Hashable, Sendable {
        /// Of vcf, csv and json files.
        var paths: [String] = []
        var columns = ContactColumns()
        var lookup: Lookup?
    }

    struct Lookup: Hashable, Sendable {
        var settings: LookupSettings
        /// `nil` where none is needed.
        var token: Secret?
    }

    /// What an agent's token is verified with.
    enum Authentication: Hashable, Sendable {
        /// At least 32 bytes.
        case hs256(Secret?)
        /// One public key, PEM.
        case publicKey(pem: String?)
        /// A key set as of RFC 7517.
        case jwks(json: String?)
    }

    struct AgentPage: Hashable, Sendable {
        /// Who may embed the page and talk to it; spelt as browsers spell an origin.
        var crmOrigins: [String] = []
        var softphoneURL: String?
        var maskNumbers = false
    }

    struct Click2Dial: Hashable, Sendable {
        var url: String
        var outboundID: String
        /// Which names the PBX expects; never `unknown`.
        var generation = PayloadGeneration.v3
    }

    struct Sinks: Hashable, Sendable {
        var webhooks: [Webhook] = []
        var socketIO: [SocketIO] = []
        var redis: [RedisChannel] = []
    }

    struct Webhook: Hashable, Sendable {
        var settings: WebhookSettings
        /// One key a line; each is good.
        var secret: Secret?
    }

    struct SocketIO: Hashable, Sendable {
        var url: String
        /// 3 for servers of Socket.IO 1.x and 2.x, else 4.
        var engine: Int
        var namespace: String
        var token: Secret?
        var transport = SocketIOClient.Transport.auto
        /// Older events are not sent any more.
        var ttl = Duration.seconds(300)
        /// How long an event waits for its confirmation.
        var ackTimeout = Duration.seconds(10)
    }

    struct RedisChannel: Hashable, Sendable {
        var server: RedisServer
        var target: RedisSinkSettings.Target
        /// As the file spells it.
        var targetText: String
        var dialect: Dialect
        var events: Set<CallEventKind>
        var ttl: Duration
    }
}
