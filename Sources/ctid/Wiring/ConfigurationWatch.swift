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
    /// - Returns: those to be read, and those that are to be forgotten.
    mutating func due(present: [String]) -> Set<String> {
        var due: Set<String> = []
        for file in Set(present).union(files.keys) {
            var entry = files[file] ?? Entry(watch: FileWatch(read: [:]), paths: [file])
            if entry.watch.isDue(FileWatch.Look(at: entry.paths)) { due.insert(file) }
            files[file] = entry
        }
        return due
    }

    /// - Parameters:
    ///   - look: of all of `paths`, from before they were read.
    ///   - paths: the file, and what it names now.
    mutating func wasRead(_ file: String, _ look: FileWatch.Look, naming paths: Set<String>) {
        files[file] = Entry(watch: FileWatch(read: look.filter { paths.contains($0.key) }), paths: paths)
    }

    mutating func forget(_ file: String) { files[file] = nil }
}
