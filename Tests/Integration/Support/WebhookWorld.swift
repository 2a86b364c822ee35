import CTICore
import Crypto
import Foundation
import TestReceivers
import Testing

/// A receiver of webhooks, and what a tenant's file says to have events sent there.
final class WebhookWorld: Sendable {
    let receiver: ScriptedReceiver
    let secretFile: String
    private static let key = Data("0123456789abcdef0123456789abcdef".utf8)

    /// - Parameter answer: what it answers, request by request.
    init(port: Int = 0, _ answer: @escaping @Sendable (Delivery) -> ScriptedReceiver.Answer = { _ in .status(204) })
        throws
    {
        let folder = try TemporaryFolder.make()
        secretFile = "\(folder)/hook"
        let secret = "whsec_\(Self.key.base64EncodedString())\n"
        _ = FileManager.default.createFile(
            atPath: secretFile, contents: Data(secret.utf8), attributes: [.posixPermissions: 0o600])
        receiver = try ScriptedReceiver(port: port) { request in answer(Delivery(request)) }
    }

    deinit {
        receiver.stop()
        try? FileManager.default.removeItem(atPath: (secretFile as NSString).deletingLastPathComponent)
    }

    /// One of `sinks.webhooks`.
    func webhook(_ name: String = "crm", path: String = "/hook", more: String = "") -> String {
        #"{ name: \#(name), url: "\#(receiver.url)\#(path)", secret_file: "\#(secretFile)", "#
            + "private_addresses: true\(more.isEmpty ? "" : ", \(more)") }"
    }

    func sinks(more: String = "") -> String { "sinks: { webhooks: [ \(webhook(more: more)) ] }" }

    var deliveries: [Delivery] { receiver.requests.map { Delivery($0) } }

    /// What came of a call, each event once: repeats are told apart by their id alone.
    func events(of ref: String) -> [String] {
        var seen: Set<String> = []
        return deliveries.filter { $0.ref == ref && seen.insert($0.id).inserted }.map(\.type)
    }

    /// So many different messages.
    func received() -> Int { Set(deliveries.map(\.id)).count }

    /// Each is signed and fresh; one id is one message, whenever it comes; and a call's events come in their order.
    func check(_ location: SourceLocation = #_sourceLocation) {
        var bodies: [String: [UInt8]] = [:]
        var order: [String: [Int64]] = [:]
        for delivery in deliveries {
            #expect(delivery.isSigned(with: Self.key), "\(delivery.id)", sourceLocation: location)
            #expect(abs(delivery.sentAt - Int64(Date().timeIntervalSince1970)) < 300, sourceLocation: location)
            let first = bodies[delivery.id, default: delivery.request.body]
            #expect(first == delivery.request.body, "\(delivery.id)", sourceLocation: location)
            if bodies.updateValue(first, forKey: delivery.id) == nil {
                order[delivery.ref, default: []].append(delivery.position)
            }
        }
        for (ref, positions) in order { #expect(positions == positions.sorted(), "\(ref)", sourceLocation: location) }
    }

    struct Delivery: Sendable {
        let request: ScriptedReceiver.Request
        let type: String
        let ref: String
        let caller: String

        init(_ request: ScriptedReceiver.Request) {
            self.request = request
            let tree = try? JSONTree(request.body)
            type = tree?["type"]?.text ?? ""
            ref = tree?["data"]?["call"]?["ref"]?.text ?? ""
            caller = tree?["data"]?["call"]?["callerE164"]?.text ?? ""
        }

        var id: String { request.headers["webhook-id"] ?? "" }
        var sentAt: Int64 { request.headers["webhook-timestamp"].flatMap { Int64($0) } ?? 0 }
        var position: Int64 { id.split(separator: "_").last.flatMap { Int64($0) } ?? 0 }

        func isSigned(with key: Data) -> Bool {
            let content = Data("\(id).\(sentAt).".utf8) + request.body
            let code = HMAC<SHA256>.authenticationCode(for: content, using: SymmetricKey(data: key))
            return request.headers["webhook-signature"] == "v1," + Data(code).base64EncodedString()
        }
    }
}
