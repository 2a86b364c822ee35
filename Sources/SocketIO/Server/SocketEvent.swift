/// An event that a client sent.
public struct SocketEvent: Sendable, Hashable {
    public var name: String
    /// JSON each, as they came. What is binary stands in them as `{"_placeholder":true,"num":n}`.
    public var arguments: [[UInt8]]
    /// By which the client wants it acknowledged.
    public var id: Int?
    public var attachments: [[UInt8]]

    public init(_ name: String, _ arguments: [[UInt8]] = [], id: Int? = nil, attachments: [[UInt8]] = []) {
        self.name = name
        self.arguments = arguments
        self.id = id
        self.attachments = attachments
    }
}

/// What a client is told that wants to join a namespace.
public enum SocketAnswer: Sendable, Hashable {
    /// `recovery`: the `pid` by which the client may ask to be taken for the one it was.
    case accepted(recovery: String?)
    /// `data`: JSON.
    case refused(message: String, data: [UInt8]?)
    /// Nothing can be said now: the connection ends, and clients come back by themselves.
    case unavailable
}
