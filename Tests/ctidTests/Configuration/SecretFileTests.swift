import Foundation
import Testing

@testable import ctid

struct SecretFileTests {
    private static let tenant = """
        redis: { url: "pbx:6379/0", password_file: redis }
        auth: { hs256_secret_file: jwt }
        """

    @Test func `one line end is removed, and no more`() throws {
        let scratch = try ScratchConfiguration()
        for (content, secret) in [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a ", " a "), ("a\r", "a\r")] {
            try scratch.writeTenant(Self.tenant)
            try scratch.write(content, to: "tenants/redis")
            let loaded = scratch.load()
            #expect(loaded.findings == [])
            #expect(loaded.tenants.values.first?.redis.server.password?.text == secret)
        }
    }

    @Test(arguments: [(0o640, true), (0o604, true), (0o644, true), (0o600, false), (0o400, false), (0o620, false)])
    func `others may not read it`(mode: Int, isRefused: Bool) throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(Self.tenant)
        try scratch.write("pass", to: "tenants/redis", mode: mode)
        let lines = scratch.lines()
        let octal = String(mode, radix: 8)
        let expected =
            "tenants/acme.yaml:1:44: error: redis.password_file: tenants/redis can be read by other users "
            + "(mode 0\(octal)), expected 0600, or 0400"
        #expect(lines == (isRefused ? [expected] : []))
    }

    @Test func `credentials come from their folder alone, whatever their mode`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(Self.tenant)
        try scratch.write("beside", to: "tenants/redis")
        try scratch.write("credential", to: "credentials/redis", mode: 0o444)
        let environment = ["CREDENTIALS_DIRECTORY": scratch.directory + "/credentials"]
        #expect(
            scratch.lines(environment: environment) == [
                "tenants/acme.yaml:2:28: warning: auth.hs256_secret_file: credentials/jwt is not there, "
                    + "expected a readable file"
            ])
        let tenant = scratch.load(environment: environment).tenants.values.first
        #expect(tenant?.redis.server.password?.text == "credential")
    }

    @Test func `credentials of a whole folder are found by the names of its files, those of their own first`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(Self.tenant)
        let environment = ["CREDENTIALS_DIRECTORY": scratch.directory + "/credentials"]
        try scratch.write("from the folder", to: "credentials/ctid_redis", mode: 0o444)
        try scratch.write(String(repeating: "k", count: 32), to: "credentials/ctid_jwt", mode: 0o444)
        #expect(scratch.lines(environment: environment) == [])
        func password() -> String? {
            scratch.load(environment: environment).tenants.values.first?.redis.server.password?.text
        }
        #expect(password() == "from the folder")
        try scratch.write("of its own", to: "credentials/redis", mode: 0o444)
        #expect(password() == "of its own")
        try scratch.writeTenant(Self.tenant.replacing("password_file: redis", with: "password_file: acme/redis"))
        try scratch.write("from a folder in it", to: "credentials/ctid_acme_redis", mode: 0o444)
        #expect(password() == "from a folder in it")
    }

    @Test(arguments: [false, true])
    func `a missing one stops a daemon, not a check`(missingSecretsAreErrors: Bool) throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(Self.tenant)
        let loaded = scratch.load(missingSecretsAreErrors: missingSecretsAreErrors)
        #expect(loaded.findings.map(\.severity) == [missingSecretsAreErrors ? .error : .warning])
        #expect(loaded.tenants.isEmpty == missingSecretsAreErrors)
        #expect(loaded.brokenTenants.isEmpty == !missingSecretsAreErrors)
    }

    @Test func `a token's secret has 32 bytes`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(leastTenant)
        try scratch.write(String(repeating: "k", count: 31) + "\n", to: "tenants/jwt")
        #expect(
            scratch.lines() == [
                "tenants/acme.yaml:2:28: error: auth.hs256_secret_file: tenants/jwt holds 31 bytes, "
                    + "expected a secret of at least 32 bytes"
            ])
    }

    @Test func `nothing shows a secret`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump([secret], to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\([secret])", dumped] {
            #expect(text.contains("secret") && !text.contains("hunter2"))
        }
    }

    @Test func `a password in the URL works, with a warning that does not show it`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant("redis: { url: \"redis://ctid:hunter2@pbx\" }\nauth: { hs256_secret_file: jwt }")
        let loaded = scratch.load()
        #expect(loaded.tenants.values.first?.redis.server.password?.text == "hunter2")
        #expect(
            scratch.lines(of: loaded) == [
                "tenants/acme.yaml:1:15: warning: redis.url: holds a password that everyone who reads this file can see, "
                    + "expected it in password_file"
            ])
    }
}

struct FileContentsTests {
    @Test func `links are followed, folders are no files, and a limit is one`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.write("12345", to: "data/secret", mode: 0o640)
        let link = scratch.directory + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "data/secret")
        let contents = try FileContents(path: link, most: 5)
        #expect(contents.bytes == Array("12345".utf8) && contents.mode == 0o640 && contents.isReadableByOthers)
        #expect(throws: FileContents.Problem.tooLarge(most: 4)) { try FileContents(path: link, most: 4) }
        #expect(throws: FileContents.Problem.notAFile) { try FileContents(path: scratch.directory, most: 5) }
        #expect(throws: FileContents.Problem.missing) { try FileContents(path: link + "x", most: 5) }
    }
}
