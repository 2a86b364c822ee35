// What the board knows: which calls are going on, by queue, and which agents were seen. Derived from the events alone,
// so it knows only what the tenant's rules send to the board.

/** Calls and agents kept; the oldest go first. An end of a call may never be told. */
const CALL_LIMIT = 5_000;
const AGENT_LIMIT = 1_000;

export class BoardModel {
    #calls = new Map();
    #agents = new Map();

    /** Takes in the channel of one event, the xCALLY shape. */
    take(channel) {
        const event = eventOf(channel);
        const id = channel.uniqueid ?? "";
        const number = channel.agentnum ?? "";
        this.#track(id, event, channel.queue ?? "", number);
        if (number) this.#meet(number, channel.agentname ?? "", event, id);
    }

    /** What went on before a gap is not known any more. */
    forget() {
        this.#calls.clear();
        for (const agent of this.#agents.values()) agent.call = "";
    }

    /** `{queue, up, waiting}` of each queue seen, by name. */
    get queues() {
        const queues = new Map();
        for (const { queue, event } of this.#calls.values()) {
            const entry = queues.get(queue) ?? { queue, up: 0, waiting: 0 };
            entry[event === "up" ? "up" : "waiting"]++;
            queues.set(queue, entry);
        }
        return [...queues.values()].sort((one, other) => one.queue.localeCompare(other.queue));
    }

    /** `{number, name, state}` with the state `up`, `ringing`, `calling` or `free`; by number. */
    get agents() {
        return [...this.#agents.values()]
            .map(({ number, name, call }) => ({ number, name, state: this.#stateOf(number, this.#calls.get(call)) }))
            .sort((one, other) => one.number.localeCompare(other.number, undefined, { numeric: true }));
    }

    /** A call that is up elsewhere rings here. */
    #stateOf(number, call) {
        if (!call) return "free";
        return call.event === "up" && call.agent && call.agent !== number ? "ringing" : call.event;
    }

    #track(id, event, queue, agent) {
        if (!id) return;
        const known = this.#calls.get(id);
        // Whoever talks goes on talking: one telephone more rings, or one that rang or had the call is out of it.
        if (known?.event === "up" && agent !== known.agent && isOfOthers(event, known.seen.has(agent))) {
            known.seen.add(agent);
            return;
        }
        this.#calls.delete(id);
        if (isEnd(event)) return;
        if (event === "up" && agent) this.#endOthers(id, agent);
        const seen = (known?.seen ?? new Set()).add(agent);
        this.#calls.set(id, { event, queue: queue || known?.queue || "", agent, seen });
        if (this.#calls.size > CALL_LIMIT) this.#calls.delete(this.#calls.keys().next().value);
    }

    /** Nobody talks to two callers: the end of the call before was not told. And no caller talks to two agents: whoever
     *  had the call has passed it on. */
    #endOthers(id, agent) {
        for (const [other, call] of this.#calls) if (call.agent === agent && call.event === "up") this.#calls.delete(other);
        for (const entry of this.#agents.values()) if (entry.call === id && entry.number !== agent) entry.call = "";
    }

    #meet(number, name, event, call) {
        const known = this.#agents.get(number);
        // The end of another call, say one that rang meanwhile, does not free the agent.
        const current = isEnd(event) ? (known?.call === call ? "" : known?.call ?? "") : call;
        this.#agents.delete(number);
        this.#agents.set(number, { number, name: name || known?.name || "", call: current });
        if (this.#agents.size > AGENT_LIMIT) this.#agents.delete(this.#agents.keys().next().value);
    }
}

/** The end of an agent never heard of with this call is the call's own: not everything is told to the board. */
function isOfOthers(event, isSeen) {
    return isEnd(event) ? isSeen : event !== "up";
}

function isEnd(event) {
    return event === "hangup" || event === "abandon";
}

/** The call event of a channel: named, else by the flag that is named after it. */
export function eventOf(channel) {
    if (channel.event) return String(channel.event);
    const flagged = ["up", "ringing", "calling", "hangup"].find((name) => channel[name] === true);
    return flagged ?? (channel.unmanaged === true ? "abandon" : "");
}
