import Foundation
import Glibc
import Hiredis
import Synchronization

/// Stands in for a Redis that answers just what a test wants, at the moment that it wants.
final class ScriptedRedis: Sendable {
    enum Answer: Sendable {
        /// In Redis's protocol, without the last line end.
        case reply(String)
        case close

        static func list(_ elements: [String]) -> Answer {
            .reply((["*\(elements.count)"] + elements.map { "$\($0.utf8.count)\r\n\($0)" }).joined(separator: "\r\n"))
        }
    }

    /// The number of the connection, from 1 on, and the command.
    typealias Script = @Sendable (Int, [String]) -> Answer

    private let script: Script
    private let listener: Int32
    private let port: Int
    private let log = Mutex((commands: [(connection: Int, words: [String])](), connections: [Int32]()))

    var endpoint: RedisEndpoint { RedisEndpoint(address: .tcp(host: "127.0.0.1", port: port)) }
    /// All that came over one connection.
    func commands(over connection: Int) -> [[String]] {
        log.withLock { $0.commands.filter { $0.connection == connection }.map(\.words) }
    }

    init(_ script: @escaping Script) throws {
        self.script = script
        (listener, port) = try LoopbackHTTP.listen()
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                let number = log.withLock { log in
                    log.connections.append(connection)
                    return log.connections.count
                }
                Thread.detachNewThread { [self] in serve(connection, number) }
            }
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Ends a connection, or all of them, as if the network had.
    func breakOff(_ number: Int? = nil) {
        log.withLock { log in
            for (index, connection) in log.connections.enumerated() where connection >= 0 {
                if number == nil || number == index + 1 { shutdown(connection, Int32(SHUT_RDWR)) }
            }
        }
    }

    private func serve(_ connection: Int32, _ number: Int) {
        defer {
            log.withLock { $0.connections[number - 1] = -1 }
            close(connection)
        }
        var received = Data()
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            while let (words, size) = Self.command(in: received) {
                received = Data(received.dropFirst(size))
                log.withLock { $0.commands.append((number, words)) }
                guard case .reply(let text) = script(number, words) else { return }
                let bytes = Array("\(text)\r\n".utf8)
                guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return }
            }
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            received.append(contentsOf: chunk[..<count])
        }
    }

    /// The first whole command, and how long it is. Arguments without a line end only.
    private static func command(in data: Data) -> (words: [String], size: Int)? {
        let lines = String(decoding: data, as: UTF8.self).components(separatedBy: "\r\n")
        guard let count = lines.first.flatMap({ Int($0.dropFirst()) }), lines.count > 2 * count + 1 else { return nil }
        let used = lines[0...2 * count]
        return ((1...count).map { used[2 * $0] }, used.reduce(0) { $0 + $1.utf8.count + 2 })
    }

    /// What a server that permits everything answers to the questions after connecting; `nil` for any other command.
    static func greeting(_ words: [String]) -> Answer? {
        if words.contains("ctid-probe") { return .reply("-ERR timeout is not a float or out of range") }
        switch words.prefix(2) {
        case ["CLIENT", "ID"]: return .reply(":1")
        case ["CLIENT", "LIST"]: return .reply("-NOPERM no")
        case ["INFO", "server"]: return .reply("$21\r\nredis_version:7.0.15\n")
        default: break
        }
        if words[0] == "LRANGE", words[2] == "1" { return .list([]) }
        if words[0] == "EVAL", words.count == 4 { return .reply("+OK") }
        return nil
    }
}
