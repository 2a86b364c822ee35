/// What did not come about in time.
struct Overdue: Error, CustomStringConvertible {
    let what: String
    var description: String { "not in time: \(what)" }
}

/// Asks again and again until there is a value; throws ``Overdue`` at the deadline.
func eventually<Value: Sendable>(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(10),
    isolation: isolated (any Actor)? = #isolation, _ value: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await value() { return value }
        guard ContinuousClock.now < deadline else { throw Overdue(what: what()) }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// The same for a condition.
func eventually(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(10),
    isolation: isolated (any Actor)? = #isolation, holds condition: () async throws -> Bool
) async throws {
    let _: Bool = try await eventually(what(), within: limit) { try await condition() ? true : nil }
}
