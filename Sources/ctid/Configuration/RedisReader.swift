/// Reads a tenant's `redis`, and the Redis servers among its sinks.
struct RedisReader {
    static let urlForms = "redis://host:port/db, rediss://, unix:///path?db=0 or host:port/db"

    func settings(_ section: Section<TenantKeys.Redis>) -> RedisSettings? {
        let server = server(
            url: section.required(.url, expected: Self.urlForms), username: section.unlessEmpty(.username),
            passwordFile: section.unlessEmpty(.passwordFile)
        )
        // Everything is read even without an address, so that every mistake shows at once.
        var settings = RedisSettings(server: server ?? RedisServer(endpoint: .tcp(host: "", port: 0)))
        readTLS(section, into: &settings, isReadable: server != nil)
        settings.delivery =
            section[.delivery]?.choice(RedisSettings.Delivery.self, called: "delivery") ?? settings.delivery
        settings.popSide = section[.popSide]?.choice(RedisSettings.PopSide.self, called: "side") ?? settings.popSide
        settings.keys = section.section(.keys, as: TenantKeys.RedisKeys.self).map { keys($0) } ?? settings.keys
        return server == nil ? nil : settings
    }

    func server(
        url: ConfigurationValue?, username: ConfigurationValue?, passwordFile: ConfigurationValue?
    ) -> RedisServer? {
        let parsed = url.flatMap { parse($0) }
        let name = username?.text()
        let password = passwordFile?.secret()
        guard let parsed else { return nil }
        if name != nil, parsed.username != nil {
            username?.fail("is given in the URL, too, expected it once")
        }
        if parsed.password != nil {
            if passwordFile == nil {
                url?.warn("holds a password that everyone who reads this file can see, expected it in password_file")
            } else {
                passwordFile?.fail("is given although the URL holds a password, expected one of them")
            }
        }
        return RedisServer(
            endpoint: parsed.endpoint, database: parsed.database, usesTLS: parsed.usesTLS,
            username: name ?? parsed.username, password: password ?? parsed.password
        )
    }

    private func parse(_ value: ConfigurationValue) -> RedisURL? {
        guard let text = value.text(expected: Self.urlForms) else { return nil }
        do {
            return try RedisURL(parsing: text)
        } catch {
            value.fail(error.message)
            return nil
        }
    }

    private func readTLS(_ section: Section<TenantKeys.Redis>, into settings: inout RedisSettings, isReadable: Bool) {
        let authority = section.unlessEmpty(.caFile)
        let certificate = section.unlessEmpty(.certFile)
        let key = section.unlessEmpty(.keyFile)
        for value in [authority, certificate, key] where isReadable && !settings.server.usesTLS {
            value?.fail("is for TLS alone, expected a URL that begins with rediss://")
        }
        if let certificate, key == nil { certificate.fail("is given without key_file, expected both or neither") }
        if let key, certificate == nil { key.fail("is given without cert_file, expected both or neither") }
        settings.authorityPath = authority?.pemFile()?.path
        settings.certificatePath = certificate?.pemFile()?.path
        settings.keyPath = key?.privateKeyPath()
    }

    private func keys(_ section: Section<TenantKeys.RedisKeys>) -> RedisSettings.Keys {
        var keys = RedisSettings.Keys()
        keys.inbound = section.unlessEmpty(.inbound)?.text() ?? keys.inbound
        keys.cdr = section.unlessEmpty(.cdr)?.text()
        keys.agents = section.unlessEmpty(.agents)?.text()
        if keys.cdr == keys.inbound { section[.cdr]?.fail("is the inbound list's key, expected another list") }
        return keys
    }
}
