// Every number: the lines of the trace behind what was clicked, from `glassnet.worked`, with its numbers put in.

import { address } from "../api.js";
import { h, say, set } from "../dom.js";
import { short } from "../format.js";

const WHAT = {
  z: { name: "z, the sum of a unit", fields: ["layer", "to"] },
  a: { name: "a, what a unit gives", fields: ["layer", "to"] },
  delta: { name: "δ, the error of a unit", fields: ["layer", "to"] },
  w: { name: "w, a weight", fields: ["layer", "from", "to"] },
  b: { name: "b, a bias", fields: ["layer", "to"] },
  loss: { name: "L, the loss", fields: [] },
};
const GROUPS = { forward: "Forward", delta: "δ, backward", gradient: "Gradient", update: "Update" };
const LABELS = { layer: "layer", from: "from", to: "unit" };

/** Show the lines of the number that is selected; the form selects any, by keyboard too. */
export default function numbers(element, studio, id, signal) {
  const what = h("select", { name: "what", onchange: form }, Object.entries(WHAT).map(([key, { name }]) => h("option", { value: key }, name)));
  const fields = Object.fromEntries(Object.keys(LABELS).map((name) => [name, h("input", { type: "number", name, min: name === "layer" ? 1 : 0, value: name === "layer" ? 1 : 0, onchange: pick })]));
  const labels = Object.entries(fields).map(([name, input]) => h("label", { "data-field": name }, LABELS[name], input));
  const title = h("h3", { class: "formula" });
  const lines = h("div", { class: "lines" });
  const notes = h("p", { class: "note" });
  const save = h("p", { class: "note" });
  element.append(
    h("form", { class: "bar pick", onsubmit: (event) => event.preventDefault() }, h("label", {}, h("span", { class: "unseen" }, "number"), what), labels),
    title, notes, lines, save,
  );

  function form() {
    for (const label of labels) label.hidden = !WHAT[what.value].fields.includes(label.dataset.field);
    pick();
  }

  function pick() {
    const chosen = { what: what.value, run: id };
    for (const name of WHAT[what.value].fields) chosen[name] = Number(fields[name].value);
    studio.select(chosen);
  }

  function follow() {
    const { selection } = studio;
    if (!selection) return;
    what.value = selection.what;
    const { sizes } = studio.run(id) ?? studio.run();
    for (const [name, input] of Object.entries(fields)) if (selection[name] !== undefined) input.value = selection[name];
    const layer = Math.min(Number(fields.layer.value), sizes.length - 1);
    set(fields.layer, { max: sizes.length - 1 });
    set(fields.from, { max: sizes[layer - 1] - 1 });
    set(fields.to, { max: sizes[layer] - 1 });
    for (const label of labels) label.hidden = !WHAT[what.value].fields.includes(label.dataset.field);
  }

  studio.addEventListener("selection", follow, { signal });
  follow();

  return {
    every: 500,
    ask: () => {
      const { selection } = studio;
      if (!selection) return [];
      const { what: name, layer, from, to } = selection;
      return [{ name: "number", query: { run: id, what: name, layer, from, to } }];
    },
    update(answer) {
      title.innerHTML = answer.name_html ?? "";
      if (!answer.name_html) say(title, answer.name);
      const groups = Object.keys(GROUPS).map((group) => [group, answer.lines.filter((line) => line.group === group)]);
      lines.replaceChildren(...groups.filter(([, own]) => own.length).map(([group, own]) => section(group, own)));
      say(notes, [`Sample ${answer.sample}, in a batch of ${answer.n_batch}.`, ...(answer.notes ?? [])].join(" "));
      save.replaceChildren(
        "This step, all its lines: ",
        h("a", { href: address("/api/view/step_page", { run: id, format: "html" }), download: "step.html" }, "as a page"), ", ",
        h("a", { href: address("/api/view/step_page", { run: id, format: "latex" }), download: "step.tex" }, "as LaTeX"), ".",
      );
    },
  };
}

function section(group, own) {
  return h("section", { class: `group ${group}` }, h("h4", {}, GROUPS[group]), own.map(line));
}

/** Return a line: its name, its formula, the numbers put in, and what comes of them. */
function line(each) {
  const formula = h("div", { class: "formula" });
  if (each.formula_html) formula.innerHTML = each.formula_html; // written by the engine
  else formula.textContent = each.formula;
  const value = h("output", { "data-value": each.exact, title: each.exact }, short(each.value, 6));
  const numbers = h("span", {});
  numbers.innerHTML = each.numbers_html;
  return h("div", { class: "line", "data-name": each.name }, formula, h("div", { class: "with" }, each.numbers ? ["= ", numbers, " "] : "", "= ", value));
}
