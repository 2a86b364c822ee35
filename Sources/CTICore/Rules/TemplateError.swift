/// What is wrong with a template's text. The message says what is expected; neither part holds a call's value.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    public let message: String
    /// In bytes of UTF-8 from the beginning of the text.
    public let offset: Int

    public init(_ message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }

    public var description: String { "\(message) (at byte \(offset))" }
}
