// Weights as pictures: of images, what each unit of the first layer looks for; otherwise the matrix of a layer.

import { unpack } from "../api.js";
import { diverging, paint, reach } from "../colours.js";
import { canvas, h, say, set } from "../dom.js";
import { counted, short } from "../format.js";

const PAGE = 64; // units at once
const ACROSS = 8; // pictures in a row

/** Show the weights of a layer. */
export default function weights(element, studio, id) {
  let first = 0;
  const layer = h("select", { "aria-label": "Layer", onchange: () => view.pane.refresh() });
  const range = h("span", { class: "note" });
  const back = h("button", { onclick: () => turn(-PAGE), "aria-label": "Units before" }, "‹");
  const on = h("button", { onclick: () => turn(PAGE), "aria-label": "Units after" }, "›");
  const grid = h("div", {});
  const note = h("p", { class: "note" });
  element.append(h("div", { class: "bar" }, layer, back, on, range), grid, note);

  function turn(by) {
    first = Math.max(0, first + by);
    view.pane.refresh();
  }

  /** Draw all pictures on one sheet, with a button over each. */
  function images(answer, array) {
    const [n, height, width] = array.shape;
    const rows = Math.ceil(n / ACROSS);
    const key = `${first} ${n}`;
    if (grid.dataset.shown !== key) {
      const buttons = Array.from({ length: n }, (_, k) => h("button", { onclick: () => studio.select({ what: "a", run: id, layer: 1, to: first + k }) }));
      const over = h("div", { class: "over-all", style: `grid-template: repeat(${rows}, 1fr) / repeat(${ACROSS}, 1fr)` }, buttons);
      grid.replaceChildren(canvas(8, 8, { class: "picture" }), over);
      set(grid, { class: "atlas", "data-shown": key });
    }
    const most = reach(array.data);
    paint(grid.firstChild, sheetOf(array, rows, height + 1, width + 1), diverging(), -most, most);
    [...grid.lastChild.children].forEach((button, k) => {
      const state = answer.dead?.includes(first + k) ? "dead" : answer.saturated?.includes(first + k) ? "saturated" : "";
      const name = `unit ${first + k}${state ? `, ${state}` : ""}`;
      set(button, { class: state || null, "aria-label": name, title: name });
    });
    say(note, `Blue adds, vermillion takes away; the strongest weight is ${short(most, 3)}.`);
  }

  function matrix(array) {
    const [rows, columns] = array.shape;
    const most = reach(array.data);
    let dots = grid.querySelector("canvas.matrix");
    if (!dots) {
      dots = canvas(columns, rows, { class: "picture matrix" });
      dots.addEventListener("click", (event) => {
        const box = dots.getBoundingClientRect();
        const to = first + Math.floor(((event.clientX - box.left) / box.width) * dots.width);
        const from = Math.floor(((event.clientY - box.top) / box.height) * dots.height);
        studio.select({ what: "w", run: id, layer: Number(layer.value), from, to });
      });
      grid.replaceChildren(dots);
      set(grid, { class: null, "data-shown": null });
    }
    paint(dots, array, diverging(), -most, most);
    dots.style.aspectRatio = `${columns} / ${rows}`;
    dots.style.maxWidth = `${3 * columns}rem`;
    say(note, `A row for each input of the layer, a column for each unit. Blue is above zero, vermillion below; the strongest weight is ${short(most, 3)}. A click opens a weight's numbers.`);
  }

  const view = {
    every: 250,
    ask: () => [{ name: "weights", query: { run: id, layer: layer.value || 1, unit: first, count: PAGE } }],
    update(answer) {
      const { sizes } = studio.run(id);
      if (layer.children.length !== sizes.length - 1) layer.replaceChildren(...sizes.slice(1).map((_, k) => h("option", { value: k + 1 }, `layer ${k + 1}`)));
      const array = unpack(answer.images ?? answer.matrix);
      const shown = answer.images ? array.shape[0] : array.shape[1];
      const total = sizes[Number(layer.value || 1)];
      back.disabled = first === 0;
      on.disabled = first + shown >= total;
      say(range, `${first}–${first + shown - 1} of ${counted(total, "unit")}`);
      if (answer.images) images(answer, array);
      else matrix(array);
    },
  };
  return view;
}

/** Return pictures side by side, with a line of zeros between them. */
function sheetOf({ shape: [n, height, width], data }, rows, down, across) {
  const sheet = { shape: [rows * down - 1, ACROSS * across - 1], data: new Float32Array((rows * down - 1) * (ACROSS * across - 1)) };
  for (let k = 0; k < n; k++) {
    const corner = Math.floor(k / ACROSS) * down * sheet.shape[1] + (k % ACROSS) * across;
    for (let row = 0; row < height; row++) {
      const from = (k * height + row) * width;
      sheet.data.set(data.subarray(from, from + width), corner + row * sheet.shape[1]);
    }
  }
  return sheet;
}
