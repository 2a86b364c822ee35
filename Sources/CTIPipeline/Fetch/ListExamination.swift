public import Hiredis

/// Asks a server for everything that reading a list takes, without changing anything, and puts the answers in words.
public struct ListExamination: Sendable {
    public struct Outcome: Sendable {
        /// A line for each thing worth saying.
        public var lines: [String]
        /// Why no call could be taken here at all.
        public var trouble: SourceTrouble?
    }

    private let settings: RedisListSettings
    private let probes: [ListCommands.Probe]
    private static let beside = [
        RedisCommand("INFO", "server"), RedisCommand("CLIENT", "ID"), RedisGreeting.clients,
    ]

    public init(_ settings: RedisListSettings) {
        self.settings = settings
        probes = ListCommands(settings).probes(for: .atLeastOnce)
    }

    public var commands: [RedisCommand] {
        Self.beside + [RedisCommand("TYPE", settings.key)] + probes.map(\.command)
    }

    /// `values`: the answers to ``commands``.
    public func outcome(_ values: [RedisValue]) -> Outcome {
        let answers = values.dropFirst(Self.beside.count + 1)
        var lines = [head(values), list(type: values[3].text, length: answers.first?.integer)].compactMap(\.self)
        do throws(RedisError) {
            let access = try ListAccess(probes, answers: answers)
            lines.append("permitted: " + probes.map { "\($0.name) \(word(access, $0.name))" }.joined(separator: ", "))
            let (delivery, lacking) = try access.choose(settings.delivery, side: settings.popSide)
            lines.append(self.delivery(delivery, lacking: lacking, access))
            lines += others(values[2], own: values[1].integer)
            return Outcome(lines: lines)
        } catch {
            return Outcome(lines: lines, trouble: SourceTrouble(error, of: settings, holding: values[3].text))
        }
    }

    private func head(_ values: [RedisValue]) -> String {
        let version = values[0].text.flatMap(RedisGreeting.version(inInfo:))
        return "Redis at \(settings.endpoint): version \(version ?? "not told")"
    }

    private func list(type: String?, length: Int64?) -> String? {
        switch type {
        case "none": "list \(settings.key): empty"
        case "list"?, nil: length.map { "list \(settings.key): \($0) waiting" }
        case let type?: "list \(settings.key): is a \(type)"
        }
    }

    private func word(_ access: ListAccess, _ name: String) -> String { access.allows(name) ? "yes" : "no" }

    private func delivery(
        _ delivery: RedisListSettings.Delivery, lacking: String?, _ access: ListAccess
    ) -> String {
        if let lacking {
            return "delivery: at-least-once is not possible here (\(lacking)): calls would be taken by "
                + "\(settings.popSide.waitingPop) (at-most-once)"
        }
        if delivery == .atLeastOnce { return "delivery: at-least-once, as configured: all it needs is permitted" }
        let others = access.lackingForAtLeastOnce.map(\.reason).joined(separator: ", ")
        let remark =
            others.isEmpty ? "at-least-once would be possible" : "at-least-once would not be possible: \(others)"
        return "delivery: at-most-once, as configured (\(remark))"
    }

    private func others(_ list: RedisValue, own: Int64?) -> [String] {
        guard let list = list.text else {
            return ["other readers: not known, CLIENT LIST is not permitted"]
        }
        // The daemon itself may be running.
        let others = OtherClient.others(
            among: WaitingClient.all(in: list), database: settings.endpoint.database, own: own.map { [$0] } ?? [],
            name: nil)
        return others.map { "another client (\($0)) waits on a list in this database: one reader a list" }
    }
}
