// What frames the lists: tabs, colours, the clock, and what is said aloud.

import { byID, timeOfDay } from "./page.js";

/** The tabs of the lists, as the ARIA pattern has them: arrows move, Home and End jump. */
export class Tabs {
    #tabs = [...document.querySelectorAll("[role=tab]")];

    constructor(onSelect) {
        this.onSelect = onSelect;
        for (const tab of this.#tabs) {
            tab.addEventListener("click", () => onSelect(nameOf(tab)));
            tab.addEventListener("keydown", (event) => this.#key(event, tab));
        }
    }

    select(name) {
        const chosen = this.#tabs.find((tab) => nameOf(tab) === name) ?? this.#tabs[0];
        for (const tab of this.#tabs) {
            tab.setAttribute("aria-selected", String(tab === chosen));
            tab.tabIndex = tab === chosen ? 0 : -1;
            byID(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
        }
    }

    #key(event, tab) {
        const index = this.#tabs.indexOf(tab);
        const last = this.#tabs.length - 1;
        const next = { ArrowRight: index === last ? 0 : index + 1, ArrowLeft: index === 0 ? last : index - 1, Home: 0, End: last }[event.key];
        if (next === undefined) return;
        event.preventDefault();
        this.#tabs[next].focus();
        this.onSelect(nameOf(this.#tabs[next]));
    }
}

function nameOf(tab) {
    return tab.id.replace("tab-", "");
}

const THEMES = { auto: ["Auto", "as the system"], light: ["Light", "light"], dark: ["Dark", "dark"] };
const THEME_KEY = "ctid.board.theme";

/** Light, dark, or as the system has it; remembered for all boards. */
export function startTheme() {
    const names = Object.keys(THEMES);
    let theme = names.includes(stored()) ? stored() : "auto";
    const show = () => {
        if (theme === "auto") delete document.documentElement.dataset.theme;
        else document.documentElement.dataset.theme = theme;
        byID("theme").textContent = THEMES[theme][0];
        byID("theme").setAttribute("aria-label", `Colours: ${THEMES[theme][1]}`);
    };
    byID("theme").addEventListener("click", () => {
        theme = names[(names.indexOf(theme) + 1) % names.length];
        try {
            localStorage.setItem(THEME_KEY, theme);
        } catch {
            // It holds until the page is closed, then.
        }
        show();
    });
    show();
}

function stored() {
    try {
        return localStorage.getItem(THEME_KEY);
    } catch {
        return null;
    }
}

export function showTime(now) {
    byID("now").textContent = timeOfDay(now);
}

/** Says what matters, once: a lost line, dead letters, a tenant in trouble. Calls come and go in silence. */
export function announce(text) {
    const node = byID("announcer");
    if (node.textContent !== text) node.textContent = text;
}
