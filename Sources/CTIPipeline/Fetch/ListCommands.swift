import CTICore
import Hiredis

/// The commands for one list, mirrored for the side from which it is read.
struct ListCommands: Sendable {
    let key: String
    let side: RedisListSettings.PopSide
    let length: RedisCommand
    let waitAndPop: RedisCommand
    let waitAndPeek: RedisCommand
    private let peekFull: RedisCommand
    private let batch: Int

    init(_ settings: RedisListSettings) {
        key = settings.key
        side = settings.popSide
        batch = settings.batch
        let isLeft = side == .left
        let seconds = String(max(1, settings.wait.components.seconds))
        let end = isLeft ? "LEFT" : "RIGHT"
        length = RedisCommand("LLEN", key)
        waitAndPop = RedisCommand(side.waitingPop, key, seconds)
        // From an end to the same end: it waits, and leaves the list as it was.
        waitAndPeek = RedisCommand("BLMOVE", key, key, end, end, seconds)
        peekFull = Self.peek(batch, of: key, isLeft: isLeft)
    }

    /// Reads `count` elements; a whole batch, which is usual, is made only once.
    func peek(_ count: Int) -> RedisCommand {
        count == batch ? peekFull : Self.peek(count, of: key, isLeft: side == .left)
    }

    private static func peek(_ count: Int, of key: String, isLeft: Bool) -> RedisCommand {
        RedisCommand("LRANGE", key, isLeft ? "0" : String(-count), isLeft ? String(count - 1) : "-1")
    }

    /// Takes `count` elements; from 6.2 on in one command, before that one by one in one round trip.
    func pop(_ count: Int, isCountSupported: Bool) -> [RedisCommand] {
        if isCountSupported { return [RedisCommand(side.pop, key, String(count))] }
        return Array(repeating: RedisCommand(side.pop, key), count: min(count, 64))
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

    /// A command sent to learn whether it is to be had.
    struct Probe: Sendable {
        var name: String
        var command: RedisCommand
        /// Its last argument is wrong on purpose. The server looks at permissions, at its own role and at the cluster
        /// before it looks at arguments: refused for the argument alone, the command is ours to use.
        var isMeantToFail = false
    }

    /// Asks for all that a delivery, or its fall-back, is made of. Nothing is changed by it.
    func probes(for delivery: RedisListSettings.Delivery) -> [Probe] {
        let popping = [
            Probe(name: "LLEN", command: length),
            Probe(
                name: side.waitingPop, command: RedisCommand(side.waitingPop, key, Self.noNumber), isMeantToFail: true),
            Probe(name: side.pop, command: RedisCommand(side.pop, key, Self.noNumber), isMeantToFail: true),
        ]
        guard delivery == .atLeastOnce else { return popping }
        // No element can equal it: it is made anew each time.
        let token = "ctid-probe-\(UInt64.random(in: .min ... .max))"
        return popping + [
            Probe(
                name: "BLMOVE", command: RedisCommand("BLMOVE", key, key, "LEFT", "LEFT", Self.noNumber),
                isMeantToFail: true),
            // Of no element: the first one may be larger than a reply may be.
            Probe(name: "LRANGE", command: RedisCommand("LRANGE", key, "1", "0")),
            Probe(name: "EVAL", command: RedisCommand("EVAL", Self.probingScript, "1", key, token)),
            Probe(name: "LREM", command: RedisCommand("LREM", key, "1", token)),
        ]
    }

    private static let noNumber = "ctid-probe"
    /// What the removal does, with nothing removed: being allowed EVAL is not yet being allowed what is in it.
    private static let probingScript = """
        redis.call('LRANGE', KEYS[1], 1, 0)
        redis.call('LTRIM', KEYS[1], 0, -1)
        return redis.call('LREM', KEYS[1], 1, ARGV[1])
        """
}
