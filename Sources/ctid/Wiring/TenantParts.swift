import CTIContacts
import CTICore
import CTIHub
import CTISinks
import Logging

/// What a tenant's file asks for beside its lists and sinks, made anew whenever the file changes.
extension TenantConfiguration {
    /// - Throws: ``StartFailure`` where the key is not there, or is none.
    func tokenVerifier() async throws -> TokenVerifier {
        switch auth {
        case .hs256(let secret?): try await TokenVerifier(hs256Secret: secret.bytes)
        case .publicKey(let pem?): try await TokenVerifier(publicKeyPEM: pem)
        case .jwks(let json?): try await TokenVerifier(jwks: Array(json.utf8))
        case .hs256(nil), .publicKey(nil), .jwks(nil): throw StartFailure("auth: the key's file is not there")
        }
    }

    var pageSettings: PageSettings {
        PageSettings(
            crmOrigins: agentPage.crmOrigins, softphoneURL: agentPage.softphoneURL, maskNumbers: agentPage.maskNumbers)
    }

    var dialler: ClickToDialClient? {
        click2dial.map {
            ClickToDialClient(
                url: $0.url, outboundID: $0.outboundID, region: profile.region, generation: $0.generation)
        }
    }

    func contactLookup(_ logger: Logger) -> HTTPContactLookup? {
        guard let lookup = contacts.lookup else { return nil }
        var logger = logger
        logger[metadataKey: "tenant"] = "\(id)"
        return HTTPContactLookup(lookup.settings, token: lookup.token?.text) { [logger] report in
            switch report {
            case .leftOut(let count): logger.debug("contacts.lookup: entries of an answer left out: \(count)")
            case .opened(let failures):
                let pause = lookup.settings.breaker.pause.written
                logger.warning(
                    """
                    contacts.lookup: \(failures) failures in a row: asked again every \(pause); meanwhile calls have \
                    their contacts from the files
                    """)
            case .closed: logger.notice("contacts.lookup: answered again")
            }
        }
    }
}
