import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// The commands as a person calls them: what they print, and how they exit.
    @Suite(.serialized)
    struct CommandTests {
        private static let nowhere = TenantText(socket: "/nonexistent/redis.sock").yaml

        /// A configuration folder that nothing runs in.
        private func withFolder(
            _ tenants: [String: String] = ["acme": nowhere], _ body: (DaemonUnderTest) async throws -> Void
        ) async throws {
            let daemon = try DaemonUnderTest(tenants: tenants)
            defer { daemon.folder.remove() }
            try await body(daemon)
        }

        @Test func checkPlacesEveryMistake() async throws {
            try await withFolder { folder in
                let good = try await folder.command("check")
                #expect(good.code == 0)
                #expect(good.output.isEmpty)
            }
            try await withFolder(["acme": "redis: { url: nonsense://x }\nrulez: []"]) { folder in
                let bad = try await folder.command("check")
                #expect(bad.code == 78)
                #expect(bad.lines.allSatisfy { $0.contains(/^\S+:\d+:\d+: (error|warning): \S+: \S/) }, "\(bad.output)")
                #expect(bad.output.contains("acme.yaml:1:15: error: redis.url: "))
                #expect(bad.output.contains("acme.yaml:2:1: error: rulez: unknown key, did you mean \"rules\"?"))
            }
        }

        @Test func probeSaysWhatItFound() async throws {
            try await withFolder { folder in
                let unreachable = try await folder.command("check", "--probe")
                #expect(unreachable.code == 69)
                #expect(unreachable.output.contains("is not usable"))
            }
            try await RedisServer.running { redis in
                try await withFolder(["acme": TenantText(socket: redis.socket).yaml]) { folder in
                    let found = try await folder.command("check", "--probe")
                    #expect(found.code == 0)
                    #expect(found.output.contains("delivery: at-least-once"))
                }
            }
        }

        @Test(arguments: Notification.Notation.allCases)
        func decodeGivesALineForEach(_ notation: Notification.Notation) async throws {
            let isNew = notation == .v3 || notation == .relaxedV3
            let isRelaxed = notation == .relaxedV3 || notation == .relaxedPreV3
            let line = Notification(notation: notation, ref: "c1").json.split(separator: "\n").joined(separator: " ")
            let input = Data("\(line)\n\n".utf8)
            let result = try await CommandResult(["decode"], input: input)
            #expect(result.code == 1)
            try #require(result.lines.count == 2)
            #expect(
                result.lines[0] == #"{"ok":true,"event":{"event":"up","generation":"\#(isNew ? "v3" : "pre-v3")","#
                    + #""direction":"inbound","caller":"0821234567","dialed":"0117654321","holdSeconds":12,"#
                    + #""callRef":"c1","contactRef":"A-17","extension":"1007","campaign":null}}"#)
            #expect(try JSON(result.lines[1])["error"]["code"].string == "not-json")
            let strict = try await CommandResult(["decode", "--strict"], input: Data(line.utf8))
            #expect(strict.code == (isRelaxed ? 1 : 0))
        }

        @Test func planNeedsNoRedis() async throws {
            try await withFolder { folder in
                let result = try await folder.command("plan", "--tenant", "acme", input: Notification(ref: "c1").json)
                #expect(result.code == 0)
                let plan = try JSON(result.output)
                #expect(plan["agent"]["name"].string == "John Doe")
                #expect(plan["actions"][0]["url"].string == "http://127.0.0.1:9/record/c1?number=%2B27821234567")
                #expect(plan["trace"].array.map { $0["matched"].bool } == [true, false, false, true])
                #expect(plan["trace"].array.allSatisfy { $0["reason"].string?.isEmpty == false })
                let unknown = try await folder.command("plan", "--tenant", "nobody")
                #expect(unknown.code == 64)
                let broken = try await folder.command("plan", "--tenant", "acme", input: "{")
                #expect(broken.code == 1)
            }
        }

        @Test func sendPushesWhatThePBXWould() async throws {
            try await DaemonUnderTest.running { daemon, _ in
                let agent = try await daemon.agentStream("1007")
                for generation in ["v3", "pre-v3"] {
                    let sent = try await daemon.command(
                        "send", "--tenant", "acme", "--generation", generation, "--number", "0821234567",
                        "--extension", "1007", "--call-ref", generation)
                    #expect(sent.code == 0)
                    #expect(sent.output == "\(generation)\n")
                    let call = try await agent.wait(for: "call", ref: generation)
                    #expect(call.data["call"]["generation"].string == generation)
                }
            }
            try await withFolder { folder in
                let options = ["--number", "1", "--extension", "1007"]
                let unreachable = try await CommandResult(
                    ["send", "--tenant", "acme", "--config", folder.folder.path] + options)
                #expect(unreachable.code == 69)
                #expect(unreachable.output.isEmpty)
            }
        }

        @Test func tailFollowsTheLog() async throws {
            try await DaemonUnderTest.running { daemon, redis in
                let tail = try ChildProcess(
                    DaemonUnderTest.executable,
                    ["tail", "--tenant", "acme", "--agent", "1007", "--config", daemon.folder.path])
                var pushed = 0
                // It follows from the moment when it has opened the log, which nobody is told.
                try await eventually("a call; it said: \(tail.errors)") {
                    pushed += 1
                    try await redis.push(Notification(ref: "b\(pushed)", agent: "1008"))
                    try await redis.push(Notification(ref: "a\(pushed)"))
                    try await Task.sleep(for: .milliseconds(50))
                    return !tail.lines.isEmpty
                }
                for line in tail.lines {
                    let event = try JSON(line)
                    #expect(event["data"]["agent"]["extension"].string == "1007")
                    #expect(event["kind"].string != nil)
                }
                await tail.signal(SIGTERM)
                let exit = await tail.ended(within: .seconds(5))
                #expect(exit.signal != SIGKILL)
                await tail.remove()
            }
        }

        @Test func tokensAndUsage() async throws {
            try await withFolder { folder in
                let nobody = try await folder.command("token", "--tenant", "acme")
                #expect(nobody.code == 64)
                let minted = try await folder.command("token", "--tenant", "acme", "--extension", "1007")
                #expect(minted.code == 0)
                #expect(minted.lines.count == 1)
                #expect(minted.lines.first?.split(separator: ".").count == 3)
                let unknown = try await folder.command("token", "--tenant", "nobody", "--extension", "1007")
                #expect(unknown.code == 64)
            }
            for (arguments, code) in [(["nonsense"], Int32(64)), (["send"], 64), (["--help"], 0), (["--version"], 0)] {
                let result = try await CommandResult(arguments)
                #expect(result.code == code, "\(arguments)")
            }
        }

        @Test func runWithoutATenantThatWorksIsAWrongConfiguration() async throws {
            try await withFolder(["acme": "redis: { url: nonsense://x }"]) { folder in
                let result = try await folder.command("run")
                #expect(result.code == 78)
            }
            try await withFolder { folder in
                try folder.folder.write("ctid.yaml", "htpp: {}")
                let result = try await folder.command("run")
                #expect(result.code == 78)
                #expect(result.errors.contains("ctid.yaml:1:1: error: htpp: "))
            }
        }

        /// The others start, and `/readyz` says why it did not.
        @Test func aBrokenTenantStopsNobodyElse() async throws {
            let tenants: @Sendable (String) -> [String: String] = {
                [
                    "acme": TenantText(socket: $0).yaml,
                    "broken": TenantText(name: "broken", socket: $0, delivery: "never").yaml,
                ]
            }
            try await DaemonUnderTest.running(tenants) { daemon, redis in
                let ready = try await daemon.get("/readyz").json["tenants"]
                #expect(ready["acme"]["state"].string == "ready")
                #expect(ready["broken"]["state"].string == "failed")
                #expect(ready["broken"]["reason"].string?.contains("redis.delivery") == true)
                let agent = try await daemon.agentStream("1007")
                try await redis.push(Notification(ref: "c1"))
                try await agent.wait(for: "pop", ref: "c1")
            }
        }
    }
}
