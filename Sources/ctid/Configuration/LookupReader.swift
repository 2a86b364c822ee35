import CTIContacts
import CTICore

/// Reads how an address is asked who is calling. What is absent keeps its default.
struct LookupReader {
    let section: Section<TenantKeys.Lookup>

    /// `nil` without a URL; its finding says why.
    func read(variables: [String]) -> TenantConfiguration.Lookup? {
        let url = section.required(.url, expected: "a URL, as https://crm.example/by-phone?n={callerE164}")
        let template = url?.template(variables: variables, schemes: ["http", "https"])
        // Read whatever is wrong with the URL: all mistakes show at once.
        var settings = LookupSettings(url: template ?? Template(literal: ""))
        settings.timeout = section[.timeout]?.duration(in: .milliseconds(10) ... .seconds(30)) ?? settings.timeout
        settings.headers = headers()
        settings.concurrency = section[.concurrency]?.integer(in: 1...256) ?? settings.concurrency
        settings.cache = cache(settings.cache)
        settings.breaker = breaker(settings.breaker)
        settings.answer = answer(settings.answer)
        let token = section.unlessEmpty(.tokenFile).flatMap { bearerToken($0) }
        return template.map { _ in .init(settings: settings, token: token) }
    }

    private func cache(_ usual: LookupSettings.Cache) -> LookupSettings.Cache {
        let section = self.section.section(.cache, as: TenantKeys.LookupCache.self)
        var cache = usual
        cache.lifetime = section?[.lifetime]?.duration(in: .zero ... .seconds(86_400)) ?? cache.lifetime
        cache.entries = section?[.entries]?.integer(in: 1...1_000_000) ?? cache.entries
        return cache
    }

    private func breaker(_ usual: LookupSettings.Breaker) -> LookupSettings.Breaker {
        let section = self.section.section(.breaker, as: TenantKeys.LookupBreaker.self)
        var breaker = usual
        breaker.failures = section?[.failures]?.integer(in: 1...1000) ?? breaker.failures
        breaker.pause = section?[.pause]?.duration(in: .seconds(1) ... .seconds(3_600)) ?? breaker.pause
        return breaker
    }

    private func answer(_ usual: LookupMapping) -> LookupMapping {
        guard let section = self.section.section(.answer, as: TenantKeys.LookupAnswer.self) else { return usual }
        var answer = usual
        answer.list = section.unlessEmpty(.list).flatMap { path($0) }
        answer.id = section.unlessEmpty(.id).flatMap { path($0) } ?? usual.id
        answer.type = section.unlessEmpty(.type).flatMap { path($0) } ?? usual.type
        if let name = section.unlessEmpty(.name) { answer.name = names(name) }
        return answer
    }

    /// One path, or a list of them.
    private func names(_ value: ConfigurationValue) -> [LookupMapping.Path] {
        guard case .sequence = value.node.content else { return [path(value)].compactMap(\.self) }
        return value.items().compactMap { path($0) }
    }

    private func path(_ value: ConfigurationValue) -> LookupMapping.Path? {
        let expected = "names of members with dots between them, as data.items"
        guard let text = value.nonEmptyText(expected: expected) else { return nil }
        guard let path = LookupMapping.Path(text) else {
            value.fail("\"\(text)\" has an empty name in it, expected \(expected)")
            return nil
        }
        return path
    }
}

extension LookupReader {
    /// Set by whoever sends the request, or a secret, and secrets are files.
    private static let reserved = [
        "authorization": "expected the token in token_file", "proxy-authorization": "expected the token in token_file",
        "host": "expected it in url", "content-length": "expected another header",
        "transfer-encoding": "expected another header", "connection": "expected another header",
    ]

    private func headers() -> [LookupSettings.Header] {
        let members = section[.headers]?.members(expected: "a mapping of headers to their values") ?? []
        var seen: Set<String> = []
        return members.compactMap { member in
            guard isAllowed(member), let value = headerValue(member.value) else { return nil }
            guard seen.insert(member.key.lowercased()).inserted else {
                fail(member, "is there twice, in whatever case, expected it once")
                return nil
            }
            return LookupSettings.Header(name: member.key, value: value)
        }
    }

    private func isAllowed(_ member: ConfigurationValue.Member) -> Bool {
        let isName = member.key.utf8.allSatisfy(Self.isTokenByte)
        guard !member.key.isEmpty, isName else {
            fail(member, "is not a header's name, expected letters, digits and -, as Accept-Language")
            return false
        }
        guard let instead = Self.reserved[member.key.lowercased()] else { return true }
        fail(member, "cannot be set here, \(instead)")
        return false
    }

    private func fail(_ member: ConfigurationValue.Member, _ message: String) {
        section.context.findings.error("\"\(member.key)\" \(message)", at: member.place, key: member.value.path)
    }

    private func headerValue(_ value: ConfigurationValue) -> String? {
        guard let text = value.text(expected: "a header's value") else { return nil }
        guard text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
            value.fail("holds what no header can, expected visible characters of ASCII and blanks")
            return nil
        }
        return text
    }

    /// It stands in a header.
    private func bearerToken(_ value: ConfigurationValue) -> Secret? {
        guard let secret = value.secret() else { return nil }
        guard secret.text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
            value.fail("holds what no token can, expected visible characters of ASCII alone")
            return nil
        }
        return secret
    }

    /// As of RFC 9110, section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
