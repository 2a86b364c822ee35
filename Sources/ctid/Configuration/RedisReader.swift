/// Reads a tenant's `redis`, and the Redis servers among its sinks.
struct RedisReader {
    static let urlForms = "redis://host:port/db, rediss://, unix:///path?db=0 or host:port/db"

    /// The values that say where a server is, and as whom and how it is spoken to.
    struct ServerKeys {
        var url: ConfigurationValue?
        var username: ConfigurationValue?
        var passwordFile: ConfigurationValue?
        var authorityFile: ConfigurationValue?
        var certificateFile: ConfigurationValue?
        var keyFile: ConfigurationValue?
    }

    func settings(_ section: Section<TenantKeys.Redis>) -> RedisSettings? {
        let server = server(
            ServerKeys(
                url: section.required(.url, expected: Self.urlForms), username: section.unlessEmpty(.username),
                passwordFile: section.unlessEmpty(.passwordFile), authorityFile: section.unlessEmpty(.caFile),
                certificateFile: section.unlessEmpty(.certFile), keyFile: section.unlessEmpty(.keyFile)))
        // Everything is read even without an address, so that every mistake shows at once.
        var settings = RedisSettings(server: server ?? RedisServer(endpoint: .tcp(host: "", port: 0)))
        settings.delivery =
            section[.delivery]?.choice(RedisSettings.Delivery.self, called: "delivery") ?? settings.delivery
        settings.popSide = section[.popSide]?.choice(RedisSettings.PopSide.self, called: "side") ?? settings.popSide
        settings.keys = section.section(.keys, as: TenantKeys.RedisKeys.self).map { keys($0) } ?? settings.keys
        return server == nil ? nil : settings
    }

    func server(_ keys: ServerKeys) -> RedisServer? {
        let parsed = keys.url.flatMap { parse($0) }
        let name = keys.username?.text()
        let password = keys.passwordFile?.secret()
        let tls = tls(keys, isRefused: parsed.map { !$0.usesTLS } ?? false)
        guard let parsed else { return nil }
        if name != nil, parsed.username != nil {
            keys.username?.fail("is given in the URL, too, expected it once")
        }
        if parsed.password != nil {
            if keys.passwordFile == nil {
                keys.url?.warn(
                    "holds a password that everyone who reads this file can see, expected it in password_file")
            } else {
                keys.passwordFile?.fail("is given although the URL holds a password, expected one of them")
            }
        }
        return RedisServer(
            endpoint: parsed.endpoint, database: parsed.database, tls: parsed.usesTLS ? tls : nil,
            username: name ?? parsed.username, password: password ?? parsed.password
        )
    }

    private func tls(_ keys: ServerKeys, isRefused: Bool) -> RedisServer.TLSFiles {
        let (certificate, key) = (keys.certificateFile, keys.keyFile)
        for value in [keys.authorityFile, certificate, key] where isRefused {
            value?.fail("is for TLS alone, expected a URL that begins with rediss://")
        }
        if let certificate, key == nil { certificate.fail("is given without key_file, expected both or neither") }
        if let key, certificate == nil { key.fail("is given without cert_file, expected both or neither") }
        let files = RedisServer.TLSFiles(
            authorityPath: keys.authorityFile?.authoritiesPath(), certificatePath: certificate?.pemFile()?.path,
            keyPath: key?.privateKeyPath())
        ConfigurationValue.reportUnlessPair(certificatePath: files.certificatePath, keyPath: files.keyPath, at: key)
        return files
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

    private func keys(_ section: Section<TenantKeys.RedisKeys>) -> RedisSettings.Keys {
        var keys = RedisSettings.Keys()
        keys.inbound = section.unlessEmpty(.inbound)?.text() ?? keys.inbound
        keys.cdr = section.unlessEmpty(.cdr)?.text()
        keys.agents = section.unlessEmpty(.agents)?.text()
        if keys.cdr == keys.inbound { section[.cdr]?.fail("is the inbound list's key, expected another list") }
        return keys
    }
}
