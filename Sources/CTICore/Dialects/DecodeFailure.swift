/// Why a payload is none of ours. Neither code nor message holds a value of the payload; both may be logged.
public struct DecodeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        case notUTF8 = "not-utf8"
        case notJSON = "not-json"
        case notAnObject = "not-an-object"
        case unknownType = "unknown-type"
        case missingField = "missing-field"
        case wrongType = "wrong-type"
        case tooLarge = "too-large"
    }

    public let code: Code
    /// What is wrong, where (key path or byte offset), and what is expected.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
