/// Which of the configuration's files are to be read again: those that have changed, or that name one that has, once
/// nobody writes them any more.
struct ConfigurationWatch: Sendable {
    /// By the configuration file.
    private var files: [String: Entry] = [:]

    private struct Entry: Sendable {
        var watch: FileWatch
        /// The file itself and all that it names.
        var paths: Set<String>
    }

    /// - Parameter present: the configuration files that are there now.
    /// - Returns: those to be read, and those that are to be forgotten; with how they looked.
    mutating func due(present: [String]) -> [String: FileWatch.Look] {
        var due: [String: FileWatch.Look] = [:]
        for file in Set(present).union(files.keys) {
            var entry = files[file] ?? Entry(watch: FileWatch(read: [:]), paths: [file])
            let look = FileWatch.Look(at: entry.paths)
            if entry.watch.isDue(look) { due[file] = look }
            files[file] = entry
        }
        return due
    }

    /// How a file and all that it names look before it is read: a change in the midst of that is then seen as one.
    func look(_ file: String) -> FileWatch.Look { FileWatch.Look(at: files[file]?.paths ?? [file]) }

    /// - Parameters:
    ///   - look: from before the reading.
    ///   - paths: what it names now.
    mutating func wasRead(_ file: String, _ look: FileWatch.Look, naming paths: Set<String>) {
        // What it did not name before is looked at for the first time.
        let fresh = FileWatch.Look(at: paths.subtracting(files[file]?.paths ?? [file]))
        let known = look.filter { paths.contains($0.key) }
        files[file] = Entry(watch: FileWatch(read: known.merging(fresh) { old, _ in old }), paths: paths)
    }

    mutating func forget(_ file: String) { files[file] = nil }
}
