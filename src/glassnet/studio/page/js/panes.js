// Which views are asked for, and when: those in sight, at most every 100 ms each, never two requests of one.
// While a network trains as fast as it can, the machine is its own: all views together take a twenty-fifth of a core.

import { view } from "./api.js";

const SHORTEST = 100; // ms between two frames of a view
const PATIENCE = 3; // a view rests at least so many times as long as it took
const AT_ONCE = 2; // requests
const MODESTY = 24; // beside training at full speed, all views rest so many times as long as one took
const REFUSED = 5000; // ms until a view that was refused is asked for again

/** All panes of the page: each shows one view of one run. */
export class Panes {
  #panes = new Map();
  #underway = 0;
  #timer = null;
  #held = false;
  #modest = false;
  #free = 0; // when the machine may be asked again
  #waiting = []; // for when no request is under way
  #sight = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: "120px" });

  constructor() {
    document.addEventListener("visibilitychange", () => this.pump());
  }

  /**
   * Add a pane. `ask()` returns the name and the query of each view that it needs; `update`
   * draws the answers, and returns true where more comes without a change of the runs; `every` is the least time between two frames, in ms.
   */
  add(element, { ask, update, every = SHORTEST }) {
    const pane = { element, ask, update, every, inSight: false, stale: true, busy: false, next: 0 };
    this.#panes.set(element, pane);
    this.#sight.observe(element);
    return {
      refresh: () => {
        pane.stale = true;
        pane.next = 0;
        this.pump();
      },
    };
  }

  /** Forget the panes inside an element. */
  drop(element) {
    for (const pane of this.#panes.values()) {
      if (element.contains(pane.element)) {
        this.#sight.unobserve(pane.element);
        this.#panes.delete(pane.element);
      }
    }
  }

  /** Note that the numbers changed: where they rest now, the last ones are shown without delay; modestly beside full speed. */
  changed({ resting, modest }) {
    this.#modest = modest;
    for (const pane of this.#panes.values()) {
      pane.stale = true;
      if (resting) pane.next = 0;
    }
    this.pump();
  }

  /** Do something while nothing is asked for: what the runs are may change. */
  async still(action) {
    this.#held = true;
    try {
      if (this.#underway) await new Promise((resolve) => this.#waiting.push(resolve));
      return await action();
    } finally {
      this.#held = false;
      this.pump();
    }
  }

  /** Draw what is stale, out of sight too: for paper. */
  async all() {
    for (const pane of this.#panes.values()) if (pane.stale && !pane.busy) await this.#pull(pane);
    if (this.#underway) await new Promise((resolve) => this.#waiting.push(resolve));
  }

  #seen(entries) {
    for (const entry of entries) {
      const pane = this.#panes.get(entry.target);
      if (pane) pane.inSight = entry.isIntersecting;
    }
    this.pump();
  }

  /** Ask for the frames that are due. */
  pump() {
    clearTimeout(this.#timer);
    if (document.hidden || this.#held) return;
    const now = performance.now();
    if (this.#modest && (this.#underway || now < this.#free)) {
      this.#timer = setTimeout(() => this.pump(), Math.max(this.#free - now, SHORTEST));
      return;
    }
    const due = [...this.#panes.values()].filter((pane) => pane.inSight && pane.stale && !pane.busy);
    due.sort((first, second) => first.next - second.next);
    for (const pane of due) {
      if (this.#underway >= (this.#modest ? 1 : AT_ONCE)) return;
      if (pane.next > now) {
        this.#timer = setTimeout(() => this.pump(), pane.next - now);
        return;
      }
      this.#pull(pane);
    }
  }

  async #pull(pane) {
    const wanted = pane.ask();
    pane.stale = false;
    if (!wanted.length) return;
    pane.busy = true;
    this.#underway += 1;
    const began = performance.now();
    let rest = pane.every;
    try {
      const answers = await Promise.all(wanted.map(({ name, query }) => view(name, query)));
      if (this.#panes.has(pane.element)) this.#draw(pane, answers);
    } catch (error) {
      pane.element.dataset.error = error.message; // shown by the style
      rest = REFUSED;
    } finally {
      pane.busy = false;
      this.#underway -= 1;
      if (!this.#underway) for (const go of this.#waiting.splice(0)) go();
      const now = performance.now();
      pane.next = now + Math.max(rest, PATIENCE * (now - began));
      this.#free = now + MODESTY * (now - began);
      this.pump();
    }
  }

  #draw(pane, answers) {
    const began = performance.now();
    if (pane.update(...answers)) pane.stale = true;
    delete pane.element.dataset.error;
    pane.element.dataset.step = answers[0].step; // that it shows
    pane.element.dataset.frames = Number(pane.element.dataset.frames ?? 0) + 1;
    pane.element.dataset.drawn = (performance.now() - began).toFixed(1); // ms, for tests and benchmarks
  }
}
