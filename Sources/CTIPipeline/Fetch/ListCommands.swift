import CTICore
import Hiredis

/// The commands for one list, mirrored for the side from which it is read.
struct ListCommands: Sendable {
    let key: String
    let side: RedisListSettings.PopSide
    let length: RedisCommand
    let waitAndPop: RedisCommand
    let waitAndPeek: RedisCommand
    let peek: RedisCommand
    private let batch: Int

    init(_ settings: RedisListSettings) {
        key = settings.key
        side = settings.popSide
        batch = settings.batch
        let isLeft = side == .left
        let seconds = String(max(1, settings.wait.components.seconds))
        let end = isLeft ? "LEFT" : "RIGHT"
        length = RedisCommand("LLEN", key)
        waitAndPop = RedisCommand(isLeft ? "BLPOP" : "BRPOP", key, seconds)
        // From an end to the same end: it waits, and leaves the list as it was.
        waitAndPeek = RedisCommand("BLMOVE", key, key, end, end, seconds)
        peek = RedisCommand("LRANGE", key, isLeft ? "0" : String(-batch), isLeft ? String(batch - 1) : "-1")
    }

    /// Takes a whole batch; from 6.2 on in one command, before that one by one in one round trip.
    func pop(isCountSupported: Bool) -> [RedisCommand] {
        let name = side == .left ? "LPOP" : "RPOP"
        if isCountSupported { return [RedisCommand(name, key, String(batch))] }
        return Array(repeating: RedisCommand(name, key), count: min(batch, 64))
    }

    /// Removes exactly these: compared with the end of the list first, and whatever another reader has moved
    /// meanwhile is looked for by its value. Answers how many were there.
    ///
    /// `elements` are in the order in which they were pushed.
    func removal(of elements: [[UInt8]]) -> RedisCommand {
        RedisCommand([Array("EVAL".utf8), script, Array("1".utf8), Array(key.utf8)] + elements)
    }

    /// The same without a script, for servers that allow none: a command an element.
    func removalOneByOne(of elements: [[UInt8]]) -> [RedisCommand] {
        let count = side == .left ? "1" : "-1"
        return elements.map { RedisCommand([Array("LREM".utf8), Array(key.utf8), Array(count.utf8), $0]) }
    }

    private var script: [UInt8] { side == .left ? Self.leftScript : Self.rightScript }

    private static let leftScript = script(
        range: "0, #ARGV - 1", element: "head[i]", trim: "same, -1", count: "1")
    private static let rightScript = script(
        range: "-#ARGV, -1", element: "head[#head - i + 1]", trim: "0, -1 - same", count: "-1")

    private static func script(range: String, element: String, trim: String, count: String) -> [UInt8] {
        Array(
            """
            local head = redis.call('LRANGE', KEYS[1], \(range))
            local same = 0
            for i = 1, #ARGV do
              if \(element) ~= ARGV[i] then break end
              same = i
            end
            if same > 0 then redis.call('LTRIM', KEYS[1], \(trim)) end
            local removed = same
            for i = same + 1, #ARGV do
              removed = removed + redis.call('LREM', KEYS[1], \(count), ARGV[i])
            end
            return removed
            """.utf8)
    }

    /// Whether these parts are allowed, told without changing anything.
    func probes() -> [(name: String, command: RedisCommand)] {
        // No element can equal it: it is made anew each time.
        let token = "ctid-probe-\(UInt64.random(in: .min ... .max))"
        return [
            ("LRANGE", RedisCommand("LRANGE", key, "0", "0")),
            // On a list it moves the first element to where it is.
            ("BLMOVE", RedisCommand("LMOVE", key, key, "LEFT", "LEFT")),
            ("EVAL", RedisCommand("EVAL", "return redis.call('LLEN', KEYS[1])", "1", key)),
            ("LREM", RedisCommand("LREM", key, "1", token)),
        ]
    }
}
