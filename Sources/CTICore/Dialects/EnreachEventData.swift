/// What is read of `eventData`, the object that Enreach's telephone passed "containing all kind of call information".
///
/// The vendor documents no member of it but the two of a session. A call's id and an extension are nowhere else, though, and
/// nowhere said to be: that they are looked for under these names is our reading.
struct EnreachEventData {
    private let object: JSONObject

    /// The names of the call's id, all of them ours; the first that is text counts.
    static let callRefNames = ["callId", "callRef", "id"]
    private static let extensionName = "extension"
    private static let templateName = "sessionTemplateId"
    private static let parametersName = "sessionParameters"

    /// Its value "depends on the use case": what is no object has no members.
    init(_ json: [UInt8]?) { object = json.flatMap { try? JSONObject($0) } ?? JSONObject() }

    var callRef: CallRef? {
        Self.callRefNames.lazy.compactMap { object[$0]?.text }.first { !$0.isEmpty }.map { CallRef($0) }
    }

    var `extension`: String? { object[Self.extensionName]?.text.flatMap { $0.isEmpty ? nil : $0 } }

    /// The session that is about to be opened.
    func session() throws(DecodeFailure) -> SessionRequest {
        let reader = MemberReader(object: object, path: "eventData.")
        let template = try reader.text(Self.templateName, required: "the name of the session's template")
        let parameters = try reader.object(Self.parametersName)?.object.others(than: []) ?? []
        return SessionRequest(templateName: template, templateParameters: parameters)
    }

    /// The vendor's own where it is known, else what is read above; the session is the event's in any case.
    static func json(_ account: CallAccount) -> [UInt8] {
        let told = account.facts.told(in: .enreach)["eventData"]?.bytes
        guard account.event == .ringing, let session = account.facts.session else { return told ?? ours(account).json }
        let data = told.flatMap { try? JSONObject($0) } ?? ours(account)
        return JSONObject(
            data.others(than: [templateName, parametersName]) + [
                VendorMember(name: templateName, text: session.templateName),
                VendorMember(name: parametersName, json: JSONObject(session.templateParameters).json),
            ]
        ).json
    }

    private static func ours(_ account: CallAccount) -> JSONObject {
        let number = account.agent.extension.rawValue
        let ref = VendorMember(name: callRefNames[0], text: account.call.ref.rawValue)
        return JSONObject([ref] + (number.isEmpty ? [] : [VendorMember(name: extensionName, text: number)]))
    }
}

extension JSONObject {
    fileprivate var json: [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object { $0.members(others(than: [])) }
        return json.bytes
    }
}
