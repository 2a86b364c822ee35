// Plugins that may change what a session is opened with, as Enreach's do: `window.ctidPlugins`, an array of
// `{order, active, run(context)}`.
//
// They run one by one in the order of their integers, those that are not active excepted; `run` may be async. Each
// works on a copy, so one that fails or takes too long has changed nothing.

import { after } from "./clock.js";

const LIMIT = 1_000;

/** What is known of a call, as Enreach's plugins expect it: `data` is that of a pop, `who` `{extension, crmUser}`. */
export function pluginContext(data, action, who) {
    const { call, contact } = data;
    return {
        eventId: "beforeCreateInboundCallSession",
        callStarted: Boolean(call?.upAt) || data.event === "up",
        callInProgress: !call?.endedAt,
        customer: contact ? { logicalName: contact.type ?? "contact", id: contact.id, name: contact.name ?? "" } : null,
        direction: call?.direction === "outbound" ? 1 : 0,
        userId: who.extension,
        crmUserId: who.crmUser ?? null,
        phoneNumber: call?.caller ?? "",
        isDirty: false,
        callInitiatedFrom: null,
        eventData: { ...call, sessionParameters: { ...action.parameters }, sessionTemplateId: action.template },
    };
}

/** The context as the plugins left it. `results`, where there are any, goes along as `customerSearchResults`: it has
 *  methods, so it is copied by its own `copy()`. */
export async function runPlugins(context, results = null, plugins = globalThis.ctidPlugins) {
    let current = context;
    let found = results;
    for (const plugin of inOrder(plugins)) {
        try {
            const draft = structuredClone(current);
            const table = found?.copy() ?? null;
            draft.customerSearchResults = table;
            await inTime(plugin.run(draft));
            delete draft.customerSearchResults;
            // Once more, so that a plugin that goes on after its end changes nothing.
            current = structuredClone(draft);
            found = table?.copy() ?? null;
        } catch (error) {
            console.warn(`ctid: the plugin of order ${plugin.order} was skipped:`, error);
        }
    }
    return { ...current, customerSearchResults: found };
}

function inOrder(plugins) {
    if (!Array.isArray(plugins)) return [];
    const fit = plugins.filter((plugin) => typeof plugin?.run === "function" && plugin.active !== false);
    return fit.sort((one, other) => (one.order ?? 0) - (other.order ?? 0));
}

function inTime(outcome) {
    return new Promise((resolve, reject) => {
        const callOff = after(LIMIT, () => reject(new Error(`it took longer than ${LIMIT} ms`)));
        Promise.resolve(outcome).then(resolve, reject).finally(callOff);
    });
}
