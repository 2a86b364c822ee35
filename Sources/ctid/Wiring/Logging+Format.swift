import CTICore
import Foundation
import Logging

extension Logger {
    /// Standard error, for people or for machines.
    static func standard(_ log: DaemonConfiguration.Log) -> Logger {
        var logger = Logger(label: "ctid") { label in
            switch log.format {
            case .text: TextLogHandler(label: label)
            case .json: JSONLogHandler()
            }
        }
        logger.logLevel = Logger.Level(log.level)
        return logger
    }
}

/// One JSON object a line on standard error.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var json = JSONWriter()
        json.object {
            $0.member("time", Clocks.wall())
            $0.member("level", event.level.rawValue)
            $0.member("message", event.message.description)
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            for (key, value) in all.sorted(by: { $0.key < $1.key }) { $0.member(key, value.description) }
        }
        StandardStreams.complain(json.string)
    }
}
