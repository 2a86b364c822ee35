// Timers that keep time while the page is hidden.
//
// Browsers slow the timers of hidden pages down to one a minute, and an agent's page is hidden most of the day, behind
// the CRM. Timers of a worker are left alone, so the waiting is done there. Without workers: the page's own timers.

const pending = new Map();
let worker = null;
let nextID = 1;

try {
    worker = new Worker(new URL("clock-worker.js", import.meta.url));
    worker.onmessage = ({ data }) => fire(data);
    worker.onerror = () => fallBack();
} catch {
    worker = null;
}

function fire(id) {
    const entry = pending.get(id);
    pending.delete(id);
    entry?.action();
}

function fallBack() {
    worker = null;
    for (const [id, entry] of pending) {
        setTimeout(fire, Math.max(0, entry.due - Date.now()), id);
    }
}

/** Calls `action` after so many milliseconds; returns a function that calls it off. */
export function after(milliseconds, action) {
    const id = nextID++;
    pending.set(id, { action, due: Date.now() + milliseconds });
    if (worker) {
        worker.postMessage({ id, milliseconds });
    } else {
        setTimeout(fire, milliseconds, id);
    }
    return () => pending.delete(id);
}

/** Resolves in a task of its own, and soon: unlike a timer's, it is never slowed down. */
export function nextTask() {
    return new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
            port1.close();
            resolve();
        };
        port2.postMessage(null);
    });
}
