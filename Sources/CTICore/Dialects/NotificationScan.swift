/// Goes through any text and picks out what a notification is made of: the way that the hot path declined.
struct NotificationScan {
    private var scanner: JSONScanner
    private let text: UnsafeRawBufferPointer
    private var found = NotificationFields()
    private var depth = 0
    private var isObject = false
    private var inPayload = false
    /// The key whose value comes next; `.other` inside of values that are skipped.
    private var key = NotificationKey.other

    init(_ text: UnsafeRawBufferPointer, relaxed: Bool) {
        self.text = text
        scanner = JSONScanner(text, relaxed: relaxed)
    }

    /// Throws `not-json`, `not-an-object`, and `wrong-type` for half a surrogate pair anywhere.
    mutating func fields() throws(DecodeFailure) -> NotificationFields {
        while try advance() {}
        guard isObject else { throw DecodeFailure(.notAnObject, "expected an object at the top") }
        if let offset = scanner.loneSurrogate {
            throw DecodeFailure(.wrongType, "byte \(offset): half a surrogate pair is no text")
        }
        return found
    }

    private mutating func advance() throws(DecodeFailure) -> Bool {
        switch try scanner.next() {
        case .key(let token): key = meaning(of: token)
        case .scalar(let token): take(token)
        case .objectStart: open(.object)
        case .arrayStart: open(.array)
        case .containerEnd: close()
        case .end: return false
        }
        return true
    }

    private func meaning(of token: JSONToken) -> NotificationKey {
        var known: [NotificationKey] = []
        if depth == 1 { known = NotificationKey.ofEnvelope }
        if inPayload, depth == 2 { known = NotificationKey.ofPayload }
        return known.first { token.equals($0.name, in: text) } ?? .other
    }

    private mutating func take(_ token: JSONToken) {
        found[key] = token
        key = .other
    }

    private mutating func open(_ kind: JSONToken.Kind) {
        if depth == 0 { isObject = kind == .object }
        if depth == 1, key == .payload, kind == .object {
            found.forgetPayload()
            inPayload = true
        }
        take(JSONToken(kind, 0, 0))
        depth += 1
    }

    private mutating func close() {
        depth -= 1
        if depth == 1 { inPayload = false }
    }
}
