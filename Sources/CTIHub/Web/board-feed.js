// The feed of RealtimeCTI events: newest first, the last 500, filtered, and still while it is paused.

import { eventColumns } from "./board-columns.js";
import { Grid } from "./board-grid.js";
import { byID } from "./page.js";

const MOST_ROWS = 500;
/** A burst is taken up in gulps, milliseconds apart: nobody reads faster. */
const GULP = 200;

export class Feed {
    /** Newest first. */
    #rows = [];
    /** Oldest first: what came while paused. At most MOST_ROWS: others would not be seen. */
    #waiting = [];
    #skipped = 0;
    #number = 0;
    #paused = false;
    #announced = false;
    #grid;

    constructor(filters, onNews) {
        this.filters = filters;
        this.onNews = onNews;
        this.#grid = new Grid(byID("events"), {
            caption: "Events that rules sent to the board, newest first", columns: eventColumns,
            empty: "Waiting for events. Rules with a realtime action send them.", mark: ({ event }) => ({ event }),
        });
        byID("pause").addEventListener("click", () => this.#togglePause());
    }

    get count() {
        return this.#rows.length;
    }

    add(data) {
        const channel = data.channel ?? {};
        const event = eventOf(channel);
        const agent = [channel.agentname, channel.agentnum].filter(Boolean).join(" ");
        const parts = [event, channel.callername, channel.callernum, channel.queue, agent, data.type, data.reference, data.url];
        this.#waiting.push({ ...data, channel, event, agent, key: String(++this.#number), text: parts.filter(Boolean).join(" ") });
        if (this.#waiting.length > MOST_ROWS) {
            this.#waiting.shift();
            this.#skipped++;
        }
        if (this.#announced) return;
        this.#announced = true;
        setTimeout(() => {
            this.#announced = false;
            this.onNews();
        }, GULP);
    }

    /** Shows what came, unless somebody reads on: paused, or with a link of the list in focus. */
    draw() {
        if (this.#paused) this.#labelPause();
        else if (!byID("events").contains(document.activeElement) || document.activeElement.tagName !== "A") this.#takeUp();
        const { filters } = this;
        const [app, event] = [filters.get("app"), filters.get("event")];
        const passes = (row) => (!app || row.type === app) && (!event || row.event === event)
            && filters.passes({ text: row.text, queue: row.channel.queue ?? "", agent: row.agent });
        this.#grid.show(new Map(this.#rows.map((row) => [row.key, row])), passes, 0);
    }

    #takeUp() {
        const added = this.#waiting.splice(0).reverse();
        this.#skipped = 0;
        if (added.length === 0) return;
        for (const row of added) {
            this.filters.offer("app", row.type);
            this.filters.offer("event", row.event);
            this.filters.offer("queue", row.channel.queue);
        }
        this.#rows = [...added, ...this.#rows].slice(0, MOST_ROWS);
        this.#grid.shift(added.length);
    }

    #togglePause() {
        this.#paused = !this.#paused;
        byID("pause").setAttribute("aria-pressed", String(this.#paused));
        this.#labelPause();
        if (!this.#paused) this.onNews();
    }

    #labelPause() {
        const waiting = this.#waiting.length + this.#skipped;
        byID("pause").textContent = !this.#paused ? "Pause" : waiting > 0 ? `Resume (${waiting} new)` : "Resume";
    }
}

/** The call event of a channel: named, else by the flag that is named after it. */
export function eventOf(channel) {
    if (channel.event) return String(channel.event);
    const flagged = ["up", "ringing", "calling", "hangup"].find((name) => channel[name] === true);
    return flagged ?? (channel.unmanaged === true ? "abandon" : "");
}
