// The softphone in its frame: what it says is passed on to the server, and numbers are handed to it.
//
// A message counts only when it comes from that very frame, from the origin that is configured, and has the shape of
// an event of a call; everything else that any page may post here is none of ours. What goes out is meant for that
// origin alone. Source of the messages' shapes: Kunzite's softphone.

import { byID, element } from "./page.js";

export class Softphone {
    #frame;
    #origin;
    counters = { loads: 0, taken: 0, ignored: 0 };

    /** `onEvent(message)` gets each `phone:*` message. */
    constructor({ url, stage, onEvent }) {
        this.#origin = new URL(url).origin;
        this.onEvent = onEvent;
        // The name and the size are the vendor's.
        this.#frame = element("iframe", {
            name: "sf", title: "Softphone", src: url, width: "320", height: "460", allow: "camera *; microphone *",
        });
        this.#frame.addEventListener("load", () => { this.counters.loads++; });
        addEventListener("message", (event) => this.#take(event));
        stage.replaceChildren(this.#frame);
    }

    /** Whether the number could be handed over. */
    dial(number) {
        if (this.counters.loads === 0) return false;
        this.#frame.contentWindow.postMessage({ type: "click2call", data: { number } }, this.#origin);
        return true;
    }

    #take({ source, origin, data }) {
        if (source !== this.#frame.contentWindow || origin !== this.#origin || !isCallEvent(data)) {
            this.counters.ignored++;
            return;
        }
        this.counters.taken++;
        // Its vendor opens it when it rings or calls, too. The view stays: the call's record matters more.
        if (data.type === "phone:ringing" || data.type === "phone:calling") showSoftphone(true);
        byID("view-phone").dataset.phone = data.type.slice("phone:".length);
        this.onEvent({ type: data.type, data: data.data });
    }
}

function isCallEvent(message) {
    return typeof message?.type === "string" && message.type.startsWith("phone:")
        && typeof message.data === "object" && message.data !== null && typeof message.data.id === "string";
}

/** Folded away, it is out of sight but still there: what a frame does that is not rendered at all, browsers slow down. */
export function showSoftphone(shown) {
    byID("softphone").classList.toggle("aside", !shown);
    byID("softphone").inert = !shown;
    const button = byID("fold-softphone");
    button.setAttribute("aria-expanded", String(shown));
    button.textContent = shown ? "Hide softphone" : "Show softphone";
}
