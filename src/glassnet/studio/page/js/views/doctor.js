// The doctor beside the training: what it finds, why, and its cure, which can be tried as a branch.

import { h, say } from "../dom.js";
import { count, shown, words } from "../format.js";

/** Show the findings. */
export default function doctor(element, studio, id) {
  const state = h("p", { class: "note", role: "status" });
  const list = h("ul", { class: "findings" });
  element.append(state, list);
  let before = "";

  function evidence(value) {
    if (typeof value === "string") return h("p", {}, value);
    const pairs = Object.entries(value ?? {}).filter(([, text]) => text);
    return h("dl", {}, pairs.flatMap(([name, text]) => [h("dt", {}, words(name)), h("dd", {}, shown(text))]));
  }

  function card({ code, severity, title, evidence: why, cure, changes, text }) {
    const act = async () => {
      const made = await studio.command("branch", { run: id, step: 0, changes });
      if (made) await studio.command("seek", { step: 0 }); // both begin there, side by side
    };
    return h("li", { class: `finding ${severity}`, "data-code": code },
      h("p", { class: "what" }, h("span", { class: "severity" }, severity), h("strong", {}, title)),
      h("details", {}, h("summary", {}, "evidence"), text ? h("p", {}, text) : null, evidence(why)),
      h("p", { class: "cure" }, cure),
      changes && Object.keys(changes).length ? h("button", { onclick: act }, "Try the cure") : null);
  }

  return {
    every: 1500,
    ask: () => [{ name: "doctor", query: { run: id } }],
    update({ findings, as_of_step: step, trouble }) {
      const looking = step === null || step === undefined;
      const found = findings.length ? `${findings.length} found.` : "nothing to find fault with.";
      say(state, trouble || (looking ? "The doctor is looking." : `As of step ${count(step)}: ${found}`));
      const now = JSON.stringify(findings);
      if (now !== before) list.replaceChildren(...findings.map(card));
      before = now;
      return step !== studio.run(id)?.newest; // it is at work beside the training
    },
  };
}
