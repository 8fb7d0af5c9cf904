// Ask the network about a row of one's own: the features of a table, one by one.

import { post, unpack, view } from "../api.js";
import { h, say, set } from "../dom.js";
import { short } from "../format.js";
import { latest } from "../studio.js";
import { prediction } from "./digit.js";

const MOST = 30; // features with a field of their own

/** Show a field for each feature, and what the run predicts of them. */
export default function row(element, studio, id, signal) {
  const { n_features: n, columns, classes } = studio.session.data;
  const fields = Array.from({ length: Math.min(n, MOST) }, (_, k) => h("input", { type: "text", inputmode: "decimal", value: 0, oninput: send, name: `feature-${k}` }));
  const rest = new Float64Array(n);
  const number = h("p", { class: "score", role: "status", "aria-live": "polite" });
  const body = h("div", {});
  element.append(h("div", { class: "fields" }, fields.map((field, k) => h("label", {}, columns?.[k] ?? `x${k + 1}`, field))), number, body);
  const shown = classes.length ? prediction(body, studio) : null;

  function send() {
    latest(`row-${id}`, async () => {
      const values = Array.from(rest, (value, k) => (fields[k] ? Number(fields[k].value.replace("−", "-")) : value));
      if (values.some(Number.isNaN)) return say(number, "Each feature is a number.");
      const answer = await studio.attempt(() => post("/api/view/predict", { row: values }, { run: id }));
      if (!answer) return undefined;
      const [value] = answer.probabilities;
      if (shown) shown.update(answer);
      say(number, shown ? shown.sentence(answer) : `The network says ${short(value, 5)}.`);
      return set(number, { "data-value": value });
    });
  }

  /** Begin with the sample that the network shows. */
  async function begin() {
    const answer = await studio.attempt(() => view("network", { run: id }));
    if (!answer) return;
    rest.set(unpack(answer.x).data);
    fields.forEach((field, k) => (field.value = String(Number(rest[k].toPrecision(6)))));
    send();
  }

  begin();
  studio.addEventListener("frame", send, { signal });
  return { ask: () => [], update() {} };
}
