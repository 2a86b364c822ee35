/// Enreach Voice for Dynamics: the context that its plugins get with an event. It carries neither times nor our side's
/// number, and the agent's telephone knows its own part in a call alone.
enum EnreachCodec: DialectCodec {
    static func decode(_ object: JSONObject) throws(DecodeFailure) -> CallAccount {
        let context = try EnreachContext(object)
        let data = EnreachEventData(context.eventData)
        guard let ref = data.callRef else {
            throw missing("eventData.callId", "the call's id, there or as callRef or id")
        }
        let event = context.event.kind(wasAnswered: context.callStarted)
        let agent = Agent(extension: try self.extension(context, data, at: event), crmUser: context.crmUserID)
        let sent = CallEvent(
            kind: event, generation: .unknown, direction: event == .calling ? .outbound : context.direction,
            caller: context.phoneNumber, callRef: ref, extension: agent.extension)
        var facts = CallFacts()
        facts.reach = .leg
        if context.event == .beforeSession { facts.session = try data.session() }
        facts.keep(context.vendorMembers, for: .enreach)
        return CallAccount(event: event, agent: agent, call: Call(sent), contact: context.customer, facts: facts)
    }

    /// The vendor names the agent, not the telephone: without an extension, the agent's id stands for it. This is our
    /// reading. A caller who gave up in a queue, which other vendors tell, was with nobody.
    private static func `extension`(
        _ context: EnreachContext, _ data: EnreachEventData, at event: CallEventKind
    ) throws(DecodeFailure) -> Extension {
        let known = [data.extension, context.userID, context.crmUserID].compactMap(\.self).first { !$0.isEmpty }
        if let known { return Extension(known) }
        guard event == .abandon else {
            throw missing("eventData.extension", "the agent's extension, there or as userId or crmUserId")
        }
        return Extension("")
    }

    static func encode(_ account: CallAccount, to json: inout JSONWriter) -> Bool {
        guard let context = EnreachContext(account) else { return false }
        context.write(to: &json)
        return true
    }
}
