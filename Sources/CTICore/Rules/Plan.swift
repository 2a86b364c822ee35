/// What the tenant's rules ask for, for one event of one call, and why.
public struct Plan: Hashable, Sendable {
    /// In the order of the rules, and of the actions in a rule.
    public var actions: [Action]
    /// Every rule of the tenant, in order.
    public var trace: [RuleTrace]

    public init(actions: [Action] = [], trace: [RuleTrace] = []) {
        self.actions = actions
        self.trace = trace
    }

    /// Those that take an agent's screen.
    public var screenPops: [Action] { actions.filter(\.isScreenPop) }

    /// The members `trace` and `actions` of an object that is open already.
    public func writeMembers(to json: inout JSONWriter) {
        json.member("trace", array: { array in for line in trace { line.write(to: &array) } })
        json.member("actions", array: { array in for action in actions { action.write(to: &array) } })
    }
}
