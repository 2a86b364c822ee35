import CTICore

/// Events that wait for a contact look-up, and those that must not overtake them.
///
///     agent 1007   c1 up (asked) ◀─ c1 hangup ◀─ c4 up       one lane: they leave in this order
///     agent 1008   c2 up (asked)                             another: it leaves as soon as it is answered
///
/// Events of one call, and events of one agent, keep their order; nobody else waits. A pure value.
struct Lanes {
    struct Waiting {
        let number: Int
        var happened: TrackedEvent
        let fetchedAt: Timestamp
        /// `nil` while it is awaited.
        var answer: LookupAnswer?
        var event: CallEvent { happened.event }
    }

    private var line: [Waiting] = []
    private var lastNumber = 0

    var isEmpty: Bool { line.isEmpty }
    var count: Int { line.count }

    /// Whether an event must wait because another of its call or its agent does.
    func holdsBack(_ event: CallEvent) -> Bool {
        line.contains { $0.event.callRef == event.callRef || $0.event.extension == event.extension }
    }

    /// `answer`: of an event that only keeps its place in line; `nil` for one that asks. Returns its number.
    mutating func append(
        _ happened: TrackedEvent, fetchedAt: Timestamp, answer: LookupAnswer?
    ) -> Int {
        lastNumber += 1
        line.append(Waiting(number: lastNumber, happened: happened, fetchedAt: fetchedAt, answer: answer))
        return lastNumber
    }

    /// Takes an answer; returns those that may go now, in order. A second answer to one question is ignored.
    mutating func settle(_ number: Int, _ answer: LookupAnswer) -> [Waiting] {
        guard let index = line.firstIndex(where: { $0.number == number && $0.answer == nil }) else { return [] }
        line[index].answer = answer
        var (refs, agents) = (Set<CallRef>(), Set<Extension>())
        var free: [Waiting] = []
        line.removeAll { waiting in
            let event = waiting.event
            if waiting.answer != nil, !refs.contains(event.callRef), !agents.contains(event.extension) {
                free.append(waiting)
                return true
            }
            refs.insert(event.callRef)
            agents.insert(event.extension)
            return false
        }
        return free
    }
}
