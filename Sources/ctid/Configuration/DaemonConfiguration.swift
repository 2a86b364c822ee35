/// `ctid.yaml`: what concerns the daemon as a whole. Without the file, or without a key, these defaults hold.
struct DaemonConfiguration: Hashable, Sendable {
    var listen = ListenAddress(host: "127.0.0.1", port: 8080)
    /// `nil`: plain HTTP, for behind a proxy.
    var tls: TLSFiles?
    /// The folder of the event logs, one file a tenant.
    var dataDirectory = "/var/lib/ctid"
    var log = Log()
    var durability = Durability.process
    var shutdownTimeout: Duration = .seconds(10)
    var limits = Limits()

    /// Paths of a certificate (with its chain) and its private key, both PEM.
    struct TLSFiles: Hashable, Sendable {
        var certificatePath: String
        var keyPath: String
    }

    struct Log: Hashable, Sendable {
        var level = Level.info
        var format = Format.text
        /// Whether telephone numbers and names may stand in the log in full, which they do at `debug` alone.
        var revealNumbers = false

        enum Level: String, CaseIterable, Sendable { case trace, debug, info, notice, warning, error, critical }
        enum Format: String, CaseIterable, Sendable { case text, json }
    }

    /// What the event log outlives.
    enum Durability: String, CaseIterable, Sendable {
        /// A killed daemon loses nothing.
        case process
        /// Nor does a machine that loses its power: a disk sync a commit.
        case power
    }

    struct Limits: Hashable, Sendable {
        /// Bytes of one notification.
        var payload = 64 << 10
        var sessionsPerAgent = 8
        /// Pops of one agent that are neither handled nor dismissed.
        var stackedPops = 5
        var logRetention: Duration = .seconds(30 * 86_400)
    }
}

// MARK: A reload

extension DaemonConfiguration {
    /// The keys that differ from an older reading and are obeyed at the next start alone.
    func partsForNextStart(since older: DaemonConfiguration) -> [String] {
        [
            ("http.listen", listen == older.listen),
            ("http.tls", tls == older.tls),
            ("data_dir", dataDirectory == older.dataDirectory),
            ("log", log == older.log),
            ("durability", durability == older.durability),
            ("shutdown_timeout", shutdownTimeout == older.shutdownTimeout),
            ("limits.payload", limits.payload == older.limits.payload),
        ].filter { !$0.1 }.map(\.0)
    }

    /// With what can be obeyed at once of another reading.
    func adopting(_ read: DaemonConfiguration) -> DaemonConfiguration {
        var adopted = self
        adopted.limits = read.limits
        adopted.limits.payload = limits.payload
        return adopted
    }
}
