import Foundation

/// A small world for a test: a Redis, a tenant `acme`, the daemon; all of it gone afterwards.
enum Acme {
    static func tenant(
        _ redis: RedisServer, delivery: String = "at-most-once", url: String = "https://crm.example/{callRef}",
        mode: String = "new_frame", more: String = ""
    ) -> String {
        """
        redis: { url: "unix://\(redis.socket)?db=0", delivery: \(delivery) }
        fresh_for: 60s
        queues: { "0117654321": Sales }
        agents: [ { extension: "1007", name: John Doe, peer: SIP/john.doe } ]
        rules:
          - name: Everybody's record
            on: [up]
            do:
              - open: { url: "\(url)", mode: \(mode) }
              - realtime: { app: SalesCTI, reference: "42", url: "https://crm.example" }
        \(more)
        """
    }

    static func run(
        delivery: String = "at-most-once", url: String = "https://crm.example/{callRef}", mode: String = "new_frame",
        daemon: String = "", more: String = "", _ body: (RedisServer, DaemonUnderTest) async throws -> Void
    ) async throws {
        try await run(daemon: daemon, body) { tenant($0, delivery: delivery, url: url, mode: mode, more: more) }
    }

    /// - Parameter file: the tenant's, made once its Redis is there.
    static func run(
        daemon: String = "", _ body: (RedisServer, DaemonUnderTest) async throws -> Void,
        file: (RedisServer) -> String
    ) async throws {
        try await run(daemon: daemon, body, files: { ["acme": file($0)] })
    }

    /// - Parameter files: each tenant's, by its name.
    static func run(
        daemon: String = "", _ body: (RedisServer, DaemonUnderTest) async throws -> Void,
        files: (RedisServer) -> [String: String]
    ) async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(files(redis), daemon: daemon, in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(redis, daemon)) } catch { outcome = .failure(error) }
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
        try outcome.get()
    }

    /// A notification of either generation.
    static func call(_ ref: String, agent: String = "1007", preV3: Bool = false) -> String {
        let kind = preV3 ? #""campaign_ref":"inbound""# : #""call_dir":"inbound""#
        return #"{"type":"call","payload":{"number":"0821234567","dial_number":"0117654321","hold_time":12,"#
            + #""call_ref":"\#(ref)","contact_ref":"A-17",\#(kind),"ref":"\#(agent)"}}"#
    }

    /// The list of call records.
    static let records = "enigma:notifications:cdr"

    /// What ends a call, from v3 on.
    static func record(_ ref: String, agent: String = "1007", talk: Int = 95) -> String {
        #"{"type":"cdr","payload":{"extension":"\#(agent)","number":"0821234567","dial_number":"0117654321","#
            + #""call_ref":"\#(ref)","contact_ref":"","dialed_at":1795255200,"end_reason":"agent_hungup","#
            + #""end_code":16,"call_time":\#(talk),"hold_time":12,"call_dir":"inbound","ref":"click-dial"}}"#
    }

    /// As the vendor's documentation prints it: keys without quotes, and a comma missing.
    static func relaxedCall(_ ref: String) -> String {
        """
        {
        type : "call"
        payload: {
        number : "0821234567",
        dial_number : "0117654321",
        hold_time : 12,
        call_ref : "\(ref)",
        contact_ref : "",
        campaign_ref: "inbound",
        ref : 1007
        }
        }
        """
    }
}
