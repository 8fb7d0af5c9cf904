// The settings of the run: changed ones start it anew, or one of them makes a branch from the shown step.

import { h, set } from "./dom.js";
import { shown, words } from "./format.js";

const NAMES = { A: "units of hidden layers", lr: "learning rate", learning_rate_init: "learning rate", hidden_layer_sizes: "units of hidden layers", max_iter: "epochs", random_state: "seed", weight_init: "first weights", n_iter_no_change: "patience", tol: "tolerance", solver: "optimizer", alpha: "L2 penalty", dtype: "numbers" };
const AS_IT_IS = "\u0000"; // of a setting that is none of its choices, such as a function
const MARKS = { learning_rate: "η", learning_rate_init: "η", lr: "η", alpha: "α", momentum: "μ", beta_1: "β₁", beta_2: "β₂" };

/** Show the settings of run A as a form, and those of B where they differ. */
export function settings(element, studio) {
  const form = h("div", { class: "fields" });
  const restart = h("button", { onclick: () => studio.command("restart", { run: "a", settings: changes() }) }, "Restart");
  const branch = h("button", { onclick: fork }, "Branch");
  const hint = h("p", { class: "note", role: "status" });
  const second = h("div", { class: "branch" });
  element.append(form, h("div", { class: "bar" }, restart, branch), hint, second);
  let inputs = {};

  function build() {
    const run = studio.run();
    if (!run) return;
    const { choices = {} } = studio.session;
    inputs = {};
    form.replaceChildren(...Object.entries(run.settings).map(([name, value]) => {
      const input = field(name, value, choices[name]);
      input.disabled = studio.fixed.includes(name);
      inputs[name] = input;
      return h("label", { "data-setting": name, title: name }, h("span", {}, named(name), MARKS[name] ? h("i", {}, ` ${MARKS[name]}`) : null), input);
    }));
    note();
    compare();
  }

  function field(name, value, choices) {
    const common = { name, onchange: note, oninput: note };
    if (choices?.length) {
      const own = choices.includes(value) ? [] : [h("option", { value: AS_IT_IS, selected: true }, shown(value))];
      return h("select", common, own, choices.map((each) => h("option", { value: each, selected: each === value }, shown(each))));
    }
    if (typeof value === "boolean") return h("input", { type: "checkbox", checked: value, ...common });
    return h("input", { type: "text", value: value === null ? "" : shown(value), inputmode: typeof value === "number" ? "decimal" : null, autocomplete: "off", ...common });
  }

  /** Return what a person wrote, as the kind of value that it stands for. */
  function read(input, old) {
    if (input.type === "checkbox") return input.checked;
    if (input.value === AS_IT_IS) return old;
    const text = input.value.trim();
    if (text === "") return null;
    if (Array.isArray(old)) return text.split(/[\s,]+/).filter(Boolean).map(Number);
    return (typeof old === "number" || old === null) && !Number.isNaN(Number(text)) ? Number(text) : text;
  }

  function changes() {
    const old = studio.run().settings;
    const now = Object.entries(inputs).map(([name, input]) => [name, read(input, old[name])]);
    return Object.fromEntries(now.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name])));
  }

  function note() {
    const names = Object.keys(changes());
    for (const [name, input] of Object.entries(inputs)) input.closest("label").classList.toggle("changed", names.includes(name));
    branch.disabled = names.length !== 1;
    restart.textContent = names.length ? "Restart with these" : "Restart";
    branch.textContent = names.length === 1 ? `Branch with this ${named(names[0])}` : "Branch with one change";
    hint.textContent = names.length > 1 ? "A branch has one change, so that a difference has one cause." : names.length ? "" : "Change a setting, then restart, or branch: two runs side by side that differ in it.";
  }

  function fork() {
    studio.command("branch", { run: "a", step: studio.run().step, changes: changes() });
  }

  function compare() {
    const [run, other] = [studio.run(), studio.run("b")];
    element.classList.toggle("two", Boolean(other));
    if (!other) return second.replaceChildren();
    const names = Object.keys(other.settings).filter((name) => JSON.stringify(other.settings[name]) !== JSON.stringify(run.settings[name]));
    second.replaceChildren(
      h("h3", {}, h("span", { class: "run-b" }, "B"), ` left A at step ${other.branched_from?.step ?? 0}`),
      h("table", {}, h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col" }, "A"), h("th", { scope: "col" }, "B"))),
        h("tbody", {}, names.map((name) => h("tr", { class: "differs" }, h("th", { scope: "row" }, named(name)), h("td", {}, shown(run.settings[name])), h("td", {}, shown(other.settings[name])))))),
      h("button", { onclick: () => studio.command("drop") }, "Forget B"),
    );
    return undefined;
  }

  studio.addEventListener("fixed", build);
  studio.addEventListener("session", () => {
    const now = JSON.stringify([studio.run()?.settings, studio.session.choices]);
    if (now !== element.dataset.known) build();
    else compare();
    set(element, { "data-known": now });
  });
}

/** Return what a setting is called here; a title has its name in Python. */
function named(name) {
  return NAMES[name] ?? words(name);
}
