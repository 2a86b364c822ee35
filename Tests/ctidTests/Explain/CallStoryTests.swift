import CTICore
import CTIPipeline
import Testing

@testable import ctid

@Suite struct CallStoryTests {
    private func log(_ write: (inout StoryLog) -> Void) -> StoryLog {
        var log = StoryLog()
        write(&log)
        return log
    }

    @Test func `a pop is told from the list to the screen`() {
        let log = log {
            $0.call(sessions: #"[{"session":"s1","state":"focused"},{"session":"s2","state":"hidden"}]"#)
            $0.add(.realtime, #"{"type":"SalesCTI"}"#)
            $0.pop("s1", because: "focused", at: 1)
            $0.ack("shown", "s1", at: 183)
            $0.ack("handled", "s1", at: 64_000)
            $0.clear("handled", at: 64_000)
        }
        #expect(
            log.story.text == """
                Popped: shown on agent 1007's screen 0.2 s after the call.

                Call c1 of 2026-11-21. Times are UTC; beside them, how long after the first line.

                10:00:00.000  +0.000 s   Fetched from Redis; at most 0.4 s old when it was fetched.
                                         Decoded: answered (up), inbound, from 0821234567 (+27821234567), \
                dialled 0117654321, waited 12 s, typed "A-17", payload v3.
                                         Agent: extension 1007 is John Doe (SIP/john.doe).
                                         Queue: 0117654321 is Sales.
                                         Contact: Jane Roe (contact 17).
                                         Rule "Everybody's record": matched (applies always: the rule has no condition).
                                         Asked for: open https://crm.example/c1 in the agent's page.
                                         Age: fresh enough to be shown, the limit is 15 s (fresh_for).
                                         Open pages of 1007: page 1 (focused), page 2 (hidden).
                10:00:00.000  +0.000 s   Told the board: SalesCTI.
                10:00:00.001  +0.001 s   Pop sent to page 1, which had the focus.
                10:00:00.183  +0.183 s   Shown: page 1 has opened it, 0.2 s after the call.
                10:01:04.000  +1:04.000  Handled: agent 1007 is done with it, 64 s after the call.
                10:01:04.000  +1:04.000  Cleared from all pages of 1007: it was handled.

                Page 1 is session s1.
                Page 2 is session s2.
                """)
    }

    @Test func `a call that was shown while it rang, and not answered, was popped`() {
        let log = log {
            $0.call(.ringing)
            $0.pop("s1", at: 0)
            $0.ack("shown", "s1", at: 100)
            $0.call(.abandon, id: "p2", at: 9000, opens: false)
            $0.missed(.unanswered, at: 9000)
        }
        #expect(log.summary == "Popped: shown on agent 1007's screen 0.1 s after the call.")
        #expect(
            self.log {
                $0.call(.abandon, opens: false)
                $0.missed(.unanswered)
            }.summary.contains("nobody answered"))
    }

    @Test func `a caller who gave up in the queue was with nobody`() {
        let text = log { $0.call(.abandon, agent: "", opens: false, sessions: "[]") }.story.text
        #expect(text.contains("Agent: none, the call was with nobody.") && !text.contains("Open pages"))
    }

    @Test func `a pop that goes from page to page says why each time`() {
        let log = log {
            $0.call()
            $0.pop("s1", at: 0)
            $0.pop("s2", because: "last-focused", at: 1500)
            $0.ack("blocked", "s2", at: 1600)
            $0.pop("s3", because: "newest", at: 1600)
            $0.pop("s4", at: 1650)
            $0.ack("shown", "s4", at: 3000)
        }
        let told = log.story.steps.dropFirst().map { $0.lines[0] }
        #expect(
            told == [
                "Pop sent to page 1.",
                "Passed on to page 2, which had had the focus last: page 1 did not answer within 1.5 s.",
                "Blocked: page 2 could not open it, its browser's popup blocker refused, 1.6 s after the call.",
                "Passed on to page 3, which was opened last: page 2 could not open it.",
                "Passed on to page 4: page 3 was gone.", "Shown: page 4 has opened it, 3 s after the call.",
            ])
    }

    @Test func `a transferred call is told at both agents, and what is the same is told once`() {
        let log = log {
            $0.call()
            $0.pop("s1", at: 0)
            $0.ack("handled", "s1", at: 100)
            $0.call(id: "p2", agent: "1008", at: 60_000, change: "transferred")
            $0.clear("transferred", at: 60_000)
            $0.missed(.offline, at: 60_000, held: true)
            $0.call(.hangup, id: "p3", agent: "1008", at: 90_000, rules: [], opens: false)
        }
        #expect(log.summary == "No pop: nobody was logged in at 1008.")
        let text = log.story.text
        #expect(text.contains("is John Doe (SIP/john.doe); the call was with another agent before."))
        #expect(text.contains("Missed (offline): agent 1008 had no page open."))
        #expect(text.contains("It is kept for the agent's next log-in."))
        #expect(text.ranges(of: "Queue: 0117654321 is Sales.").count == 1)
        #expect(text.ranges(of: "Age: ").count == 2)
    }

    private static let refused = RuleTrace(rule: "R", reason: .addressRefused(.noScheme))
    private static let heldBack = RuleTrace(rule: "R", reason: .staleCall)
    private static let unmatched = RuleTrace(rule: "R", reason: .wrongEvent(.up, wanted: [.ringing]))

    /// What the log holds, and the answer to "why was there (no) pop?".
    static let answers: [([StoryStep], String)] = [
        (
            [.call(opens: false), .call(rules: [unmatched], opens: false)],
            "No pop: no rule asked for one."
        ),
        (
            [.call(rules: [], opens: false)],
            "No pop: the tenant has no rules."
        ),
        (
            [.call(opens: false)],
            "No pop: no rule asked for one; those that matched asked for something else."
        ),
        (
            [.call(rules: [refused], opens: false)],
            "No pop: rule \"R\" asked for one, but the page was not opened: its address "
        ),
        (
            [.call(), .missed(.offline)],
            "No pop: nobody was logged in at 1007."
        ),
        (
            [.call(), .pop("s", 1), .missed(.offline, 15_000)],
            "No pop: agent 1007's page was gone before it showed the call, and no other came in time."
        ),
        (
            [.call(), .missed(.stacked)],
            "No pop: agent 1007 had too many records open that were neither handled nor dismissed."
        ),
        (
            [.call(stale: true, ageMs: 42_100), .missed(.stale)],
            "No pop: the call could be older than 15 s (it waited up to 43 s in Redis)."
        ),
        (
            [.call(stale: true, ageMs: 9000), .missed(.stale)],
            "No pop: the call could be too old (it waited up to 9 s in Redis)."
        ),
        (
            [.call(stale: true, ageMs: nil), .missed(.stale)],
            "No pop: the call could be too old (how long it waited in Redis is not known)."
        ),
        (
            [.call(.ringing, stale: true, ageMs: 42_100, rules: [heldBack], opens: false)],
            "No pop: the call could be older than 15 s (it waited up to 43 s in Redis)."
        ),
        (
            [.call(.hangup, opens: false), .call(stale: true, change: "late")],
            "No pop: the call was over, or had gone on, before this was told."
        ),
        (
            [.call(.hangup, opens: false)],
            "No pop: the log knows only the end of the call."
        ),
        (
            [.call(), .pop("s", 1)],
            "Popped: sent to agent 1007's page, but that has not said that it shows it."
        ),
        (
            [.call(), .pop("s", 1), .ack("blocked", "s", 9), .missed(.blocked, 9)],
            "No pop: the popup blocker refused on every page of agent 1007."
        ),
        (
            [.call(), .pop("s", 1), .ack("blocked", nil, 9), .missed(.blocked, 9), .ack("shown", "s", 20_000)],
            "Popped: shown on agent 1007's screen 20 s after the call, after a popup blocker had refused it."
        ),
        (
            [.call(), .pop("s", 1), .pop("t", 1501), .ack("shown", "t", 1700)],
            "Popped: shown on agent 1007's screen 1.7 s after the call, not on the page that was asked first."
        ),
        (
            [.call(), .pop("s", 1), .pop("t", 1501), .ack("blocked", "s", 1600)],
            "Popped: sent to agent 1007's page, but that has not said that it shows it."
        ),
        (
            [.lookup],
            "No pop yet: nothing was decided of this call."
        ),
    ]

    @Test(arguments: answers)
    func `the first line answers`(steps: [StoryStep], answer: String) {
        let log = log { log in for step in steps { step.write(&log) } }
        #expect(log.summary.hasPrefix(answer))
    }

    @Test func `a miss that is told again at a log-in changes nothing`() {
        let log = log {
            $0.call()
            $0.pop("s1", at: 0)
            $0.ack("shown", "s1", at: 100)
            $0.add(.missed, at: 900, #"{"id":"p1","reason":"offline"}"#, trace: #"{"handedOver":1}"#)
        }
        #expect(log.summary.hasPrefix("Popped: "))
        #expect(log.story.steps.last?.lines == ["Listed: agent 1007 was told of the missed call at a later log-in."])
    }

    @Test(arguments: ["", "[]", "{", "null", #"{"call":7,"agent":[],"matches":{},"actions":"x","stale":"?"}"#])
    func `what another version wrote is told as far as it goes`(data: String) {
        for kind in LogEntry.Kind.allCases {
            let log = log {
                $0.add(kind, data, trace: #"{"sessions":[{}],"rules":[{}],"actions":[{"kind":"new"}],"because":7}"#)
                $0.add(kind, data, trace: data)
                $0.add(kind, data)
            }
            #expect(log.story.text.contains("10:00:00.000  +0.000 s   "))
        }
    }

    @Test func `what a caller or a PBX wrote cannot drive the terminal`() {
        var log = StoryLog(caller: "\u{1B}[2J\u{202E}08\n21")
        log.call()
        log.missed(.offline)
        #expect(log.story.text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
        #expect(log.story.text.contains("from \u{FFFD}[2J\u{FFFD}08\u{FFFD}21 (+27821234567)"))
    }

    @Test(arguments: [(0, "+0.000 s"), (59_999, "+59.999 s"), (60_000, "+1:00.000"), (3_661_005, "+1:01:01.005")])
    func `offsets`(milliseconds: Int64, text: String) {
        #expect(StoryTime.offset(.milliseconds(milliseconds)) == text)
    }

    @Test(arguments: [
        (0, "0.1 s"), (401, "0.5 s"), (1500, "1.5 s"), (2000, "2 s"), (10_001, "11 s"), (120_000, "120 s"),
        (120_001, "3 min"), (7_200_001, "3 h"), (180_000_000, "3 days"),
    ])
    func `spans are never told shorter than they may be`(milliseconds: Int64, text: String) {
        #expect(StoryTime.atMost(.milliseconds(milliseconds)) == text)
    }
}
