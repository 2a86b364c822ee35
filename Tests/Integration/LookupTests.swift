import Foundation
import Glibc
import Synchronization
import Testing

/// A contact look-up over HTTP that answers, fails, or hangs, and the calls that ask it.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct LookupTests {
    @Test("a look-up that hangs costs its own call the contact, up to its timeout, and nobody else anything")
    func hanging() async throws {
        let crm = try LookupServer()
        defer { crm.stop() }
        let url = "http://127.0.0.1:\(crm.port)/by-phone?n={callerE164}&r={callRef}"
        let lookup = #"contacts: { lookup: { url: "\#(url)", timeout: 1500ms } }"#
        try await Acme.run(more: lookup) { redis, daemon in
            let (slow, quick) = (try await daemon.stream(agent: "1007"), try await daemon.stream(agent: "1008"))
            for stream in [slow, quick] { try await stream.event("hello") }
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
        let lookup = #"contacts: { lookup: { url: "http://127.0.0.1:\#(crm.port)/?r={callRef}", timeout: 1s } }"#
        try await Acme.run(more: lookup) { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            try await stream.event("hello")
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
}

/// Stands in for a CRM's search: hangs, fails or answers by the call's reference in the query.
final class LookupServer: Sendable {
    let port: Int
    private let listener: Int32
    private let state = Mutex((asked: [String](), isReleased: false))

    var asked: [String] { state.withLock { $0.asked } }

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
        let line = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\r\n")[0]
        let mustHang = state.withLock { state in
            state.asked.append(String(line))
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
        let status = line.contains("r=status") ? "500 Internal Server Error" : "200 OK"
        let body = #"[{"id":"17","name":"Jane Doe","type":"lead"}]"#
        let answer = "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        _ = answer.withCString { write(connection, $0, strlen($0)) }
    }
}
