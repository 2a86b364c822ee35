import CTICore
import Foundation

extension ConfigurationValue {
    /// A template of which every name is known; with `schemes`, one that makes a URL. All its mistakes are reported.
    func template(variables: [String], schemes: Set<String>? = nil) -> Template? {
        guard let text = text(expected: "a text, as {caller}") else { return nil }
        let mistakes = TemplateMistake.all(in: text, variables: variables)
        for mistake in mistakes { fail(mistake.message, offset: mistake.offset) }
        guard mistakes.isEmpty, let template = try? Template(parsing: text, variables: variables) else { return nil }
        guard let schemes, let problem = template.urlProblem(allowedSchemes: schemes) else { return template }
        fail(problem)
        return nil
    }

    /// A complete `http` or `https` URL, as it is written.
    func webURL() -> String? {
        let expected = "an http or https URL"
        guard let text = nonEmptyText(expected: expected) else { return nil }
        guard let parts = webParts(of: text) else {
            fail("is not a complete URL, expected \(expected)")
            return nil
        }
        if parts.user != nil || parts.password != nil {
            fail("holds a user or a password, which would show in logs, expected a URL without")
            return nil
        }
        return text
    }

    /// What a browser calls an origin, in its own spelling: scheme, host, and the port unless it is the scheme's own.
    func origin() -> String? {
        let expected = "an origin, as https://crm.example"
        guard let text = nonEmptyText(expected: expected) else { return nil }
        guard let parts = webParts(of: text), let scheme = parts.scheme?.lowercased(), let host = parts.host,
            ["", "/"].contains(parts.path), parts.query == nil, parts.fragment == nil, parts.user == nil
        else {
            fail("\"\(text)\" is not an origin, expected scheme, host and port alone, as https://crm.example")
            return nil
        }
        let port = parts.port.flatMap { $0 == (scheme == "https" ? 443 : 80) ? nil : ":\($0)" } ?? ""
        return "\(scheme)://\(host.lowercased())\(port)"
    }

    private func webParts(of text: String) -> URLComponents? {
        // A blank is refused here since it would be encoded without a word.
        guard !text.contains(where: \.isWhitespace), let parts = URLComponents(string: text),
            ["http", "https"].contains(parts.scheme?.lowercased()), let host = parts.host, !host.isEmpty,
            parts.port.map({ (1...65535).contains($0) }) ?? true
        else { return nil }
        return parts
    }
}

/// One mistake in a template's text. Reading stops at the first; this goes on behind it.
struct TemplateMistake {
    var message: String
    /// In Unicode scalars from the beginning of the text.
    var offset: Int

    static func all(in text: String, variables: [String]) -> [TemplateMistake] {
        var mistakes: [TemplateMistake] = []
        var rest = Array(text.utf8)[...]
        while true {
            do {
                _ = try Template(parsing: String(decoding: rest, as: UTF8.self), variables: variables)
                return mistakes
            } catch {
                let place = rest.startIndex + error.offset
                let before = String(decoding: Array(text.utf8)[..<place], as: UTF8.self)
                mistakes.append(TemplateMistake(message: error.message, offset: before.unicodeScalars.count))
                guard let end = rest[place...].firstIndex(of: UInt8(ascii: "}")) else { return mistakes }
                rest = rest[(end + 1)...]
            }
        }
    }
}
