// Records in frames inside the page, with a strip of tabs.

import { element, fill } from "./page.js";

const MOST_FRAMES = 6;
/** What a record's page needs; what it may not: to steer this page away. */
const PERMISSIONS = [
    "allow-downloads", "allow-forms", "allow-modals", "allow-popups", "allow-popups-to-escape-sandbox", "allow-scripts",
];

export class FrameStrip {
    #frames = [];
    #active = null;
    #nextID = 1;

    /** `strip` gets the tabs, `stage` the frames; `changed(count)` is called when one opened or closed. */
    constructor({ strip, stage, changed }) {
        this.strip = strip;
        this.stage = stage;
        this.changed = changed;
        strip.addEventListener("keydown", (event) => this.#onKey(event));
    }

    /** Opens `url`, or shows the frame that has it: a form that was half filled in there is not lost. */
    open(url, title) {
        const known = this.#frames.find((frame) => frame.url === url);
        if (known) return this.#show(known);
        if (this.#frames.length >= MOST_FRAMES) this.close(this.#frames[0].id);
        const frame = { id: this.#nextID++, url, title };
        frame.node = element("iframe", {
            src: url, title: `Record: ${title}`, sandbox: sandbox(url), id: `frame-${frame.id}`, role: "tabpanel",
            referrerpolicy: "no-referrer", allow: "clipboard-write; fullscreen",
        });
        this.#frames.push(frame);
        this.stage.append(frame.node);
        this.#show(frame);
        this.changed(this.#frames.length);
    }

    close(id) {
        const index = this.#frames.findIndex((frame) => frame.id === id);
        if (index < 0) return;
        const [closed] = this.#frames.splice(index, 1);
        closed.node.remove();
        if (this.#active === closed) this.#active = this.#frames[Math.min(index, this.#frames.length - 1)] ?? null;
        this.#draw();
        this.changed(this.#frames.length);
    }

    get count() {
        return this.#frames.length;
    }

    #show(frame) {
        this.#active = frame;
        this.#draw();
    }

    #draw() {
        for (const frame of this.#frames) frame.node.hidden = frame !== this.#active;
        fill(this.strip, ...this.#frames.map((frame) => this.#tab(frame)));
    }

    #tab(frame) {
        const selected = frame === this.#active;
        const tab = element("button", {
            type: "button", role: "tab", class: "frame-tab", "aria-selected": String(selected),
            "aria-controls": `frame-${frame.id}`, tabindex: selected ? "0" : "-1", title: frame.url,
            data: { key: `tab-${frame.id}` }, on: { click: () => this.#show(frame) },
        }, frame.title);
        const out = element("a", {
            class: "icon", href: frame.url, target: "_blank", rel: "noopener noreferrer", "aria-label": `Open ${frame.title} in a tab`,
            title: "Open in a tab of its own: some pages refuse to be shown in a frame",
        }, "↗");
        const close = element("button", {
            type: "button", class: "icon", "aria-label": `Close ${frame.title}`, title: "Close",
            on: { click: () => this.close(frame.id) },
        }, "×");
        return element("span", { class: "frame-handle", role: "presentation", data: { active: String(selected) } }, tab, out, close);
    }

    #onKey(event) {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!step || event.target.getAttribute("role") !== "tab" || !this.#active) return;
        const count = this.#frames.length;
        this.#show(this.#frames[(this.#frames.indexOf(this.#active) + step + count) % count]);
        this.strip.querySelector('[aria-selected="true"]')?.focus();
    }
}

/** A page of our own origin must not reach into this one, where the token is: it gets an origin of its own. */
function sandbox(url) {
    const foreign = new URL(url).origin !== location.origin;
    return [...PERMISSIONS, ...(foreign ? ["allow-same-origin"] : [])].join(" ");
}
