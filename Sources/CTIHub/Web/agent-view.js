// How the agent's page looks: draws the model, and calls back for what is clicked.

import { callerName, missedReason } from "./agent-model.js";
import { callCard, historyRow, missedRow, popCard, stateOf } from "./agent-cards.js";
import { byID, clockText, element, fill, showConnection } from "./page.js";

/** As in agent.css. */
const NARROW = matchMedia("(max-width: 719px)");

export class AgentView {
    #model = null;
    #skew = 0;
    #drawn = {};

    /** `actions`: openPop(id, index?), endPop(id, outcome), openMissed(key), seeMissed(key|null, seen), prepareWindow(),
     *  dial(number, contactRef), canDial(). */
    constructor({ extension, actions }) {
        this.extension = extension;
        this.actions = actions;
        byID("extension").textContent = extension || "–";
        byID("prepare-window").addEventListener("click", () => actions.prepareWindow());
        byID("missed-all").addEventListener("click", () => actions.seeMissed(null, true));
        byID("toast-open").addEventListener("click", () => this.#onToast((entry) => actions.openPop(entry.id)));
        byID("toast-dismiss").addEventListener("click", () => this.#onToast((entry) => actions.endPop(entry.id, "dismissed")));
        for (const button of byID("views").children) button.addEventListener("click", () => this.show(button.dataset.view));
        this.showFrameCount(0);
        NARROW.addEventListener("change", () => this.#keepTelephoneInReach());
        this.#keepTelephoneInReach();
    }

    render(model, clockSkew) {
        this.#model = model;
        this.#skew = clockSkew;
        this.#drawCall();
        this.#drawPops();
        this.#drawToast();
        this.#drawMissed();
        this.#drawHistory();
        this.#drawTitle();
        byID("incomplete").hidden = !model.incomplete;
    }

    /** Each second: the call's timer, and a call that has become too old to be live. */
    tick() {
        const current = this.#model?.current;
        if (!current) return;
        if (byID("current-call").dataset.state !== stateOf(current, this.#model)) return this.render(this.#model, this.#skew);
        const text = this.#timer(current);
        for (const node of document.querySelectorAll("[data-timer]")) if (node.textContent !== text) node.textContent = text;
    }

    // --- What is shown where

    show(view) {
        document.body.dataset.view = view;
        for (const button of byID("views").children) {
            button.setAttribute("aria-pressed", String(button.dataset.view === view));
        }
        this.#drawMini();
        this.#keepTelephoneInReach();
    }

    /** In a narrow page it is out of sight in the other views, and there, since it must go on; the keyboard passes it. */
    #keepTelephoneInReach() {
        byID("pane-phone").inert = NARROW.matches && document.body.dataset.view !== "phone";
    }

    showRecords() {
        this.show("records");
    }

    showFrameCount(count) {
        document.body.dataset.frames = count > 0 ? "some" : "none";
        byID("frames-empty").hidden = count > 0;
        badge("records-badge", count);
        if (count === 0 && document.body.dataset.view === "records") this.show("call");
    }

    showConnection(state) {
        showConnection(byID("connection"), state);
        this.showProblem(problemText(state));
    }

    showProblem(text) {
        byID("problem").textContent = text;
        byID("problem").hidden = !text;
    }

    showName(name) {
        byID("agent-name").textContent = name ?? "";
        byID("agent-name").hidden = !name;
    }

    /** Whether there is something to dial with, and a softphone. */
    showPhone({ dial, softphone }) {
        const has = dial || softphone;
        byID("pane-phone").hidden = !has;
        byID("view-phone").hidden = !has;
        byID("fold-softphone").hidden = !softphone;
        byID("softphone").hidden = !softphone;
        document.body.dataset.phone = has ? "some" : "none";
    }

    showRecordWindow(open) {
        const button = byID("prepare-window");
        button.dataset.state = open ? "open" : "none";
        button.querySelector("[data-text]").textContent = open ? "Record window ready" : "Prepare record window";
    }

    // --- Said aloud

    announceRinging(data) {
        byID("announcer").textContent = `Ringing: ${callerName(data)}${data.call?.queue ? `, ${data.call.queue}` : ""}.`;
    }

    announcePop({ pop, outcome }) {
        const where = outcome === "blocked" ? "Its record did not open: use the button." : "Its record is open.";
        byID("announcer").textContent = `Call from ${callerName(pop)}${pop.call?.queue ? `, ${pop.call.queue}` : ""}. ${where}`;
    }

    announceMissed(data) {
        byID("announcer").textContent = `Missed: ${callerName(data)}. ${missedReason(data.reason)}.`;
    }

    // --- Parts

    #drawCall() {
        const current = this.#model.current;
        const node = byID("current-call");
        node.dataset.state = stateOf(current, this.#model);
        node.dataset.ref = current?.ref ?? "";
        fill(node, ...callCard(current, this.#model, current ? this.#timer(current) : "", this.actions));
        this.#drawMini();
    }

    /** The call in the bar, for as long as the card itself is out of sight. */
    #drawMini() {
        const current = this.#model?.current;
        const live = Boolean(current) && this.#model.isLive(current) && document.body.dataset.view !== "call";
        const node = byID("mini-call");
        node.hidden = !live;
        if (!live) return;
        node.replaceChildren(
            element("span", { data: { name: "" } }, callerName(current)),
            element("span", { data: { timer: "" } }, this.#timer(current)));
    }

    #timer(entry) {
        const { upAt, endedAt, ringingAt } = entry.call;
        const from = Date.parse(upAt ?? "") || (entry.event === "ringing" ? Date.parse(ringingAt ?? "") : NaN);
        if (Number.isNaN(from)) return "";
        if (!this.#model.isLive(entry)) return endedAt ? clockText(Date.parse(endedAt) - from) : "";
        return clockText(Date.now() + this.#skew - from);
    }

    #drawPops() {
        // A pop that has nothing but one blocked record is all in the toast.
        const inToast = this.#model.blocked.at(-1);
        const shown = this.#model.pops.filter((entry) => entry !== inToast || entry.results.length > 1).reverse();
        fill(byID("pops"), ...shown.map((entry) => popCard(entry, this.actions)));
    }

    #drawToast() {
        const blocked = this.#model.blocked;
        const entry = blocked.at(-1);
        const toast = byID("toast");
        const isNew = Boolean(entry) && toast.dataset.pop !== entry.id;
        toast.dataset.pop = entry?.id ?? "";
        if (!entry) {
            toast.hidden = true;
            return;
        }
        const sessions = entry.results.filter((result) => result === "nosession").length;
        const waiting = entry.results.filter((result) => result === "blocked").length + sessions;
        byID("toast-title").textContent = callerName(entry.pop);
        byID("toast-detail").textContent = toastText(entry, waiting, blocked.length - 1);
        byID("toast-open").textContent =
            waiting > 1 ? `Open record (${waiting})` : sessions > 0 ? "Try again" : "Open record";
        byID("toast-open").disabled = waiting === 0;
        toast.hidden = false;
        // Enter opens it at once, unless the keyboard is in use elsewhere.
        if (isNew && document.activeElement === document.body) byID("toast-open").focus({ preventScroll: true });
    }

    #onToast(action) {
        const entry = this.#model?.popWithID(byID("toast").dataset.pop);
        if (entry) action(entry);
    }

    #drawMissed() {
        const { missed, unseen } = this.#model;
        badge("missed-badge", unseen);
        byID("missed-all").hidden = unseen === 0;
        byID("missed-empty").hidden = missed.length > 0;
        const stamp = missed.map((entry) => `${entry.key}${entry.seen}`).join() + this.actions.canDial();
        if (this.#isDrawn("missed", stamp)) return;
        fill(byID("missed"), ...missed.map((entry) => missedRow(entry, this.actions)));
    }

    #drawHistory() {
        const { calls, current } = this.#model;
        byID("history-empty").hidden = calls.length > 0;
        const stamp = calls.map((entry) => `${entry.ref}${entry.at}${entry.over}${entry === current}`).join() + this.actions.canDial();
        if (this.#isDrawn("history", stamp)) return;
        fill(byID("history"), ...calls.map((entry) => historyRow(entry, this.#model, this.actions)));
    }

    #isDrawn(part, stamp) {
        const same = this.#drawn[part] === stamp;
        this.#drawn[part] = stamp;
        return same;
    }

    #drawTitle() {
        const entry = this.#model.pops.at(-1);
        const name = entry && callerName(entry.pop);
        const queue = entry?.pop.call?.queue;
        const unseen = this.#model.unseen > 0 ? `(${this.#model.unseen}) ` : "";
        document.title = entry ? `● ${name}${queue ? ` – ${queue}` : ""}` : `${unseen}${this.extension || "Agent"} – Calls`;
        const icon = entry ? "pop" : "rest";
        if (!this.#isDrawn("icon", icon)) byID("favicon").href = favicon(icon);
    }
}

function badge(id, count) {
    byID(id).textContent = String(count);
    byID(id).hidden = count === 0;
}

function toastText(entry, waiting, others) {
    const queue = entry.pop.call?.queue ? `${entry.pop.call.queue}. ` : "";
    const what = entry.results.includes("nosession") ? entry.note
        : waiting > 0 ? "Your browser blocked the record." : "The record's address is not one that may be opened.";
    return queue + what + (others > 0 ? ` ${others} more waiting.` : "");
}

function problemText({ state, status }) {
    if (state !== "refused") return "";
    if (status === 401) return "Your access was refused or has expired. Open this page anew from your CRM; no calls arrive until then.";
    if (status === 403) return "Your access is for another extension. No calls arrive here.";
    return "This page was opened without an access token. Open it from your CRM, or ask who runs it.";
}

function favicon(state) {
    const color = state === "pop" ? "#d9480f" : "#2f6f6a";
    const dot = state === "pop" ? `<circle cx="24" cy="8" r="8" fill="${color}"/>` : "";
    const handset = "M8 6c-2 2-2 6 2 12s9 9 12 8l3-3-5-5-3 1c-2-1-4-4-4-6l2-2-3-6z";
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="${handset}" fill="#2f6f6a"/>${dot}</svg>`;
    return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
