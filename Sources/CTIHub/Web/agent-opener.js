// Opens records, and tells whether the browser let it.
//
//     new_frame ──▶ a frame in the page                               always possible
//     window    ──▶ the named window                   ─ refused ─▶   blocked
//     new_tab   ──▶ a tab ─ refused ─▶ the named window ─ refused ─▶  blocked
//
// A popup blocker answers window.open() with null, unless a click was a moment ago. It does not mind a window that is
// steered anew by its name, so one that was opened by a click once is good for the whole day.

import { nextTask, after } from "./clock.js";
import { webAddress } from "./page.js";

const WATCH_WINDOW = 2_000;

export class Opener {
    #record = null;

    /** `frames` is the page's FrameStrip; `windowChanged(open)` follows the named window. */
    constructor({ tenant, frames, windowChanged }) {
        this.windowName = `ctid-record-${tenant}`;
        this.frames = frames;
        this.windowChanged = windowChanged;
    }

    /** Performs one `open` action; returns `frame`, `tab`, `window`, `blocked`, or `refused` for an address that is none. */
    async open({ url, mode }, title) {
        const address = webAddress(url);
        if (!address) return "refused";
        if (mode === "new_frame") {
            this.frames.open(address, title);
            return "frame";
        }
        if (mode !== "window" && (await this.#openTab(address))) return "tab";
        return (await this.#steer(address)) ? "window" : "blocked";
    }

    /** Opens the named window, from a click, so that pops can steer it from then on. */
    prepare() {
        const opened = attempt(() => window.open("", this.windowName));
        if (!opened) return false;
        attempt(() => {
            // Only a window that is still empty lets itself be written to.
            if (opened.location.href !== "about:blank") return;
            opened.document.title = "Record window";
            opened.document.body.textContent = "Records will open here. Keep this window.";
        });
        this.#keep(opened);
        return true;
    }

    /**
     * A `noopener` window answers null like a blocked one, so the tab is opened empty and cut off from this page before
     * it goes anywhere. Some blockers close a window right after: it is looked at once more, a task later.
     */
    async #openTab(address) {
        const tab = attempt(() => window.open("about:blank", "_blank"));
        if (!tab || tab.closed) return false;
        await nextTask();
        if (tab.closed) return false;
        tab.opener = null;
        tab.location.replace(address);
        return true;
    }

    /** The named window keeps its opener: a browser lets only the opener's page steer it. */
    async #steer(address) {
        const steered = attempt(() => window.open(address, this.windowName));
        if (!steered || steered.closed) return false;
        attempt(() => steered.focus());
        this.#keep(steered);
        return true;
    }

    #keep(opened) {
        const isNew = this.#record !== opened;
        this.#record = opened;
        this.windowChanged(true);
        if (isNew) this.#watchWindow(opened);
    }

    #watchWindow(opened) {
        after(WATCH_WINDOW, () => {
            if (this.#record !== opened) return;
            if (!opened.closed) return this.#watchWindow(opened);
            this.#record = null;
            this.windowChanged(false);
        });
    }
}

function attempt(action) {
    try {
        return action();
    } catch {
        return null;
    }
}
