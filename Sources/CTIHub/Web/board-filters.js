// What a supervisor looks for, kept in the address so that a view can be bookmarked. The access token never is there.

import { byID, element } from "./page.js";

/** The names in the address, and what each is where it is not there. */
const DEFAULTS = {
    q: "", queue: "", agent: "", state: "", app: "", event: "", tab: "events",
    calls: "state.up", agents: "name.up", queues: "queue.up",
};
const FIELDS = { q: "filter-text", queue: "filter-queue", agent: "filter-agent", app: "filter-app", event: "filter-event" };

export class Filters {
    #values = { ...DEFAULTS };

    /** `hash`: as it was before the token was taken out. */
    constructor({ hash, onChange }) {
        this.onChange = onChange;
        this.#read(hash);
        for (const [name, id] of Object.entries(FIELDS)) {
            byID(id).addEventListener("input", ({ target }) => this.set(name, target.value));
        }
        byID("filters").addEventListener("submit", (event) => event.preventDefault());
        byID("filters").addEventListener("reset", (event) => {
            event.preventDefault();
            this.#read("");
            this.#changed();
            byID("filter-text").focus();
        });
        addEventListener("hashchange", () => {
            this.#read(location.hash);
            this.#changed();
        });
        addEventListener("keydown", (event) => this.#key(event));
        this.#write();
    }

    get(name) {
        return this.#values[name];
    }

    set(name, value) {
        if (this.#values[name] === value) return;
        this.#values[name] = value;
        this.#changed();
    }

    /** Whether anything is left out of the lists. */
    get isActive() {
        return ["q", "queue", "agent", "state", "app", "event"].some((name) => this.#values[name] !== "");
    }

    /** Whether a row with this text, queue and these agents is shown; `undefined` where it has none of a kind. */
    passes({ text, queue, agent }) {
        const { q, queue: wantedQueue, agent: wantedAgent } = this.#values;
        return (!q.trim() || text.toLowerCase().includes(q.trim().toLowerCase()))
            && (!wantedQueue || queue === undefined || (queue ?? "") === wantedQueue)
            && (!wantedAgent.trim() || agent === undefined || agent.toLowerCase().includes(wantedAgent.trim().toLowerCase()));
    }

    /** Adds a choice to a list, once. */
    offer(name, value) {
        const select = byID(FIELDS[name]);
        if (!value || [...select.options].some((option) => option.value === value)) return;
        select.append(element("option", { value }, value));
        // The address may have asked for it before it was known.
        if (this.#values[name] === value) select.value = value;
    }

    #read(hash) {
        const given = new URLSearchParams(hash.replace(/^#/, ""));
        for (const name of Object.keys(DEFAULTS)) this.#values[name] = given.get(name) ?? DEFAULTS[name];
    }

    #changed() {
        this.#write();
        this.onChange();
    }

    #write() {
        const given = new URLSearchParams();
        for (const [name, value] of Object.entries(this.#values)) if (value !== DEFAULTS[name]) given.set(name, value);
        const hash = given.size > 0 ? `#${given}` : "";
        if (hash !== location.hash) history.replaceState(null, "", location.pathname + location.search + hash);
        for (const [name, id] of Object.entries(FIELDS)) if (byID(id).value !== this.#values[name]) byID(id).value = this.#values[name];
        byID("filter-clear").hidden = !this.isActive;
    }

    #key(event) {
        const isTyping = event.target.closest?.("input, select, textarea");
        if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
            event.preventDefault();
            byID("filter-text").select();
        } else if (event.key === "Escape" && event.target === byID("filter-text")) {
            this.set("q", "");
        }
    }
}
