import ArgumentParser
import CTICore
import CTIPipeline
import CTIStore
import Foundation

/// A tenant's event log for a command: beside the running daemon, or while it is stopped. Its failures end the command.
struct TenantLog {
    let tenant: TenantID
    let path: String
    private let durability: LogDurability
    private let pool = LogExecutorPool(threads: 1)

    init(_ tenant: TenantID, daemon: DaemonConfiguration) {
        self.tenant = tenant
        path = LogPaths(directory: daemon.dataDirectory, tenant: tenant).log
        durability = LogDurability(daemon.durability)
    }

    func openToRead() async throws(ExitCode) -> SQLiteLogReader {
        try checkPresence()
        do throws(EventLogError) {
            return try await SQLiteLogReader(path: path, pool: pool)
        } catch {
            throw failed(error)
        }
    }

    /// Two writers beside each other are safe. A log that is not there is not made.
    func openToChange() async throws(ExitCode) -> SQLiteEventLog {
        try checkPresence()
        do throws(EventLogError) {
            return try await SQLiteEventLog(path: path, durability: durability, pool: pool, now: Clocks.wall)
        } catch {
            throw failed(error)
        }
    }

    /// What the log cannot answer ends the command.
    func asking<Value: Sendable>(_ question: () async throws -> Value) async throws -> Value {
        do {
            return try await question()
        } catch let error as EventLogError {
            throw failed(error)
        }
    }

    private func failed(_ error: EventLogError) -> ExitCode { failure(.unreachable, "\(error) (\(path))") }

    private func checkPresence() throws(ExitCode) {
        guard !ReferencedFiles.exists(path) else { return }
        throw failure(
            .unreachable, "tenant \(tenant) has no event log at \(path): the daemon has not run yet, or elsewhere")
    }
}

extension ConfigurationOptions {
    /// The log of a tenant that has been read already.
    func log(of tenant: TenantConfiguration) throws(ExitCode) -> TenantLog {
        TenantLog(tenant.id, daemon: try daemon())
    }
}

/// `--limit` of the commands that list.
struct LimitOption: ParsableArguments {
    static let range = 1...1000

    @Option(name: .customLong("limit"), help: "So many at most, 1 to 1000; the newest.")
    var count = 20

    func validate() throws {
        guard Self.range.contains(count) else {
            throw ValidationError("--limit is \(count), expected a number from 1 to 1000")
        }
    }
}
