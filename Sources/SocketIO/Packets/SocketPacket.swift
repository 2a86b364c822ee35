/// One packet of Socket.IO, protocol revision 5; revision 4 writes the kinds used here alike.
///
///     2["pop",{"id":"7"}]            an event of the namespace /
///     2/cti,12["pop",{"id":"7"}]     of /cti, with a number to be acknowledged by
///     3/cti,12["shown"]              that acknowledgement
///     51-["file",{"_placeholder":true,"num":0}]      one binary message follows
///
/// Arguments stay JSON as they were written: whoever gets them parses them.
public struct SocketPacket: Sendable, Hashable {
    /// Raw values are those of the wire, a digit each.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case connect = 0
        case disconnect, event, ack, connectError, binaryEvent, binaryAck

        public var isBinary: Bool { self == .binaryEvent || self == .binaryAck }
    }

    public var kind: Kind
    /// Begins with a slash.
    public var namespace: String
    /// By which an event is acknowledged.
    public var id: Int?
    /// JSON: an array for events and acknowledgements, an object for the others; `nil` for none.
    public var data: [UInt8]?
    /// Of a binary kind: how many binary messages follow it.
    public var attachments: Int

    public init(_ kind: Kind, namespace: String = "/", id: Int? = nil, data: [UInt8]? = nil, attachments: Int = 0) {
        self.kind = kind
        self.namespace = namespace
        self.id = id
        self.data = data
        self.attachments = attachments
    }

    /// An event with arguments that are JSON each.
    public static func event(
        _ name: String, _ arguments: [[UInt8]], namespace: String = "/", id: Int? = nil
    ) -> SocketPacket {
        SocketPacket(.event, namespace: namespace, id: id, data: JSONText.array([JSONText.string(name)] + arguments))
    }

    /// The answer to an event that asked for one.
    public static func ack(_ arguments: [[UInt8]], namespace: String, id: Int) -> SocketPacket {
        SocketPacket(.ack, namespace: namespace, id: id, data: JSONText.array(arguments))
    }

    /// As the text of an Engine.IO message.
    public var text: [UInt8] {
        var text = [kind.rawValue + UInt8(ascii: "0")]
        text.reserveCapacity((data?.count ?? 0) + namespace.utf8.count + 16)
        if kind.isBinary { text.append(contentsOf: "\(attachments)-".utf8) }
        if namespace != "/" { text.append(contentsOf: "\(namespace),".utf8) }
        if let id { text.append(contentsOf: String(id).utf8) }
        if let data { text.append(contentsOf: data) }
        return text
    }

    /// - Throws: ``PacketError`` for what is no packet. The data is not looked at, but for its first byte.
    public init(text: [UInt8]) throws(PacketError) {
        guard let digit = text.first, digit >= UInt8(ascii: "0"), let kind = Kind(rawValue: digit - UInt8(ascii: "0"))
        else { throw PacketError("a packet without a kind") }
        var rest = text.dropFirst()
        var attachments = 0
        if kind.isBinary {
            guard let dash = rest.prefix(8).firstIndex(of: UInt8(ascii: "-")), let count = Self.number(rest[..<dash])
            else { throw PacketError("a binary packet without the number of its attachments") }
            (attachments, rest) = (count, rest[(dash + 1)...])
        }
        let namespace = Self.takeNamespace(&rest)
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest[digits.endIndex...]
        if !digits.isEmpty, Self.number(digits) == nil { throw PacketError("a packet's number is too large") }
        self.init(
            kind, namespace: namespace, id: Self.number(digits), data: rest.isEmpty ? nil : Array(rest),
            attachments: attachments)
        guard hasFittingData else { throw PacketError("a packet with data of another shape") }
    }

    private var hasFittingData: Bool {
        switch kind {
        case .event, .binaryEvent: data?.first == UInt8(ascii: "[")
        case .ack, .binaryAck: data?.first == UInt8(ascii: "[") && id != nil
        // Revision 4 of a server tells a refusal by a text.
        case .connect, .connectError: data.map { [UInt8(ascii: "{"), UInt8(ascii: "\"")].contains($0.first) } ?? true
        case .disconnect: data == nil
        }
    }

    /// Up to a comma; a query, which revision 4 knows, is left out.
    private static func takeNamespace(_ rest: inout ArraySlice<UInt8>) -> String {
        guard rest.first == UInt8(ascii: "/") else { return "/" }
        let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
        let name = rest[..<end].prefix { $0 != UInt8(ascii: "?") }
        rest = rest[end...].dropFirst()
        return String(decoding: name, as: UTF8.self)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.isEmpty || digits.count > 15 ? nil : Int(String(decoding: digits, as: UTF8.self))
    }
}

extension SocketPacket {
    /// Of an event: its name and its arguments, JSON each.
    ///
    /// - Throws: ``PacketError`` where the data is no array, or its first element is no text.
    public func nameAndArguments() throws(PacketError) -> (name: String, arguments: [[UInt8]]) {
        let elements = try arguments()
        guard let first = elements.first, let name = JSONText.text(first) else {
            throw PacketError("an event without a name")
        }
        return (name, Array(elements.dropFirst()))
    }

    /// Of an acknowledgement: its arguments, JSON each; of an event its name, too.
    public func arguments() throws(PacketError) -> [[UInt8]] {
        guard let data, let elements = JSONText.elements(of: data) else {
            throw PacketError("a packet whose data is no array")
        }
        return elements
    }
}
