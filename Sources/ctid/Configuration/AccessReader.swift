import CTICore
import Foundation

/// Reads who may come in, what the agent's page may do, and where it dials.
struct AccessReader {
    /// HS256 is no stronger than its secret: RFC 7518 wants as many bytes as the hash has.
    static let shortestSecret = 32

    let root: Section<TenantKeys.Root>

    func authentication() -> TenantConfiguration.Authentication? {
        let expected = "one of \(WordChoice(TenantKeys.Auth.names))"
        guard let value = root.required(.auth, expected: expected),
            let section = value.section(of: TenantKeys.Auth.self)
        else { return nil }
        let given = TenantKeys.Auth.allCases.compactMap { key in section.unlessEmpty(key).map { (key, $0) } }
        guard given.count == 1, let (key, file) = given.first else {
            value.fail(given.isEmpty ? "is empty, expected \(expected)" : "has more than one key, expected \(expected)")
            return nil
        }
        switch key {
        case .hs256SecretFile: return .hs256(file.secret(atLeast: Self.shortestSecret))
        case .publicKeyFile: return .publicKey(pem: publicKey(file))
        case .jwksFile: return .jwks(json: keySet(file))
        }
    }

    private func publicKey(_ value: ConfigurationValue) -> String? {
        guard let file = value.pemFile() else { return nil }
        if file.text.contains("PRIVATE KEY-----") {
            value.fail("\(file.path) holds a private key, expected the public one alone")
            return nil
        }
        return file.text
    }

    private func keySet(_ value: ConfigurationValue) -> String? {
        guard let file = value.publicFile() else { return nil }
        let object = try? JSONSerialization.jsonObject(with: Data(file.text.utf8)) as? [String: Any]
        guard object?["keys"] is [Any] else {
            value.fail("\(file.path) is not a key set, expected {\"keys\": […]}")
            return nil
        }
        return file.text
    }
}

extension AccessReader {
    func agentPage() -> TenantConfiguration.AgentPage {
        guard let section = root.section(.agentPage, as: TenantKeys.AgentPage.self) else { return .init() }
        return TenantConfiguration.AgentPage(
            crmOrigins: section[.crmOrigins]?.items(expected: "a list of origins").compactMap { $0.origin() } ?? [],
            softphoneURL: section.unlessEmpty(.softphoneURL).flatMap { $0.webURL() },
            maskNumbers: section[.maskNumbers]?.boolean() ?? false
        )
    }

    func click2dial() -> TenantConfiguration.Click2Dial? {
        guard let section = root.section(.click2dial, as: TenantKeys.Click2Dial.self) else { return nil }
        let url = section.required(.url, expected: "the PBX's http or https URL").flatMap { $0.webURL() }
        let outboundID = section.required(.outboundID, expected: "the number that is shown to the called party")
            .flatMap { $0.text() }
        let generation = section[.generation]?.choice(Generation.self, called: "generation")
        guard let url, let outboundID else { return nil }
        return TenantConfiguration.Click2Dial(
            url: url, outboundID: outboundID, generation: generation == .preV3 ? .preV3 : .v3)
    }

    private enum Generation: String, CaseIterable {
        case v3
        case preV3 = "pre-v3"
    }
}
