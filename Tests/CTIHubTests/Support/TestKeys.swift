import JWTKit

/// Key pairs that were made for these tests and open nothing. Ed25519: RFC 8037, appendix A.1.
enum TestKeys {
    static let rsaModulus =
        "nqG81961vBJCSBRUlMioke1cNbPpyRSgrdK83MAliMC9T_b8V97lWmjn9nrMR2CJQ-LhYOL3HYj0IWIhGlDEHYlfi2XKm-i6coE0"
        + "AIOqt2vKFN-xjjH1TIoKIoPVr6bYFWilpoQl34ujXGMTXo8b3CJwDGWGK8aTWhETw_Rq1CoJhzS6VJZG51jZGBtdcbSbX3t7oISL"
        + "oWcqQDqimwgXon_GPwBD_OwH6S1m9QBWUYBuBSKAPtFVOQiMTA0NyFvD5hD9t93WLQVUWjPgVgCX-ruITGFkTBAf7DkLpugEHW4-"
        + "bD-3c52zk8K3mWmUtJj9Y0wVv7_SBwrs1PC5eLWXRw"
    static let rsaExponent =
        "A8yIyrytKoNfbf16pxOFIfWGw0x7OVMSpAcLedfqLjO7dOpL0cjnQjqH75myQbVYpDUPQ7Q7ycvJWPFSLKCpibGMBbka2JACwxJA"
        + "DhEZKgpdTRGsXWTp5Hrb0kbI-8tpml2mte2tQITGFUTUJmwT9Ton58wYofy_86S8DfHRCyKq61isXFJmUZ9gYe5YqqHAkXl5iU0G"
        + "ozO3nitU9NbJVYivqMuDZU07yEoSB4Vax4XMZjPSFcJ38ewfFGBtAOBFkVoFvFiWOK1luiQYGNHeq669Z38QlhRIkkGVoMVxLDXh"
        + "xLcPTuq7YDPDFpLPs68xcQ1FZiYoQj3i2iAXrqm1NQ"
    static let rsaPEM = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnqG81961vBJCSBRUlMio
        ke1cNbPpyRSgrdK83MAliMC9T/b8V97lWmjn9nrMR2CJQ+LhYOL3HYj0IWIhGlDE
        HYlfi2XKm+i6coE0AIOqt2vKFN+xjjH1TIoKIoPVr6bYFWilpoQl34ujXGMTXo8b
        3CJwDGWGK8aTWhETw/Rq1CoJhzS6VJZG51jZGBtdcbSbX3t7oISLoWcqQDqimwgX
        on/GPwBD/OwH6S1m9QBWUYBuBSKAPtFVOQiMTA0NyFvD5hD9t93WLQVUWjPgVgCX
        +ruITGFkTBAf7DkLpugEHW4+bD+3c52zk8K3mWmUtJj9Y0wVv7/SBwrs1PC5eLWX
        RwIDAQAB
        -----END PUBLIC KEY-----
        """
    static let ed25519X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    static let ed25519PEM = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
        -----END PUBLIC KEY-----
        """

    static func rsa() throws -> Insecure.RSA.PrivateKey {
        try Insecure.RSA.PrivateKey(modulus: rsaModulus, exponent: "AQAB", privateExponent: rsaExponent)
    }

    static func ed25519() throws -> EdDSA.PrivateKey {
        try EdDSA.PrivateKey(d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", curve: .ed25519)
    }
}
