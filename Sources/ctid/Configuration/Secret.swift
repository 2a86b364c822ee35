/// What a secret file holds. Nothing that describes, prints or dumps it shows it: ask for `text` or `bytes`.
struct Secret: Hashable, Sendable {
    let text: String
    var bytes: [UInt8] { Array(text.utf8) }

    init(_ text: String) { self.text = text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "<secret>" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
