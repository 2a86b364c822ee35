public import CTICore

extension ContactRecord {
    /// The members of a contact, as our own files and `GET …/contacts` have them.
    ///
    /// - Parameter masked: for somebody who must not see numbers. A name or an id that is nothing but the number is
    ///   masked, too.
    public func write(to json: inout JSONWriter, masked: Bool = false) {
        json.object {
            $0.member("id", masked ? concealed(id) : id)
            $0.member("type", type)
            $0.member("name", masked ? concealed(name) : name)
            $0.member("phones", array: { for phone in phones { $0.value(masked ? MaskedNumber.mask(phone) : phone) } })
            $0.member("references", array: { for reference in references { $0.value(reference) } })
            $0.member("avatar", avatar)
            $0.member(
                "fields",
                object: {
                    for (name, value) in fields.sorted(by: { $0.key < $1.key }) { $0.member(name, value) }
                })
            if isInactive { $0.member("inactive", true) }
        }
    }

    private func concealed(_ text: String) -> String {
        let digits = text.filter(\.isNumber)
        let isNumber = digits.count > 5 && text.allSatisfy { !$0.isLetter }
        return isNumber && (text.hasPrefix("+") || phones.contains(text)) ? MaskedNumber.mask(text) : text
    }
}

extension ImportReport {
    /// `{"imported":…,"inactive":…,"leftOut":…,"damaged":…,"unreadableNumbers":…,"findings":[{"line":…,"reason":…}],
    /// "findingsTotal":…}`
    public func writeMembers(to json: inout JSONWriter) {
        json.member("imported", Int64(imported))
        json.member("inactive", Int64(inactive))
        json.member("leftOut", Int64(skipped))
        json.member("damaged", Int64(damaged))
        json.member("unreadableNumbers", Int64(unreadableNumbers))
        json.member(
            "findings",
            array: {
                for finding in findings {
                    $0.object {
                        $0.member("line", Int64(finding.line))
                        $0.member("reason", finding.reason)
                    }
                }
            })
        json.member("findingsTotal", Int64(totalFindings))
    }
}
