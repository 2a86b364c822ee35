import ArgumentParser
import CTICore
import CTIPipeline

/// Which dead letters a command is about: some by their IDs, or all that are there when it begins.
struct DeadLetterSelection: ParsableArguments {
    @Argument(help: "Their IDs, as list shows them.")
    var ids: [Int64] = []
    @Flag(help: "All of them, instead of IDs.")
    var all = false

    func validate() throws {
        if ids.isEmpty && !all { throw ValidationError("no dead letter is named, expected IDs or --all") }
        if !ids.isEmpty && all { throw ValidationError("IDs and --all are given, expected one of them") }
    }

    /// Oldest first, each once; `missing` are the IDs that are none of a dead letter.
    ///
    /// - Parameter moment: of all, only those that came before it.
    func find(
        in log: any ReadableLog, before moment: Timestamp? = nil
    ) async throws(EventLogError) -> (positions: [Position], missing: [Int64]) {
        guard !all else {
            var positions: [Position] = []
            try await DeadLetters(log: log).scan { letter in
                if moment.map({ letter.at < $0 }) ?? true { positions.append(letter.position) }
            }
            return (positions, [])
        }
        var (positions, missing) = ([Position](), [Int64]())
        for id in Set(ids).sorted() {
            if try await DeadLetters(log: log).letter(at: Position(id)) != nil {
                positions.append(Position(id))
            } else {
                missing.append(id)
            }
        }
        return (positions, missing)
    }

    /// Says which are not there, and ends the command with that, if any is not.
    static func report(missing: [Int64]) throws(ExitCode) {
        for id in missing { StandardStreams.complain("ctid: there is no dead letter \(id)") }
        if !missing.isEmpty { throw ExitStatus.badInput.code }
    }
}
