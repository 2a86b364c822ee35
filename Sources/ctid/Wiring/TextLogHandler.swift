import CTICore
import Foundation
import Logging

/// One line a message on standard error, for people:
///
///     2026-11-21T10:00:00+0000 info ctid: tenant=acme [CTIPipeline] listening …
///     <6>info ctid: tenant=acme [CTIPipeline] listening …        where the journal reads: it has a clock of its own
///
/// What would end the line or move a terminal's cursor is escaped: a call's reference is the PBX's to choose, and must
/// not look like a line of ours.
struct TextLogHandler: LogHandler {
    let label: String
    let isForJournal: Bool
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(label: String, isForJournal: Bool = JournalStream.isStandardError) {
        self.label = label
        self.isForJournal = isForJournal
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { StandardStreams.complain(line(event, at: Clocks.wall())) }

    func line(_ event: LogEvent, at moment: Timestamp) -> String {
        let start = isForJournal ? "<\(event.level.syslogPriority)>" : "\(Self.written(moment)) "
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let told = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return start + Self.escaped("\(event.level) \(label):\(told) [\(event.source)] \(event.message)")
    }

    /// To the second.
    private static func written(_ moment: Timestamp) -> String {
        moment.description.prefix { $0 != "." } + "+0000"
    }

    private static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar) {
                escaped += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
}

extension Logger.Level {
    /// As in syslog(3); the journal reads it in front of a line.
    var syslogPriority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
