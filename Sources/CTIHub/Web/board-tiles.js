// The figures at the top, and what became of the screen pops.

import { GROUPS } from "./board-data.js";
import { meter, REASON_WORDS, setMeter } from "./board-columns.js";
import { byID, clockText, element } from "./page.js";

/** Milliseconds of waiting from which on the longest wait is marked. */
const LONG_WAIT = 20_000;
const TOO_LONG_WAIT = 60_000;

const OUTCOMES = [
    ["handled", "Handled"], ["shown", "Shown"], ["dismissed", "Dismissed"], ["open", "Being offered"],
    ["blocked", "Blocked"], ["silent", "No answer"], ["missed", "Missed"],
];

export class Tiles {
    #tiles = {};
    #groups = {};
    #outcomes = {};
    #waitingSince = null;

    constructor({ onGroup }) {
        byID("tiles").append(
            this.#tile("calls", "Calls now"), this.#tile("wait", "Longest wait"), this.#agents(onGroup), this.#tile("level", "Answered in 20 s"),
            this.#tile("handled", "Pops handled"), this.#tile("missed", "Missed"), this.#tile("dead", "Dead letters"));
        byID("pops").append(this.#pops());
    }

    #tile(name, label) {
        const value = element("strong", {}, "–");
        const note = element("small", {}, "");
        this.#tiles[name] = { value, note };
        return element("li", { class: "tile", data: { tile: name } }, element("span", { class: "label" }, label), value, note);
    }

    /** Each figure shows those agents alone when it is pressed. */
    #agents(onGroup) {
        const buttons = Object.entries(GROUPS).map(([group, { label }]) => {
            const value = element("strong", {}, "–");
            const press = () => onGroup(this.#groups[group].button.getAttribute("aria-pressed") === "true" ? "" : group);
            const button = element("button", { type: "button", "aria-pressed": "false", data: { group }, on: { click: press } },
                value, element("small", {}, label));
            this.#groups[group] = { button, value };
            return button;
        });
        return element("li", { class: "tile wide", data: { tile: "agents" } },
            element("span", { class: "label" }, "Agents"), element("div", { class: "groups", role: "group", "aria-label": "Show only agents who are" }, ...buttons));
    }

    #pops() {
        const rows = OUTCOMES.map(([name, label]) => {
            const [count, share, bar] = [element("td", { class: "number" }), element("td", { class: "number" }), meter()];
            this.#outcomes[name] = { count, share, bar };
            return element("tr", { data: { outcome: name } }, element("th", { scope: "row" }, label), count, share, element("td", {}, bar));
        });
        return element("table", {}, element("caption", { class: "aside" }, "Screen pops by outcome"),
            element("thead", { class: "aside" }, element("tr", {}, ...["Outcome", "Pops", "Share", "Bar"].map((text) => element("th", { scope: "col" }, text)))),
            element("tbody", {}, ...rows));
    }

    /** All but what the clock changes. `groups`: agents by group. */
    draw({ tables, figures }, groups, now) {
        const calls = [...tables.calls.values()];
        const waiting = calls.filter((call) => call.state !== "up");
        const longest = waiting.filter((call) => call.direction === "inbound").sort((one, other) => one.since - other.since)[0];
        this.#waitingSince = longest?.since ?? null;
        this.#write("calls", calls.length, `${calls.length - waiting.length} talking · ${waiting.length} waiting`);
        this.#write("wait", undefined, longest ? longest.queue || "No queue" : "Nobody waits");
        this.#drawHour(figures.hour ?? {});
        this.#drawPops(figures.pops ?? {});
        const dead = figures.deadLetters ?? { count: 0 };
        this.#write("dead", `${dead.count}${dead.more ? "+" : ""}`, "last 24 hours", dead.count > 0 ? "warn" : "");
        for (const [group, { value }] of Object.entries(this.#groups)) write(value, groups[group] ?? 0);
        this.tick(now);
    }

    tick(now) {
        const waited = this.#waitingSince === null ? null : now - this.#waitingSince;
        const level = waited > TOO_LONG_WAIT ? "bad" : waited > LONG_WAIT ? "warn" : "";
        this.#write("wait", waited === null ? "–" : clockText(waited), undefined, level);
    }

    press(group) {
        for (const [name, { button }] of Object.entries(this.#groups)) button.setAttribute("aria-pressed", String(name === group));
    }

    #drawHour({ answered = 0, abandoned = 0, serviceLevel = null }) {
        const level = serviceLevel === null ? "" : serviceLevel >= 0.8 ? "good" : serviceLevel >= 0.6 ? "warn" : "bad";
        this.#write("level", percent(serviceLevel), `${answered} answered · ${abandoned} lost`, level);
    }

    #drawPops(pops) {
        this.#write("handled", percent(pops.handledShare ?? null), `${pops.pops ?? 0} pops, 60 min`);
        const by = Object.entries(pops.missedBy ?? {}).sort((one, other) => other[1] - one[1]);
        const why = by.map(([reason, count]) => `${count} ${(REASON_WORDS[reason] ?? reason).toLowerCase()}`);
        this.#write("missed", pops.missedCalls ?? 0, why[0] ?? "last 60 minutes");
        this.#tiles.missed.note.title = why.join(", ");
        for (const [name, { count, share, bar }] of Object.entries(this.#outcomes)) {
            const part = pops.pops > 0 ? pops[name] / pops.pops : null;
            write(count, pops[name] ?? 0);
            write(share, percent(part));
            setMeter(bar, part);
        }
    }

    #write(name, value, note, level) {
        const tile = this.#tiles[name];
        if (value !== undefined) write(tile.value, value);
        if (note !== undefined) write(tile.note, note);
        if (level !== undefined) tile.value.dataset.level = level;
    }
}

function percent(share) {
    return share === null ? "–" : `${Math.round(share * 100)} %`;
}

function write(node, value) {
    if (node.textContent !== String(value)) node.textContent = value;
}
