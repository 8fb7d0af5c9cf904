// Two features: what the network says of every place, each hidden unit's too, and points that one may change.

import { unpack } from "../api.js";
import { classColour, diverging, paint, paintClasses, reach } from "../colours.js";
import { canvas, h, s, say, set } from "../dom.js";
import { short } from "../format.js";
import { latest } from "../studio.js";

const SIZE = 400; // of the overlay's own measure
const NEAR = 14;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const TOOLS = { move: "look and drag", add: "add", label: "relabel", remove: "remove" };

/** Show the decision surface with its points. */
export default function surface(element, studio, id) {
  const picture = canvas(64, 64, { class: "smooth" });
  const points = s("g");
  const cross = s("path", { class: "cross", d: "M-9 0H9M0 -9V9" });
  const overlay = s("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, tabindex: 0, role: "application", "aria-label": "Decision surface. Arrow keys move a cross, Enter does what is chosen above at its place." }, points, cross);
  const name = `tool-${id}`;
  const tools = Object.entries(TOOLS).map(([value, text]) => h("label", {}, h("input", { type: "radio", name, value, checked: value === "move" }), text));
  const label = h("select", { "aria-label": "Class of new points" });
  const status = h("p", { class: "readout", role: "status", "aria-live": "polite" });
  const units = h("div", { class: "units" });
  element.append(h("div", { class: "bar tools", role: "group", "aria-label": "What a click does" }, tools, label), h("div", { class: "plane" }, picture, overlay), status, units);
  let frame = null;
  let held = null; // the point that is dragged
  let moved = null; // where the last one was dragged to: it stays there until an answer was asked for that has it there
  const at = { x: SIZE / 2, y: SIZE / 2 };

  const tool = () => element.querySelector(`input[name="${name}"]:checked`).value;
  const toX = (x) => ((x - frame.x[0]) / (frame.x[1] - frame.x[0])) * SIZE;
  const toY = (y) => SIZE - ((y - frame.y[0]) / (frame.y[1] - frame.y[0])) * SIZE;
  const place = ({ x, y }) => ({ x: frame.x[0] + (x / SIZE) * (frame.x[1] - frame.x[0]), y: frame.y[0] + (1 - y / SIZE) * (frame.y[1] - frame.y[0]) });
  const chosen = () => (studio.session.data.task === "classification" ? Number(label.value) : Number(label.value || 0));

  function nearest(x, y) {
    let [best, least] = [null, NEAR];
    for (const point of frame.points) {
      const far = Math.hypot(toX(point.x) - x, toY(point.y) - y);
      if (far < least) [best, least] = [point, far];
    }
    return best;
  }

  function change(kind, fields) {
    return studio.command("points", { run: id, [kind]: fields });
  }

  async function act(x, y) {
    if (!frame) return;
    const point = nearest(x, y);
    if (tool() === "add") await change("add", { ...place({ x, y }), label: chosen() });
    else if (!point) say(status, "No point there.");
    else if (tool() === "label") await change("label", { index: point.index, label: chosen() });
    else if (tool() === "remove") await change("remove", { index: point.index });
    else if (held) drop();
    else hold(point);
  }

  function hold(point) {
    held = point;
    say(status, `Holding point ${point.index}, class ${className(point.label)}.`);
    if (point.part === "train") studio.command("sample", { index: point.index });
  }

  function drop() {
    held = null;
    say(status, "Let go.");
  }

  function drag(x, y) {
    Object.assign(held, place({ x: Math.max(0, Math.min(SIZE, x)), y: Math.max(0, Math.min(SIZE, y)) }));
    drawPoints();
    const here = { index: held.index, x: held.x, y: held.y };
    moved = { ...here, known: false, asked: false };
    const own = moved;
    latest("points", async () => {
      await change("move", here);
      own.known = true;
    });
  }

  const under = (event) => {
    const box = overlay.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIZE, ((event.clientY - box.top) / box.height) * SIZE];
  };
  overlay.addEventListener("pointerdown", (event) => {
    if (!frame) return;
    overlay.setPointerCapture(event.pointerId);
    held = null;
    act(...under(event));
  });
  overlay.addEventListener("pointermove", (event) => {
    if (held && event.buttons) drag(...under(event));
  });
  overlay.addEventListener("pointerup", () => (held = null));
  overlay.addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    if (step) {
      at.x = Math.max(0, Math.min(SIZE, at.x + step[0] * (event.shiftKey ? 40 : 8)));
      at.y = Math.max(0, Math.min(SIZE, at.y - step[1] * (event.shiftKey ? 40 : 8)));
      set(cross, { transform: `translate(${at.x} ${at.y})` });
      if (held) drag(at.x, at.y);
    } else if (event.key === "Enter" || event.key === " ") act(at.x, at.y);
    else return;
    event.preventDefault();
  });
  set(cross, { transform: `translate(${at.x} ${at.y})` });

  const className = (k) => studio.session.data.classes?.[k] ?? short(k, 3);

  function drawPoints() {
    const classes = studio.session.data.task === "classification";
    while (points.children.length > frame.points.length) points.lastChild.remove();
    while (points.children.length < frame.points.length) points.append(s("circle"));
    frame.points.forEach((point, k) => set(points.children[k], {
      class: point.part === "validation" ? "point validation" : "point",
      cx: toX(point.x).toFixed(1), cy: toY(point.y).toFixed(1), r: point === held ? 8 : 5,
      style: `--own: var(--${classes ? classColour(point.label) : point.label < 0 ? "series-2" : "series-1"})`,
      "data-index": point.index, "data-label": point.label,
    }));
  }

  function drawUnits(layers) {
    const all = layers.flatMap((layer, l) => {
      const { shape, data } = unpack(layer);
      const single = shape.length === 2;
      const size = shape.at(-1) * shape.at(-2);
      return Array.from({ length: single ? 1 : shape[0] }, (_, k) => ({ layer: l + 1, k, shape: shape.slice(-2), data: data.subarray(k * size, (k + 1) * size) }));
    });
    if (units.children.length !== all.length) {
      units.replaceChildren(...all.map(({ layer, k }) => h("button", { onclick: () => studio.select({ what: "a", run: id, layer, to: k }), title: `hidden layer ${layer}, unit ${k}`, "aria-label": `numbers of hidden layer ${layer}, unit ${k}` }, canvas(8, 8, { class: "smooth" }))));
    }
    all.forEach((each, k) => {
      const most = reach(each.data);
      paint(units.children[k].firstChild, each, diverging(), -most, most, true);
    });
  }

  return {
    ask() {
      if (moved?.known) moved.asked = true;
      return [{ name: "surface", query: { run: id, grid: 64 } }];
    },
    update(answer) {
      const find = (one) => one && answer.points.find((point) => point.index === one.index);
      if (moved?.asked) moved = null;
      const own = find(moved);
      if (own) Object.assign(own, { x: moved.x, y: moved.y });
      frame = answer;
      held = find(held) || null;
      const classes = studio.session.data.classes ?? [];
      if (label.children.length !== classes.length) label.replaceChildren(...classes.map((each, k) => h("option", { value: k }, `class ${each}`)));
      drawOutput(picture, unpack(answer.output), classes.length);
      drawPoints();
      drawUnits(answer.units);
    },
  };
}

/** Draw the output: shares of classes as mixed colours, numbers of a regression around zero. */
function drawOutput(picture, array, classes) {
  const { shape, data } = array;
  if (shape.length === 3 && shape[2] > 1) return paintClasses(picture, array, true);
  if (classes !== 2) {
    const most = reach(data);
    return paint(picture, { shape: shape.slice(0, 2), data }, diverging(), -most, most, true);
  }
  const shares = new Float32Array(2 * data.length);
  data.forEach((value, k) => {
    shares[2 * k] = 1 - value;
    shares[2 * k + 1] = value;
  });
  return paintClasses(picture, { shape: [...shape.slice(0, 2), 2], data: shares }, true);
}
