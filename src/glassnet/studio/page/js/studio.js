// What this page knows of the session on the server, and how it changes: the one state that all views share.

import { address, ask, post } from "./api.js";

const OPENING = ["branch", "drop", "restart", "data"]; // commands after which other runs are open
const RETRY = 1000; // ms until a lost connection is tried again

/** The state of the page. Its events: session, frame, selection, fixed, connection, said. */
export class Studio extends EventTarget {
  session = null;
  connected = false;
  version = -1;
  findings = 0;
  fixed = []; // settings that the lesson keeps as they are
  still = (action) => action(); // does an action while no view is asked for
  selection = null; // which number is looked at: {what, run, layer, from, to}
  #known = "";

  get runs() {
    return this.session?.runs ?? [];
  }

  /** The run of this id. */
  run(id = "a") {
    return this.runs.find((run) => run.id === id);
  }

  /** Whether any run is training. */
  get playing() {
    return this.runs.some((run) => run.playing);
  }

  /** Whether any run makes new steps as fast as it can. */
  get atFullSpeed() {
    return this.runs.some((run) => run.playing && run.speed === null);
  }

  /** Fetch the session and follow its changes, whatever happens to the connection. */
  async follow() {
    try {
      this.#take(await ask("/api/session"));
      this.#listen();
    } catch (error) {
      this.#lost(error);
    }
  }

  #listen() {
    const source = new EventSource(address("/api/events"));
    source.addEventListener("open", () => this.#connection(true));
    source.addEventListener("frame", (event) => this.#frame(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      source.close();
      this.#lost(null);
    });
  }

  #lost(error) {
    this.#connection(false, error?.status ? error.message : "");
    setTimeout(() => this.follow(), RETRY);
  }

  #connection(connected, why = "") {
    if (connected === this.connected && !why) return;
    this.connected = connected;
    this.#tell("connection", why);
  }

  #take(session) {
    this.session = session;
    this.version = session.version;
    this.#known = outline(session.runs);
    this.#tell("session");
    this.#tell("frame");
  }

  async #frame(frame) {
    this.findings = frame.findings;
    if (outline(frame.runs) !== this.#known || frame.opened !== this.session.opened) {
      const session = await ask("/api/session").catch(() => null); // where it is gone, the next frame asks again
      if (session) this.#take(session); // another page, or a notebook, changed what is open
      return;
    }
    if (frame.version === this.version) return;
    this.version = frame.version;
    for (const news of frame.runs) Object.assign(this.run(news.id), news);
    this.#tell("frame");
  }

  /** Do a command, of all runs where it names none; what the server refuses is said on the page, and answered with null. */
  async command(name, fields = {}) {
    const act = async () => {
      const answer = await post("/api/command", { do: name, ...fields });
      this.#take(answer.session);
      return answer;
    };
    return this.attempt(() => (OPENING.includes(name) ? this.still(act) : act()));
  }

  /** Do what may be refused, and say so. */
  async attempt(action) {
    try {
      const answer = await action();
      this.tell("");
      return answer;
    } catch (error) {
      this.tell(error.status ? error.message : "The studio did not answer. Is it still running?", "bad");
      return null;
    }
  }

  /** Take a session that an answer brought along. */
  take(session) {
    this.#take(session);
  }

  /** Say something on the page. */
  tell(text, tone = "") {
    this.#tell("said", { text, tone });
  }

  /** Keep some settings as they are. */
  fix(names) {
    this.fixed = names;
    this.#tell("fixed");
  }

  /** Look at a number. */
  select(selection) {
    this.selection = selection;
    this.#tell("selection");
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** What of the runs only a command changes: when it differs, the settings have to be asked for. */
function outline(runs) {
  return JSON.stringify(runs.map((run) => [run.id, run.branched_from, run.sizes, run.activations]));
}

const waiting = new Map();

/** Do the latest of some actions of one name, and none while another is under way: nothing queues. */
export async function latest(name, action) {
  if (waiting.has(name)) {
    waiting.set(name, action);
    return;
  }
  waiting.set(name, null);
  try {
    for (let next = action; next; ) {
      await next();
      next = waiting.get(name);
      waiting.set(name, null);
    }
  } finally {
    waiting.delete(name);
  }
}
