// What both pages share: elements, texts, addresses, and where things are kept.

/** An element with properties and children; texts become text nodes, never markup. */
export function element(name, properties = {}, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
        if (value === null || value === undefined || value === false) continue;
        if (key === "class") node.className = value;
        else if (key === "on") Object.entries(value).forEach(([type, listener]) => node.addEventListener(type, listener));
        else if (key === "data") Object.assign(node.dataset, value);
        else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
    return node;
}

/** Replaces what is inside; the keyboard's focus stays on the element with the same `data-key`. */
export function fill(container, ...children) {
    const active = document.activeElement;
    const key = container.contains(active) ? active.dataset.key : undefined;
    container.replaceChildren(...children.filter(Boolean));
    if (key) container.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

export function byID(id) {
    return document.getElementById(id);
}

/** The address where it is one of http or https, else null: the server has checked it already, and checks can err. */
export function webAddress(text) {
    try {
        const url = new URL(text);
        return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
    } catch {
        return null;
    }
}

/** `mm:ss`, or `h:mm:ss`. */
export function clockText(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    return hours > 0 ? `${hours}:${rest}` : rest;
}

const timeFormat = new Intl.DateTimeFormat(undefined, {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

/** The time of day of an ISO text or of milliseconds; empty where it is neither. */
export function timeOfDay(moment) {
    const date = new Date(moment ?? NaN);
    return Number.isNaN(date.getTime()) ? "" : timeFormat.format(date);
}

/** `sessionStorage`, or a stand-in: a browser may forbid it to a page that is embedded elsewhere. */
export const storage = openStorage();

function openStorage() {
    try {
        sessionStorage.getItem("ctid");
        return sessionStorage;
    } catch {
        const values = new Map();
        return {
            getItem: (key) => values.get(key) ?? null,
            setItem: (key, value) => values.set(key, String(value)),
            removeItem: (key) => values.delete(key),
        };
    }
}

/** A full storage costs what would have outlived a reload, nothing else. */
export function remember(key, value) {
    try {
        storage.setItem(key, JSON.stringify(value));
    } catch {
        storage.removeItem(key);
    }
}

export function recall(key) {
    try {
        return JSON.parse(storage.getItem(key) ?? "null");
    } catch {
        return null;
    }
}

/** The token of the fragment, which is taken out of the address bar, else the one kept from before; or null. */
export function takeToken(key) {
    const fragment = new URLSearchParams(location.hash.slice(1));
    const token = fragment.get("token");
    if (token) {
        remember(key, token);
        history.replaceState(null, "", location.pathname + location.search);
    }
    return token || recall(key);
}

/** The address of an endpoint. Relative to the page, so that a proxy may put both under a path of its own. */
export function endpoint(...parts) {
    return new URL(`../v1/${parts.map(encodeURIComponent).join("/")}`, location.href.split("#")[0]).href;
}

/** Shows the stream's state in words. `data-state` has it for programs. */
export function showConnection(node, { state, since, status, reason }) {
    node.dataset.state = state;
    const text = node.querySelector("[data-text]");
    text.textContent = connectionText(state, since, status);
    node.title = reason ? `${text.textContent} (${reason})` : text.textContent;
}

function connectionText(state, since, status) {
    if (state === "connected") return "Connected";
    if (state === "connecting") return since ? `Reconnecting since ${timeOfDay(since)}` : "Connecting…";
    if (status === 401) return "Access token refused or expired";
    if (status === 403) return "Access not allowed";
    return "No access token";
}
