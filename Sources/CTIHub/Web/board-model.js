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
            .map(({ number, name, call }) => ({ number, name, state: this.#calls.get(call)?.event ?? "free" }))
            .sort((one, other) => one.number.localeCompare(other.number, undefined, { numeric: true }));
    }

    #track(id, event, queue, agent) {
        if (!id) return;
        const known = this.#calls.get(id);
        this.#calls.delete(id);
        if (event === "hangup" || event === "abandon") return;
        if (event === "up" && agent) this.#endOthers(agent);
        this.#calls.set(id, { event, queue: queue || known?.queue || "", agent });
        if (this.#calls.size > CALL_LIMIT) this.#calls.delete(this.#calls.keys().next().value);
    }

    /** Nobody talks to two callers: the end of the call before was not told. */
    #endOthers(agent) {
        for (const [id, call] of this.#calls) if (call.agent === agent && call.event === "up") this.#calls.delete(id);
    }

    #meet(number, name, event, call) {
        const known = this.#agents.get(number);
        const ends = event === "hangup" || event === "abandon";
        // The end of another call, say one that rang meanwhile, does not free the agent.
        const current = ends ? (known?.call === call ? "" : known?.call ?? "") : call;
        this.#agents.delete(number);
        this.#agents.set(number, { number, name: name || known?.name || "", call: current });
        if (this.#agents.size > AGENT_LIMIT) this.#agents.delete(this.#agents.keys().next().value);
    }
}

/** The call event of a channel: named, else by the flag that is named after it. */
export function eventOf(channel) {
    if (channel.event) return String(channel.event);
    const flagged = ["up", "ringing", "calling", "hangup"].find((name) => channel[name] === true);
    return flagged ?? (channel.unmanaged === true ? "abandon" : "");
}
