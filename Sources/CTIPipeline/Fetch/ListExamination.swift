public import Hiredis

/// Asks a server for everything that reading a list takes, without changing anything, and puts the answers in words.
public struct ListExamination: Sendable {
    private let settings: RedisListSettings
    private let parts: [(name: String, command: RedisCommand)]
    /// Of these, at-least-once can do without the script.
    private static let dispensable: Set<String> = ["EVAL", "CLIENT ID", "INFO"]

    public init(_ settings: RedisListSettings) {
        self.settings = settings
        let commands = ListCommands(settings)
        parts =
            [
                ("INFO", RedisCommand("INFO", "server")),
                ("LLEN", commands.length),
                ("CLIENT ID", RedisCommand("CLIENT", "ID")),
            ] + commands.probes()
    }

    public var commands: [RedisCommand] { parts.map(\.command) }

    public func version(_ values: [RedisValue]) -> String? {
        values.first?.text.flatMap(RedisGreeting.version(inInfo:))
    }

    /// A line for each thing worth saying.
    public func findings(_ values: [RedisValue]) -> [String] {
        var lines: [String] = []
        if let length = values[1].integer { lines.append("list \(settings.key): \(length) waiting") }
        var isAtLeastOncePossible = true
        for (part, value) in zip(parts, values) {
            guard let error = value.error else { continue }
            lines.append("\(part.name): \(error)")
            if !Self.dispensable.contains(part.name) { isAtLeastOncePossible = false }
        }
        let wanted = settings.delivery.rawValue
        if settings.delivery == .atLeastOnce, !isAtLeastOncePossible {
            lines.append("delivery: \(wanted) is not possible here, calls would be taken by BLPOP (at-most-once)")
        } else {
            let remark = isAtLeastOncePossible ? "" : " (at-least-once would not be possible)"
            lines.append("delivery: \(wanted)\(remark)")
        }
        return lines
    }
}
