public import CTICore
public import CTIPipeline
import Foundation

extension SQLiteEventLog {
    /// Renames a damaged file to `NAME.corrupt-YYYYMMDDTHHMMSSZ`, with its journal, so that a fresh one can be opened in
    /// its place. Nothing is ever deleted or overwritten.
    ///
    /// - Returns: the path of the file that was set aside.
    public static func setAside(path: String, now: Timestamp) throws(EventLogError) -> String {
        let target = freePath(path + ".corrupt-" + stamp(now))
        try rename(path, to: target)
        // The journal of one file must never meet another: these go even where there is no file.
        for suffix in ["-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
            try rename(path + suffix, to: target + suffix)
        }
        return target
    }

    private static func rename(_ path: String, to target: String) throws(EventLogError) {
        guard Foundation.rename(path, target) == 0 else {
            throw EventLogError(.unwritable, "cannot set the damaged log aside: \(String(cString: strerror(errno)))")
        }
    }

    /// `20261121T100000Z`
    private static func stamp(_ moment: Timestamp) -> String {
        String(moment.description.prefix(19).filter { $0 != "-" && $0 != ":" }) + "Z"
    }

    private static func freePath(_ wanted: String) -> String {
        var (path, number) = (wanted, 1)
        while FileManager.default.fileExists(atPath: path) {
            number += 1
            path = "\(wanted)-\(number)"
        }
        return path
    }
}
