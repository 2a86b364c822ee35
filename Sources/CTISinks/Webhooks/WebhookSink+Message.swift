public import CTICore
public import CTIPipeline

extension WebhookSink {
    /// `{"type":"call.up","timestamp":…,"data":<the frame>}` for an event of a kind that it is told of anyway, or for which
    /// a rule named it. That an agent chose one of several contacts is no event of a call.
    public func message(for recorded: RecordedEntry) -> SinkMessage? {
        let entry = recorded.entry
        guard entry.kind == .call, let frame = try? JSONObject(entry.data),
            let event = frame["event"]?.string.flatMap(CallEventKind.init(rawValue:))
        else { return nil }
        let isOfKind = webhook.events.contains(event) && !entry.isChoice
        guard isOfKind || isNamed(by: entry.trace) else { return nil }
        return SinkMessage(
            position: recorded.position, id: "msg_\(tenant)_\(recorded.position)", event: event.rawValue,
            ref: entry.ref, agent: entry.agent, at: entry.at,
            data: Self.body(type: "call.\(event.rawValue)", at: entry.at, data: entry.unmasked(region: region).data))
    }

    /// Whether a rule's action names it. No action can be read of a trace that cannot.
    private func isNamed(by trace: [UInt8]?) -> Bool {
        let actions = trace.flatMap { try? JSONObject($0) }?["actions"]?.elements ?? []
        return actions.contains { action in
            let members = try? JSONObject(action.bytes)
            return members?["kind"]?.string == "webhook" && members?["name"]?.string == webhook.name
        }
    }

    /// What tries out an endpoint: of a type of its own, an invented call of an invented agent.
    public func sample(_ event: CallEventKind, at moment: Timestamp) -> SinkMessage {
        let id = PopID.random()
        let agent = Agent(extension: Extension("1001"), name: "Sample Agent", peer: nil)
        let call = CallEvent(
            kind: event, generation: .v3, direction: .inbound, caller: "0000000000", dialed: "0000000001",
            holdSeconds: nil, callRef: CallRef("sample-\(id)"), contactRef: nil, extension: agent.extension)
        let frame = CallFrame(id: id, tenant: tenant, event: event, agent: agent, call: Call(call))
        var data = JSONWriter(capacity: 512)
        frame.write(to: &data)
        return SinkMessage(
            position: Position(0), id: "msg_\(tenant)_test_\(id)", event: event.rawValue, ref: call.callRef,
            agent: agent.extension, at: moment, data: Self.body(type: "ctid.test", at: moment, data: data.bytes))
    }

    private static func body(type: String, at moment: Timestamp, data: [UInt8]) -> [UInt8] {
        var json = JSONWriter(capacity: data.count + 96)
        json.object {
            $0.member("type", type)
            $0.member("timestamp", moment)
            $0.member("data", json: data)
        }
        return json.bytes
    }
}
