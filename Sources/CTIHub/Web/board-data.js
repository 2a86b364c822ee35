// What the board knows, row by row, exactly as the server tells it: a snapshot, then what differs.

const TABLES = ["calls", "agents", "queues", "missed", "deadLetters"];

export class BoardData {
    tables = Object.fromEntries(TABLES.map((name) => [name, new Map()]));
    figures = {};
    /** Server's clock minus ours; the way takes time, so the largest difference is the nearest. */
    #skew = -Infinity;

    /** Milliseconds of the server's clock. */
    get now() {
        return Date.now() + (Number.isFinite(this.#skew) ? this.#skew : 0);
    }

    /** A new connection: the clocks are compared anew. */
    meet(at) {
        this.#skew = at - Date.now();
    }

    /** Everything anew. */
    replace({ at, tables, figures }) {
        this.#hear(at);
        for (const name of TABLES) {
            this.tables[name].clear();
            for (const row of tables[name] ?? []) this.tables[name].set(row.key, row);
        }
        this.figures = figures;
    }

    /** What differs. Lists that the server tells newest first are sorted by those who draw them. */
    change({ at, tables, figures }) {
        this.#hear(at);
        for (const [name, { set, gone }] of Object.entries(tables)) {
            const table = this.tables[name];
            if (!table) continue;
            for (const key of gone) table.delete(key);
            for (const row of set) table.set(row.key, row);
        }
        Object.assign(this.figures, figures);
    }

    #hear(at) {
        this.#skew = Math.max(this.#skew, at - Date.now());
    }
}

/** What an agent does: the call counts before what the PBX says, and that before the page. */
export function stateOf({ callState, status, sessions }) {
    if (callState) return callState === "up" ? "talking" : "ringing";
    if (status) return status.startsWith("logging") ? status.replace("_", "-") : status;
    return sessions > 0 ? "online" : "unknown";
}

export const STATE_WORDS = {
    talking: "In call", ringing: "Ringing", available: "Available", online: "Page open", busy: "Busy", wrapup: "Wrap-up",
    "logging-in": "Logging in", "logging-out": "Logging out", offline: "Offline", unknown: "Not seen",
};

/** The four figures that a supervisor counts in. */
export const GROUPS = {
    available: { label: "available", states: ["available", "online"] },
    busy: { label: "on calls", states: ["talking", "ringing", "busy"] },
    wrapup: { label: "wrap-up", states: ["wrapup"] },
    offline: { label: "offline", states: ["offline", "unknown", "logging-in", "logging-out"] },
};

const groupByState = new Map(Object.entries(GROUPS).flatMap(([group, { states }]) => states.map((state) => [state, group])));

export function groupOf(agent) {
    return groupByState.get(stateOf(agent)) ?? "offline";
}
