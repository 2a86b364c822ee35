import CTICore
import CTIPipeline
import CTISinks
import Foundation
import Synchronization
import TestReceivers

/// A receiver of webhooks that goes, comes back at the same port, and knows what it said yes to.
final class WebhookSinkWorld: SinkWorld {
    /// What its requests see, of whichever receiver.
    private final class Book: Sendable {
        private let state = Mutex<(refs: [String], isFrozen: Bool)>(([], false))

        var refs: [String] { state.withLock { $0.refs } }

        func freeze(_ isFrozen: Bool) { state.withLock { $0.isFrozen = isFrozen } }

        func answer(_ request: ScriptedReceiver.Request) -> ScriptedReceiver.Answer {
            let ref = (try? JSONTree(request.body))?["data"]?["call"]?["ref"]?.text ?? ""
            return state.withLock { state in
                guard !state.isFrozen else { return .hang }
                state.refs.append(ref)
                return .status(204)
            }
        }
    }

    private let book = Book()
    private let port: Int
    private let receiver: Mutex<ScriptedReceiver>

    init() throws {
        // It comes back to where it was.
        port = try FreePort.any()
        receiver = Mutex(try ScriptedReceiver(port: port) { [book] in book.answer($0) })
    }

    func makeSink(ttl: Duration) throws -> any Sink {
        let settings = WebhookSettings(
            name: "crm", url: "http://127.0.0.1:\(port)/hook", ttl: ttl, allowsPrivateAddresses: true)
        return try WebhookSink(
            settings, secrets: [WebhookSecret("a secret of at least 24 bytes")], tenant: .acme, region: "ZA",
            userAgent: "ctid",
            now: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) })
    }

    func received() -> [String] { book.refs }

    func close() { receiver.withLock { $0.stop() } }

    func open() throws {
        let next = try ScriptedReceiver(port: port) { [book] in book.answer($0) }
        receiver.withLock { $0 = next }
    }

    func freeze() { book.freeze(true) }
    func thaw() { book.freeze(false) }
    func end() { close() }
}
