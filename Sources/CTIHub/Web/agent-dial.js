// Click to dial: the field, the buttons that numbers are, and what came of it.
//
//     click2dial ──▶ POST …/dial ──▶ the PBX rings the agent's telephone, then calls
//     softphone  ──▶ a message to its frame ──▶ it calls

import { after } from "./clock.js";
import { byID, element } from "./page.js";

/** Digits, as people write them. What is masked has asterisks, and is none. */
const NUMBER = /^\+?[0-9][0-9 ()/.-]{1,31}$/;
/** A double click is one wish. */
const PAUSE = 1_000;
const SHOWN_FOR = 8_000;

/** The number to dial for a call; null where it cannot be dialled. */
export function numberToDial(call) {
    const number = call?.callerE164 || call?.caller || "";
    return NUMBER.test(number) ? number : null;
}

/** A number as a button, where it can be dialled; else as text. `key` tells it apart from the others of the page. */
export function numberButton(text, call, key, actions) {
    const number = actions.canDial() ? numberToDial(call) : null;
    if (!number) return text;
    return element("button", {
        type: "button", class: "link dial", title: "Call this number", "aria-label": `Call ${text}`,
        data: { key: `dial-${key}`, dial: number }, on: { click: () => actions.dial(number, call.contactRef ?? null) },
    }, text);
}

export class DialPanel {
    #mode = null;
    #busy = false;
    #hide = () => {};

    /** `api` posts; `softphone()` is the frame, once there is one; `changed()` is called when dialling became possible. */
    constructor({ api, softphone, changed }) {
        this.api = api;
        this.softphone = softphone;
        this.changed = changed;
        byID("dial-form").addEventListener("submit", (event) => {
            event.preventDefault();
            const number = byID("dial-number").value.trim();
            if (number) this.dial(number, null);
        });
    }

    /** `click2dial`, `softphone`, or null. */
    use(mode) {
        this.#mode = mode;
        byID("dial-form").hidden = mode === null;
        this.changed();
    }

    get canDial() {
        return this.#mode !== null;
    }

    async dial(number, contactRef) {
        if (!this.#mode || this.#busy) return;
        this.#busy = true;
        byID("dial-button").disabled = true;
        this.#tell("Dialling…", "wait");
        const pause = new Promise((resolve) => after(PAUSE, resolve));
        const { text, state } = await (this.#mode === "softphone" ? this.#dialBySoftphone(number) : this.#dialByPBX(number, contactRef));
        this.#tell(text, state);
        await pause;
        this.#busy = false;
        byID("dial-button").disabled = false;
    }

    #dialBySoftphone(number) {
        const sent = this.softphone()?.dial(number) ?? false;
        return sent ? { text: "The softphone is calling.", state: "done" } : { text: "The softphone is not there yet.", state: "failed" };
    }

    async #dialByPBX(number, contactRef) {
        const { status, problem } = await this.api.dial(contactRef ? { number, contactRef } : { number });
        if (status === 202) return { text: "Your telephone will ring; take it to be connected.", state: "done" };
        return { text: problem ?? (status === 0 ? "The server cannot be reached." : "It could not be dialled."), state: "failed" };
    }

    #tell(text, state) {
        const node = byID("dial-status");
        node.textContent = text;
        node.dataset.state = state;
        node.hidden = false;
        // A status that was hidden a moment ago is not read out everywhere.
        if (state === "failed") byID("announcer").textContent = text;
        this.#hide();
        if (state !== "wait") this.#hide = after(SHOWN_FOR, () => { node.hidden = true; });
    }
}
