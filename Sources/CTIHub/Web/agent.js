// The agent's page: takes the frames of the agent's stream, opens what they ask for, and tells the server how it went.
//
//     stream ──▶ model ──▶ view ──▶ dial ──▶ PBX, or softphone
//        └─ pop ─▶ opener, session ──▶ ack
//     softphone ──▶ queue ──▶ server

import { AgentAPI } from "./agent-api.js";
import { DialPanel } from "./agent-dial.js";
import { FrameStrip } from "./agent-frames.js";
import { AgentModel, callerName } from "./agent-model.js";
import { asksWho, MatchTable, matchTable } from "./agent-matches.js";
import { Opener } from "./agent-opener.js";
import { PhoneQueue } from "./agent-phone-queue.js";
import { SessionOpener } from "./agent-session.js";
import { showSoftphone, Softphone } from "./agent-softphone.js";
import { AgentView } from "./agent-view.js";
import { byID, remember, takeToken, webAddress } from "./page.js";
import { EventStream } from "./stream.js";

const query = new URLSearchParams(location.search);
const tenant = query.get("tenant") ?? "";
const extension = query.get("extension") ?? "";
const scope = `ctid.${tenant}.${extension}`;
const tokenKey = `${scope}.token`;

const counters = { call: 0, pop: 0, clear: 0, missed: 0, opened: 0, blocked: 0 };
const token = takeToken(tokenKey);
const model = new AgentModel(`${scope}.state`);
const api = new AgentAPI({ tenant, extension, token });
const phoneQueue = new PhoneQueue((text) => api.phone(text));
const dialPanel = new DialPanel({ api, softphone: () => softphone, changed: () => update() });
/** What plugins made of the matches, by the pop's id; plain where they did not run. */
const tables = new Map();
const view = new AgentView({
    extension,
    actions: {
        openPop, endPop, openMissed, seeMissed, prepareWindow, choose,
        tableOf: (entry) => tables.get(entry.id) ?? new MatchTable(entry.pop.matches),
        dial: (number, contactRef) => dialPanel.dial(number, contactRef), canDial: () => dialPanel.canDial,
    },
});
const frames = new FrameStrip({
    strip: byID("frame-strip"), stage: byID("frame-stage"), changed: (count) => view.showFrameCount(count),
});
const opener = new Opener({ tenant, frames, windowChanged: (open) => view.showRecordWindow(open) });
const sessions = new SessionOpener({ settings: () => settingsKnown });
const stream = new EventStream({
    url: api.eventsURL, token, lastID: model.lastID, onEvent: receive, onState: (state) => view.showConnection(state),
});

let softphone = null;
let knowSettings;
const settingsKnown = new Promise((resolve) => { knowSettings = resolve; });
let areSettingsAsked = false;

/** A token that is refused is told of by the stream; with the next one it is tried again. */
async function takeSettings() {
    if (areSettingsAsked) return;
    areSettingsAsked = true;
    const settings = await api.settings();
    if (!settings) {
        areSettingsAsked = false;
        return;
    }
    knowSettings(settings);
    view.showName(settings.name);
    const url = webAddress(settings.softphoneUrl);
    if (url) softphone = new Softphone({ url, stage: byID("softphone"), onEvent: (message) => phoneQueue.add(message) });
    view.showPhone({ dial: settings.dial !== null, softphone: Boolean(url) });
    dialPanel.use(settings.dial);
}

function receive({ type, data, id }) {
    const take = { hello, call, pop, clear, missed }[type];
    if (take) take(JSON.parse(data), id);
    model.lastID = id;
    update();
}

function update() {
    model.save();
    view.render(model, stream.clockSkew);
}

function hello({ session, recovered }) {
    if (stream.resuming) model.hello(recovered !== false);
    api.begin(session);
}

function call(data) {
    counters.call++;
    const isNew = !model.calls.some(({ ref }) => ref === data.call?.ref);
    model.call(data);
    if (isNew && data.event === "ringing" && !data.stale) view.announceRinging(data);
}

function pop(data) {
    counters.pop++;
    model.call(data);
    const known = model.popWithID(data.id);
    // Sent again after a broken connection: what was done stays done, it only was not heard.
    if (!known) perform(data);
    else if (known.outcome !== "opening") api.acknowledge(data.id, known.outcome);
}

async function perform(data) {
    const actions = screenActions(data);
    // Known before the first wait: a `clear` may come while the tab opens.
    model.addPop(data, actions.map(() => "opening"));
    const entry = model.popWithID(data.id);
    for (const [index, action] of actions.entries()) {
        await openAction(entry, index, action);
        // Taken down meanwhile: nothing more of a call that is gone is opened, nor said.
        if (!model.popWithID(entry.id)) return;
    }
    settle(entry);
    if (entry.results.includes("frame")) view.showRecords();
    view.announcePop(entry);
    update();
    if (asksWho(data)) await askPlugins(entry);
}

/** Where they leave one row, it is the caller, and nobody has to be asked. */
async function askPlugins(entry) {
    const table = await matchTable(entry.pop, await settingsKnown);
    if (!model.popWithID(entry.id)) return;
    tables.set(entry.id, table);
    if (table.visible.length === 1) await choose(entry.id, table.visible[0]);
    update();
}

/** The server takes the pop down then, and sends the one with the contact's record. */
async function choose(id, { id: contact, name, type, added }) {
    const entry = model.popWithID(id);
    if (!entry || entry.isChosen) return;
    Object.assign(entry, { isChosen: true, note: "" });
    update();
    const status = await api.choose(id, added ? { id: contact, name, type } : { id: contact });
    if (status >= 200 && status < 300) return;
    Object.assign(entry, { isChosen: false, note: "The server did not take the choice. Try again." });
    update();
}

function screenActions(data) {
    return (data.actions ?? []).filter((action) => action.kind === "open" || action.kind === "session");
}

async function openAction(entry, index, action) {
    if (action.kind === "open") {
        entry.results[index] = await opener.open(action, callerName(entry.pop));
        return;
    }
    const { opened, reason } = await sessions.open(action, entry.pop);
    entry.results[index] = opened ? "session" : "nosession";
    entry.note = opened ? "" : reason;
}

/** What did not open, and a click may yet. */
function isWaiting(result) {
    return result === "blocked" || result === "nosession";
}

/** One record that could not be opened makes the whole pop blocked: the agent has not seen it. */
function settle(entry) {
    entry.outcome = entry.results.some((result) => isWaiting(result) || result === "refused") ? "blocked" : "shown";
    counters[entry.outcome === "shown" ? "opened" : "blocked"]++;
    api.acknowledge(entry.id, entry.outcome);
}

/** From a click. A click is good for one window, so of several blocked records it opens the first. */
async function openPop(id, which) {
    const entry = model.popWithID(id);
    const index = which ?? entry?.results.findIndex(isWaiting) ?? -1;
    if (!entry || index < 0) return;
    await openAction(entry, index, screenActions(entry.pop)[index]);
    if (entry.results[index] === "frame") view.showRecords();
    if (entry.outcome === "blocked" && !entry.results.some(isWaiting)) {
        entry.outcome = "shown";
        counters.opened++;
        api.acknowledge(id, "shown");
        model.seeMissed((missed) => missed.pop.call?.ref === entry.pop.call?.ref);
    }
    update();
}

/** `handled` or `dismissed`. */
function endPop(id, outcome) {
    const entry = model.removePop(id);
    tables.delete(id);
    if (!entry) return;
    api.acknowledge(id, outcome);
    update();
}

function clear({ id, ref, reason }) {
    counters.clear++;
    tables.delete(id);
    model.removePop(id);
    if (reason === "ended" || reason === "transferred") model.finish(ref, reason);
}

function missed(data, id) {
    counters.missed++;
    model.miss(data, id);
    view.announceMissed(data);
}

async function openMissed(key) {
    const entry = model.missed.find((other) => other.key === key);
    const action = entry && screenActions(entry.pop).find((other) => other.kind === "open");
    if (!action) return;
    if ((await opener.open(action, callerName(entry.pop))) === "frame") view.showRecords();
    seeMissed(key, true);
}

function seeMissed(key, seen) {
    model.seeMissed((entry) => key === null || entry.key === key, seen);
    update();
}

function prepareWindow() {
    view.showRecordWindow(opener.prepare());
}

/** A page that embeds this one may hand over a token, also a new one before the old expires. Who may embed it, the
 *  server's frame-ancestors decides, so the parent is one of those. */
function acceptToken(event) {
    const offered = event.data?.access_token;
    if (event.source !== window.parent || window.parent === window || typeof offered !== "string" || !offered) return;
    remember(tokenKey, offered);
    api.token = offered;
    takeSettings();
    stream.restart(offered);
}

function begin() {
    byID("fold-softphone").addEventListener("click", () => showSoftphone(byID("softphone").inert));
    addEventListener("message", acceptToken);
    for (const type of ["focus", "blur", "pageshow"]) addEventListener(type, () => api.reportState());
    document.addEventListener("visibilitychange", () => api.reportState());
    // Leaving a frame inside the page fires no event here, so the state is looked at with the call's timer.
    setInterval(() => {
        api.reportState();
        view.tick();
    }, 1000);
    // A page that holds a lock is not put to sleep while it is hidden.
    navigator.locks?.request(`${scope}.awake`, { mode: "shared" }, () => new Promise(() => {}));
    update();
    if (!tenant || !extension) return view.showProblem("This address names no tenant and extension.");
    if (token) {
        stream.start();
        takeSettings();
    } else view.showConnection({ state: "refused", status: 0 });
}

window.ctid = {
    counters, model, stream: stream.counters, api: api.counters, phone: phoneQueue.counters,
    get softphone() { return softphone?.counters ?? null; },
    get session() { return api.session; },
};
begin();
