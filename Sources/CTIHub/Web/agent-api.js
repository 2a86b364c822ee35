// What the agent's page tells the server.

import { after } from "./clock.js";
import { endpoint } from "./page.js";

const ATTEMPTS = 4;
const RETRY_AFTER = 400;
const LONGEST_RETRY = 15_000;
/** A PBX has 5 s to take a number. */
const LONGEST_ANSWER = 8_000;

export class AgentAPI {
    #sent = null;
    session = null;
    counters = { acks: 0, failures: 0 };

    constructor({ tenant, extension, token }) {
        this.path = [tenant, "agents", extension];
        this.token = token;
    }

    get eventsURL() {
        return endpoint(...this.path, "events");
    }

    /** A new session knows nothing of what was said to the one before. */
    begin(session) {
        this.session = session;
        this.#sent = null;
        this.reportState();
    }

    /** Says whether the page is focused, visible or hidden; nothing where that was said already. */
    reportState() {
        const state = document.visibilityState === "hidden" ? "hidden" : document.hasFocus() ? "focused" : "visible";
        if (!this.session || state === this.#sent) return;
        this.#sent = state;
        const session = this.session;
        this.#post(["sessions", session], { state }, () => this.session === session && this.#sent === state);
    }

    /** `outcome`: `shown`, `blocked`, `dismissed` or `handled`. */
    acknowledge(id, outcome) {
        this.counters.acks++;
        return this.#post(["acks"], { id, outcome, session: this.session }, () => true);
    }

    /** Who of several calls, `{id, name, type}`; the status alone, 0 where the server was not reached. */
    async choose(id, contact) {
        return (await this.#exchange("POST", ["contact"], JSON.stringify({ id, contact }))).status;
    }

    /** What the page must know of the tenant's file. Asked for until the server answers; null where it refuses. */
    async settings() {
        for (let wait = RETRY_AFTER; ; wait = Math.min(2 * wait, LONGEST_RETRY)) {
            const { status, body } = await this.#exchange("GET", ["page"]);
            if (status > 0 && status < 500) return status === 200 ? body : null;
            await new Promise((resolve) => after(wait, resolve));
        }
    }

    /** An event of the softphone's, as JSON; the status alone, 0 where the server was not reached. */
    async phone(text) {
        return (await this.#exchange("POST", ["phone"], text)).status;
    }

    /** `{status, problem}`: what went wrong, in words. Never tried twice: a number would be rung twice. */
    async dial(wanted) {
        const { status, body } = await this.#exchange("POST", ["dial"], JSON.stringify(wanted));
        return { status, problem: typeof body?.detail === "string" ? body.detail : null };
    }

    async #exchange(method, path, body) {
        const headers = { Authorization: `Bearer ${this.token}` };
        if (body !== undefined) headers["Content-Type"] = "application/json";
        const options = {
            method, headers, body, credentials: "omit",
            // A page that is left still tells of the call's end.
            cache: "no-store", redirect: "error", keepalive: method === "POST", signal: AbortSignal.timeout(LONGEST_ANSWER),
        };
        try {
            const response = await fetch(endpoint(...this.path, ...path), options);
            return { status: response.status, body: await response.json().catch(() => null) };
        } catch {
            return { status: 0, body: null };
        }
    }

    /** Tries again where the network or the server failed, and as long as it is still worth saying. */
    async #post(path, body, stillTrue) {
        for (let attempt = 0; attempt < ATTEMPTS && stillTrue(); attempt++) {
            if (attempt > 0) await new Promise((resolve) => after(RETRY_AFTER * 2 ** attempt, resolve));
            const status = await this.#send(path, JSON.stringify(body));
            if (status > 0 && status < 500) return status < 300;
        }
        this.counters.failures++;
        return false;
    }

    async #send(path, body) {
        const headers = { "Content-Type": "application/json", Authorization: `Bearer ${this.token}` };
        try {
            const options = { method: "POST", headers, body, keepalive: true, credentials: "omit", cache: "no-store" };
            return (await fetch(endpoint(...this.path, ...path), options)).status;
        } catch {
            return 0;
        }
    }
}
