// Several contacts have the caller's number: a table of them, of which the agent, or a plugin, chooses one.
//
// Plugins get it as Enreach's `customerSearchResults`: they may name columns, fill and add rows, and hide some. What is
// left visible when they are done is shown; one row alone is the caller.

import { pluginContext, runPlugins } from "./agent-plugins.js";
import { element } from "./page.js";

const COLUMNS = ["Type"];

export class MatchTable {
    #columns = COLUMNS;
    #rows = [];

    /** `matches`: those of a pop, `{id, name, type}`. */
    constructor(matches) {
        for (const { id, name, type } of matches) this.#add({ id, name: name || id, type: type ?? "contact", values: [type ?? ""] });
    }

    /** In the place of the columns that were there; every row's fields are to be set anew. */
    setColumnHeaders(headers) {
        if (!Array.isArray(headers)) throw new TypeError("setColumnHeaders takes an array of texts");
        this.#columns = headers.map(String);
        for (const row of this.#rows) row.values = this.#columns.map(() => "");
    }

    setRowData(id, name, fieldValues) {
        const row = this.#rows.find((other) => other.id === String(id));
        if (!row) throw new RangeError(`there is no row ${id}`);
        Object.assign(row, { name: String(name ?? row.name), values: this.#fitting(fieldValues) });
    }

    addRow(id, name, type, fieldValues, iconPath = null) {
        if (this.#rows.some((other) => other.id === String(id))) throw new RangeError(`there is a row ${id} already`);
        this.#add({ id: String(id), name: String(name), type: String(type), values: this.#fitting(fieldValues), iconPath, added: true });
    }

    hideRow(id) {
        for (const row of this.#rows) if (row.id === String(id)) row.hidden = true;
    }

    get columns() {
        return this.#columns;
    }

    get visible() {
        return this.#rows.filter((row) => !row.hidden);
    }

    copy() {
        const copy = new MatchTable([]);
        copy.#columns = [...this.#columns];
        copy.#rows = this.#rows.map((row) => ({ ...row, values: [...row.values] }));
        return copy;
    }

    #add(row) {
        this.#rows.push({ hidden: false, iconPath: null, added: false, ...row });
    }

    #fitting(values) {
        if (Array.isArray(values) && values.length === this.#columns.length) return values.map((value) => String(value ?? ""));
        throw new RangeError(`a row has ${this.#columns.length} fields, as the columns are`);
    }
}

/** Whether the agent is to say who calls. */
export function asksWho({ contact, matches }) {
    return !contact && (matches?.length ?? 0) > 1;
}

/** The table of a pop as the plugins left it. */
export async function matchTable(pop, settings) {
    const context = pluginContext(pop, {}, settings);
    context.eventId = pop.event === "ringing" ? "call-incoming" : "call-answered";
    const { customerSearchResults } = await runPlugins(context, new MatchTable(pop.matches));
    return customerSearchResults;
}

/** The page loads pictures from its own server alone. */
function ownAddress(path) {
    const isAddress = typeof path === "string" && path !== "" && URL.canParse(path, location.href);
    const url = isAddress ? new URL(path, location.href) : null;
    return url?.origin === location.origin ? url.href : null;
}

/** `choose(row)` is called with the row that was clicked. */
export function matchGrid(table, entry, choose) {
    const head = ["Contact", ...table.columns].map((name) => element("th", { scope: "col" }, name));
    const rows = table.visible.map((row) => {
        const icon = ownAddress(row.iconPath);
        return element("tr", { data: { id: row.id } },
            element("th", { scope: "row" },
                icon ? element("img", { src: icon, alt: "" }) : null,
                element("button", {
                    type: "button", class: "link", disabled: entry.isChosen === true, data: { key: `who-${entry.id}-${row.id}` },
                    on: { click: () => choose(row) },
                }, row.name)),
            ...row.values.map((value) => element("td", {}, value)));
    });
    return element("div", { class: "who" },
        element("table", {},
            element("caption", {}, "Who is calling?"),
            element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)),
        entry.note ? element("p", { class: "hint", role: "alert" }, entry.note) : null);
}
