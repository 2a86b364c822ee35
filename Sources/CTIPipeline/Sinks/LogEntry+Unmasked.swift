import CTICore

extension LogEntry {
    /// A `call` as sinks are told of it: with the caller's number, where agents are not shown it. (A CRM's server is no
    /// agent; neither is who reads a Redis channel.) Other entries stay as they are.
    ///
    /// - Parameter region: how national numbers are read.
    public func unmasked(region: String) -> LogEntry {
        guard kind == .call, let caller = trace.flatMap({ StoredFrame($0).unmaskedCaller }),
            var frame = CallFrame(json: data)
        else { return self }
        frame.call.caller = caller
        frame.call.callerE164 = NumberPlan.e164(caller, region: region)
        var entry = self
        entry.data = frame.bytes
        return entry
    }

    /// Whether an agent's choice between several contacts led to it: not a new event, but an earlier one told again.
    public var isChoice: Bool { trace.flatMap { StoredFrame($0).change } == CallDecision.chosen }
}
