extension SessionRequest {
    /// `{"templateName":…,"templateParameters":{…}}`, which `createSession` takes.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.member("templateName", templateName)
            $0.member("templateParameters", object: { $0.members(templateParameters) })
        }
    }

    /// What a rule's `session` asks for; `nil` for the other kinds.
    public init?(_ action: Action) {
        guard case .session(let template, let parameters, _) = action else { return nil }
        self.init(
            templateName: template,
            templateParameters: parameters.map { VendorMember(name: $0.name, text: $0.value) })
    }

    /// The same as an action. A parameter that is no text comes as its JSON: actions' parameters are text.
    public func action(rule: String) -> Action {
        let members = JSONObject(templateParameters).members
        let values = members.map { member in
            let text = member.value.string ?? String(decoding: member.value.bytes, as: UTF8.self)
            return NamedValue(name: member.name, value: text)
        }
        return .session(template: templateName, parameters: values, rule: rule)
    }
}

extension VendorMember {
    init(name: String, text: String?) {
        var json = JSONWriter(capacity: (text?.utf8.count ?? 0) + 8)
        json.value(text)
        self.init(name: name, json: json.bytes)
    }
}
