/// What a column of a table, or a member of an object, tells of a contact, by the names that programs usually give it.
enum ContactColumn: Hashable {
    case id, name, givenName, familyName, company, phone, reference, type, active, inactive, avatar, field

    init(header: String) {
        let key = header.lowercased().unicodeScalars.filter { $0.properties.isAlphabetic }
        let word = String(String.UnicodeScalarView(key))
        self = Self.known[word] ?? (Self.isPhone(word) ? .phone : .field)
    }

    private static let known: [String: ContactColumn] = [
        "id": .id, "contactid": .id, "recordid": .id, "uid": .id, "externalid": .id,
        "name": .name, "fullname": .name, "displayname": .name, "contactname": .name, "customername": .name,
        "kunde": .name, "firstname": .givenName, "givenname": .givenName, "forename": .givenName,
        "vorname": .givenName, "nachname": .familyName, "firma": .company,
        "lastname": .familyName, "familyname": .familyName, "surname": .familyName,
        "company": .company, "companyname": .company, "organization": .company, "organisation": .company,
        "organizationname": .company, "accountname": .company,
        "reference": .reference, "references": .reference, "ref": .reference, "refs": .reference,
        "contactref": .reference, "customerref": .reference, "customernumber": .reference,
        "accountnumber": .reference, "kundennummer": .reference, "kdnr": .reference,
        "type": .type, "contacttype": .type, "logicalname": .type,
        "active": .active, "isactive": .active, "enabled": .active,
        "inactive": .inactive, "isinactive": .inactive, "disabled": .inactive, "deleted": .inactive,
        "avatar": .avatar, "avatarurl": .avatar, "photo": .avatar, "image": .avatar, "picture": .avatar,
    ]

    private static let phoneWords = ["phone", "mobile", "cellular", "telefon", "handy"]

    /// `Phone 1 - Value`, `Business Phone`, `tel`; not `Phone 1 - Type`.
    private static func isPhone(_ word: String) -> Bool {
        if word.hasSuffix("type") || word.hasSuffix("label") || word.contains("phonetic") { return false }
        if ["tel", "number", "numbers", "msisdn", "fax", "cell", "mobil", "rufnummer"].contains(word) { return true }
        return phoneWords.contains { word.contains($0) }
    }

    /// Puts one value where it belongs.
    func set(_ value: String, header: String, in draft: inout ContactDraft) {
        guard !value.isEmpty else { return }
        switch self {
        case .id: draft.record.id = value
        case .name: draft.record.name = value
        case .givenName: draft.given = value
        case .familyName: draft.family = value
        case .company: draft.company = value
        case .phone: draft.record.phones.append(value)
        case .reference: draft.record.references += Self.references(value)
        case .type: draft.record.type = value
        case .active: draft.record.isInactive = Self.isNo(value)
        case .inactive: draft.record.isInactive = Self.isYes(value)
        case .avatar: draft.record.avatar = value
        case .field: draft.record.fields[header] = value
        }
    }

    /// One text may hold several.
    static func references(_ value: String) -> [String] { value.split { $0 == ";" || $0 == "|" }.map(String.init) }

    static func isYes(_ value: String) -> Bool { ["true", "yes", "y", "1"].contains(value.trimmed.lowercased()) }

    static func isNo(_ value: String) -> Bool { ["false", "no", "n", "0"].contains(value.trimmed.lowercased()) }
}

/// A contact on its way in, whose name may come in parts.
struct ContactDraft {
    var record = ContactRecord(id: "", name: "")
    var given = ""
    var family = ""
    var company = ""
    var nickname = ""

    /// With the best name that there is.
    var finished: ContactRecord {
        var record = record
        if record.name.trimmed.isEmpty {
            record.name = [given.trimmed, family.trimmed].filter { !$0.isEmpty }.joined(separator: " ")
        }
        if record.name.isEmpty { record.name = nickname.trimmed.isEmpty ? company : nickname }
        if !company.isEmpty, record.name != company { record.fields["company"] = company }
        return record
    }
}
