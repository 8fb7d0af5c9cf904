// Weights, activations and gradients of each layer: how they are spread now, and were over time.

import { unpack } from "../api.js";
import { inks, paint } from "../colours.js";
import { canvas, h, s, say, set } from "../dom.js";
import { counted, short } from "../format.js";

const KINDS = ["weights", "activations", "gradients"];
const WIDTH = 160;
const HEIGHT = 56;

/** Show the histograms; dead and saturated units are counted. */
export default function histograms(element, studio, id) {
  const time = h("input", { type: "checkbox", onchange: () => shown.pane.refresh() });
  const table = h("div", { class: "histograms" });
  element.append(h("div", { class: "bar" }, h("label", { class: "check" }, time, "over time")), table);
  let cells = [];

  function build(layers) {
    cells = layers.map((layer, k) => ({
      title: h("h4", {}, layer.name ?? `layer ${k + 1}`),
      state: h("p", { class: "note" }),
      kinds: Object.fromEntries(KINDS.map((kind) => [kind, cell(kind)])),
    }));
    table.replaceChildren(...cells.map(({ title, state, kinds }) => h("section", {}, h("header", {}, title, state), Object.values(kinds).map(({ figure }) => figure))));
  }

  function cell(kind) {
    const bars = s("path", { class: "bars" });
    const zero = s("path", { class: "zero" });
    const plot = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" }, bars, zero);
    const over = canvas(2, 2, { class: "over" });
    const range = h("span", { class: "range" });
    return { plot, bars, zero, over, range, figure: h("figure", {}, h("figcaption", {}, kind), plot, over, range) };
  }

  function draw({ plot, bars, zero, over, range }, { edges, counts }, kind) {
    const most = Math.max(...counts, 1);
    const [low, high] = [edges[0], edges.at(-1)];
    const x = (value) => ((value - low) / (high - low || 1)) * WIDTH;
    const steps = counts.map((n, k) => `V${(HEIGHT - (n / most) * (HEIGHT - 4)).toFixed(1)}H${x(edges[k + 1]).toFixed(1)}`).join("");
    set(bars, { d: `M0 ${HEIGHT}${steps}V${HEIGHT}Z` });
    set(zero, { d: low < 0 && high > 0 ? `M${x(0)} 0V${HEIGHT}` : "" });
    set(plot, { "aria-label": `${kind} from ${short(low, 3)} to ${short(high, 3)}` });
    say(range, `${short(low, 2)} … ${short(high, 2)}`);
    plot.style.display = "";
    over.hidden = true;
  }

  function drawOver({ plot, over, range }, { counts, low, high }) {
    const array = unpack(counts); // a row for each moment, the newest last
    plot.style.display = "none";
    over.hidden = false;
    paint(over, array, inks(), 0, Math.max(...array.data, 1));
    say(range, `${short(low, 2)} … ${short(high, 2)}; the newest below`);
  }

  function states({ dead, saturated, units }) {
    const parts = [dead && `${counted(dead, "unit")} of ${units} dead`, saturated && `${counted(saturated, "unit")} of ${units} saturated`];
    return parts.filter(Boolean).join(", ");
  }

  const shown = {
    every: 500,
    ask: () => ["histograms", time.checked && "histograms_over_time"].filter(Boolean).map((name) => ({ name, query: { run: id } })),
    update({ layers }, past) {
      if (cells.length !== layers.length) build(layers);
      layers.forEach((layer, k) => {
        say(cells[k].state, states(layer));
        set(cells[k].state, { class: layer.dead || layer.saturated ? "note warning" : "note" });
        for (const kind of KINDS) {
          const own = cells[k].kinds[kind];
          own.figure.hidden = !layer[kind];
          if (past?.layers[k]?.[kind]) drawOver(own, past.layers[k][kind]);
          else if (layer[kind]) draw(own, layer[kind], kind);
        }
      });
    },
  };
  return shown;
}
