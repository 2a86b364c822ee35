// The feed: newest first, filtered, capped, and drawn once a frame however many events come.

import { eventOf } from "./board-model.js";
import { byID, element, timeOfDay, webAddress } from "./page.js";

const MOST_ROWS = 500;
/** A burst is drawn over several frames, so that none of them takes long. */
const ROWS_A_FRAME = 40;

export class Feed {
    /** Newest first: `{node, event, queue, text}`. */
    #rows = [];
    /** Oldest first: what came since the last drawing, or while paused. At most MOST_ROWS: others would not be seen. */
    #waiting = [];
    #skipped = 0;
    #scheduled = false;
    #paused = false;
    #filter = { text: "", event: "", queue: "" };

    constructor() {
        byID("filter-text").addEventListener("input", (event) => this.#refilter("text", event.target.value.trim().toLowerCase()));
        byID("filter-event").addEventListener("change", (event) => this.#refilter("event", event.target.value));
        byID("filter-queue").addEventListener("change", (event) => this.#refilter("queue", event.target.value));
        byID("pause").addEventListener("click", () => this.#togglePause());
    }

    get count() {
        return this.#rows.length;
    }

    add(data) {
        this.#waiting.push(data);
        if (this.#waiting.length > MOST_ROWS) {
            this.#waiting.shift();
            this.#skipped++;
        }
        this.#schedule();
    }

    /** A hidden page draws nothing: it catches up when it is looked at. */
    #schedule() {
        if (this.#scheduled) return;
        this.#scheduled = true;
        requestAnimationFrame(() => {
            this.#scheduled = false;
            if (this.#paused) this.#labelPause();
            else this.#draw();
        });
    }

    #draw() {
        const added = this.#waiting.splice(0, ROWS_A_FRAME).reverse().map((data) => this.#row(data));
        this.#skipped = 0;
        if (added.length === 0) return;
        this.#rows.unshift(...added);
        byID("rows").prepend(...added.map((row) => row.node));
        for (const row of this.#rows.splice(MOST_ROWS)) row.node.remove();
        this.#describeEmptiness();
        if (this.#waiting.length > 0) this.#schedule();
    }

    #row(data) {
        const channel = data.channel ?? {};
        const event = eventOf(channel);
        const agent = [channel.agentname, channel.agentnum].filter(Boolean).join(" ");
        const caller = [channel.callername, channel.callernum].filter(Boolean).join(" ") || "withheld";
        const address = webAddress(data.url);
        const cells = [timeOfDay(channel.time), null, caller, channel.queue, agent, data.type, data.reference, null];
        const nodes = cells.map((value) => element("td", {}, text(value)));
        nodes[1].append(element("span", { class: "chip", data: { state: event } }, event));
        if (address) {
            nodes[7].append(element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, new URL(address).host));
        }
        const row = { event, queue: text(channel.queue), text: [...cells, event, data.url].map(text).join(" ").toLowerCase() };
        row.node = element("tr", { data: { event } }, ...nodes);
        row.node.hidden = !this.#passes(row);
        offer("filter-event", row.event);
        offer("filter-queue", row.queue);
        return row;
    }

    #passes({ event, queue, text }) {
        const filter = this.#filter;
        return (!filter.event || event === filter.event) && (!filter.queue || queue === filter.queue) && text.includes(filter.text);
    }

    #refilter(name, value) {
        this.#filter[name] = value;
        for (const row of this.#rows) row.node.hidden = !this.#passes(row);
        this.#describeEmptiness();
    }

    #describeEmptiness() {
        const node = byID("rows-empty");
        node.hidden = this.#rows.some((row) => !row.node.hidden);
        node.textContent = this.#rows.length > 0 ? "Nothing matches the filter." : "Waiting for events.";
    }

    #togglePause() {
        this.#paused = !this.#paused;
        byID("pause").setAttribute("aria-pressed", String(this.#paused));
        this.#labelPause();
        if (!this.#paused) this.#schedule();
    }

    #labelPause() {
        const waiting = this.#waiting.length + this.#skipped;
        byID("pause").textContent = !this.#paused ? "Pause" : waiting > 0 ? `Resume (${waiting} new)` : "Resume";
    }
}

function text(value) {
    return value === null || value === undefined ? "" : String(value);
}

/** Adds a choice to a filter, once. */
function offer(id, value) {
    const select = byID(id);
    if (!value || [...select.options].some((option) => option.value === value)) return;
    select.append(element("option", { value }, value));
}
