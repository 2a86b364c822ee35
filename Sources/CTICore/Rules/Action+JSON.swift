extension Action {
    /// `{"kind":"open","url":…,"mode":…,"rule":…}`, and its like for the other kinds; `kind` first, `rule` last.
    public func write(to json: inout JSONWriter) {
        json.object {
            switch self {
            case .open(let url, let mode, let rule):
                $0.member("kind", "open")
                $0.member("url", url)
                $0.member("mode", mode.rawValue)
                $0.member("rule", rule)
            case .session(let template, let parameters, let rule):
                $0.member("kind", "session")
                $0.member("template", template)
                $0.member(
                    "parameters",
                    object: { object in
                        for parameter in parameters { object.member(parameter.name, parameter.value) }
                    })
                $0.member("rule", rule)
            case .realtime(let app, let reference, let url, let rule):
                $0.member("kind", "realtime")
                $0.member("app", app)
                $0.member("reference", reference)
                $0.member("url", url)
                $0.member("rule", rule)
            case .webhook(let name, let rule):
                $0.member("kind", "webhook")
                $0.member("name", name)
                $0.member("rule", rule)
            }
        }
    }
}
