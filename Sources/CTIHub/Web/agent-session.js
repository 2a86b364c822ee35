// Opens a session in the CRM: Microsoft's Channel Integration Framework 2 where it is there, else the page that embeds
// this one is asked to.
//
//     context ──▶ plugins ──▶ {templateName, templateParameters} ─┬─▶ CIFramework.createSession()
//                                                                └─▶ parent: createSession ──▶ sessionCreated
//                                                                                         └──▶ sessionRefused

import { pluginContext, runPlugins } from "./agent-plugins.js";
import { after } from "./clock.js";

const ANSWER_LIMIT = 1_200;
/** The server offers a pop to the next page after 1.5 s without a word. Plugins and answer together stay below that. */
const WHOLE_LIMIT = 1_400;
const UNANSWERED = "The CRM did not answer.";

/** A session that was not opened, and why: the agent reads it. */
class Refusal extends Error {}

export class SessionOpener {
    #nextID = 1;
    #last = Promise.resolve();

    /** `settings()`: what the page knows of the tenant's file, `{extension, crmUser, crmOrigins}`. */
    constructor({ settings }) {
        this.settings = settings;
    }

    /** Performs one `session` action; `{opened, reason}`. One after the other: a CRM shows one session at a time. */
    open(action, data) {
        const opening = this.#last.then(() => this.#open(action, data));
        this.#last = opening;
        return opening;
    }

    async #open(action, data) {
        const until = performance.now() + WHOLE_LIMIT;
        try {
            const settings = await inTime(this.settings(), "The page does not know its CRM yet.");
            const context = await runPlugins(pluginContext(data, action, settings));
            await this.#create(sessionInput(context), settings.crmOrigins ?? [], timeLeft(until));
            return { opened: true };
        } catch (error) {
            if (!(error instanceof Refusal)) console.warn("ctid: a session could not be opened:", error);
            return { opened: false, reason: error instanceof Refusal ? error.message : "The session could not be opened." };
        }
    }

    #create(input, crmOrigins, limit) {
        const framework = window.Microsoft?.CIFramework;
        if (framework) return inTime(createByFramework(framework, input), UNANSWERED, limit);
        if (window.parent === window) throw new Refusal("The session needs the CRM around this page: open the page in your CRM.");
        return this.#askParent(input, crmOrigins, limit);
    }

    /** A message reaches its window only where the origin is the one named; so of several, at most one is taken. */
    #askParent(input, crmOrigins, limit) {
        // Where the browser tells who the parent is, the others are not tried: each would be an error in the console.
        const parent = location.ancestorOrigins?.[0];
        const origins = crmOrigins.filter((origin) => parent === undefined || origin === parent);
        if (origins.length === 0) throw new Refusal("The page around this one is not a CRM that may open sessions.");
        const id = this.#nextID++;
        const answer = inTime(parentsAnswer(id, origins), UNANSWERED, limit);
        for (const origin of origins) window.parent.postMessage({ type: "ctid", action: "createSession", id, data: input }, origin);
        return answer;
    }
}

/** Too late, nothing is opened: another page may have been asked by then. */
function timeLeft(until) {
    const left = until - performance.now();
    if (left <= 0) throw new Refusal("The plugins took too long.");
    return Math.min(left, ANSWER_LIMIT);
}

function sessionInput({ eventData }) {
    const { sessionTemplateId: templateName, sessionParameters: templateParameters } = eventData ?? {};
    const isObject = typeof templateParameters === "object" && templateParameters !== null && !Array.isArray(templateParameters);
    if (typeof templateName !== "string" || templateName === "" || !isObject) {
        throw new Refusal("A plugin left no template or no parameters to open the session with.");
    }
    return { templateName, templateParameters };
}

async function createByFramework(framework, input) {
    const may = await framework.canCreateSession();
    if (may === false || may === "false") throw new Refusal("The CRM has as many sessions open as it can.");
    await framework.createSession(input);
}

/** An answer may carry the question's `id`; one that carries another answers another. */
function parentsAnswer(id, origins) {
    return new Promise((resolve, reject) => {
        const take = ({ source, origin, data: message }) => {
            if (source !== window.parent || !origins.includes(origin) || message?.type !== "ctid") return;
            if (message.id !== undefined && message.id !== id) return;
            if (message.action === "sessionCreated") resolve();
            else if (message.action === "sessionRefused") reject(new Refusal(refusalText(message.data?.reason)));
            else return;
            removeEventListener("message", take);
        };
        addEventListener("message", take);
        after(ANSWER_LIMIT, () => removeEventListener("message", take));
    });
}

function refusalText(reason) {
    return typeof reason === "string" && reason ? `The CRM refused the session: ${reason.slice(0, 200)}` : "The CRM refused the session.";
}

function inTime(outcome, otherwise, limit = ANSWER_LIMIT) {
    return new Promise((resolve, reject) => {
        const callOff = after(limit, () => reject(new Refusal(otherwise)));
        Promise.resolve(outcome).then(resolve, reject).finally(callOff);
    });
}
