import Foundation
import Glibc
import Testing

/// The agents' channels, with the built binary: what is published, and what happens when nothing can be heard.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct AgentChannelTests {
    private static let prefix = "enigma:notifications:agents"
    private static let keys = #"agents: "enigma:notifications:agents:*""#

    private func withScene(
        delivery: String = "at-least-once", _ body: (TroubledServer, DaemonUnderTest) async throws -> Void
    ) async throws {
        let server = try await TroubledServer("acme", delivery: delivery, keys: Self.keys)
        try await TroubledServer.run([server]) { daemon in
            try await listens(daemon)
            try await body(server, daemon)
        }
    }

    private func listens(_ daemon: DaemonUnderTest) async throws {
        try await eventually("it to listen") {
            try await metric(daemon, #"redis_up{tenant="acme",list="agents"}"#) == 1
        }
    }

    private func metric(_ daemon: DaemonUnderTest, _ name: String) async throws -> Int? {
        let lines = try await daemon.get("/metrics").body.split(separator: "\n")
        let line = lines.first { $0.hasPrefix("ctid_\(name) ") }
        return line?.split(separator: " ").last.flatMap { Int($0) }
    }

    private func status(_ state: String, of agent: String, campaign: String = "77") -> String {
        let payload = #"{"status":"\#(state)","campaign_ref":"\#(campaign)","ref":"\#(agent)"}"#
        return #"PUBLISH \#(Self.prefix):\#(agent) {"type":"status","payload":\#(payload)}"#
    }

    @Test("an agent's state is shown by tail and counted by the metrics, and recorded where it is news")
    func states() async throws {
        try await withScene { server, daemon in
            let tail = try Child(Child.ctid, ["tail", "--tenant", "acme", "--config", daemon.folder])
            // It follows from the moment when it has opened the log, which nobody is told.
            try await eventually("tail to follow") {
                try await server.run([status("busy", of: "1001"), status("offline", of: "1001")])
                return tail.output.contains("agent-state")
            }
            try await server.run([
                status("available", of: "1007"), status("available", of: "1007"),
                status("available", of: "1007", campaign: "78"), status("wrapup", of: "1008"),
            ])
            try await eventually("the states") {
                let available = try await metric(daemon, #"agents{tenant="acme",state="available"}"#)
                let wrapup = try await metric(daemon, #"agents{tenant="acme",state="wrapup"}"#)
                let offline = try await metric(daemon, #"agents{tenant="acme",state="offline"}"#)
                return available == 1 && wrapup == 1 && offline == 1
            }
            try await eventually("tail to show all") { tail.output.contains(#""extension":"1008","state":"wrapup""#) }
            let told = tail.output.split(separator: "\n").filter { $0.contains(#""extension":"1007""#) }
            #expect(told.count == 2)
            #expect(told[0].contains(#""kind":"agent-state","data":{"extension":"1007","state":"available","#))
            #expect(told[0].contains(#""campaign":"77","at":""#) && told[1].contains(#""campaign":"78""#))
            tail.signal(SIGKILL)
            _ = await tail.ended()
        }
    }

    @Test("a dialler call pops at the agent whose channel it is, also where the payload names nobody")
    func diallerCall() async throws {
        try await withScene { server, daemon in
            let stream = try await daemon.stream(agent: "1007")
            let payload = #"{"call_ref":"d1","agent":"1007","contact_ref":"A-17","number":"0821234567"}"#
            try await server.run([#"PUBLISH \#(Self.prefix):1007 {"type":"call","payload":\#(payload)}"#])
            let call = try await stream.event("call", ref: "d1")
            #expect(call["call.direction"] == "outbound" && call["event"] == "up")
            try await stream.event("pop", ref: "d1")
        }
    }

    @Test("a connection that is cut is made anew; what was lost meanwhile is said, once")
    func reconnects() async throws {
        try await withScene { server, daemon in
            #expect(try await metric(daemon, #"redis_connects_total{tenant="acme",list="agents"}"#) == 1)
            try await server.run(["CLIENT KILL TYPE pubsub"])
            try await eventually("a reconnect") {
                try await metric(daemon, #"redis_connects_total{tenant="acme",list="agents"}"#) == 2
            }
            try await server.run([status("busy", of: "1007")])
            try await eventually("the state") {
                try await metric(daemon, #"agents{tenant="acme",state="busy"}"#) == 1
            }
            let lines = daemon.log.split(separator: "\n").filter { $0.contains("what was published meanwhile is lost") }
            #expect(lines.count == 1 && lines[0].contains("\(Self.prefix):*"))
            #expect(try await Readyz(daemon).tenants["acme"]?.state == "ready")
        }
    }

    @Test("a server that says nothing any more is noticed within 5 s, and listened to again once it speaks")
    func promptlyNoticesSilence() async throws {
        try await withScene { server, daemon in
            server.signal(SIGSTOP)
            let stopped = ContinuousClock.now
            try await eventually("the silence to be noticed") {
                try await metric(daemon, #"redis_up{tenant="acme",list="agents"}"#) == 0
            }
            #expect(ContinuousClock.now - stopped < .seconds(5))
            try await daemon.says("\(Self.prefix):*: Redis at")
            server.signal(SIGCONT)
            try await listens(daemon)
            try await server.run([status("busy", of: "1007")])
            try await eventually("the state") {
                try await metric(daemon, #"agents{tenant="acme",state="busy"}"#) == 1
            }
        }
    }

    @Test("channels that may not be listened to: calls go on popping, and the permission that is missing is told")
    func promptlyTellsWhatIsNotPermitted() async throws {
        let server = try await TroubledServer(
            "acme", user: "ctid", password: "secret-1", permissions: "~* resetchannels +@all", keys: Self.keys)
        try await TroubledServer.run([server]) { daemon in
            try await eventually("/readyz to tell") {
                let tenant = try await Readyz(daemon).tenants["acme"]
                return tenant?.state == "degraded"
                    && tenant?.reason?.contains("ACL SETUSER ctid &\(Self.prefix):*") == true
            }
            let stream = try await daemon.stream(agent: "1007")
            try await server.push(Acme.call("c1"))
            try await stream.event("pop", ref: "c1")
            let probe = try await Child.run("check", "--probe", "--config", daemon.folder)
            #expect(probe.status == 69 && probe.output.contains("listen to \(Self.prefix):*"))
            try await server.run(["ACL SETUSER ctid allchannels -psubscribe"])
            let command = try await Child.run("check", "--probe", "--config", daemon.folder)
            #expect(command.status == 69 && command.output.contains("run PSUBSCRIBE"))
            try await server.run(["ACL SETUSER ctid +psubscribe"])
            let mended = try await Child.run("check", "--probe", "--config", daemon.folder)
            #expect(mended.status == 0 && mended.output.contains("listening is permitted"))
            try await eventually("it to listen", within: .seconds(15)) {
                try await Readyz(daemon).tenants["acme"]?.state == "ready"
            }
        }
    }

    @Test("a message that cannot be read is a dead letter, and nobody is cut off for it")
    func badMessage() async throws {
        try await withScene { server, daemon in
            try await server.run(["PUBLISH \(Self.prefix):1007 nonsense", status("asleep", of: "1007")])
            try await server.run([status("busy", of: "1007")])
            try await eventually("the state") {
                try await metric(daemon, #"agents{tenant="acme",state="busy"}"#) == 1
            }
            try await daemon.counts(2, "ctid_dead_letters_total", tenant: "acme")
            #expect(try await metric(daemon, #"redis_connects_total{tenant="acme",list="agents"}"#) == 1)
        }
    }
}
