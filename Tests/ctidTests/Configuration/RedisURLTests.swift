import Testing

@testable import ctid

struct RedisURLTests {
    @Test func `all four forms are read`() throws {
        let plain = try RedisURL(parsing: "redis://pbx.example:6380/3")
        #expect(plain.endpoint == .tcp(host: "pbx.example", port: 6380))
        #expect(plain.database == 3 && !plain.usesTLS && plain.username == nil && plain.password == nil)
        let tls = try RedisURL(parsing: "rediss://user:p%40ss@[::1]")
        #expect(tls.endpoint == .tcp(host: "::1", port: 6379))
        #expect(tls.usesTLS && tls.username == "user" && tls.password?.text == "p@ss" && tls.database == 0)
        let socket = try RedisURL(parsing: "unix:///run/redis/redis.sock?db=2")
        #expect(socket.endpoint == .unix(path: "/run/redis/redis.sock") && socket.database == 2)
        let vendor = try RedisURL(parsing: "10.0.0.1:6379/1")
        #expect(vendor.endpoint == .tcp(host: "10.0.0.1", port: 6379) && vendor.database == 1)
        #expect(try RedisURL(parsing: "redis://:secret@pbx").password?.text == "secret")
    }

    @Test(arguments: [
        "http://pbx:6379", "redis://", "redis://pbx:99999", "redis://pbx:6379/x", "redis://pbx:6379/-1", "pbx:/0",
        "unix://socket", "unix:///s?database=1", "unix:///s?db=0&x=1", "unix:///" + String(repeating: "s", count: 107),
        "redis://u:%zz@pbx", "redis://p bx", "", "[::1", "redis://::1:6379",
    ])
    func `anything else is refused without a word of it`(text: String) {
        #expect(throws: RedisURL.Problem.self) { try RedisURL(parsing: text) }
    }

    @Test func `a refused address does not show its password`() throws {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant("redis: { url: \"redis://u:hunter2@pbx:x\" }\nauth: { hs256_secret_file: jwt }")
        #expect(
            scratch.lines() == [
                "tenants/acme.yaml:1:15: error: redis.url: has a bad port, expected a number from 1 to 65535"
            ])
    }
}
