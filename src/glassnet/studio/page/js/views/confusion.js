// The confusion matrix; a cell opens its images or rows. Of a regression: predicted against true values.

import { view, unpack } from "../api.js";
import { inks, paint } from "../colours.js";
import { canvas, h, s, say, set } from "../dom.js";
import { percent, short } from "../format.js";
import { Plot } from "../plot.js";

/** Show what the run predicts of the validation samples. */
export default function confusion(element, studio, id) {
  const regression = studio.session.data.task === "regression";
  const score = h("p", { class: "score" });
  const body = h("div", { class: "scroll", tabindex: regression ? null : 0, role: "region", "aria-label": "Confusion matrix" });
  const note = h("p", { class: "note" }, regression ? "Each dot is a sample; on the line it would be predicted as it is." : "Rows: the true class; columns: the predicted one. A cell opens its samples.");
  const opened = h("div", { class: "opened", "aria-live": "polite" });
  element.append(score, note, body, opened);
  const draw = regression ? residuals(body) : matrix(body, (cell) => open(cell));

  async function open({ truth, predicted, labels }) {
    const answer = await studio.attempt(() => view("cell", { run: id, true: truth, predicted }));
    if (!answer) return; // other data were opened meanwhile
    const { samples } = answer;
    const title = truth === predicted ? `${labels[truth]}, predicted so` : `${labels[truth]}, predicted as ${labels[predicted]}`;
    opened.replaceChildren(
      h("h3", {}, `${title}: ${samples.length}${samples.length === 60 ? " of them" : ""}`),
      h("ul", { class: "samples" }, samples.map((sample) => h("li", {}, sampleButton(sample, studio)))),
    );
    set(opened, { "data-cell": `${truth} ${predicted}` });
  }

  return {
    every: 500,
    ask: () => [{ name: "confusion", query: { run: id } }],
    update(answer) {
      const value = answer.score;
      const text = answer.score_name === "accuracy" ? percent(value) : short(value);
      score.replaceChildren(h("strong", {}, text), ` ${answer.score_name ?? "R²"}${answer.part ? ` of ${answer.part}` : ""}`);
      set(score, { "data-value": value });
      draw(answer);
    },
  };
}

/** Return a button for a validation sample, which makes it the one that all views look at. */
function sampleButton(sample, studio) {
  const choose = () => studio.command("sample", { index: sample.index, part: "validation" });
  const name = `validation sample ${sample.index}`;
  if (!sample.image) {
    const row = Object.values(sample.row).map((value) => (typeof value === "number" ? short(value, 3) : value)).join(", ");
    return h("button", { class: "row", onclick: choose, "aria-label": `Look at ${name}: ${row}` }, row);
  }
  const picture = canvas(28, 28, { class: "picture" });
  const image = unpack(sample.image);
  paint(picture, image, inks(), 0, Math.max(...image.data, 1e-9));
  return h("button", { class: "image", onclick: choose, title: name, "aria-label": `Look at ${name}` }, picture);
}

function matrix(body, open) {
  let cells = [];
  let labels = [];
  function build(names) {
    labels = names;
    const head = h("tr", {}, h("td", {}, h("span", { class: "unseen" }, "true class")), names.map((name) => h("th", { scope: "col" }, String(name))));
    cells = names.map((_, truth) => names.map((_, predicted) => h("button", { onclick: () => open({ truth, predicted, labels }) })));
    const rows = cells.map((row, k) => h("tr", {}, h("th", { scope: "row" }, String(names[k])), row.map((cell) => h("td", {}, cell))));
    const caption = h("caption", { class: "unseen" }, "Confusion matrix");
    body.replaceChildren(h("table", { class: "confusion" }, caption, h("thead", {}, head), h("tbody", {}, rows)));
  }
  return ({ labels: names, counts }) => {
    if (names.join() !== labels.join()) build(names);
    const most = Math.max(1, ...counts.flatMap((row, i) => row.filter((_, j) => i !== j)));
    counts.forEach((row, i) => {
      const total = row.reduce((sum, n) => sum + n, 0) || 1;
      row.forEach((n, j) => {
        const cell = cells[i][j];
        const shade = i === j ? n / total : n / most;
        say(cell, String(n));
        set(cell, {
          class: n === 0 ? "zero" : i === j ? "right" : "wrong",
          style: `--shade: ${shade.toFixed(2)}`,
          "aria-label": `true ${names[i]}, predicted ${names[j]}: ${n}`,
        });
      });
    });
  };
}

function residuals(body) {
  const plot = new Plot(body, { label: "Predicted against true values", x: "true", y: "predicted", height: 300 });
  return ({ predicted, true: truth }) => {
    const [ys, xs] = [unpack(predicted).data, unpack(truth).data];
    const all = [...xs, ...ys].filter(Number.isFinite);
    const range = [Math.min(...all), Math.max(...all)];
    plot.draw({ x: range, y: range });
    const dots = [...xs].map((x, k) => (Number.isFinite(ys[k]) ? `M${plot.x(x).toFixed(1)} ${plot.y(ys[k]).toFixed(1)}h0` : "")).join("");
    const line = `M${plot.x(range[0])} ${plot.y(range[0])}L${plot.x(range[1])} ${plot.y(range[1])}`;
    plot.layer.replaceChildren(s("path", { class: "diagonal", d: line }), s("path", { class: "dots", d: dots }));
  };
}
