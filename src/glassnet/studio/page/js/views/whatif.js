// What if: the step that comes next with five learning rates, and the loss after each.

import { h, say, set } from "../dom.js";
import { short } from "../format.js";

/** Show the five tries, of the same batch from the same weights. */
export default function whatif(element, studio, id) {
  const given = h("input", { type: "text", inputmode: "decimal", placeholder: "0.001, 0.01, 0.1, 1, 10", "aria-label": "Five learning rates, parted by commas", onchange: () => shown.pane.refresh() });
  const before = h("p", { class: "note" });
  const list = h("ol", { class: "tries" });
  element.append(h("label", { class: "bar" }, "rates η ", given), before, list);

  const shown = {
    every: 1000,
    ask: () => [{ name: "whatif", query: { run: id, rates: given.value.replaceAll(/[\s]/g, "") || undefined } }],
    update({ loss_before: old, tries }) {
      say(before, `The loss of this batch before the step: ${short(old, 6)}. After it, with each rate:`);
      set(before, { "data-value": old });
      const worst = Math.max(old, ...tries.map(({ loss }) => (Number.isFinite(loss) && loss !== null ? loss : 0)));
      const known = tries.filter(({ loss }) => loss !== null && Number.isFinite(loss));
      const best = Math.min(...known.map(({ loss }) => loss));
      list.replaceChildren(...tries.map(({ rate, loss }) => h("li", { class: loss === null || loss > old ? "worse" : loss === best ? "best" : null, "data-rate": rate, "data-value": loss, style: `--share: ${Math.min(1, (loss ?? worst) / worst)}; --old: ${old / worst}` },
        h("span", { class: "name" }, `η = ${Number(rate.toPrecision(3))}`), h("span", { class: "length" }), h("span", { class: "value" }, loss === null ? "NaN" : `${short(loss, 6)}${loss === best ? " ★ lowest" : ""}`))));
    },
  };
  return shown;
}
