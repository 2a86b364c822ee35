import Foundation

/// A private `redis-server` on a Unix socket, that cannot outlive us.
///
///     ctid ── pipe ──▶ sh ──▶ redis-server
///
/// The shell that starts it reads from a pipe whose other end only we hold. However we end, SIGKILL included, the pipe
/// closes; the shell then stops Redis and removes the folder. It has a session of its own, so that Ctrl-C reaches us
/// alone and calls under way are still finished.
struct GuardedRedis: Sendable {
    let directory: String
    private let guardPipe: Int32
    private let shell: pid_t

    var socket: String { "\(directory)/redis.sock" }

    private static let script = """
        exec 3<&0
        redis-server --port 0 --unixsocket "$1/redis.sock" --save '' --appendonly no --dir "$1" \
          --logfile "$1/redis.log" </dev/null >/dev/null 2>&1 &
        redis=$!
        { read -r _ <&3; kill "$redis" 2>/dev/null; wait; rm -rf "$1"; } &
        watcher=$!
        wait "$redis"
        rm -rf "$1"
        kill "$watcher" 2>/dev/null
        """

    /// - Parameter directory: made before; removed at the end.
    init(directory: String) throws {
        self.directory = directory
        guard Self.isInstalled else {
            throw StartFailure("redis-server is not installed, expected it in $PATH (apt-get install redis-server)")
        }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw StartFailure("no pipe for redis-server") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        guardPipe = ends[1]
        shell = try Self.spawn(["setsid", "sh", "-c", Self.script, "ctid-demo", directory], standardInput: ends[0])
        close(ends[0])
    }

    /// Whether it answers, within a few seconds.
    func isUp() async -> Bool {
        for _ in 0..<500 {
            if access(socket, F_OK) == 0 { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    /// Ends it. The folder goes with it.
    func stop() { close(guardPipe) }

    /// Comes back when it has ended, or when the task is cancelled.
    func ended() async {
        while !Task.isCancelled {
            var status: Int32 = 0
            if waitpid(shell, &status, WNOHANG) != 0 { return }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// `POSIX_SPAWN_SETSIGMASK`, which the import of the header leaves out.
    private static let setSignalMask: Int16 = 0x08

    private static var isInstalled: Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").contains { access("\($0)/redis-server", X_OK) == 0 }
    }

    private static func spawn(_ arguments: [String], standardInput: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // The threads of this process block most signals, and a child inherits that: Redis would not hear SIGTERM.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, setSignalMask)
        posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
        var process = pid_t()
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        let result = posix_spawnp(&process, arguments[0], &actions, &attributes, &pointers, environ)
        guard result == 0 else {
            throw StartFailure("\(arguments[0]) cannot be started: \(String(cString: strerror(result)))")
        }
        return process
    }
}
