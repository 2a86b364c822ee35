import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized)
    struct DeliveryTests {
        /// From the PBX's push to the agent's page and the board, whichever way the PBX writes it.
        @Test(arguments: Notification.Notation.allCases)
        func aPushIsShownWithinASecond(_ notation: Notification.Notation) async throws {
            try await DaemonUnderTest.running { daemon, redis in
                let agent = try await daemon.agentStream("1007")
                let board = try await daemon.realtimeStream()
                let pushed = ContinuousClock.now
                try await redis.push(Notification(notation: notation, ref: "c1"))
                let pop = try await agent.wait(for: "pop", ref: "c1")
                let event = try await board.wait(for: "RealtimeCTI")
                #expect(pushed.duration(to: pop.at) < .seconds(1))
                #expect(pushed.duration(to: event.at) < .seconds(1))
                #expect(await agent.frames.map(\.event) == ["hello", "call", "pop"])
                #expect(await agent.isRecovered == false)
                let call = try #require(await agent.frames("call").first)
                #expect(call.data["event"].string == "up")
                #expect(call.data["call"]["caller"].string == "0821234567")
                #expect(call.data["call"]["callerE164"].string == "+27821234567")
                #expect(call.data["call"]["holdSeconds"].number == 12)
                #expect(call.data["call"]["contactRef"].string == "A-17")
                #expect(call.data["agent"]["name"].string == "John Doe")
                let isNew = notation == .v3 || notation == .relaxedV3
                #expect(call.data["call"]["generation"].string == (isNew ? "v3" : "pre-v3"))
                let action = pop.data["actions"][0]
                #expect(action["kind"].string == "open")
                #expect(action["mode"].string == "new_frame")
                #expect(action["url"].string == "http://127.0.0.1:9/record/c1?number=%2B27821234567")
                #expect(event.data["type"].string == "TestCTI")
                #expect(event.data["reference"].string == "A-17")
                #expect(event.data["channel"]["uniqueid"].string == "c1")
                #expect(event.data["channel"]["agentnum"].string == "1007")
            }
        }

        /// A sentinel for each of the others proves that they would have been told.
        @Test func nobodyElseIsTold() async throws {
            let tenants: @Sendable (String) -> [String: String] = {
                [
                    "acme": TenantText(socket: $0).yaml,
                    "globex": TenantText(name: "globex", socket: $0, list: "globex:inbound").yaml,
                ]
            }
            try await DaemonUnderTest.running(tenants) { daemon, redis in
                let mine = try await daemon.agentStream("1007")
                let colleague = try await daemon.agentStream("1008")
                let stranger = try await daemon.agentStream("1007", tenant: "globex")
                let strangersBoard = try await daemon.realtimeStream("globex")
                try await redis.push(Notification(ref: "mine"))
                try await mine.wait(for: "pop", ref: "mine")
                try await redis.push(Notification(ref: "colleague", agent: "1008"))
                try await redis.push(Notification(ref: "stranger"), to: "globex:inbound")
                try await colleague.wait(for: "pop", ref: "colleague")
                try await stranger.wait(for: "pop", ref: "stranger")
                try await strangersBoard.wait(for: "RealtimeCTI")
                #expect(await mine.summary == ["call mine", "pop mine"])
                #expect(await colleague.summary == ["call colleague", "pop colleague"])
                #expect(await stranger.summary == ["call stranger", "pop stranger"])
                #expect(await strangersBoard.frames("RealtimeCTI").count == 1)
            }
        }

        @Test func aTokenOpensItsOwnTenantAndExtensionAlone() async throws {
            let tenants: @Sendable (String) -> [String: String] = {
                [
                    "acme": TenantText(socket: $0).yaml,
                    "globex": TenantText(name: "globex", socket: $0, list: "globex:inbound").yaml,
                ]
            }
            try await DaemonUnderTest.running(tenants) { daemon, _ in
                let token = try await daemon.token(extension: "1007", scope: "agent")
                let own = try await daemon.get("/v1/acme/agents/1007/page", token: token)
                let other = try await daemon.get("/v1/acme/agents/1008/page", token: token)
                let foreign = try await daemon.get("/v1/globex/agents/1007/page", token: token)
                let calls = try await daemon.get("/v1/acme/calls", token: token)
                let nobody = try await daemon.get("/v1/acme/calls")
                let statuses: [Int] = [own, other, calls].map(\.status)
                #expect(statuses == [200, 403, 403])
                // Its key is another one, so not even the signature holds.
                #expect([401, 403].contains(foreign.status))
                #expect(nobody.status == 401)
            }
        }

        @Test func resumingSendsWhatWasMissedInOrderAndOnce() async throws {
            try await DaemonUnderTest.running(limits: "{ stacked_pops: 100 }") { daemon, redis in
                let first = try await daemon.agentStream("1007")
                try await redis.push(Notification(ref: "c0"))
                let pop = try await first.wait(for: "pop", ref: "c0")
                #expect(try await daemon.acknowledge(pop, "handled") == 204)
                try await first.wait(for: "clear", ref: "c0")
                let seen = try #require(await first.last)
                await first.close()

                let refs = (1...20).map { "c\($0)" }
                try await redis.push(refs.map { Notification(ref: $0) })
                try await eventually("the last is recorded") { try await daemon.call("c20").status == 200 }
                let second = try await daemon.agentStream("1007", lastEventID: seen)
                #expect(await second.isRecovered == true)
                try await redis.push(Notification(ref: "c21"))
                try await second.wait(for: "call", ref: "c21")
                #expect(await second.frames("call").map(\.ref) == refs + ["c21"])
                let frames = await second.frames.filter { $0.event != "hello" }.compactMap(\.id)
                #expect(frames == frames.sorted() && Set(frames).count == frames.count)
                #expect(frames.allSatisfy { $0 > seen })

                let stop = await daemon.stop()
                #expect(stop.code == 0)
                try await second.waitForEnd()
                try await daemon.start()
                let third = try await daemon.agentStream("1007", lastEventID: seen)
                #expect(await third.isRecovered == true)
                try await redis.push(Notification(ref: "c22"))
                try await third.wait(for: "call", ref: "c22")
                #expect(await third.frames("call").map(\.ref) == refs + ["c21", "c22"])
            }
        }

        @Test func theBoardResumesToo() async throws {
            try await DaemonUnderTest.running { daemon, redis in
                let first = try await daemon.realtimeStream()
                let seen = try #require(await first.last)
                await first.close()
                try await redis.push([Notification(ref: "c1"), Notification(ref: "c2", agent: "1008")])
                try await eventually("recorded") { try await daemon.call("c2").status == 200 }
                let second = try await daemon.realtimeStream(lastEventID: seen)
                #expect(await second.isRecovered == true)
                try await redis.push(Notification(ref: "c3"))
                try await eventually("three events") { await second.frames("RealtimeCTI").count == 3 }
                let channels = await second.frames("RealtimeCTI").map { $0.data["channel"]["uniqueid"].string }
                #expect(channels == ["c1", "c2", "c3"])
            }
        }

        /// Every id of a stream is larger than the one before, that of `hello` too.
        @Test func idsIncreaseStrictly() async throws {
            try await DaemonUnderTest.running(limits: "{ stacked_pops: 100 }") { daemon, redis in
                let agent = try await daemon.agentStream("1007")
                let board = try await daemon.realtimeStream()
                for number in 0..<30 { try await redis.push(Notification(ref: "c\(number)")) }
                let last = try await agent.wait(for: "pop", ref: "c29")
                #expect(try await daemon.acknowledge(last, "handled") == 204)
                try await agent.wait(for: "clear", ref: "c29")
                try await eventually("thirty events") { await board.frames("RealtimeCTI").count == 30 }
                for stream in [agent, board] {
                    let ids = await stream.ids
                    #expect(await ids.count == stream.frames.count)
                    #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }, "\(ids)")
                }
            }
        }

        @Test(arguments: [999_999_999, -7])
        func anUnknownIDIsNotRecovered(_ id: Int) async throws {
            try await DaemonUnderTest.running { daemon, redis in
                try await redis.push(Notification(ref: "before"))
                try await eventually("recorded") { try await daemon.call("before").status == 200 }
                let stream = try await daemon.agentStream("1007", lastEventID: id)
                #expect(await stream.isRecovered == false)
                try await redis.push(Notification(ref: "after"))
                try await stream.wait(for: "pop", ref: "after")
                #expect(await stream.frames("call").map(\.ref) == ["after"])
            }
        }

        /// What waited in the list before there was a daemon is too old for a screen, however young it may be: nobody
        /// can know. What comes after it is shown.
        @Test func aBacklogTakesNoScreen() async throws {
            try await RedisServer.running { redis in
                try await redis.push((0..<500).map { Notification(ref: "old\($0)") })
                let daemon = try DaemonUnderTest(tenants: ["acme": TenantText(socket: redis.socket).yaml])
                do {
                    try await daemon.start()
                    try await eventually("an empty list") { try await redis.length() == 0 }
                    let agent = try await daemon.agentStream("1007")
                    try await redis.push(Notification(ref: "new"))
                    try await agent.wait(for: "pop", ref: "new")
                    let missed = await agent.frames("missed")
                    #expect(missed.map(\.ref) == (0..<500).map { "old\($0)" })
                    #expect(missed.allSatisfy { $0.data["reason"].string == "stale" })
                    #expect(await agent.frames("pop").count == 1)
                } catch {
                    Issue.record(error)
                }
                await daemon.remove()
            }
        }
    }
}
