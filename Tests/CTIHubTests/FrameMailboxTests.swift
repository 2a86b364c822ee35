import CTICore
import CTIHub
import CTIPipeline
import NIOCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct FrameMailboxTests {
    private let counters = HubCounters()

    private func mailbox(
        limit: Int = 1024, cut: @escaping @Sendable () -> Void = {}
    ) -> FrameMailbox {
        FrameMailbox(limit: limit, retry: .milliseconds(1500), counters: counters, cutConnection: cut)
    }

    private func text(_ bytes: ByteBuffer?) -> String? { bytes.map { String(buffer: $0) } }

    @Test func framesThatGatheredAreOneWrite() async {
        let mailbox = mailbox()
        mailbox.send([.call(1, "1"), .call(2, "2")])
        mailbox.send([.call(3, "3")])
        let expected = "retry: 1500\n\n" + (1...3).map { "id: \($0)\nevent: call\ndata: \($0)\n\n" }.joined()
        #expect(text(await mailbox.next()) == expected)
    }

    @Test func aFullMailboxKeepsWhatItHasAndEnds() async {
        let mailbox = mailbox(limit: 100)
        mailbox.send([.call(1, String(repeating: "1", count: 100)), .call(2, "2"), .call(3, "3")])
        mailbox.send([.call(4, "4")])
        let sent = text(await mailbox.next()) ?? ""
        #expect(sent.contains("id: 1\n"))
        #expect(!sent.contains("id: 2\n"))
        #expect(sent.hasSuffix("\n\nretry: 1500\n\n"))
        #expect(await mailbox.next() == nil)
        #expect(counters.mailboxOverflows == 1)
        #expect(counters.framesSent == 1)
    }

    @Test func aWaitingReaderIsWoken() async {
        let mailbox = mailbox()
        _ = await mailbox.next()
        async let next = mailbox.next()
        mailbox.send([.call(1, "1")])
        #expect(text(await next) == "id: 1\nevent: call\ndata: 1\n\n")
    }

    @Test func finishSendsWhatIsThereThenTheHint() async {
        let mailbox = mailbox()
        _ = await mailbox.next()
        mailbox.send([.call(1, "1")])
        mailbox.finish(retryAfter: .seconds(7))
        mailbox.finish(retryAfter: .seconds(8))
        #expect(text(await mailbox.next()) == "id: 1\nevent: call\ndata: 1\n\nretry: 7000\n\n")
        #expect(await mailbox.next() == nil)
    }

    @Test func closeAndCancellationEndTheReader() async {
        let closed = mailbox()
        closed.close()
        #expect(await closed.next() == nil)
        let cancelled = mailbox()
        _ = await cancelled.next()
        let reader = Task { await cancelled.next() }
        reader.cancel()
        #expect(await reader.value == nil)
    }

    @Test func lineEndsInDataCannotEndTheField() async {
        let mailbox = mailbox()
        mailbox.send([.call(1, "a\nevent: pop\rb")])
        #expect(text(await mailbox.next())?.hasSuffix("event: call\ndata: a\ndata: event: pop\ndata: b\n\n") == true)
    }

    @Test func aBeatIsAddedToAnIdleStreamOnly() async {
        let mailbox = mailbox()
        _ = await mailbox.next()
        mailbox.tick(isBeat: false, now: .start)
        mailbox.tick(isBeat: true, now: .start)
        mailbox.tick(isBeat: true, now: .start)
        #expect(text(await mailbox.next()) == ":\n\n")
    }

    @Test func anEndThatIsNotReadIsCutOnce() {
        let cuts = Mutex(0)
        let mailbox = mailbox { cuts.withLock { $0 += 1 } }
        mailbox.finish(retryAfter: .seconds(1))
        mailbox.tick(isBeat: false, now: .start)
        #expect(cuts.withLock { $0 } == 0)
        for _ in 1...3 { mailbox.tick(isBeat: false, now: .start) }
        #expect(cuts.withLock { $0 } == 1)
        #expect(counters.streamsCut == 1)
    }
}
