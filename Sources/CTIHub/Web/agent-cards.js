// The pieces that the agent's page is made of: the call, a pop, a row of a list.

import { numberButton } from "./agent-dial.js";
import { callerName, isEnd, missedReason } from "./agent-model.js";
import { asksWho, matchGrid } from "./agent-matches.js";
import { element, timeOfDay, webAddress } from "./page.js";

const STATE_WORDS = { up: "In call", ringing: "Ringing", calling: "Calling", ended: "Ended", none: "" };

/** `up`, `ringing`, `calling`, `ended` or `none`. */
export function stateOf(entry, model) {
    if (!entry) return "none";
    return model.isLive(entry) && !isEnd(entry.event) ? entry.event : "ended";
}

/** What stands in the card of the current call. */
export function callCard(entry, model, timer, actions) {
    if (!entry) {
        return [element("p", { class: "idle" }, "No call"), element("p", { class: "hint" }, "Your next call will be shown here.")];
    }
    const state = stateOf(entry, model);
    const { call, contact } = entry;
    const number = call.caller || "Number withheld";
    return [
        element("p", { class: "state" },
            element("span", { class: "chip", data: { state } }, stateText(entry, state)),
            element("span", { class: "direction" }, call.direction === "outbound" ? "Outbound" : "Inbound"),
            element("span", { class: "timer", "aria-label": "Duration", data: { timer: "" } }, timer)),
        element("h1", { class: "caller" }, nameOrNumber(entry, "name", actions)),
        callerName(entry) === number
            ? null : element("p", { class: "number" }, numberButton(number, call, `current-${entry.ref}`, actions)),
        contact?.type && contact.type !== "contact" ? element("p", { class: "hint" }, contact.type) : null,
        facts(call, state),
        asksWho(entry) && !isAsked(entry, model) ? matchList(entry.matches) : null,
    ];
}

/** Whether a pop of the call asks already who it is. */
function isAsked({ ref }, model) {
    return model.pops.some(({ pop }) => pop.call?.ref === ref && asksWho(pop));
}

/** A name is a name; a number in its place can be called. */
function nameOrNumber(entry, key, actions) {
    const name = callerName(entry);
    return name === entry.call?.caller ? numberButton(name, entry.call, `${key}-${entry.ref ?? entry.call.ref}`, actions) : name;
}

function stateText(entry, state) {
    if (entry.stale) return "Arrived too late";
    if (state === "ended" && entry.event === "abandon") return "Abandoned";
    if (state === "ended" && entry.left === "transferred") return entry.event === "up" ? "Transferred" : "Answered elsewhere";
    return STATE_WORDS[state] ?? state;
}

function facts(call, state) {
    return list([
        ["Queue", call.queue],
        ["Waited", lasted(call.holdSeconds ?? secondsBetween(call.ringingAt, call.upAt ?? call.endedAt))],
        ["Talked", state === "ended" ? talked(call) : null],
        ["Reference", call.contactRef],
        ["Dialled", call.dialed],
        ["Campaign", call.campaign],
    ]);
}

function talked({ upAt, endedAt }) {
    return lasted(secondsBetween(upAt, endedAt));
}

/** Whole seconds; null where one of the two moments is not known. */
function secondsBetween(from, to) {
    const milliseconds = Date.parse(to ?? "") - Date.parse(from ?? "");
    return Number.isNaN(milliseconds) ? null : Math.max(0, Math.floor(milliseconds / 1000));
}

function lasted(seconds) {
    if (seconds === null || seconds === undefined) return null;
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Pairs of a name and a value; those without a value are left out. */
function list(pairs) {
    const present = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
    if (present.length === 0) return null;
    const rows = present.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, String(value))));
    return element("dl", { class: "facts" }, ...rows);
}

function matchList(matches) {
    const rows = matches.map((match) =>
        element("li", { data: { id: match.id } }, element("span", {}, match.name || match.id), element("small", {}, match.type ?? "")));
    return element("div", { class: "matches" },
        element("p", {}, `${matches.length} contacts share this number`), element("ul", {}, ...rows));
}

const RESULT_WORDS = {
    frame: "Open in this page", tab: "Open in a tab", window: "Open in the record window", session: "Session",
    nosession: "Not opened in the CRM",
    blocked: "Waiting for your click", closed: "Closed with the page", refused: "Its address may not be opened", opening: "Opening…",
};

/** A pop: what was opened, the sessions it brought, and how to be done with it. */
export function popCard(entry, actions) {
    const wanted = (entry.pop.actions ?? []).filter((action) => action.kind === "open" || action.kind === "session");
    const parts = wanted.map((action, index) =>
        action.kind === "session" ? sessionPart(entry, action, index, actions) : openPart(entry, action, index, actions));
    const button = (outcome, text, properties) => element("button", {
        type: "button", data: { key: `${outcome}-${entry.id}`, do: outcome },
        on: { click: () => actions.endPop(entry.id, outcome) }, ...properties,
    }, text);
    return element("li", { class: "pop", data: { pop: entry.id, outcome: entry.outcome } },
        element("p", { class: "pop-title" }, callerName(entry.pop)), ...parts,
        asksWho(entry.pop) ? matchGrid(actions.tableOf(entry), entry, (row) => actions.choose(entry.id, row)) : null,
        element("div", { class: "buttons" },
            button("handled", "Done", { class: "primary", title: "The record was dealt with" }),
            button("dismissed", "Dismiss", { title: "Take it down" })));
}

function openPart(entry, action, index, actions) {
    const result = entry.results[index];
    const again = element("button", {
        type: "button", class: "link", data: { key: `open-${entry.id}-${index}` },
        on: { click: () => actions.openPop(entry.id, index) },
    }, result === "blocked" ? "Open" : "Open again");
    return element("div", { class: "part", data: { result } },
        element("span", {}, RESULT_WORDS[result] ?? result), result === "refused" || result === "opening" ? null : again,
        action.rule ? element("small", {}, action.rule) : null);
}

function sessionPart(entry, action, index, actions) {
    const given = action.parameters ?? {};
    const pairs = Array.isArray(given) ? given.map(({ name, value }) => [name, value]) : Object.entries(given);
    const result = entry.results[index];
    return element("div", { class: "session", data: { template: action.template, result } },
        element("p", {}, words(action.template)), list(pairs.map(([name, value]) => [words(name), value])),
        result === "nosession" && element("p", { class: "hint" }, entry.note || RESULT_WORDS.nosession, " ", element("button", {
            type: "button", class: "link", data: { key: `open-${entry.id}-${index}` },
            on: { click: () => actions.openPop(entry.id, index) },
        }, "Try again")));
}

/** `inbound_call` and `customerName` as one would write them. */
function words(name) {
    const text = String(name ?? "").replace(/[_-]+/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().trim();
    return text.charAt(0).toUpperCase() + text.slice(1);
}

export function missedRow(entry, actions) {
    const { key, pop, seen, reason, at } = entry;
    const box = element("input", {
        type: "checkbox", checked: seen, "aria-label": `Seen: ${callerName(pop)}`, data: { key: `seen-${key}` },
        on: { change: (event) => actions.seeMissed(key, event.target.checked) },
    });
    const open = (pop.actions ?? []).find((action) => action.kind === "open" && webAddress(action.url));
    return element("li", { data: { seen: String(seen), reason, ref: pop.call?.ref } },
        element("div", { class: "row-text" },
            element("strong", {}, nameOrNumber(pop, `missed-${key}`, actions)),
            element("span", {}, ...secondLine(pop, `missed-${key}`, actions)),
            element("span", { class: "reason" }, missedReason(reason))),
        element("div", { class: "row-side" },
            element("time", {}, timeOfDay(pop.call?.upAt ?? pop.call?.ringingAt ?? at)),
            element("label", { class: "seen" }, box, "Seen"),
            open && element("button", {
                type: "button", class: "link", data: { key: `missed-open-${key}` },
                on: { click: () => actions.openMissed(key) },
            }, "Open record")));
}

function secondLine(entry, key, actions) {
    const number = entry.contact?.name || entry.matches?.length > 1 ? entry.call?.caller : null;
    const queue = entry.call?.queue;
    return [number && numberButton(number, entry.call, `${key}-second`, actions), number && queue && " · ", queue].filter(Boolean);
}

export function historyRow(entry, model, actions) {
    const state = stateOf(entry, model);
    const live = state !== "ended" && entry === model.current;
    const { upAt, ringingAt, endedAt } = entry.call;
    return element("li", { data: { ref: entry.ref, state } },
        element("span", {
            class: "arrow", data: { direction: entry.call.direction }, "aria-label": entry.call.direction, role: "img",
        }, entry.call.direction === "outbound" ? "↗" : "↙"),
        element("div", { class: "row-text" },
            element("strong", {}, nameOrNumber(entry, "history", actions)),
            element("span", {}, ...secondLine(entry, `history-${entry.ref}`, actions))),
        element("div", { class: "row-side" },
            element("time", {}, timeOfDay(upAt ?? ringingAt ?? endedAt ?? entry.at)),
            element("small", {}, live || hasStory(entry) ? stateText(entry, state) : talked(entry.call) ?? "")));
}

/** Whether there is more to tell of its end than that it came. */
function hasStory({ stale, event, left }) {
    return stale || event === "abandon" || left === "transferred";
}
