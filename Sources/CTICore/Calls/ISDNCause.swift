/// Why the network released a call: a cause of ITU-T Q.850, as PBXs pass it on.
public struct ISDNCause: Hashable, Sendable {
    public let code: Int

    public init(_ code: Int) { self.code = code }

    /// Part of a sentence for people; `nil` for a code that is rare or reserved.
    public var words: String? { Self.table[code] }

    /// Every code that has words, in order.
    public static let known: [ISDNCause] = table.keys.sorted().map { ISDNCause($0) }

    private static let table: [Int: String] = [
        1: "the number is not assigned to anybody",
        2: "no route to the network that was asked for",
        3: "no route to the destination",
        6: "the channel was not acceptable",
        16: "normal end of a call",
        17: "the line was busy",
        18: "the telephone did not respond",
        19: "it rang, and nobody answered",
        20: "the subscriber is absent or out of reach",
        21: "the call was rejected",
        22: "the number has changed",
        23: "the call was sent on to another number",
        25: "an exchange could not route the call",
        26: "another telephone took the call",
        27: "the destination is out of order",
        28: "the number is incomplete or badly written",
        29: "the network refused a facility that was asked for",
        31: "normal end, no further reason given",
        34: "no line was free",
        38: "the network is out of order",
        41: "a temporary failure of the network",
        42: "an exchange was overloaded",
        43: "the network dropped information of the call",
        44: "the line that was asked for was not free",
        47: "something that the call needs was not available",
        50: "a facility is not subscribed to",
        52: "outgoing calls are barred",
        54: "incoming calls are barred",
        55: "incoming calls are barred within the closed user group",
        57: "this kind of call is not permitted",
        58: "this kind of call is not possible at present",
        63: "a service was not available",
        65: "this kind of call is not supported",
        69: "a facility is not supported",
        79: "a service is not supported",
        81: "the network did not know the call any more",
        87: "the number is not of the closed user group",
        88: "the destination cannot take this kind of call",
        95: "a signalling message was not valid",
        96: "a signalling message lacked something",
        97: "a signalling message was not understood",
        98: "a signalling message came at the wrong moment",
        99: "a signalling message held something unknown",
        100: "a signalling message held something not valid",
        101: "a signalling message did not fit the state of the call",
        102: "the network waited too long for an answer",
        111: "a protocol error, no further reason given",
        127: "another network ended the call and did not say why",
    ]
}
