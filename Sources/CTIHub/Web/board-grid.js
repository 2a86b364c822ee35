// A table of any length, of which only the rows in sight are in the page.
//
//     thead                                 columns, with buttons that sort
//     tbody   space above (one row)
//             rows in sight, and a few more     kept by key: a row that changes is changed, not made anew
//             space below (one row)
//
// All rows have one height, so that what is in sight follows from where the table is scrolled to.

import { element } from "./page.js";

/** Pixels; the style sheet says the same. */
export const ROW_HEIGHT = 32;
const MORE_ROWS = 6;

export class Grid {
    #table;
    #scroller;
    #columns;
    #body = element("tbody");
    #above;
    #below;
    #empty = element("p", { class: "empty" });
    #rows = new Map();
    #order = [];
    #drawn = new Map();
    #sort;
    #scheduled = false;
    /** Told by events: to ask the page in between would have it laid out again and again. */
    #view = { top: 0, height: 0 };

    /**
     * `columns`: `{name, label, text(row, now), sort?(row), chip?(row), link?(row), bar?(row), live?, number?}`; the
     * first one names the row. `mark(row)` gives the row's `data-*`. `onSort(text)` is told of a change.
     */
    constructor(table, { caption, columns, sort = "", empty, mark = () => ({}), onSort = () => {} }) {
        this.#table = table;
        this.#scroller = table.parentElement;
        this.#columns = columns;
        this.#above = space(columns.length);
        this.#below = space(columns.length);
        this.empty = empty;
        this.mark = mark;
        this.onSort = onSort;
        table.append(element("caption", { class: "aside" }, caption), this.#head(), this.#body);
        this.#body.id = `${table.id === "events" ? "" : `${table.id}-`}rows`;
        this.#scroller.append(this.#empty);
        this.#scroller.addEventListener("scroll", () => this.#look({ top: this.#scroller.scrollTop }), { passive: true });
        new ResizeObserver(([{ contentRect }]) => this.#look({ height: contentRect.height })).observe(this.#scroller);
        this.sortBy(sort);
    }

    get count() {
        return this.#order.length;
    }

    /** Takes up all rows, those that `passes` lets through, in their order. */
    show(rows, passes, now) {
        this.#rows = rows;
        const passing = new Set();
        for (const [key, row] of rows) if (passes(row)) passing.add(key);
        // Those that were there stand nearly in order: sorting them again costs next to nothing.
        const known = this.#sort ? this.#order.filter((key) => passing.delete(key)) : [];
        this.#order = this.#sorted([...known, ...passing]);
        this.draw(now);
    }

    /** Draws what is in sight. */
    draw(now = this.now) {
        this.now = now;
        const { top, height } = this.#view;
        if (height === 0) return;
        const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - MORE_ROWS);
        const last = Math.min(this.#order.length, first + Math.ceil(height / ROW_HEIGHT) + 2 * MORE_ROWS);
        const start = Math.max(0, Math.min(first, last - 1));
        // Of a table that is scrolled, rows may have gone since it was sorted.
        this.#place(this.#order.slice(start, last).filter((key) => this.#rows.has(key)), start);
        this.#above.firstChild.style.height = `${start * ROW_HEIGHT}px`;
        this.#below.firstChild.style.height = `${(this.#order.length - last) * ROW_HEIGHT}px`;
        this.#table.setAttribute("aria-rowcount", String(this.#order.length + 1));
        this.#empty.hidden = this.#order.length > 0;
        this.#empty.textContent = this.#rows.size > 0 ? "Nothing matches the filter." : this.empty;
    }

    /** Time went on: durations in sight are written anew, and nothing else. */
    tick(now) {
        this.now = now;
        for (const [key, { cells }] of this.#drawn) {
            const row = this.#rows.get(key);
            if (!row) continue;
            this.#columns.forEach((column, index) => column.live && write(cells[index], column.text(row, now)));
        }
    }

    /** So many rows came in above those in sight, which stay where they are. */
    shift(count) {
        if (this.#view.top > 0) this.#scroller.scrollTop = this.#view.top += count * ROW_HEIGHT;
    }

    /** `name.up` or `name.down`; anything else is the order in which rows came. */
    sortBy(text) {
        const [name, direction] = String(text).split(".");
        const column = this.#columns.find((column) => column.name === name && column.sort);
        this.#sort = column ? { column, sign: direction === "down" ? -1 : 1 } : null;
        this.#columns.forEach((each, index) => {
            const cell = this.#table.tHead.rows[0].cells[index];
            if (!each.sort) return;
            if (each === column) cell.setAttribute("aria-sort", this.#sort.sign > 0 ? "ascending" : "descending");
            else cell.removeAttribute("aria-sort");
        });
    }

    #head() {
        const cells = this.#columns.map((column) => {
            const label = column.sort
                ? element("button", { type: "button", on: { click: () => this.#resort(column) } }, column.label) : column.label;
            return element("th", { scope: "col", class: column.number && "number", title: column.hint, data: { column: column.name } }, label);
        });
        return element("thead", {}, element("tr", {}, ...cells));
    }

    #resort(column) {
        const isUp = this.#sort?.column === column && this.#sort.sign > 0;
        this.sortBy(`${column.name}.${isUp ? "down" : "up"}`);
        this.#order = this.#sorted(this.#order);
        this.draw();
        this.onSort(`${column.name}.${isUp ? "down" : "up"}`);
    }

    #sorted(order) {
        if (!this.#sort) return order;
        const { column, sign } = this.#sort;
        const values = order.map((key) => [column.sort(this.#rows.get(key)), key]);
        values.sort(([one, oneKey], [other, otherKey]) => sign * compare(one, other) || compare(oneKey, otherKey));
        return values.map(([, key]) => key);
    }

    #place(keys, start) {
        const wanted = new Set(keys);
        for (const [key, { node }] of this.#drawn) {
            if (wanted.has(key)) continue;
            node.remove();
            this.#drawn.delete(key);
        }
        if (!this.#above.isConnected) this.#body.append(this.#above, this.#below);
        let before = this.#above;
        keys.forEach((key, index) => {
            const drawn = this.#drawn.get(key) ?? this.#make(key);
            this.#update(drawn, this.#rows.get(key));
            const position = String(start + index + 2);
            if (drawn.node.getAttribute("aria-rowindex") !== position) drawn.node.setAttribute("aria-rowindex", position);
            if (before.nextSibling !== drawn.node) before.after(drawn.node);
            before = drawn.node;
        });
    }

    #make(key) {
        const cells = this.#columns.map((column, index) =>
            element(index === 0 ? "th" : "td", { scope: index === 0 && "row", class: column.number && "number" },
                column.chip && element("span", { class: "chip" })));
        const drawn = { node: element("tr", { data: { key } }, ...cells), cells, row: null };
        this.#drawn.set(key, drawn);
        return drawn;
    }

    #update(drawn, row) {
        if (drawn.row === row) return;
        drawn.row = row;
        Object.assign(drawn.node.dataset, this.mark(row));
        this.#columns.forEach((column, index) => {
            const cell = drawn.cells[index];
            if (column.paint) return column.paint(cell, row, this.now);
            const text = column.text(row, this.now);
            if (column.chip) {
                cell.firstChild.dataset.state = column.chip(row);
                write(cell.firstChild, text);
            } else {
                write(cell, text);
                if (!column.live) cell.title = text ?? "";
            }
        });
    }

    #look(view) {
        Object.assign(this.#view, view);
        this.#schedule();
    }

    #schedule() {
        if (this.#scheduled) return;
        this.#scheduled = true;
        requestAnimationFrame(() => {
            this.#scheduled = false;
            this.draw();
        });
    }
}

function write(node, text) {
    const value = text === null || text === undefined ? "" : String(text);
    if (node.textContent !== value) node.textContent = value;
}

/** Of as many columns as there are: more would take their part of the width. */
function space(columns) {
    return element("tr", { class: "space", "aria-hidden": "true" }, element("td", { colspan: columns }));
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** What is not known stands last. */
function compare(one, other) {
    if (one === other) return 0;
    if (one === null || one === undefined) return 1;
    if (other === null || other === undefined) return -1;
    return typeof one === "number" && typeof other === "number" ? one - other : collator.compare(one, other);
}
