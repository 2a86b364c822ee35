extension Dialect {
    /// The dialect of an event whose sender did not say, by the members that the vendor's events alone have.
    ///
    /// What has no vendor's mark is taken for our own, so that the message says what we expect. Headers of a SIP INVITE
    /// are `teleforge`, whose headers carry the call; ``SIPInvite`` reads them.
    public static func recognised(in object: JSONObject) -> Dialect {
        if SIPInvite.isHeaders(object) { return .teleforge }
        let type = object["type"]?.string ?? ""
        if type == "call" || type == "cdr" { return .teleforge }
        if type.hasPrefix("phone:") { return .kunzite }
        if object["eventId"] != nil { return .enreach }
        if object["uniqueid"] != nil || hasUniqueID(object["channel"]) { return .xcally }
        return .ctid
    }

    /// `RealtimeCTI` carries the event as its `channel`.
    private static func hasUniqueID(_ channel: JSONFragment?) -> Bool {
        guard let channel, channel.isObject, let object = try? JSONObject(channel.bytes) else { return false }
        return object["uniqueid"] != nil
    }
}
