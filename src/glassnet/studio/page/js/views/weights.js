// Weights as pictures: of images, what each unit of the first layer looks for; otherwise the matrix of a layer.

import { parts, unpack } from "../api.js";
import { diverging, paint, reach } from "../colours.js";
import { canvas, h, say, set } from "../dom.js";
import { counted, short } from "../format.js";

const PAGE = 64; // units at once

/** Show the weights of a layer. */
export default function weights(element, studio, id) {
  let first = 0;
  const layer = h("select", { "aria-label": "Layer", onchange: () => view.pane.refresh() });
  const range = h("span", { class: "note" });
  const back = h("button", { onclick: () => turn(-PAGE), "aria-label": "Units before" }, "‹");
  const on = h("button", { onclick: () => turn(PAGE), "aria-label": "Units after" }, "›");
  const grid = h("div", { class: "images-grid" });
  const note = h("p", { class: "note" });
  element.append(h("div", { class: "bar" }, layer, back, on, range), grid, note);

  function turn(by) {
    first = Math.max(0, first + by);
    view.pane.refresh();
  }

  function images(answer, array) {
    const pictures = parts(array);
    const most = reach(array.data);
    if (grid.children.length !== pictures.length || grid.dataset.first !== String(first)) {
      set(grid, { "data-first": first, class: "images-grid" });
      grid.replaceChildren(...pictures.map((_, k) => h("button", { onclick: () => studio.select({ what: "a", run: id, layer: 1, to: first + k }) }, canvas(28, 28, { class: "picture" }))));
    }
    pictures.forEach((picture, k) => {
      const button = grid.children[k];
      const state = answer.dead?.includes(first + k) ? "dead" : answer.saturated?.includes(first + k) ? "saturated" : "";
      paint(button.firstChild, picture, diverging(), -most, most);
      set(button, { class: state || null, "aria-label": `unit ${first + k}${state ? `, ${state}` : ""}`, title: `unit ${first + k}${state ? `, ${state}` : ""}` });
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
      set(grid, { class: "matrix-grid", "data-first": null });
    }
    paint(dots, array, diverging(), -most, most);
    dots.style.aspectRatio = `${columns} / ${rows}`;
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
