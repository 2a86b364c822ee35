// The realtime board: what a tenant's rules tell a supervisor, as it happens.

import { Feed } from "./board-feed.js";
import { BoardModel } from "./board-model.js";
import { byID, element, endpoint, fill, remember, showConnection, takeToken } from "./page.js";
import { EventStream } from "./stream.js";

const tenant = decodeURIComponent(location.pathname.split("/").filter(Boolean).at(-1) ?? "");
const tokenKey = `ctid.board.${tenant}.token`;
const STATE_WORDS = { up: "In call", ringing: "Ringing", calling: "Calling", free: "Free" };

const token = takeToken(tokenKey);
const model = new BoardModel();
const feed = new Feed();
const stream = new EventStream({ url: endpoint(tenant, "realtime"), token, onEvent: receive, onState: showState });
let scheduled = false;

function receive({ type, data }) {
    if (type === "hello") return hello(JSON.parse(data));
    if (type !== "RealtimeCTI") return;
    const event = JSON.parse(data);
    model.take(event.channel ?? {});
    feed.add(event);
    schedule();
}

function hello({ recovered }) {
    const complete = !stream.resuming || recovered !== false;
    byID("incomplete").hidden = complete;
    if (!complete) model.forget();
    schedule();
}

/** Draws the counts once a frame at most. */
function schedule() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
        scheduled = false;
        drawQueues(model.queues);
        drawAgents(model.agents);
    });
}

function drawQueues(queues) {
    byID("queues-empty").hidden = queues.length > 0;
    fill(byID("queues"), ...queues.map(({ queue, up, waiting }) =>
        element("li", { data: { queue } }, element("span", {}, queue || "No queue"),
            waiting > 0 && element("small", {}, `${waiting} waiting`), element("strong", {}, String(up)))));
}

function drawAgents(agents) {
    byID("agents-empty").hidden = agents.length > 0;
    fill(byID("agents"), ...agents.map(({ number, name, state }) =>
        element("li", { data: { agent: number, state } },
            element("span", {}, name || number, name && element("small", {}, ` ${number}`)),
            element("span", { class: "chip", data: { state } }, STATE_WORDS[state] ?? state))));
}

function showState(state) {
    showConnection(byID("connection"), state);
    const problem = byID("problem");
    problem.hidden = state.state !== "refused";
    problem.textContent = state.status === 401 ? "Your access was refused or has expired. Nothing is shown until the board is opened anew."
        : state.status === 403 ? "Your access does not include this board." : "This board was opened without an access token.";
}

function acceptToken(event) {
    const offered = event.data?.access_token;
    if (event.source !== window.parent || window.parent === window || typeof offered !== "string" || !offered) return;
    remember(tokenKey, offered);
    stream.restart(offered);
}

addEventListener("message", acceptToken);
byID("tenant").textContent = tenant;
document.title = `${tenant} – Realtime board`;
window.ctid = { stream: stream.counters, model, feed };
if (token) stream.start();
else showState({ state: "refused", status: 0 });
