import CTIContacts
import CTICore
import CTIHub
import CTIPipeline
import Dispatch
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// A tenant's contacts at work: read at the start, and again when a file changes or a set is imported.
///
///     contacts.files ─┐                                    ┌─▶ the desk, between two calls
///                     ├─▶ read and indexed on a queue ─▶ swap
///     imported set ───┘        of its own                  └─▶ GET …/contacts
///
/// Calls go on with the old directory until the new one is whole. A file that was good and is not any more leaves all as
/// it was, which is said once.
final class ContactStore: WatchedFiles {
    private struct State {
        var reading: ContactFiles.Reading
        var readAt: Timestamp
        var watch: FileWatch
        var failures: Int
        /// What was said of files that turned bad.
        var said: [String: ContactFileError] = [:]
        var isImporting = false
        var desk: TenantDesk?
    }

    private let files: ContactFiles
    private let logger: Logger
    /// Reading blocks, and takes seconds: it has no place on the threads that calls run on.
    private let queue: DispatchQueue
    private let state: Mutex<State>

    init(_ files: ContactFiles, logger: Logger, tenant: TenantID) async {
        self.files = files
        var logger = logger
        logger[metadataKey: "tenant"] = "\(tenant)"
        self.logger = logger
        queue = DispatchQueue(label: "contacts of \(tenant)")
        let (look, reading) = await queue.value {
            files.sweep()
            return (files.look(), files.read())
        }
        state = Mutex(
            State(
                reading: reading, readAt: Clocks.wall(), watch: FileWatch(read: look),
                failures: reading.failures.count))
        sayFirst(reading)
    }

    /// The one that is in use now.
    var directory: ContactIndex { state.withLock { $0.reading.index } }

    /// From now on this desk gets each new directory; nobody where it is `nil`.
    func serve(_ desk: TenantDesk?) { state.withLock { $0.desk = desk } }

    // MARK: Files that change

    /// Until it is cancelled.
    func run(by ticker: ContactTicker) async {
        for await look in ticker.looks(of: self) { await readAgain(look) }
    }

    func disk(answers: Bool) {
        if answers {
            logger.notice("the disk of contacts.files answers again")
        } else {
            logger.warning(
                """
                the disk of contacts.files does not answer; the last good directory stays in use: \
                \(files.paths.joined(separator: ", "))
                """)
        }
    }

    func dueLook() -> FileWatch.Look? {
        let look = files.look()
        return state.withLock { !$0.isImporting && $0.watch.isDue(look) } ? look : nil
    }

    private func readAgain(_ look: FileWatch.Look) async {
        let count: Int? = await queue.valueUnlessCancelled { [self] in
            // Meanwhile it may have been read, or be about to be exchanged as a whole.
            guard state.withLock({ !$0.isImporting && !$0.watch.hasRead(look) }) else { return nil }
            let reading = files.read()
            state.withLock { $0.watch.wasRead(look) }
            return take(reading) ? reading.index.count : nil
        }
        guard let count else { return }
        await serveNewest()
        logger.info("contacts read again: \(count) in the directory")
    }

    /// On the queue, as all that changes the directory: what is read last is also taken last.
    ///
    /// False, and nothing taken, where a file that was good is not any more.
    private func take(_ reading: ContactFiles.Reading) -> Bool {
        let (turned, news, mended) = state.withLock { state in
            let good = Set(state.reading.reports.map(\.path))
            let turned = reading.failures.filter { good.contains($0.key) }
            let news = reading.failures.filter { state.said[$0.key] != $0.value }
            let mended = Set(state.said.keys).subtracting(reading.failures.keys)
            state.said = reading.failures
            state.failures += reading.failures.count
            if turned.isEmpty { (state.reading, state.readAt) = (reading, Clocks.wall()) }
            return (turned, news, mended)
        }
        for (path, error) in news.sorted(by: { $0.key < $1.key }) {
            let what = turned[path] == nil ? "it is left out" : "the last good directory stays in use"
            logger.warning("\(path): \(error); \(what)")
        }
        for path in mended.sorted() { logger.notice("\(path) can be read again") }
        return turned.isEmpty
    }

    func serveNewest() async {
        let desk = state.withLock { $0.desk }
        await desk?.adopt { self.directory }
    }

    private func sayFirst(_ reading: ContactFiles.Reading) {
        for (path, report) in reading.reports where report.isAnythingMissing { logger.warning("\(path): \(report)") }
        for (path, error) in reading.failures.sorted(by: { $0.key < $1.key }) { logger.warning("\(path): \(error)") }
        state.withLock { $0.said = reading.failures }
    }

    // MARK: For imports

    /// False where one is under way.
    func beginImport() -> Bool {
        state.withLock { state in
            defer { state.isImporting = true }
            return !state.isImporting
        }
    }

    func endImport(refused: Bool) {
        state.withLock { state in
            state.isImporting = false
            if refused { state.failures += 1 }
        }
    }

    /// On a thread that may block.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable (ContactFiles) -> Value) async -> Value {
        await queue.value { [files] in body(files) }
    }

    var goodPaths: Set<String> { state.withLock { Set($0.reading.reports.map(\.path)) } }

    /// What was imported is in its place, and is used from here on. On the queue.
    func use(_ reading: ContactFiles.Reading, as look: FileWatch.Look) {
        state.withLock { state in
            (state.reading, state.readAt) = (reading, Clocks.wall())
            state.watch.wasRead(look)
        }
    }

    func say(_ report: ImportReport) { logger.info("contacts imported: \(report)") }

    func metrics() -> ContactMetrics {
        state.withLock {
            ContactMetrics(
                contacts: $0.reading.index.count, readAt: $0.readAt, findings: $0.reading.findings,
                failures: $0.failures)
        }
    }
}

extension ContactFiles {
    /// Removes what imports left that were killed; one that is under way is younger.
    fileprivate func sweep() {
        let folder = (imported as NSString).deletingLastPathComponent
        let prefix = (imported as NSString).lastPathComponent + "."
        let manager = FileManager.default
        for name in (try? manager.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix(prefix) {
            let path = "\(folder)/\(name)"
            let changed = (try? manager.attributesOfItem(atPath: path))?[.modificationDate] as? Date
            if let changed, changed.timeIntervalSinceNow < -3600 { try? manager.removeItem(atPath: path) }
        }
    }
}
