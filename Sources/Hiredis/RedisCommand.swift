/// A command as it goes over the wire, made once and sent often.
public struct RedisCommand: Sendable, Hashable {
    public private(set) var bytes: [UInt8]

    public init(_ arguments: String...) { self.init(arguments.map { Array($0.utf8) }) }

    public init(_ arguments: [[UInt8]]) {
        bytes = []
        bytes.reserveCapacity(arguments.reduce(16) { $0 + $1.count + 16 })
        appendHeader("*", arguments.count)
        for argument in arguments {
            appendHeader("$", argument.count)
            bytes.append(contentsOf: argument)
            appendLineEnd()
        }
    }

    private mutating func appendHeader(_ kind: Unicode.Scalar, _ count: Int) {
        bytes.append(UInt8(ascii: kind))
        bytes.append(contentsOf: String(count).utf8)
        appendLineEnd()
    }

    private mutating func appendLineEnd() {
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
    }
}
