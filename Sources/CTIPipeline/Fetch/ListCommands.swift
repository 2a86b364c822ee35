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

    /// Removes exactly these if they still stand at the end of the list: its first and its last element are where they
    /// were read. A list changes at its ends alone, so what is between them has not changed either.
    ///
    /// Answers how many were removed, or ``ListCommands/notAsRead``.
    func removal(of batch: NotificationBatch) -> RedisCommand {
        let count = Array(String(batch.count).utf8)
        let arguments = [Array("EVAL".utf8), removalScript, Self.one, Array(key.utf8), count]
        return RedisCommand(arguments + [batch.element(0), batch.element(batch.count - 1)])
    }

    /// Somebody else took from the list meanwhile: nothing was removed.
    static let notAsRead: Int64 = -1

    /// Removes those of these that are left, all of them compared: another reader took the others. Answers how many.
    ///
    /// `elements` are in the order in which they were pushed. What has gone elsewhere in the list stays there, and is
    /// fetched once more: a repeat costs nothing, and what is not compared is never removed.
    func removalOfRest(of elements: [[UInt8]]) -> RedisCommand {
        RedisCommand([Array("EVAL".utf8), removalOfRestScript, Self.one, Array(key.utf8)] + elements)
    }

    private static let one = Array("1".utf8)

    /// The same without a script, for servers that allow none: a command an element.
    func removalOneByOne(of elements: [[UInt8]]) -> [RedisCommand] {
        let count = side == .left ? "1" : "-1"
        return elements.map { RedisCommand([Array("LREM".utf8), Array(key.utf8), Array(count.utf8), $0]) }
    }

    private var removalScript: [UInt8] { side == .left ? Self.leftRemoval : Self.rightRemoval }
    private var removalOfRestScript: [UInt8] { side == .left ? Self.leftRest : Self.rightRest }

    private static let leftRemoval = removal(first: "0", last: "n - 1", trim: "n, -1")
    private static let rightRemoval = removal(first: "-1", last: "-n", trim: "0, -1 - n")

    private static func removal(first: String, last: String, trim: String) -> [UInt8] {
        Array(
            """
            local n = tonumber(ARGV[1])
            if redis.call('LINDEX', KEYS[1], \(first)) ~= ARGV[2] or redis.call('LINDEX', KEYS[1], \(last)) ~= ARGV[3] then
              return \(notAsRead)
            end
            redis.call('LTRIM', KEYS[1], \(trim))
            return n
            """.utf8)
    }

    private static let leftRest = rest(range: "0, #ARGV - 1", element: "head[i]", trim: "n, -1")
    private static let rightRest = rest(range: "-#ARGV, -1", element: "head[#head - i + 1]", trim: "0, -1 - n")

    /// The longest end of what was read that the list begins with now.
    private static func rest(range: String, element: String, trim: String) -> [UInt8] {
        Array(
            """
            local head = redis.call('LRANGE', KEYS[1], \(range))
            for gone = 0, #ARGV - 1 do
              local n = #ARGV - gone
              local same = #head >= n
              for i = 1, n do
                if not same then break end
                same = \(element) == ARGV[gone + i]
              end
              if same then
                redis.call('LTRIM', KEYS[1], \(trim))
                return n
              end
            end
            return 0
            """.utf8)
    }

    /// A command sent to learn whether it is to be had.
    struct Probe: Sendable {
        var name: String
        var command: RedisCommand
        /// An argument is wrong on purpose. The server looks at permissions, at its own role and at the cluster
        /// before it looks at arguments: refused for the argument alone, the command is ours to use.
        var isMeantToFail = false
    }

    /// Asks for all that a delivery, or its fall-back, is made of. Nothing is changed by it, and nothing takes longer
    /// with a long list.
    func probes(for delivery: RedisListSettings.Delivery) -> [Probe] {
        let popping = [
            Probe(name: "LLEN", command: length),
            Probe(
                name: side.waitingPop, command: RedisCommand(side.waitingPop, key, Self.noNumber), isMeantToFail: true),
            Probe(name: side.pop, command: RedisCommand(side.pop, key, Self.noNumber), isMeantToFail: true),
        ]
        guard delivery == .atLeastOnce else { return popping }
        return popping + [
            Probe(
                name: "BLMOVE", command: RedisCommand("BLMOVE", key, key, "LEFT", "LEFT", Self.noNumber),
                isMeantToFail: true),
            // Of no element: the first one may be larger than a reply may be.
            Probe(name: "LRANGE", command: RedisCommand("LRANGE", key, "1", "0")),
            Probe(name: "EVAL", command: RedisCommand("EVAL", Self.probingScript, "1", key)),
            Probe(name: "LREM", command: RedisCommand("LREM", key, Self.noNumber, ""), isMeantToFail: true),
        ]
    }

    private static let noNumber = "ctid-probe"
    /// What the removal does, with nothing removed: being allowed EVAL is not yet being allowed what is in it.
    private static let probingScript = """
        redis.call('LRANGE', KEYS[1], 1, 0)
        redis.call('LINDEX', KEYS[1], 0)
        return redis.call('LTRIM', KEYS[1], 0, -1)
        """
}
