/// One rule of a tenant: for which events, under which conditions, which actions. Validated when the configuration loads.
public struct Rule: Hashable, Sendable {
    public var name: String
    public var on: Set<CallEventKind>
    /// All of these hold, and one of `any`; an empty group holds always.
    public var all: [Condition]
    public var any: [Condition]
    public var actions: [ActionTemplate]
    /// Ends the list when this rule matched.
    public var stop: Bool

    public init(
        name: String, on: Set<CallEventKind>, all: [Condition] = [], any: [Condition] = [],
        actions: [ActionTemplate], stop: Bool = false
    ) {
        self.name = name
        self.on = on
        self.all = all
        self.any = any
        self.actions = actions
        self.stop = stop
    }
}

/// A field of the call held against a value. An absent field equals nothing, not even the empty text.
public struct Condition: Hashable, Sendable {
    public enum Test: Hashable, Sendable {
        case equals(String)
        case not(String)
        case isIn([String])
        case hasPrefix(String)
    }

    public var field: TemplateField
    public var test: Test

    public init(field: TemplateField, test: Test) {
        self.field = field
        self.test = test
    }
}

/// How an `open` action shows its page. Source of the two first: xCALLY's `wakeup`.
public enum OpenMode: String, Sendable, CaseIterable {
    case newTab = "new_tab"
    case newFrame = "new_frame"
    /// One named window that is steered again and again: the only way that no popup blocker minds.
    case window
}

/// What a rule asks for, before a call fills it in.
public enum ActionTemplate: Hashable, Sendable {
    case open(url: Template, mode: OpenMode)
    case session(template: Template, parameters: [NamedTemplate])
    case realtime(app: Template, reference: Template, url: Template)
    case webhook(name: String)

    /// Whether it takes (part of) an agent's screen.
    var isScreenPop: Bool {
        switch self {
        case .open, .session: true
        case .realtime, .webhook: false
        }
    }

    /// Whether a text of it would have a gap without the contact. A fallback fills the gap.
    func needsContact(_ variables: [NamedTemplate]) -> Bool {
        switch self {
        case .open(let url, _): url.needsContact(variables)
        case .session(let template, let parameters):
            template.needsContact(variables) || parameters.contains { $0.template.needsContact(variables) }
        case .realtime, .webhook: false
        }
    }
}

public struct NamedTemplate: Hashable, Sendable {
    public var name: String
    public var template: Template

    public init(name: String, template: Template) {
        self.name = name
        self.template = template
    }
}

/// What a rule asks for, for one call.
public enum Action: Hashable, Sendable {
    case open(url: String, mode: OpenMode, rule: String)
    case session(template: String, parameters: [NamedValue], rule: String)
    case realtime(app: String, reference: String, url: String, rule: String)
    case webhook(name: String, rule: String)

    /// Whether it takes (part of) an agent's screen.
    public var isScreenPop: Bool {
        switch self {
        case .open, .session: true
        case .realtime, .webhook: false
        }
    }
}

public struct NamedValue: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
