import Foundation
import Glibc
import Synchronization
import Testing

/// A contact look-up over HTTP that answers, fails, or hangs, and the calls that ask it.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct LookupTests {
    /// Asked as often as there are calls.
    private static let unspared = "concurrency: 64, breaker: { failures: 1000 }"

    @Test("a look-up that hangs costs its own call the contact, up to its timeout, and nobody else anything")
    func promptlyBesideOneThatHangs() async throws {
        let crm = try LookupServer()
        defer { crm.stop() }
        let url = "http://127.0.0.1:\(crm.port)/by-phone?n={callerE164}&r={callRef}"
        let lookup = #"contacts: { lookup: { url: "\#(url)", timeout: 1500ms, \#(Self.unspared) } }"#
        try await Acme.run(more: lookup) { redis, daemon in
            let (slow, quick) = (try await daemon.stream(agent: "1007"), try await daemon.stream(agent: "1008"))
            // More at a time than a handful of connections would bear.
            for index in 0..<20 { try await redis.push(Acme.call("hang-\(index)", agent: "11\(index)")) }
            try await redis.push(Acme.call("hang", agent: "1007"))
            try await redis.push(Acme.call("status", agent: "1007"))
            try await redis.push(Acme.call("answers", agent: "1008"))
            let pop = try await quick.event("pop", ref: "answers", within: .milliseconds(1200))
            #expect(pop["contact.name"] == "Jane Doe")
            #expect(!slow.names.contains("call"), "the first call still waits, and the second behind it")
            #expect(try await slow.event("pop", ref: "hang", within: .seconds(3))["contact"] == "<null>")
            try await slow.event("pop", ref: "status")
            let order = slow.events.filter { $0.name == "call" }.map { $0["call.ref"] }
            #expect(order == ["hang", "status"])
        }
    }

    @Test("answers that begin and never end take no connection away from those who ask after them")
    func dripping() async throws {
        let crm = try LookupServer()
        defer { crm.stop() }
        let lookup =
            #"contacts: { lookup: { url: "http://127.0.0.1:\#(crm.port)/?r={callRef}", timeout: 1s, \#(Self.unspared) } }"#
        try await Acme.run(more: lookup) { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            // As many as connections may be open to one host.
            for index in 0..<64 { try await redis.push(Acme.call("drip-\(index)", agent: "2\(index)")) }
            try await eventually("the questions") { crm.asked.filter { $0.contains("drip") }.count == 64 }
            try await eventually("all to be decided") { try await daemon.call("drip-63").contains("no answer within") }
            try await redis.push(Acme.call("answers"))
            #expect(try await stream.event("pop", ref: "answers")["contact.name"] == "Jane Doe")
        }
    }

    @Test("killed while it waits for an answer, the call is decided by the next process, once, and not lost")
    func killedMeanwhile() async throws {
        let crm = try LookupServer()
        defer { crm.stop() }
        let lookup = #"contacts: { lookup: { url: "http://127.0.0.1:\#(crm.port)/?r={callRef}", timeout: 20s } }"#
        try await Acme.run(more: lookup) { redis, daemon in
            try await redis.push(Acme.call("hang"))
            try await eventually("the question") { crm.asked.contains { $0.contains("r=hang") } }
            try await eventually("the list to be empty") { try await redis.length() == 0 }
            _ = await daemon.stop(SIGKILL)
            crm.release()
            let again = try await DaemonUnderTest(folder: daemon.folder)
            let stream = try await again.stream(agent: "1007")
            try await eventually("the call to be recorded") { try await again.calls().contains("\"hang\"") }
            try await redis.push(Acme.call("next"))
            try await stream.event("pop", ref: "next")
            let told = try await again.call("hang")
            #expect(told.components(separatedBy: "\"change\":\"new\"").count == 2)
            _ = await again.stop(SIGKILL)
        }
    }

    @Test("what is no answer is told by its name, and the call has its contact from the files")
    func failing() async throws {
        let crm = try LookupServer()
        let folder = try TemporaryFolder.make()
        defer {
            crm.stop()
            try? FileManager.default.removeItem(atPath: folder)
        }
        let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:From File\r\nTEL:+27 82 123 4567\r\nEND:VCARD\r\n"
        try card.write(toFile: "\(folder)/people.vcf", atomically: true, encoding: .utf8)
        let url = "http://127.0.0.1:\(crm.port)/?r={callRef}"
        let more = """
            contacts: { files: [ "\(folder)/people.vcf" ], lookup: { url: "\(url)", timeout: 5s, \(Self.unspared) } }
            """
        try await Acme.run(more: more) { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            for (ref, why) in [
                ("status", "failed: HTTP status 500"), ("missing", "answered: 0"),
                ("redirect", "failed: HTTP status 302"),
                ("nonsense", "failed: an answer that is not JSON"), ("huge", "failed: an answer that is too large"),
                ("cut", "failed: "), ("empty", "answered: 0"),
            ] {
                try await redis.push(Acme.call(ref))
                #expect(try await stream.event("call", ref: ref)["contact.name"] == "From File", "\(ref)")
                let told = try await daemon.call(ref)
                #expect(told.contains("\"lookup\":\"\(why)"), "\(ref): \(told)")
            }
            #expect(!crm.asked.contains { $0.contains("elsewhere") })
            for (outcome, count) in [("status", 2), ("nobody", 2), ("unreadable", 2), ("unreachable", 1)] {
                try await daemon.shows(#"ctid_lookups_total{tenant="acme",outcome="\#(outcome)"} \#(count)"#)
            }
            try await daemon.shows(#"ctid_lookup_seconds_count{tenant="acme"} 7"#)
        }
    }

    @Test("an answer is kept: the next call of the same caller asks nobody; header and token are sent")
    func kept() async throws {
        let crm = try LookupServer()
        let folder = try TemporaryFolder.make()
        defer {
            crm.stop()
            try? FileManager.default.removeItem(atPath: folder)
        }
        _ = FileManager.default.createFile(
            atPath: "\(folder)/token", contents: Data("secret-of-the-crm\n".utf8),
            attributes: [.posixPermissions: 0o600])
        let more = """
            contacts:
              lookup:
                url: "http://127.0.0.1:\(crm.port)/?n={callerE164}"
                timeout: 5s
                headers: { Accept-Language: de }
                token_file: "\(folder)/token"
                answer: { id: id, name: [ type, name ], type: kind }
            """
        try await Acme.run(more: more) { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            for ref in ["first", "second"] {
                try await redis.push(Acme.call(ref))
                #expect(try await stream.event("call", ref: ref)["contact.name"] == "lead Jane Doe")
            }
            #expect(try await daemon.call("first").contains("answered: 1"))
            #expect(try await daemon.call("second").contains("answered from the cache: 1"))
            let heads = crm.heads
            #expect(heads.count == 1)
            let head = heads.first?.lowercased() ?? ""
            #expect(head.hasPrefix("get /?n=%2b27821234567 http/1.1\r\n"))
            #expect(head.contains("\r\naccept-language: de\r\n"))
            #expect(head.contains("\r\nauthorization: bearer secret-of-the-crm\r\n"))
            #expect(!daemon.log.contains("secret-of-the-crm"))
            try await daemon.shows(#"ctid_lookup_answers_kept{tenant="acme"} 1"#)
        }
    }

    @Test("who fails again and again is not asked for a while; then one call tries, and all is well again")
    func breaker() async throws {
        let crm = try LookupServer()
        defer { crm.stop() }
        let url = "http://127.0.0.1:\(crm.port)/?r={callRef}"
        let more = #"contacts: { lookup: { url: "\#(url)", timeout: 300ms, breaker: { failures: 2, pause: 2s } } }"#
        try await Acme.run(more: more) { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            for ref in ["hang-1", "hang-2"] {
                try await redis.push(Acme.call(ref))
                try await stream.event("call", ref: ref)
            }
            // The second one's request ends a little after its call has gone on.
            try await daemon.shows(#"ctid_lookup_breaker_open{tenant="acme"} 1"#)
            try await redis.push(Acme.call("spared"))
            #expect(try await stream.event("call", ref: "spared")["contact"] == "<null>")
            #expect(try await daemon.call("spared").contains("\"lookup\":\"not asked: the last ones failed"))
            #expect(!crm.asked.contains { $0.contains("spared") })
            try await daemon.says("2 failures in a row")
            var tries = 0
            try await eventually("an answer") {
                tries += 1
                try await redis.push(Acme.call("again-\(tries)"))
                return try await stream.event("call", ref: "again-\(tries)")["contact.name"] == "Jane Doe"
            }
            try await daemon.shows(#"ctid_lookup_breaker_open{tenant="acme"} 0"#)
            try await daemon.says("answered again")
        }
    }

    @Test("a tenant whose look-ups hang delays no other tenant, also where both ask the same host")
    func promptlyBesideAnotherTenant() async throws {
        let crm = try LookupServer()
        let folder = try TemporaryFolder.make()
        defer {
            crm.stop()
            try? FileManager.default.removeItem(atPath: folder)
        }
        let (slow, quick) = (try await RedisServer(), try await RedisServer())
        let lookup = #"contacts: { lookup: { url: "http://127.0.0.1:\#(crm.port)/?r={callRef}", timeout: 20s } }"#
        try DaemonUnderTest.configure(
            ["slow": Acme.tenant(slow, more: lookup), "quick": Acme.tenant(quick, more: lookup)], in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        let stream = try await daemon.stream(agent: "1007", tenant: "quick")
        for index in 0..<40 { try await slow.push(Acme.call("hang-\(index)", agent: "11\(index)")) }
        try await eventually("as many questions as are asked at once") { crm.asked.count == 8 }
        try await quick.push(Acme.call("answers"))
        #expect(try await stream.event("pop", ref: "answers", within: .seconds(3))["contact.name"] == "Jane Doe")
        #expect(crm.asked.count == 9)
        _ = await daemon.stop(SIGKILL)
        await slow.stop()
        await quick.stop()
    }
}

/// Stands in for a CRM's search: hangs, fails or answers by the call's reference in the query.
final class LookupServer: Sendable {
    let port: Int
    private let listener: Int32
    private let state = Mutex((heads: [String](), isReleased: false))

    /// What was asked with all its headers; the first line alone.
    var heads: [String] { state.withLock { $0.heads } }
    var asked: [String] { heads.map { String($0.prefix { $0 != "\r\n" }) } }

    init() throws {
        (listener, port) = try LoopbackHTTP.listen()
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread { [self] in answer(connection) }
            }
        }
    }

    /// What hung answers from now on.
    func release() { state.withLock { $0.isReleased = true } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func answer(_ connection: Int32) {
        defer { close(connection) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(connection, &buffer, buffer.count)
        guard count > 0 else { return }
        let head = String(decoding: buffer[..<count], as: UTF8.self)
        let line = head.prefix { $0 != "\r\n" }
        let mustHang = state.withLock { state in
            state.heads.append(head)
            return line.contains("r=hang") && !state.isReleased
        }
        if line.contains("r=drip") {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n["
            _ = head.withCString { write(connection, $0, strlen($0)) }
            while read(connection, &buffer, buffer.count) > 0 {}
            return
        }
        // Until the other side has enough of it.
        if mustHang {
            while read(connection, &buffer, buffer.count) > 0 {}
            return
        }
        // Who has enough of it may have gone.
        let answer = Self.answer(to: line)
        _ = answer.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
    }

    private static func answer(to line: Substring) -> String {
        var (status, body) = ("200 OK", #"[{"id":"17","name":"Jane Doe","type":"lead"}]"#)
        var more = ""
        if line.contains("r=status") { status = "500 Internal Server Error" }
        if line.contains("r=missing") { status = "404 Not Found" }
        if line.contains("r=redirect") { (status, more) = ("302 Found", "Location: /?r=elsewhere\r\n") }
        if line.contains("r=nonsense") { body = "<html>17</html>" }
        if line.contains("r=huge") { body = "[" + String(repeating: " ", count: 300 << 10) + "]" }
        if line.contains("r=empty") { body = "" }
        let length = body.utf8.count + (line.contains("r=cut") ? 1 : 0)
        return "HTTP/1.1 \(status)\r\n\(more)Content-Length: \(length)\r\nConnection: close\r\n\r\n\(body)"
    }
}
