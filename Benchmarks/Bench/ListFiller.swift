import Hiredis

/// Fills a list with the payloads of `DecodePayloads`, as the PBX would.
struct ListFiller {
    let port: Int
    let key: String

    func fill(_ count: Int) async throws {
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        let session = try await RedisSession(
            RedisEndpoint(address: .tcp(host: "127.0.0.1", port: port)), on: loop, within: .seconds(30))
        try await session.run(RedisCommand("DEL", key))
        for start in stride(from: 0, to: count, by: 1000) {
            let payloads = DecodePayloads.make(from: start, count: min(1000, count - start))
            try await session.run(RedisCommand([Array("RPUSH".utf8), Array(key.utf8)] + payloads))
        }
        await session.close()
    }
}
