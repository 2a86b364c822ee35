/// Why a call cannot be dialled. The message is for people, and holds nothing of what they typed.
public struct ClickToDialRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        case agent = "bad-agent"
        case number = "bad-number"
        case outboundID = "bad-outbound-id"
        case contactRef = "bad-contact-ref"
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
