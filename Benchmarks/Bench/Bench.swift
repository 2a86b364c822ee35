import CTICore
import CTIPipeline
import Foundation
import Hiredis

/// One measurement a run, one line of JSON; `run.sh` pairs it with the rivals.
///
///     ctid-bench payloads COUNT                     payloads for the rivals, a line each
///     ctid-bench decode FILE ROUNDS
///     ctid-bench contacts-file FILE COUNT           contacts of two numbers each, by the file's name
///     ctid-bench contacts FILE
///     ctid-bench fill PORT KEY COUNT
///     ctid-bench sessions KIND PORT PID SESSIONS LISTENERS ROUNDS [REDIS-SOCKET SECRET-FILE]
///     ctid-bench live|backlog|fetch-once|fetch-safe PORT KEY COUNT
@main
enum Bench {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("payloads", 2): DecodePayloads.write(count: Int(arguments[1]) ?? 0)
        case ("decode", 3): DecodeBench.run(file: arguments[1], rounds: Int(arguments[2]) ?? 5)
        case ("contacts-file", 3): try ContactBench.write(arguments[1], count: Int(arguments[2]) ?? 0)
        case ("contacts", 2): print(try ContactBench(path: arguments[1]).run())
        case ("fill", 4):
            try await ListFiller(port: Int(arguments[1]) ?? 0, key: arguments[2]).fill(Int(arguments[3]) ?? 0)
        case ("sessions", 7), ("sessions", 9): print(try await sessions(arguments).run())
        case (let name?, 4):
            guard let kind = FetchBench.Kind(rawValue: name) else { usage() }
            let bench = FetchBench(
                kind: kind, port: Int(arguments[1]) ?? 0, key: arguments[2], count: Int(arguments[3]) ?? 0)
            print(try await bench.run())
        default: usage()
        }
    }

    private static func sessions(_ arguments: [String]) throws -> SessionBench {
        guard let kind = SessionBench.Kind(rawValue: arguments[1]) else { usage() }
        let numbers = arguments[2...6].map { Int($0) ?? 0 }
        return SessionBench(
            kind: kind, port: numbers[0], pid: numbers[1], sessions: numbers[2], listeners: numbers[3],
            rounds: max(1, numbers[4]), redisSocket: arguments.count > 7 ? arguments[7] : nil,
            secretFile: arguments.count > 8 ? arguments[8] : nil)
    }

    private static func usage() -> Never {
        FileHandle.standardError.write(
            Data(
                "usage: ctid-bench payloads|decode|contacts-file|contacts|fill|sessions|live|backlog|fetch-once|fetch-safe …\n"
                    .utf8))
        exit(64)
    }
}
