// A Server-Sent Events client over fetch().
//
//     connecting ──200, text/event-stream──▶ connected
//         ▲  ▲                                   │ end, error, or 40 s without a byte
//         │  └──── jittered back-off ◀───────────┘
//         └─ restart(token) ── refused ◀── 401, 403
//
// The browser's EventSource cannot send a header, so it would put the token into the URL, where logs see it. It cannot
// tell a refused token from a broken line either, nor notice a line that died without a word.

import { after } from "./clock.js";

/** The server writes a comment each 15 s: two of them lost, and some. */
const SILENCE_LIMIT = 40_000;
const WATCH_INTERVAL = 5_000;
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 30_000;
/** Characters of one unfinished event. Beyond it the stream is not one of ours. */
const LONGEST_EVENT = 4_000_000;

/** Cuts text, in whatever pieces it comes, into events, as the HTML standard's "event stream interpretation" says. */
export class EventParser {
    #rest = "";
    #data = [];
    #size = 0;
    #type = "";
    #pendingID;
    /** The last `id:` seen, kept over events without one. */
    lastID;

    /** `dispatch({type, data, id})` for each event, `retry(milliseconds)` for each hint. */
    constructor({ dispatch, retry = () => {}, lastID = "" }) {
        this.dispatch = dispatch;
        this.retry = retry;
        this.lastID = lastID;
        this.#pendingID = lastID;
    }

    feed(text) {
        const input = this.#rest + text;
        let start = 0;
        for (;;) {
            const end = indexOfLineEnd(input, start);
            // A CR at the very end may be the first half of a CRLF: wait for what follows.
            if (end < 0 || (input[end] === "\r" && end === input.length - 1)) break;
            this.#line(input.slice(start, end));
            start = end + (input[end] === "\r" && input[end + 1] === "\n" ? 2 : 1);
        }
        this.#rest = input.slice(start);
        if (this.#rest.length + this.#size > LONGEST_EVENT) throw new Error("an event is too large");
    }

    #line(line) {
        if (line === "") return this.#flush();
        const colon = line.indexOf(":");
        if (colon === 0) return;
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
        this.#field(name, value);
    }

    #field(name, value) {
        switch (name) {
            case "data":
                this.#data.push(value);
                this.#size += value.length + 1;
                break;
            case "event":
                this.#type = value;
                break;
            case "id":
                if (!value.includes("\0")) this.#pendingID = value;
                break;
            case "retry":
                if (/^\d+$/.test(value)) this.retry(Number(value));
                break;
        }
    }

    #flush() {
        const data = this.#data;
        const type = this.#type || "message";
        this.#data = [];
        this.#size = 0;
        this.#type = "";
        this.lastID = this.#pendingID;
        if (data.length > 0) this.dispatch({ type, data: data.join("\n"), id: this.lastID });
    }
}

function indexOfLineEnd(text, from) {
    const lf = text.indexOf("\n", from);
    const cr = text.indexOf("\r", from);
    if (cr < 0) return lf;
    return lf < 0 || cr < lf ? cr : lf;
}

/**
 * A stream that is kept open.
 *
 * `onEvent({type, data, id})` gets the data as text; `onState({state, since, reason, status})` gets `connecting`,
 * `connected` or `refused`, where `since` (milliseconds) is when the line was lost and stays until it is back.
 */
export class EventStream {
    #token;
    #lastID;
    #retry = FIRST_RETRY;
    #failures = 0;
    #generation = 0;
    #abort = null;
    #wake = null;
    #lastByte = 0;
    #lostAt = null;
    /** Server's clock minus ours, in milliseconds, by the response's Date header; 0 where they agree. */
    clockSkew = 0;
    /** Whether the running attempt asked to go on from a position. */
    resuming = false;
    counters = { attempts: 0, connects: 0, events: 0, silences: 0 };

    constructor({ url, token, lastID = "", onEvent, onState, random = Math.random }) {
        this.url = url;
        this.#token = token;
        this.#lastID = lastID;
        this.onEvent = onEvent;
        this.onState = onState;
        this.random = random;
        addEventListener("online", () => this.hurry());
        document.addEventListener("visibilitychange", () => this.#checkSilence());
    }

    start() {
        const generation = ++this.#generation;
        this.#abort?.abort();
        this.#run(generation);
        this.#watch(generation);
    }

    restart(token) {
        this.#token = token;
        this.#failures = 0;
        this.start();
    }

    stop() {
        this.#generation++;
        this.#abort?.abort();
        this.#wake?.();
    }

    /** Does not wait for the back-off to end. */
    hurry() {
        this.#wake?.();
    }

    async #run(generation) {
        while (generation === this.#generation) {
            const end = await this.#attempt(generation);
            if (generation !== this.#generation) return;
            this.#lostAt ??= Date.now();
            if (end.refused) return this.#tell("refused", end);
            this.#tell("connecting", end);
            await this.#pause();
        }
    }

    async #attempt(generation) {
        const abort = new AbortController();
        this.#abort = abort;
        this.#lastByte = Date.now();
        this.counters.attempts++;
        try {
            const response = await fetch(this.url, this.#request(abort.signal));
            const bad = objection(response);
            if (bad) {
                abort.abort();
                return bad;
            }
            this.#opened(response);
            await this.#read(response.body.getReader(), generation);
            return { reason: "the server closed the stream" };
        } catch (error) {
            return { reason: abort.signal.aborted ? "nothing was heard for too long" : String(error.message ?? error) };
        } finally {
            if (this.#abort === abort) this.#abort = null;
        }
    }

    #request(signal) {
        const headers = { Accept: "text/event-stream", Authorization: `Bearer ${this.#token}` };
        this.resuming = this.#lastID !== "";
        if (this.resuming) headers["Last-Event-ID"] = this.#lastID;
        return { headers, signal, cache: "no-store", credentials: "omit", redirect: "error" };
    }

    #opened(response) {
        this.counters.connects++;
        const date = Date.parse(response.headers.get("Date") ?? "");
        const skew = date - Date.now();
        // The header has whole seconds only, and the way takes time: less than two seconds mean nothing.
        this.clockSkew = Number.isFinite(skew) && Math.abs(skew) > 2_000 ? skew : 0;
        this.#lostAt = null;
        this.#tell("connected", {});
    }

    async #read(reader, generation) {
        const decoder = new TextDecoder();
        const parser = new EventParser({
            lastID: this.#lastID,
            retry: (milliseconds) => { this.#retry = Math.min(milliseconds, LONGEST_RETRY); },
            dispatch: (event) => this.#dispatch(event),
        });
        for (;;) {
            const { done, value } = await reader.read();
            if (done || generation !== this.#generation) return;
            this.#lastByte = Date.now();
            parser.feed(decoder.decode(value, { stream: true }));
            this.#lastID = parser.lastID;
        }
    }

    #dispatch(event) {
        this.#failures = 0;
        this.counters.events++;
        this.#lastID = event.id;
        try {
            this.onEvent(event);
        } catch (error) {
            // One event that the page cannot make sense of must not cost it those that follow.
            console.error("ctid: an event was not understood", error);
        }
    }

    #pause() {
        const longest = Math.min(LONGEST_RETRY, Math.max(this.#retry, 100) * 2 ** Math.min(this.#failures, 10));
        this.#failures++;
        return new Promise((resolve) => {
            const cancel = after(longest * (0.5 + this.random() / 2), resolve);
            this.#wake = () => {
                cancel();
                resolve();
            };
        });
    }

    #watch(generation) {
        after(WATCH_INTERVAL, () => {
            if (generation !== this.#generation) return;
            this.#checkSilence();
            this.#watch(generation);
        });
    }

    #checkSilence() {
        if (!this.#abort || Date.now() - this.#lastByte < SILENCE_LIMIT) return;
        this.counters.silences++;
        this.#abort.abort();
    }

    #tell(state, { reason = "", status = 0 }) {
        this.onState({ state, reason, status, since: this.#lostAt });
    }
}

/** What is wrong with a response: `{refused, reason, status}`, or null. */
function objection(response) {
    const { status } = response;
    if (status === 401 || status === 403) return { refused: true, status, reason: `HTTP ${status}` };
    if (status !== 200) return { status, reason: `the server answered HTTP ${status}` };
    const type = response.headers.get("Content-Type") ?? "";
    return type.startsWith("text/event-stream") ? null : { status, reason: "the answer was not an event stream" };
}
