import CTICore
import CTIPipeline

/// What the log holds of one call, told to a supervisor: one line that answers "why was there (no) pop?", then what
/// happened, in order. Pure: from stored entries to text.
///
/// Entries of older and of later versions are told as far as they can be: whatever is missing is left out, and of a kind
/// that is not known here its name and data are shown.
struct CallStory {
    struct Step: Hashable {
        var at: Timestamp
        /// The first says what happened, the others belong to it.
        var lines: [String]
    }

    private(set) var steps: [Step] = []
    private(set) var attempts = PopAttempts()
    private(set) var pages = PageNames()
    /// The `call` entries, oldest first.
    private(set) var decisions: [StoredDecision] = []
    /// The tenant's limit as it is now; it may have been another when the call came.
    let freshFor: Duration?

    /// - Parameter entries: all of one call, in the order of the log.
    init(_ entries: [RecordedEntry], freshFor: Duration? = nil) {
        self.freshFor = freshFor
        for recorded in entries { tell(recorded.entry) }
    }

    private mutating func tell(_ entry: LogEntry) {
        let lines: [String]
        if entry.kind == .call {
            let decision = StoredDecision(entry)
            attempts.note(decision)
            lines = DecisionWords(decision: decision, former: decisions.last, freshFor: freshFor).lines(pages: &pages)
            decisions.append(decision)
        } else {
            attempts.note(entry)
            lines = DeliveryWords(entry: entry, attempts: attempts).lines(pages: &pages)
        }
        steps.append(Step(at: entry.at, lines: lines))
    }

    /// What `ctid explain` prints.
    var text: String {
        var lines = [StorySummary(story: self).text, ""]
        if let start = steps.first?.at {
            let ref = decisions.last?.ref.map { " \($0.printable)" } ?? ""
            let head = "Call\(ref) of \(StoryTime.day(start))."
            lines += [head + " Times are UTC; beside them, how long after the first line.", ""]
            lines += steps.flatMap { Self.lines(of: $0, since: start) }
        }
        if !pages.all.isEmpty {
            lines.append("")
            lines += pages.all.enumerated().map { "Page \($0 + 1) is session \($1.printable)." }
        }
        return lines.joined(separator: "\n")
    }

    private static func lines(of step: Step, since start: Timestamp) -> [String] {
        let isOtherDay = StoryTime.day(step.at) != StoryTime.day(start)
        let time = (isOtherDay ? StoryTime.day(step.at) + " " : "") + StoryTime.clock(step.at)
        let margin = "\(time)  \(StoryTime.offset(step.at.since(start)).padded(to: 9))  "
        return step.lines.enumerated().map { index, line in
            (index == 0 ? margin : String(repeating: " ", count: margin.count)) + line
        }
    }
}

/// Sessions as people see them: pages, numbered as they come up in the story.
struct PageNames {
    private(set) var all: [String] = []

    /// `page 1`; the same for the same session.
    mutating func name(_ session: String) -> String {
        if let index = all.firstIndex(of: session) { return "page \(index + 1)" }
        all.append(session)
        return "page \(all.count)"
    }
}
