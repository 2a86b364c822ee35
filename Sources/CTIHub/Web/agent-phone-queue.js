// The softphone's events on their way to the server: in order, one at a time, each for as long as it is worth telling.
//
// A ringing that the server learns of a minute late would pop a screen for nothing, so it is dropped. An end is tried
// for longer: it takes pops down, and a call that never ends would hold its place on the agent's page.

import { after } from "./clock.js";

const WORTH_TELLING = 10_000;
const WORTH_TELLING_AN_END = 60_000;
const FIRST_RETRY = 300;
const LONGEST_RETRY = 3_000;
/** Events that may wait; of more, the oldest is dropped. */
const MOST = 200;
/** Characters of one. A browser posts no more than 64 KiB for a page that may be left. */
const LONGEST = 20_000;

export class PhoneQueue {
    #waiting = [];
    #isBusy = false;
    counters = { posted: 0, refused: 0, dropped: 0, retries: 0 };

    /** `post(text)` resolves to an HTTP status, 0 where the server was not reached. */
    constructor(post, now = () => performance.now()) {
        this.post = post;
        this.now = now;
    }

    add(message) {
        const lifetime = message.type === "phone:terminated" ? WORTH_TELLING_AN_END : WORTH_TELLING;
        const text = written(message);
        if (text === null) {
            this.counters.refused++;
            return;
        }
        this.#waiting.push({ text, until: this.now() + lifetime });
        if (this.#waiting.length > MOST) {
            this.#waiting.shift();
            this.counters.dropped++;
        }
        this.#run();
    }

    async #run() {
        if (this.#isBusy) return;
        this.#isBusy = true;
        while (this.#waiting.length > 0) await this.#send(this.#waiting.shift());
        this.#isBusy = false;
    }

    /** A token that has expired may be followed by a new one, so 401 is not the last word. */
    async #send({ text, until }) {
        for (let wait = FIRST_RETRY; this.now() < until; wait = Math.min(2 * wait, LONGEST_RETRY)) {
            const status = await this.post(text);
            if (status > 0 && status < 500 && status !== 401) {
                this.counters[status < 300 ? "posted" : "refused"]++;
                return;
            }
            this.counters.retries++;
            await new Promise((resolve) => after(wait, resolve));
        }
        this.counters.dropped++;
    }
}

/** As JSON; null for what cannot be written so, as an object that holds itself, and for what is no event by its size. */
function written(message) {
    try {
        const text = JSON.stringify(message);
        return text.length <= LONGEST ? text : null;
    } catch {
        return null;
    }
}
