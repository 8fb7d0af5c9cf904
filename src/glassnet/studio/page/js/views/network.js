// The network as a diagram with the values of one sample; every unit, weight and bias opens its numbers.

import { address, unpack } from "../api.js";
import { diverging, inks, paint, reach } from "../colours.js";
import { canvas, h, s, say, set } from "../dom.js";
import { count, short } from "../format.js";

const MOST = 16; // units of a layer that are drawn
const RADIUS = 11;
const GAP = 8;
const SMALLEST = 0.65; // of its size, to which the diagram shrinks

/** Show the network. */
export default function network(element, studio, id, signal) {
  const readout = h("p", { class: "readout", "aria-live": "polite" });
  const edges = s("g", { class: "edges" });
  const nodes = s("g", { class: "nodes" });
  const root = s("svg", { class: "diagram", role: "group", "aria-label": "The network. Arrow keys move from unit to unit, Enter opens its numbers." }, edges, nodes);
  const marker = h("span", { class: "marker" });
  const save = h("a", { download: `network-${id}.svg`, href: address("/api/view/diagram", { run: id }) }, "save as SVG");
  element.append(h("div", { class: "scroll" }, root), h("div", { class: "under" }, readout, save), marker);
  let plan = null; // where everything stands
  let pool = []; // paths of edges, kept from frame to frame
  let latest = null;

  root.addEventListener("keydown", move);
  studio.addEventListener("selection", light, { signal });
  new ResizeObserver(() => {
    if (latest && Math.abs((element.clientWidth || 600) - (plan?.room ?? 0)) > 8) draw(latest);
  }).observe(element);

  function open(what, layer, to, from) {
    studio.select({ what, run: id, layer, from, to });
  }

  /** Place the units: a column for each layer, and the loss behind the last. */
  function place(answer, { sizes, activations, output }) {
    const room = element.clientWidth || 600;
    const width = Math.max(room, 150 * (sizes.length - 1) + 180);
    const scale = room < SMALLEST * width ? 1 : room / width; // where it would be too small to read, one scrolls
    const shown = sizes.map((size) => Math.min(size, MOST));
    const pixels = studio.session.data.image_shape;
    if (pixels) shown[0] = 1;
    const height = Math.max(200, Math.max(...shown) * (2 * RADIUS + GAP) + 64);
    const x = (layer) => 60 + (layer * (width - 276)) / (sizes.length - 1);
    const middle = (height - 20) / 2 + 14;
    const y = (layer, k) => middle + (k - (shown[layer] - 1) / 2) * Math.min(2 * RADIUS + GAP + 12, (height - 64) / Math.max(shown[layer], 1));
    plan = { key: planKey(answer), room, width, height, shown, x, y, pixels, units: [] };
    set(root, { viewBox: `0 0 ${width} ${height}`, width: width * scale, height: height * scale });
    pool = [];
    edges.replaceChildren();
    nodes.replaceChildren();
    sizes.forEach((size, layer) => {
      const name = layer === 0 ? "input x" : layer === sizes.length - 1 ? `output, ${output}` : `hidden ${layer}, ${activations[layer - 1] ?? ""}`;
      nodes.append(s("text", { class: "title", x: x(layer), y: 14, "text-anchor": "middle" }, name));
      const hidden = size - shown[layer];
      if (hidden && !(pixels && layer === 0)) nodes.append(s("text", { class: "more", x: x(layer), y: height - 4, "text-anchor": "middle" }, `⋮ ${count(hidden)} more`));
      plan.units.push(pixels && layer === 0 ? [picture(x(0), middle)] : Array.from({ length: shown[layer] }, (_, k) => unit(layer, k)));
    });
    plan.loss = button(s("g", { class: "loss", transform: `translate(${x(sizes.length - 1) + 140} ${middle})` }, s("rect", { x: -26, y: -16, width: 92, height: 32, rx: 5 }), s("text", { class: "value", x: 20, y: 4, "text-anchor": "middle" })), () => open("loss"));
    nodes.append(plan.loss);
    const [start, end] = [x(sizes.length - 1) + 84, x(sizes.length - 1) + 114];
    edges.append(...plan.units.at(-1).map((_, k) => s("path", { class: "to-loss", d: `M${start} ${y(sizes.length - 1, k)}C${end} ${y(sizes.length - 1, k)} ${start + 8} ${middle} ${end} ${middle}` })));
    set(plan.units.at(-1)[0].group, { tabindex: 0 });
  }

  function planKey(answer) {
    const run = studio.run(id);
    return JSON.stringify([run.sizes, run.activations, answer.layers.length, Math.round((element.clientWidth || 600) / 8)]);
  }

  function button(group, action) {
    set(group, { role: "button", tabindex: -1 });
    group.addEventListener("click", action);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      action(event);
    });
    const tell = () => say(readout, group.getAttribute("aria-label") ?? "");
    group.addEventListener("pointerenter", tell);
    group.addEventListener("focus", tell);
    return group;
  }

  function unit(layer, k) {
    const circle = s("circle", { r: RADIUS });
    const value = s("text", { class: "value", x: layer === 0 ? -RADIUS - 5 : RADIUS + 5, y: 4, "text-anchor": layer === 0 ? "end" : "start" });
    const group = s("g", { class: "unit", transform: `translate(${plan.x(layer)} ${plan.y(layer, k)})`, "data-unit": `${layer} ${k}` }, circle, value);
    if (layer === 0) set(group, { class: "unit input", role: "img", tabindex: -1 });
    else button(group, () => open("a", layer, k));
    nodes.append(group);
    let bias = null;
    if (layer > 0) {
      bias = s("rect", { class: "bias", x: plan.x(layer) - RADIUS - 6, y: plan.y(layer, k) + 5, width: 7, height: 7, "data-bias": `${layer} ${k}` });
      bias.append(s("title", {}, "bias"));
      bias.addEventListener("click", () => open("b", layer, k));
      nodes.append(bias);
    }
    return { group, circle, value, bias };
  }

  function picture(x, y) {
    const dots = canvas(28, 28);
    const image = s("image", { x: x - 48, y: y - 48, width: 96, height: 96, preserveAspectRatio: "none", class: "picture" });
    const group = s("g", { class: "unit input", role: "img", tabindex: -1 }, image, s("rect", { class: "frame", x: x - 48, y: y - 48, width: 96, height: 96 }));
    nodes.append(group);
    return { group, dots, image };
  }

  function draw(answer) {
    const run = studio.run(id);
    const fits = ({ units }, index) => units.length >= Math.min(MOST, run.sizes[index + 1]);
    if (!run || !answer.layers.every(fits)) return; // it is of a run that was open before
    if (plan?.key !== planKey(answer)) place(answer, run);
    set(element, { "data-sample": answer.sample });
    fillInput(answer);
    answer.layers.forEach((layer, index) => fillLayer(layer, index + 1, index === answer.layers.length - 1));
    say(plan.loss.querySelector("text"), `L ${short(answer.loss ?? run.batch_loss, 4)}`);
    set(plan.loss, { "aria-label": `loss L = ${answer.loss ?? run.batch_loss}`, "data-value": answer.loss ?? run.batch_loss });
    connect(answer);
    light();
    const idle = !root.matches(":hover") && !root.contains(document.activeElement);
    if (idle) say(readout, `Sample ${answer.sample}: click a unit, a weight, a bias or the loss to see its numbers.`);
  }

  function fillInput({ x }) {
    const { data } = unpack(x);
    if (plan.pixels) {
      const { dots, image, group } = plan.units[0][0];
      paint(dots, { shape: plan.pixels, data }, inks(), 0, Math.max(...data, 1e-9));
      set(image, { href: dots.toDataURL() });
      set(group, { "aria-label": `the input: an image of ${plan.pixels.join(" by ")} pixels` });
      return;
    }
    const most = reach(data);
    const names = studio.session.data.columns;
    plan.units[0].forEach(({ group, circle, value }, k) => {
      set(circle, { style: `fill: ${tint(data[k] / most)}` });
      say(value, short(data[k], 3));
      set(group, { "aria-label": `input ${names?.[k] ?? k}: ${data[k]}`, "data-value": data[k] });
    });
  }

  function fillLayer({ units, dead }, layer, last) {
    const most = reach(units.map((each) => each.a));
    plan.units[layer].forEach(({ group, circle, value, bias }, k) => {
      const each = units[k];
      set(circle, { style: `fill: ${tint(each.a / most)}` });
      set(group, {
        class: dead?.includes(k) ? "unit dead" : "unit",
        "aria-label": `${last ? "output" : `hidden layer ${layer}`}, unit ${k}: z = ${short(each.z)}, a = ${short(each.a)}, δ = ${short(each.delta)}`,
        "data-z": each.z, "data-a": each.a, "data-delta": each.delta,
      });
      if (bias && each.b !== undefined) set(bias, { style: `fill: ${tint(Math.sign(each.b))}`, "data-value": each.b });
      if (last) labelled(value, ...label(k, each.a));
      else say(value, plan.shown[layer] <= 8 ? short(each.a, 3) : "");
    });
  }

  function label(k, value) {
    const name = studio.session.data.classes?.[k];
    return name !== undefined && plan.units.at(-1).length > 1 ? [name, short(value, 3)] : ["", short(value, 3)];
  }

  /** Draw the strongest weights between units that are drawn. */
  function connect({ weights }) {
    let used = 0;
    weights.forEach((strongest, index) => {
      const most = reach(strongest.map(([, , w]) => w));
      const from = (k) => (plan.pixels && index === 0 ? 0 : k);
      const seen = strongest.filter(([i, k]) => from(i) < plan.shown[index] && k < plan.shown[index + 1]);
      const one = new Set(); // of the many pixels, the strongest weight of each unit alone
      for (const [i, k, w] of seen) {
        if (plan.pixels && index === 0 && one.has(k)) continue;
        one.add(k);
        const path = (pool[used] ??= edge());
        used += 1;
        const start = plan.x(index) + (plan.pixels && index === 0 ? 48 : RADIUS);
        const end = plan.x(index + 1) - RADIUS;
        const [top, bottom] = [plan.y(index, from(i)), plan.y(index + 1, k)];
        const half = (start + end) / 2;
        const share = Math.abs(w) / most;
        set(path, {
          d: `M${start} ${top}C${half} ${top} ${half} ${bottom} ${end} ${bottom}`,
          stroke: `var(--series-${w < 0 ? 2 : 1})`,
          "stroke-width": (0.4 + 4 * share).toFixed(2),
          "stroke-opacity": (0.25 + 0.6 * share).toFixed(2),
          "stroke-dasharray": w < 0 ? "5 2" : null,
          "data-edge": `${index + 1} ${i} ${k}`, "data-value": w,
        });
        path.style.display = "";
      }
    });
    for (const path of pool.slice(used)) path.style.display = "none";
  }

  function edge() {
    const path = s("path", { class: "edge" });
    const named = () => path.dataset.edge.split(" ").map(Number);
    path.addEventListener("click", () => {
      const [layer, from, to] = named();
      open("w", layer, to, from);
    });
    path.addEventListener("pointerenter", () => {
      const [layer, from, to] = named();
      say(readout, `weight of layer ${layer}, from ${from} to ${to}: w = ${short(Number(path.dataset.value), 6)}`);
    });
    edges.append(path);
    return path;
  }

  function light() {
    for (const lit of root.querySelectorAll(".chosen")) lit.classList.remove("chosen");
    const { what, layer, from, to } = studio.selection ?? {};
    const query = what === "w" ? `[data-edge="${layer} ${from} ${to}"]` : what === "b" ? `[data-bias="${layer} ${to}"]` : what === "loss" ? ".loss" : `[data-unit="${layer} ${to}"]`;
    root.querySelector(query)?.classList.add("chosen");
  }

  function move(event) {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
    if (dx === undefined || !plan) return;
    event.preventDefault();
    const columns = [...plan.units.map((column) => column.map((each) => each.group)), [plan.loss]];
    const at = columns.findIndex((column) => column.includes(document.activeElement));
    const row = Math.max(columns[at]?.indexOf(document.activeElement) ?? 0, 0);
    const column = columns[Math.min(Math.max((at < 0 ? columns.length - 2 : at) + dx, 0), columns.length - 1)];
    const next = column[Math.min(Math.max(row + dy, 0), column.length - 1)];
    for (const group of columns.flat()) set(group, { tabindex: group === next ? 0 : -1 });
    next.focus();
  }

  return {
    ask: () => [{ name: "network", query: { run: id } }],
    update(answer) {
      latest = answer;
      draw(answer);
    },
  };
}

/** Write the name of a class, and its value. */
function labelled(text, name, value) {
  if (text.children.length === 0) text.append(s("tspan", { class: "class-name" }), s("tspan", { dx: name ? 7 : 0 }));
  say(text.children[0], String(name));
  say(text.children[1], value);
}

/** Return a colour for a value in [-1, 1]: below zero vermillion, above it blue. */
function tint(share) {
  if (!Number.isFinite(share)) return "var(--bad)";
  const index = Math.round(127.5 + 127.5 * Math.max(-1, Math.min(1, share)));
  const packed = diverging()[index];
  return `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;
}
