// The Python code that gives exactly this run, and the model as a file.

import { address } from "../api.js";
import { h, say } from "../dom.js";

/** Show the code of a run. */
export default function code(element, studio, id) {
  const text = h("code", {});
  const copy = h("button", {
    onclick: async () => {
      await navigator.clipboard.writeText(text.textContent);
      studio.tell("The code is in the clipboard.");
    },
  }, "Copy");
  const model = h("a", { class: "button", href: address("/api/view/model_file", { run: id }), download: `model-${id}.safetensors` }, "Model file");
  const diagram = h("a", { class: "button", href: address("/api/view/diagram", { run: id }), download: `network-${id}.svg` }, "Diagram (SVG)");
  element.append(h("pre", { tabindex: 0, role: "region", "aria-label": "Python code of this run" }, text), h("div", { class: "bar" }, copy, model, diagram));
  return {
    every: 1000,
    ask: () => [{ name: "code", query: { run: id } }],
    update: ({ python }) => say(text, python),
  };
}
