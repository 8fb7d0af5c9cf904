// Draw a digit, with a pointer or by keyboard, and see what the network sees as it is at the shown step.

import { post, unpack } from "../api.js";
import { diverging, inks, paint, reach } from "../colours.js";
import { canvas, h, say, set } from "../dom.js";
import { percent, short } from "../format.js";
import { latest } from "../studio.js";

const SIDE = 28; // dots of the drawing
const PEN = 1.25; // dots
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Show a sheet to draw on, and what the run predicts of the drawing. */
export default function digit(element, studio, id, signal) {
  const ink = new Float32Array(SIDE * SIDE);
  const pen = { x: 14, y: 6, down: false };
  const sheet = canvas(SIDE, SIDE, { class: "sheet", tabindex: 0, role: "application", "aria-label": "Drawing. Drag to draw. Or arrow keys move the pen, Space puts it down or lifts it, Delete clears." });
  const cross = h("span", { class: "cross", hidden: true });
  const status = h("p", { class: "readout", role: "status", "aria-live": "polite" });
  const answer = h("div", { class: "prediction" });
  const how = h("p", { class: "note" });
  element.append(
    h("div", { class: "drawing" }, h("div", { class: "paper" }, sheet, cross), h("div", { class: "bar" }, h("button", { onclick: clear }, "Clear"))),
    answer, status, how,
  );
  const shown = prediction(answer, studio);

  function redraw() {
    paint(sheet, { shape: [SIDE, SIDE], data: ink }, inks(), 0, 1);
  }

  function clear() {
    ink.fill(0);
    redraw();
    shown.clear();
    say(status, "The sheet is empty.");
  }

  /** Leave ink along a line. */
  function stroke(x0, y0, x1, y1) {
    const steps = Math.max(1, Math.ceil(3 * Math.hypot(x1 - x0, y1 - y0)));
    for (let k = 0; k <= steps; k++) blot(x0 + ((x1 - x0) * k) / steps, y0 + ((y1 - y0) * k) / steps);
    redraw();
    send();
  }

  function blot(x, y) {
    for (let row = Math.max(0, Math.floor(y - 2)); row <= Math.min(SIDE - 1, y + 2); row++) {
      for (let column = Math.max(0, Math.floor(x - 2)); column <= Math.min(SIDE - 1, x + 2); column++) {
        const far = Math.hypot(column + 0.5 - x, row + 0.5 - y);
        const place = row * SIDE + column;
        ink[place] = Math.max(ink[place], Math.min(1, Math.max(0, PEN + 0.5 - far)));
      }
    }
  }

  function send() {
    latest(`predict-${id}`, async () => {
      if (!ink.some((value) => value > 0)) return;
      const rows = Array.from({ length: SIDE }, (_, row) => Array.from(ink.subarray(row * SIDE, (row + 1) * SIDE), (value) => Number(value.toFixed(3))));
      const got = await studio.attempt(() => post("/api/view/predict", { drawing: rows }, { run: id }));
      if (!got || !ink.some((value) => value > 0)) return; // the sheet was cleared meanwhile
      shown.update(got);
      say(how, got.how ?? "");
      say(status, shown.sentence(got));
    });
  }

  const place = (event) => {
    const box = sheet.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  let last = null;
  sheet.addEventListener("pointerdown", (event) => {
    sheet.setPointerCapture(event.pointerId);
    last = place(event);
    stroke(...last, ...last);
    event.preventDefault();
    sheet.focus({ preventScroll: true });
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = place(event);
    stroke(...last, ...next);
    last = next;
  });
  for (const name of ["pointerup", "pointercancel"]) sheet.addEventListener(name, () => (last = null));
  sheet.addEventListener("keydown", (event) => {
    if (event.key === "Delete" || event.key === "Backspace") clear();
    else if (event.key === " ") press();
    else if (ARROWS[event.key]) walk(...ARROWS[event.key]);
    else return;
    event.preventDefault();
    show();
  });
  sheet.addEventListener("blur", () => (cross.hidden = true));

  function press() {
    pen.down = !pen.down;
    if (pen.down) stroke(pen.x, pen.y, pen.x, pen.y);
    say(status, pen.down ? "The pen is down." : "The pen is up.");
  }

  function walk(dx, dy) {
    const [x, y] = [Math.min(SIDE - 1, Math.max(1, pen.x + dx)), Math.min(SIDE - 1, Math.max(1, pen.y + dy))];
    if (pen.down) stroke(pen.x, pen.y, x, y);
    Object.assign(pen, { x, y });
  }

  function show() {
    cross.hidden = false;
    cross.classList.toggle("down", pen.down);
    set(cross, { style: `left: ${(100 * pen.x) / SIDE}%; top: ${(100 * pen.y) / SIDE}%` });
  }

  redraw();
  studio.addEventListener("frame", send, { signal });
  return { ask: () => [], update() {} };
}

/** Return what draws a prediction: a bar for each class, the image as the network gets it, its pull, the layers. */
export function prediction(element, studio) {
  const bars = h("ol", { class: "bars" });
  const seen = canvas(SIDE, SIDE, { class: "picture" });
  const pull = canvas(SIDE, SIDE, { class: "picture" });
  const figures = h("div", { class: "pair" },
    h("figure", {}, seen, h("figcaption", {}, "what the network gets")),
    h("figure", {}, pull, h("figcaption", {}, "what pulled ", h("b", { class: "for" }, "for"), " and ", h("b", { class: "against" }, "against"), " it: gradient × input")));
  const layers = h("div", { class: "strips" });
  element.append(bars, figures, layers);
  figures.hidden = true;
  const name = (k) => String(studio.session.data.classes?.[k] ?? k);

  function update(answer) {
    const most = answer.probabilities.indexOf(Math.max(...answer.probabilities));
    bars.replaceChildren(...answer.probabilities.map((value, k) => h("li", { class: k === most ? "likely" : null, "data-class": name(k), "data-value": value, style: `--share: ${value}` }, h("span", { class: "name" }, name(k)), h("span", { class: "length" }), h("span", { class: "value" }, percent(value, 1)))));
    figures.hidden = !answer.image;
    if (answer.image) paint(seen, unpack(answer.image), inks(), 0, reach(unpack(answer.image).data));
    if (answer.image && answer.pull) {
      const array = unpack(answer.pull);
      const most = reach(array.data);
      paint(pull, array, diverging(), -most, most);
    }
    layers.replaceChildren(...(answer.layers ?? []).map((layer, k) => strip(unpack(layer).data, `layer ${k + 1}`)));
  }

  return {
    update,
    clear() {
      bars.replaceChildren();
      layers.replaceChildren();
      figures.hidden = true;
    },
    sentence({ probabilities }) {
      const most = probabilities.indexOf(Math.max(...probabilities));
      return `The network says ${name(most)}, with a probability of ${percent(probabilities[most], 1)}.`;
    },
  };
}

/** Return the activations of a layer as a strip of dots. */
function strip(data, title) {
  const columns = Math.min(data.length, 32);
  const rows = Math.ceil(data.length / columns);
  const padded = new Float32Array(rows * columns);
  padded.set(data);
  const dots = canvas(columns, rows, { class: "picture", style: `aspect-ratio: ${columns} / ${rows}` });
  const most = reach(padded);
  paint(dots, { shape: [rows, columns], data: padded }, diverging(), -most, most);
  return h("figure", {}, dots, h("figcaption", {}, `activations of ${title}, up to ${short(most, 3)}`));
}
