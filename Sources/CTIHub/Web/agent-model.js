// What the agent's page knows, without a word on how it looks: calls, pops, missed calls. It survives a reload.

import { recall, remember } from "./page.js";

const HISTORY_LIMIT = 50;
const MISSED_LIMIT = 100;
/** Where no end of calls is ever told, a call this old is not taken for a live one any more. */
const LONGEST_CALL = 4 * 3_600_000;

export class AgentModel {
    /** Newest first: `{ref, event, stale, call, contact, matches, at, over, left}`; `left` is why it is over where no end
     *  was told here: `ended`, `transferred`, or `unknown`. */
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
        for (const entry of this.pops) entry.isChosen = false;
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
        for (const entry of this.calls) leave(entry, "unknown");
    }

    /** Takes in the data of a `call` or `pop` frame. */
    call(data) {
        const ref = data.call?.ref;
        if (!ref) return;
        const index = this.calls.findIndex((entry) => entry.ref === ref);
        const [known] = index < 0 ? [null] : this.calls.splice(index, 1);
        const entry = { ...known, ref, at: Date.now(), event: eventNow(known, data), stale: data.stale === true, call: data.call };
        entry.contact = data.contact ?? known?.contact ?? null;
        entry.matches = data.matches?.length ? data.matches : known?.matches ?? [];
        // A call that was passed on may come back.
        entry.over = Boolean(data.call.endedAt) || isEnd(entry.event) || entry.stale;
        entry.left = null;
        this.calls.unshift(entry);
        this.calls.length = Math.min(this.calls.length, HISTORY_LIMIT);
    }

    /** The call to show big: the one being spoken, else one that rings, else the last, if it ended here. */
    get current() {
        const live = this.calls.filter((entry) => this.isLive(entry));
        const last = this.calls[0];
        return live.find((entry) => entry.event === "up") ?? live[0] ?? (last && !last.left ? last : null);
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

    /** The call is gone from here, whichever of its events was last: `ended`, or `transferred`. */
    finish(ref, reason) {
        for (const entry of this.calls) if (entry.ref === ref) leave(entry, reason);
        this.pops = this.pops.filter(({ pop }) => pop.call?.ref !== ref);
    }

    /** That nobody answered says more than why the call had not been shown, so it takes the place of that. */
    miss(data, frameID) {
        const key = frameID || data.id;
        if (this.missed.some((entry) => entry.key === key)) return;
        const isSame = ({ pop }) => data.reason === "unanswered" && pop.call?.ref === data.call?.ref;
        const listed = this.missed.find(isSame);
        this.missed = this.missed.filter((entry) => !isSame(entry));
        // The end of a call has no record to open; its beginning had.
        const pop = listed && !data.actions?.length ? { ...data, actions: listed.pop.actions } : data;
        this.missed.unshift({ key, at: Date.now(), seen: false, reason: data.reason, pop });
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

function leave(entry, reason) {
    if (entry.over) return;
    entry.over = true;
    entry.left = reason;
}

/** The event that a call is at. What is told late, or is a pop of an event before the last, does not take it back. */
function eventNow(known, { event, call }) {
    if (!known || known.left || isEnd(event)) return event;
    const isLate = isEnd(known.event) ? Boolean(call.endedAt) : known.event === "up";
    return isLate ? known.event : event;
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
    blocked: "Its record did not open",
    unanswered: "Nobody answered",
};

export function missedReason(reason) {
    return MISSED_REASONS[reason] ?? "It was not shown";
}
