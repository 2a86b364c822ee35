// What the board's tables show of a row.

import { STATE_WORDS, stateOf } from "./board-data.js";
import { clockText, element, timeOfDay, webAddress } from "./page.js";

const CALL_WORDS = { calling: "Dialling", ringing: "Waiting", up: "In call" };
export const REASON_WORDS = {
    offline: "Nobody logged in", stale: "Told too late", stacked: "Too many open", blocked: "Blocked by the browser",
    unanswered: "Not answered", unknown: "Unknown",
};

export function person(name, number) {
    return [name, number].filter(Boolean).join(" ");
}

export function callColumns(nameOf) {
    const agents = (row) => row.agents.map((agent) => person(nameOf(agent), agent)).join(", ");
    return [
        {
            name: "caller", label: "Caller", sort: (row) => row.contact || row.caller,
            text: (row) => `${row.direction === "outbound" ? "→ " : ""}${person(row.contact, row.caller) || "withheld"}`,
        },
        {
            name: "state", label: "State", chip: (row) => row.state, text: (row) => CALL_WORDS[row.state] ?? row.state,
            // Who waits, longest first, then who talks.
            sort: (row) => (row.state === "up" ? 1e15 : 0) + (row.upAt ?? row.since),
        },
        {
            name: "time", label: "For", live: true, number: true, sort: (row) => -(row.upAt ?? row.since),
            text: (row, now) => clockText(now - (row.upAt ?? row.since)),
        },
        { name: "queue", label: "Queue", sort: (row) => row.queue, text: (row) => row.queue },
        { name: "agent", label: "Agent", sort: agents, text: agents },
    ];
}

export const agentColumns = [
    { name: "name", label: "Agent", sort: (row) => row.name || row.key, text: (row) => row.name || row.key },
    { name: "extension", label: "Ext.", sort: (row) => row.key, text: (row) => row.key },
    {
        name: "state", label: "State", chip: stateOf, text: (row) => STATE_WORDS[stateOf(row)] ?? stateOf(row),
        sort: (row) => Object.keys(STATE_WORDS).indexOf(stateOf(row)),
    },
    {
        name: "time", label: "For", live: true, number: true, sort: (row) => -(sinceOf(row) ?? Infinity),
        text: (row, now) => (sinceOf(row) ? clockText(now - sinceOf(row)) : ""),
    },
    {
        name: "pages", label: "Page", hint: "Whether the agent's page is open", sort: (row) => -row.sessions - (row.focused ? 0.5 : 0),
        text: (row) => (row.sessions === 0 ? "–" : `${row.focused ? "In focus" : "Open"}${row.sessions > 1 ? ` ×${row.sessions}` : ""}`),
    },
    { name: "pops", label: "Pops", hint: "Records neither handled nor dismissed", number: true, sort: (row) => -row.pops, text: (row) => row.pops || "–" },
];

function sinceOf(row) {
    return row.callSince ?? row.since;
}

const seconds = (value) => (value === null ? "–" : `${Math.round(value)} s`);

export const queueColumns = [
    { name: "queue", label: "Queue", sort: (row) => row.key, text: (row) => row.key || "No queue" },
    { name: "waiting", label: "Waiting", number: true, sort: (row) => -row.waiting, text: (row) => row.waiting || "–" },
    {
        name: "longest", label: "Longest", live: true, number: true, sort: (row) => row.waitingSince,
        text: (row, now) => (row.waitingSince ? clockText(now - row.waitingSince) : "–"),
    },
    { name: "talking", label: "Talking", number: true, sort: (row) => -row.talking, text: (row) => row.talking || "–" },
    {
        name: "answered", label: "Answered", hint: "Answered of offered", number: true, sort: (row) => -row.answered,
        text: (row) => `${row.answered}/${row.offered}`,
    },
    { name: "abandoned", label: "Lost", hint: "Given up before an answer", number: true, sort: (row) => -row.abandoned, text: (row) => row.abandoned || "–" },
    { name: "average", label: "Avg", hint: "Average wait of answered calls", number: true, sort: (row) => row.averageWait, text: (row) => seconds(row.averageWait) },
    { name: "p90", label: "90 %", hint: "Nine of ten were answered within", number: true, sort: (row) => row.p90Wait, text: (row) => seconds(row.p90Wait) },
    {
        name: "level", label: "In 20 s", hint: "Answered within 20 s, of those answered or given up", number: true, sort: (row) => row.serviceLevel,
        text: (row) => row.serviceLevel, paint: paintLevel,
    },
];

function paintLevel(cell, { serviceLevel }) {
    if (!cell.firstChild) cell.append(meter(), element("span"));
    cell.lastChild.textContent = serviceLevel === null ? "–" : `${Math.round(serviceLevel * 100)} %`;
    setMeter(cell.firstChild, serviceLevel);
}

const SVG = "http://www.w3.org/2000/svg";

/** A bar; what it says stands beside it in words. */
export function meter() {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 100 6");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("class", "meter");
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS(SVG, "rect"));
    svg.firstChild.setAttribute("height", "6");
    return svg;
}

export function setMeter(svg, share) {
    svg.firstChild.setAttribute("width", String(Math.round((share ?? 0) * 100)));
    svg.dataset.level = share === null ? "none" : share >= 0.8 ? "good" : share >= 0.6 ? "warn" : "bad";
}

export const missedColumns = [
    { name: "caller", label: "Caller", sort: (row) => row.contact || row.caller, text: (row) => person(row.contact, row.caller) || "withheld" },
    { name: "at", label: "Time", sort: (row) => row.at, text: (row) => timeOfDay(row.at) },
    { name: "agent", label: "Agent", sort: (row) => row.name || row.agent, text: (row) => person(row.name, row.agent) },
    { name: "queue", label: "Queue", sort: (row) => row.queue, text: (row) => row.queue },
    { name: "reason", label: "Why", sort: (row) => row.reason, text: (row) => REASON_WORDS[row.reason] ?? row.reason },
];

export const deadColumns = [
    { name: "at", label: "Time", sort: (row) => row.at, text: (row) => timeOfDay(row.at) },
    { name: "code", label: "What", sort: (row) => row.code, text: (row) => row.code },
    { name: "place", label: "Where", sort: (row) => row.place, text: (row) => row.place },
    { name: "message", label: "Message", text: (row) => row.message },
    { name: "position", label: "Number", hint: "As ctid deadletters show takes it", text: (row) => row.key },
];

export const eventColumns = [
    { name: "time", label: "Time", text: (row) => timeOfDay(row.channel.time) },
    { name: "event", label: "Event", chip: (row) => row.event, text: (row) => row.event },
    { name: "caller", label: "Caller", text: (row) => person(row.channel.callername, row.channel.callernum) || "withheld" },
    { name: "queue", label: "Queue", text: (row) => row.channel.queue },
    { name: "agent", label: "Agent", text: (row) => person(row.channel.agentname, row.channel.agentnum) },
    { name: "type", label: "Type", text: (row) => row.type },
    { name: "reference", label: "Ref.", text: (row) => row.reference },
    { name: "link", label: "Link", text: () => "", paint: paintLink },
];

function paintLink(cell, { url }) {
    const address = webAddress(url);
    cell.replaceChildren();
    if (address) cell.append(element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, new URL(address).host));
}
