// Begin here: the page is put together, and follows the session.

import { dataChooser } from "./datachooser.js";
import { h, say, set } from "./dom.js";
import { count, shown } from "./format.js";
import { lesson } from "./lesson.js";
import { Panes } from "./panes.js";
import { settings } from "./settings.js";
import { Studio } from "./studio.js";
import { transport } from "./transport.js";
import { DOCTOR, VIEWS } from "./views/table.js";

const studio = new Studio();
const panes = new Panes();
let cards = []; // those that stand in columns
const NARROWEST = 26; // rem that a card needs
let scope = new AbortController(); // ends what the views listen to, when they go
const part = (id) => document.getElementById(id);

/** Put the views on the page that fit the data, one pane for each run. */
function furnish() {
  const { data, runs } = studio.session;
  document.body.classList.toggle("alone", !runs.length); // a lesson without a network
  if (!runs.length) return;
  const key = JSON.stringify([data.name, data.kind, data.task, data.n_features, runs.map((run) => [run.id, run.sizes])]);
  if (key === part("views").dataset.key) return;
  panes.drop(document.body);
  scope.abort();
  scope = new AbortController();
  set(part("views"), { "data-key": key });
  studio.select({ what: "loss", run: "a" }); // what was looked at may not be there now
  const views = VIEWS.filter((view) => view.of(data));
  part("views").replaceChildren(...views.map((view) => card(view)));
  cards = [...part("views").children].filter((each) => !each.matches(".wide"));
  arrange(true);
  part("doctor").replaceChildren(h("h2", {}, DOCTOR.title), ...runsOf(DOCTOR).map((run) => pane(DOCTOR, run)));
  const links = views.map((view) => h("a", { href: `#${view.name}` }, view.title));
  const printer = h("button", { class: "quiet", id: "print", onclick: print }, "Print");
  part("contents").replaceChildren(...[...links, printer].map((each) => h("li", {}, each)));
  part("views").classList.toggle("two", runs.length > 1);
}

/** Put the cards into as many columns as there is room for; each keeps its column while others grow. */
function arrange(anew = false) {
  const room = part("views").clientWidth / parseFloat(getComputedStyle(document.documentElement).fontSize);
  const number = Math.max(1, Math.min(4, Math.floor(room / (studio.runs.length > 1 ? 2 * NARROWEST : NARROWEST))));
  const columns = [...part("views").querySelectorAll(":scope > .column")];
  if (number === columns.length && !anew) return;
  const made = Array.from({ length: number }, () => h("div", { class: "column" }));
  cards.forEach((each, k) => made[k % number].append(each));
  columns.forEach((column) => column.remove());
  part("views").append(...made);
}

function runsOf(view) {
  return view.each ? studio.runs : studio.runs.slice(0, 1);
}

function card(view) {
  const runs = runsOf(view);
  const title = h("h2", { id: `${view.name}-title` }, view.title);
  return h("section", { class: view.wide ? "card wide" : "card", id: view.name, "aria-labelledby": `${view.name}-title` },
    title, h("p", { class: "about" }, view.about), h("div", { class: `panes of-${runs.length}` }, runs.map((run) => pane(view, run))));
}

function pane(view, run) {
  const name = studio.runs.length > 1 && view.each ? h("p", { class: `run-name run-${run.id}` }, run.id.toUpperCase()) : null;
  const element = h("div", { class: "pane", "data-view": view.name, "data-run": run.id }, name);
  const made = view.create(element, studio, run.id, scope.signal);
  made.pane = panes.add(element, made);
  if (view.name === "numbers") studio.addEventListener("selection", made.pane.refresh, { signal: scope.signal });
  return element;
}

/** Print the page with all views as they are now: those that were never in sight are still empty. */
async function print() {
  await panes.all();
  window.print();
}

/** Say what is trained, in one line. */
function describe() {
  const run = studio.run();
  const { data } = studio.session;
  if (!run) return part("model").replaceChildren(h("strong", {}, data.name));
  const layers = run.sizes.map(count).join(" → ");
  part("model").replaceChildren(h("strong", {}, data.name), ` · ${layers} · ${count(run.n_parameters)} parameters · ${shown([...new Set(run.activations)])}, ${run.output}`);
  const ended = studio.runs.filter((each) => each.stop).map((each) => (studio.runs.length > 1 ? `${each.id.toUpperCase()}: ${each.stop.text}` : each.stop.text));
  const kinds = studio.runs.map((each) => each.stop?.kind);
  set(part("ended"), { hidden: ended.length ? null : "", class: kinds.includes("diverged") ? "banner bad" : "banner" });
  say(part("ended"), ended.join(" "));
  return undefined;
}

studio.addEventListener("session", () => {
  furnish();
  describe();
});
studio.addEventListener("frame", () => {
  describe();
  panes.changed({ resting: !studio.playing, modest: studio.atFullSpeed });
});
studio.addEventListener("said", ({ detail: { text, tone } }) => {
  say(part("said"), text);
  set(part("said"), { hidden: text ? null : "", class: `banner ${tone}` });
});
studio.addEventListener("connection", ({ detail: why }) => {
  const lost = !studio.connected;
  document.body.classList.toggle("lost", lost);
  const was = part("lost").dataset.lost === "yes";
  set(part("lost"), { "data-lost": lost ? "yes" : "no", hidden: lost || was ? null : "", class: lost ? "banner bad" : "banner good" });
  say(part("lost"), lost ? why || "The connection to the studio is lost. This page goes on by itself when it is back." : was ? "The studio is back." : "");
  if (!lost && was) setTimeout(() => studio.connected && set(part("lost"), { hidden: "" }), 4000);
});

addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key !== "p") return;
  event.preventDefault(); // the browser would print what is drawn already
  print();
});

studio.still = (action) => panes.still(action);
new ResizeObserver(() => arrange()).observe(part("views"));
transport(part("transport"), studio);
settings(part("settings-body"), studio);
dataChooser(part("data-body"), studio);
lesson(part("lesson"), studio);
studio.follow();
