// What the agent's page knows, without a word on how it looks: calls, pops, missed calls. It survives a reload.

import { recall, remember } from "./page.js";

const HISTORY_LIMIT = 50;
const MISSED_LIMIT = 100;
/** Where no end of calls is ever told, a call this old is not taken for a live one any more. */
const LONGEST_CALL = 4 * 3_600_000;

export class AgentModel {
    /** Newest first: `{ref, event, stale, call, contact, matches, at, over}`. */
    calls = [];
    /** Newest first: `{key, at, seen, reason, pop}`. */
    missed = [];
    /** In order of arrival: `{id, pop, outcome, results}`; `outcome` is `opening`, `blocked` or `shown`. */
    pops = [];
    lastID = "";
    /** Some events are lost for good. */
    incomplete = false;

    constructor(key) {
        this.key = key;
        const kept = recall(key);
        if (kept) Object.assign(this, kept);
        // The page was reloaded while it opened a record: it is not known to be open, so it is one for a click.
        for (const entry of this.pops.filter(({ outcome }) => outcome === "opening")) {
            entry.outcome = "blocked";
            entry.results = entry.results.map((result) => (result === "opening" ? "blocked" : result));
        }
        // Frames go with the page that they are in.
        for (const entry of this.pops) entry.results = entry.results.map((result) => (result === "frame" ? "closed" : result));
    }

    save() {
        const { calls, missed, pops, lastID, incomplete } = this;
        remember(this.key, { calls, missed, pops, lastID, incomplete });
    }

    /** A resumed stream is told apart by `recovered`: where it is false, what was live before is not known to be. */
    hello(recovered) {
        this.incomplete = !recovered;
        if (recovered) return;
        this.pops = [];
        for (const entry of this.calls) entry.over = true;
    }

    /** Takes in the data of a `call` or `pop` frame. */
    call(data) {
        const ref = data.call?.ref;
        if (!ref) return;
        const index = this.calls.findIndex((entry) => entry.ref === ref);
        const [known] = index < 0 ? [null] : this.calls.splice(index, 1);
        const entry = { ...known, ref, at: Date.now(), event: data.event, stale: data.stale === true, call: data.call };
        entry.contact = data.contact ?? known?.contact ?? null;
        entry.matches = data.matches?.length ? data.matches : known?.matches ?? [];
        entry.over = Boolean(data.call.endedAt) || isEnd(data.event) || entry.stale || known?.over === true;
        this.calls.unshift(entry);
        this.calls.length = Math.min(this.calls.length, HISTORY_LIMIT);
    }

    /** The call to show big: the one being spoken, else one that rings, else the last. */
    get current() {
        const live = this.calls.filter((entry) => this.isLive(entry));
        return live.find((entry) => entry.event === "up") ?? live[0] ?? this.calls[0] ?? null;
    }

    isLive(entry) {
        return !entry.over && Date.now() - entry.at < LONGEST_CALL;
    }

    popWithID(id) {
        return this.pops.find((entry) => entry.id === id);
    }

    addPop(pop, results) {
        this.pops.push({ id: pop.id, pop, outcome: "opening", results });
    }

    /** Takes a pop down; returns it, or undefined where it was not up. */
    removePop(id) {
        const entry = this.popWithID(id);
        this.pops = this.pops.filter((other) => other.id !== id);
        return entry;
    }

    /** The call is known to be over, whichever of its events was last. */
    finish(ref) {
        for (const entry of this.calls) if (entry.ref === ref) entry.over = true;
    }

    miss(data, frameID) {
        const key = frameID || data.id;
        if (this.missed.some((entry) => entry.key === key)) return;
        this.missed.unshift({ key, at: Date.now(), seen: false, reason: data.reason, pop: data });
        this.missed.length = Math.min(this.missed.length, MISSED_LIMIT);
    }

    seeMissed(matching, seen = true) {
        for (const entry of this.missed) if (matching(entry)) entry.seen = seen;
    }

    get unseen() {
        return this.missed.filter((entry) => !entry.seen).length;
    }

    /** Pops that wait for a click, oldest first. */
    get blocked() {
        return this.pops.filter((entry) => entry.outcome === "blocked");
    }
}

export function isEnd(event) {
    return event === "hangup" || event === "abandon";
}

/** Who calls, as one would say it. */
export function callerName({ contact, call, matches }) {
    if (contact?.name) return contact.name;
    if (matches?.length > 1) return `${matches.length} possible contacts`;
    return call?.caller || "Number withheld";
}

const MISSED_REASONS = {
    offline: "You were not logged in",
    stale: "It arrived too late to be shown",
    stacked: "Too many records were open already",
    blocked: "The browser did not let the record open",
};

export function missedReason(reason) {
    return MISSED_REASONS[reason] ?? "It was not shown";
}
