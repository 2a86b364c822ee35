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
        let decision = RecordedDecision(trace: entry.trace)
        let isOfKind = webhook.events.contains(event) && !decision.isChoice
        guard isOfKind || decision.webhooks.contains(webhook.name) else { return nil }
        let data = decision.unmaskedCaller.map { frame.bytes(withCaller: $0, region: region) } ?? entry.data
        return SinkMessage(
            position: recorded.position, id: "msg_\(tenant)_\(recorded.position)", event: event.rawValue,
            ref: entry.ref, agent: entry.agent, at: entry.at,
            data: Self.body(type: "call.\(event.rawValue)", at: entry.at, data: data))
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

/// What a trace tells that matters here. Of a trace that cannot be read, nothing.
private struct RecordedDecision {
    /// Those that rules named.
    var webhooks: [String] = []
    /// The same event once more, with the contact whom the agent chose.
    var isChoice = false
    /// Where the frame beside it hides the number, which is for agents alone.
    var unmaskedCaller: String?

    init(trace: [UInt8]?) {
        guard let trace, let members = try? JSONObject(trace) else { return }
        isChoice = members["change"]?.string == "chosen"
        unmaskedCaller = members["unmaskedCaller"]?.string
        webhooks = members["actions"]?.elements?.compactMap(Self.webhook) ?? []
    }

    private static func webhook(_ action: JSONFragment) -> String? {
        guard let members = try? JSONObject(action.bytes), members["kind"]?.string == "webhook" else { return nil }
        return members["name"]?.string
    }
}

extension JSONObject {
    /// A frame with the number that it hides from agents; all else stays as it was written.
    fileprivate func bytes(withCaller caller: String, region: String) -> [UInt8] {
        var json = JSONWriter(capacity: 768)
        json.object {
            for member in members {
                if member.name == "call", let call = try? JSONObject(member.value.bytes) {
                    $0.key(member.name)
                    call.write(withCaller: caller, region: region, to: &$0)
                } else {
                    $0.member(member.name, json: member.value.bytes)
                }
            }
        }
        return json.bytes
    }

    private func write(withCaller caller: String, region: String, to json: inout JSONWriter) {
        json.object {
            for member in members {
                switch member.name {
                case "caller": $0.member("caller", caller)
                case "callerE164": $0.member("callerE164", NumberPlan.e164(caller, region: region))
                default: $0.member(member.name, json: member.value.bytes)
                }
            }
        }
    }
}
