extension Template {
    /// What is wrong with it as a URL to open, known before any call; `nil` where nothing is.
    ///
    /// Text at the beginning must hold the scheme up to its colon, and the scheme must be allowed. A template that
    /// begins with a field cannot be judged here: each call's URL is checked when it is planned.
    public func urlProblem(allowedSchemes: Set<String>) -> String? {
        guard let first = parts.first else { return "an empty address; expected a URL, as \(Self.example)" }
        guard case .literal(let text) = first else { return nil }
        switch URLScheme.refusal(of: text.utf8, allowed: allowedSchemes) {
        case nil: return nil
        case .noScheme: return "the address does not begin with a scheme; expected a full URL, as \(Self.example)"
        case .neverAllowed(let scheme): return "\"\(scheme):\" is never allowed; expected a URL, as \(Self.example)"
        case .notAllowed(let scheme):
            let allowed = allowedSchemes.subtracting(URLScheme.neverAllowed).sorted().map { "\($0):" }
            return "\"\(scheme):\" is not allowed; expected one of \(allowed.joined(separator: ", "))"
        }
    }

    private static let example = "https://crm.example/c/{contact.id}"
}
