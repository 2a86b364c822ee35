// The realtime board: a tenant's calls, agents and queues as they are now, and what became of the last hour.
//
//     /board stream ──▶ BoardData ──┐
//     /realtime stream ──▶ Feed ────┼──▶ once a frame at most: tiles, tables in sight
//     a timer, each second ─────────┘    durations alone

import { agentColumns, callColumns, deadColumns, missedColumns, person, queueColumns } from "./board-columns.js";
import { BoardData, groupOf, STATE_WORDS, stateOf } from "./board-data.js";
import { Feed } from "./board-feed.js";
import { Filters } from "./board-filters.js";
import { announce, showTime, startTheme, Tabs } from "./board-frame.js";
import { Grid } from "./board-grid.js";
import { Tiles } from "./board-tiles.js";
import { byID, endpoint, remember, showConnection, takeToken, timeOfDay } from "./page.js";
import { EventStream } from "./stream.js";

const tenant = decodeURIComponent(location.pathname.split("/").filter(Boolean).at(-1) ?? "");
const tokenKey = `ctid.board.${tenant}.token`;
const hash = location.hash;
const token = takeToken(tokenKey);

const data = new BoardData();
const filters = new Filters({ hash, onChange: scheduleAll });
const tiles = new Tiles({ onGroup: (group) => filters.set("state", group) });
const tabs = new Tabs((tab) => filters.set("tab", tab));
const feed = new Feed(filters, () => schedule("feed"));
const nameOf = (agent) => data.tables.agents.get(agent)?.name;
const grids = {
    calls: grid("calls", { caption: "Calls under way", columns: callColumns(nameOf), empty: "No calls.", mark: ({ state, queue }) => ({ state, queue: queue ?? "" }) }),
    agents: grid("agents", { caption: "Agents and what they do", columns: agentColumns, empty: "No agents known.", mark: (row) => ({ agent: row.key, state: stateOf(row) }) }),
    queues: grid("queues", { caption: "Queues: now, and the last 60 minutes", columns: queueColumns, empty: "No queues known.", mark: (row) => ({ queue: row.key }) }),
    missed: new Grid(byID("missed"), { caption: "Missed calls of the last 60 minutes", columns: missedColumns, sort: "at.down", empty: "No missed calls." }),
    deadLetters: new Grid(byID("dead"), { caption: "Dead letters of the last 24 hours", columns: deadColumns, sort: "at.down", empty: "No dead letters." }),
};
const streams = {
    board: new EventStream({ url: endpoint(tenant, "board"), token, onEvent: receive, onState: (state) => showState("board", state) }),
    realtime: new EventStream({ url: endpoint(tenant, "realtime"), token, onEvent: receiveEvent, onState: (state) => showState("realtime", state) }),
};
const states = { board: { state: "connecting" }, realtime: { state: "connecting" } };
/** What is to be drawn with the next frame. */
const due = new Set();
let letters = null;

function grid(name, options) {
    return new Grid(byID(name), { ...options, sort: filters.get(name), onSort: (sort) => filters.set(name, sort) });
}

function receive({ type, data: text }) {
    const message = JSON.parse(text);
    if (type === "hello") return data.meet(message.at);
    if (type === "snapshot") data.replace(message);
    else if (type === "delta") data.change(message);
    else return;
    document.body.dataset.state = "live";
    for (const queue of data.tables.queues.keys()) filters.offer("queue", queue);
    showTrouble();
    schedule("board");
}

function receiveEvent({ type, data: text }) {
    const event = JSON.parse(text);
    if (type === "RealtimeCTI") feed.add(event);
    else if (type === "hello") byID("incomplete").hidden = !streams.realtime.resuming || event.recovered !== false;
}

/** Draws once a frame at most; a hidden page draws nothing, and catches up when it is looked at. */
function schedule(part) {
    if (due.size === 0) requestAnimationFrame(draw);
    due.add(part);
}

function scheduleAll() {
    schedule("board");
    schedule("feed");
}

function draw() {
    if (due.has("board")) drawBoard();
    if (due.has("feed")) feed.draw();
    due.clear();
}

function drawBoard() {
    const { tables } = data;
    const groups = {};
    for (const agent of tables.agents.values()) groups[groupOf(agent)] = (groups[groupOf(agent)] ?? 0) + 1;
    tiles.draw(data, groups, data.now);
    tiles.press(filters.get("state"));
    tabs.select(filters.get("tab"));
    for (const name of ["calls", "agents", "queues"]) grids[name].sortBy(filters.get(name));
    grids.calls.show(tables.calls, passesCall, data.now);
    grids.agents.show(tables.agents, passesAgent, data.now);
    grids.queues.show(tables.queues, ({ key }) => !filters.get("queue") || key === filters.get("queue"), data.now);
    grids.missed.show(tables.missed, passesMissed, data.now);
    grids.deadLetters.show(tables.deadLetters, () => true, data.now);
    drawCounts();
}

function passesCall({ caller, contact, queue, agents, key }) {
    const agent = agents.map((each) => person(nameOf(each), each)).join(" ");
    return filters.passes({ text: [caller, contact, queue, agent, key].join(" "), queue, agent });
}

function passesAgent(row) {
    const state = filters.get("state");
    const agent = person(row.name, row.key);
    return (!state || groupOf(row) === state) && filters.passes({ text: `${agent} ${STATE_WORDS[stateOf(row)]} ${row.campaign ?? ""}`, agent });
}

function passesMissed({ caller, contact, queue, agent, name, ref }) {
    const who = person(name, agent);
    return filters.passes({ text: [caller, contact, queue, who, ref].join(" "), queue, agent: who });
}

function drawCounts() {
    const count = (shown, all) => (shown === all ? String(all) : `${shown} of ${all}`);
    const { calls, agents, missed } = data.tables;
    byID("calls-count").textContent = count(grids.calls.count, calls.size);
    byID("agents-count").textContent = count(grids.agents.count, agents.size);
    byID("missed-count").textContent = missed.size || "";
    byID("dead-count").textContent = data.figures.deadLetters?.count || "";
    byID("matches").textContent = filters.isActive ? `${grids.calls.count} calls, ${grids.agents.count} agents` : "";
}

/** A tenant that has failed shows so: an empty board would look like a quiet day. */
function showTrouble() {
    const { tenant: told = {}, deadLetters = { count: 0 } } = data.figures;
    const reason = told.problem ?? (told.state === "ready" && !told.reason ? null : told.reason ?? `The tenant is ${told.state}.`);
    const node = byID("trouble");
    node.hidden = reason === null;
    node.textContent = reason === null ? "" : `${told.problem ? "The last hour is not known" : `Since ${timeOfDay(told.since)}`}: ${reason}`;
    if (told.name) byID("tenant").textContent = told.name;
    if (letters !== null && deadLetters.count > letters) announce(`${deadLetters.count - letters} new dead letters.`);
    letters = deadLetters.count;
}

function showState(name, state) {
    const before = states.board.state;
    states[name] = state;
    const worst = states.board.state === "connected" ? states.realtime : states.board;
    showConnection(byID("connection"), worst);
    document.body.dataset.connection = states.board.state;
    if (before === "connected" && states.board.state !== "connected") announce("The connection is lost: what is shown is old.");
    if (before === "connecting" && states.board.state === "connected" && state.since !== undefined) announce("Connected.");
    const problem = byID("problem");
    problem.hidden = worst.state !== "refused";
    problem.textContent = worst.status === 401 ? "Your access was refused or has expired. Nothing is shown until the board is opened anew."
        : worst.status === 403 ? "Your access does not include this board." : "This board was opened without an access token.";
}

function acceptToken(event) {
    const offered = event.data?.access_token;
    if (event.source !== window.parent || window.parent === window || typeof offered !== "string" || !offered) return;
    remember(tokenKey, offered);
    for (const stream of Object.values(streams)) stream.restart(offered);
}

function tick() {
    showTime(data.now);
    if (document.hidden) return;
    tiles.tick(data.now);
    for (const each of [grids.calls, grids.agents, grids.queues]) each.tick(data.now);
}

addEventListener("message", acceptToken);
document.addEventListener("visibilitychange", scheduleAll);
setInterval(tick, 1000);
startTheme();
byID("tenant").textContent = tenant;
byID("dead-hint").textContent = `ctid deadletters show --tenant ${tenant} NUMBER`;
document.title = `${tenant} – Realtime board`;
window.ctid = { streams: { board: streams.board.counters, realtime: streams.realtime.counters }, data, feed };
tick();
scheduleAll();
if (token) for (const stream of Object.values(streams)) stream.start();
else showState("board", { state: "refused", status: 0 });
