/// The keys of a tenant's file.
enum TenantKeys {
    static let sections: [any SectionKey.Type] = [
        Root.self, Redis.self, RedisKeys.self, Agent.self, Contacts.self, ContactColumns.self,
        Lookup.self, LookupCache.self, LookupBreaker.self, LookupAnswer.self, Auth.self, AgentPage.self,
        Click2Dial.self, Sinks.self, Webhook.self, SocketIO.self, RedisChannel.self,
        Rule.self, When.self, Action.self, Open.self, Session.self, Realtime.self,
    ]

    enum Root: String, SectionKey {
        static let place = ""
        case displayName = "display_name"
        case redis, region
        case freshFor = "fresh_for"
        case queues, agents, contacts, variables
        case urlSchemes = "url_schemes"
        case rules, auth
        case agentPage = "agent_page"
        case click2dial, sinks
    }

    enum Redis: String, SectionKey {
        static let place = "redis"
        case url, username
        case passwordFile = "password_file"
        case caFile = "ca_file"
        case certFile = "cert_file"
        case keyFile = "key_file"
        case delivery
        case popSide = "pop_side"
        case keys
    }

    enum RedisKeys: String, SectionKey {
        static let place = "redis.keys"
        case inbound, cdr, agents
    }

    enum Agent: String, SectionKey {
        static let place = "agents[]"
        case `extension`, name, peer
        case crmUser = "crm_user"
    }

    enum Contacts: String, SectionKey {
        static let place = "contacts"
        case files, columns, lookup
    }

    enum ContactColumns: String, SectionKey {
        static let place = "contacts.columns"
        case id, name, phones, references, type, avatar, active, inactive
    }

    enum Lookup: String, SectionKey {
        static let place = "contacts.lookup"
        case url, timeout, headers
        case tokenFile = "token_file"
        case concurrency, cache, breaker, answer
    }

    enum LookupCache: String, SectionKey {
        static let place = "contacts.lookup.cache"
        case lifetime = "for"
        case entries
    }

    enum LookupBreaker: String, SectionKey {
        static let place = "contacts.lookup.breaker"
        case failures, pause
    }

    enum LookupAnswer: String, SectionKey {
        static let place = "contacts.lookup.answer"
        case list, id, name, type
    }

    enum Auth: String, SectionKey {
        static let place = "auth"
        case hs256SecretFile = "hs256_secret_file"
        case publicKeyFile = "public_key_file"
        case jwksFile = "jwks_file"
    }

    enum AgentPage: String, SectionKey {
        static let place = "agent_page"
        case crmOrigins = "crm_origins"
        case softphoneURL = "softphone_url"
        case maskNumbers = "mask_numbers"
    }

    enum Click2Dial: String, SectionKey {
        static let place = "click2dial"
        case url
        case outboundID = "outbound_id"
        case generation
    }

    enum Sinks: String, SectionKey {
        static let place = "sinks"
        case webhooks, socketio, redis
    }

    enum Webhook: String, SectionKey {
        static let place = "sinks.webhooks[]"
        case name, url
        case secretFile = "secret_file"
        case events, timeout, ttl, concurrency
        case privateAddresses = "private_addresses"
    }

    enum SocketIO: String, SectionKey {
        static let place = "sinks.socketio[]"
        case url, engine, transport, namespace
        case tokenFile = "token_file"
        case ttl
        case ackTimeout = "ack_timeout"
    }

    enum RedisChannel: String, SectionKey {
        static let place = "sinks.redis[]"
        case url, username
        case passwordFile = "password_file"
        case caFile = "ca_file"
        case certFile = "cert_file"
        case keyFile = "key_file"
        case channel, stream
        case streamLength = "stream_length"
        case dialect, events, ttl
    }
}

extension TenantKeys {
    enum Rule: String, SectionKey {
        static let place = "rules[]"
        case name, on, when
        case actions = "do"
        case stop
    }

    enum When: String, SectionKey {
        static let place = "rules[].when"
        case all, any
    }

    enum Action: String, SectionKey {
        static let place = "rules[].do[]"
        case open, session, realtime, webhook
    }

    enum Open: String, SectionKey {
        static let place = "rules[].do[].open"
        case url, mode
    }

    enum Session: String, SectionKey {
        static let place = "rules[].do[].session"
        case template, parameters
    }

    enum Realtime: String, SectionKey {
        static let place = "rules[].do[].realtime"
        case app, reference, url
    }

    /// What a condition may hold its field against, besides a plain value.
    enum ConditionTest: String, SectionKey {
        static let place = "rules[].when.all[].*"
        case not
        case isIn = "in"
        case prefix
    }
}
