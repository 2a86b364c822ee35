import CTICore
import CTIPipeline
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// One Server-Sent Events response, from its head to its end.
///
/// The session is opened only when the body is written, and closed by the same code: however the stream ends (the
/// client left, it does not read, its token expired, the tenant or the daemon stops), no session is left behind.
struct EventStream: Sendable {
    /// Opens the session or subscription that feeds the mailbox.
    typealias Open = @Sendable (FrameMailbox) async throws -> SessionID
    typealias Close = @Sendable (SessionID) async -> Void

    let roster: StreamRoster
    let counters: HubCounters
    let configuration: HubConfiguration

    /// A log that cannot be read ends the stream with a retry hint: a browser that got 503 would not come back.
    func response(
        to request: Request, of tenant: TenantID, context: HubRequestContext, expires: Timestamp, open: @escaping Open,
        close: @escaping Close
    ) -> Response {
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        headers[named: "X-Accel-Buffering"] = "no"
        let body = ResponseBody { writer in
            let channel = context.channel
            let mailbox = FrameMailbox(
                limit: configuration.mailboxBytes, retry: configuration.retry, expires: expires, counters: counters,
                times: counters.times(of: tenant),
                cutConnection: { channel.close(mode: .all, promise: nil) })
            try await request.body.consumeWithInboundCloseHandler { _ in
                try await run(mailbox, into: &writer, logger: context.logger, open: open, close: close)
            } onInboundClosed: {
                mailbox.close()
            }
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private func run(
        _ mailbox: FrameMailbox, into writer: inout any ResponseBodyWriter, logger: Logger, open: Open, close: Close
    ) async throws {
        roster.add(mailbox)
        defer { roster.remove(mailbox) }
        try await withGracefulShutdownHandler {
            let session = await start(mailbox, logger: logger, open: open)
            let outcome = await write(mailbox, into: &writer)
            if let session { await close(session) }
            try outcome.get()
        } onGracefulShutdown: {
            mailbox.finish(retryAfter: configuration.retry)
        }
    }

    private func start(_ mailbox: FrameMailbox, logger: Logger, open: Open) async -> SessionID? {
        do {
            return try await open(mailbox)
        } catch {
            let reason = (error as? EventLogError)?.description ?? "\(type(of: error))"
            logger.warning("A stream could not be opened", metadata: ["error": "\(reason)"])
            mailbox.finish(retryAfter: configuration.retry)
            return nil
        }
    }

    private func write(
        _ mailbox: FrameMailbox, into writer: inout any ResponseBodyWriter
    ) async -> Result<Void, any Error> {
        do {
            while let bytes = await mailbox.next() {
                try await writer.write(bytes)
                mailbox.wasWritten()
            }
            try await writer.finish(nil)
            return .success(())
        } catch {
            return .failure(error)
        }
    }
}
