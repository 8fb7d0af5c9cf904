// Losses of training and validation over the epochs, of both runs; exact values under the cursor.

import { h, s, say, set } from "../dom.js";
import { percent, short } from "../format.js";
import { Plot } from "../plot.js";

const PARTS = [
  { loss: "loss", accuracy: "accuracy", name: "training", dashes: null, colours: { a: "series-1", b: "class-2" } },
  { loss: "validation_loss", accuracy: "validation_accuracy", name: "validation", dashes: "7 3", colours: { a: "series-2", b: "class-4" } },
];

/** Show the losses; keys move the cursor from epoch to epoch. */
export default function losses(element, studio) {
  const courses = {}; // of each run: its epochs, and its batches thinned
  const options = { measure: "loss", log: true };
  let cursor = null; // the epoch under it
  const readout = h("p", { class: "readout", role: "status", "aria-live": "polite" });
  const measures = h("select", { "aria-label": "What is plotted", onchange: (event) => choose("measure", event.target.value) });
  const log = h("input", { type: "checkbox", checked: true, onchange: (event) => choose("log", event.target.checked) });
  const key = h("ul", { class: "key", "aria-label": "Key" });
  element.append(h("div", { class: "bar" }, measures, h("label", { class: "check" }, log, "logarithmic")), key);
  const plot = new Plot(element, { label: "Losses over the epochs. Arrow keys move a cursor.", x: "epoch", y: "" });
  set(plot.root, { tabindex: 0, role: "application" });
  element.append(readout);
  plot.root.addEventListener("pointermove", (event) => plot.isDrawn && point(Math.round(plot.under(event))));
  plot.root.addEventListener("pointerleave", () => point(null));
  plot.root.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    point((cursor ?? lastEpoch()) + step);
  });
  new ResizeObserver(() => draw()).observe(element);

  function choose(name, value) {
    options[name] = value;
    draw();
  }

  function lastEpoch() {
    return Math.max(1, ...Object.values(courses).map((course) => course.epochs.at(-1)?.epoch ?? 1));
  }

  function point(epoch) {
    if (!plot.isDrawn) return;
    cursor = epoch === null ? null : Math.min(Math.max(epoch, 1), lastEpoch());
    mark();
  }

  const ids = () => Object.keys(courses).filter((id) => courses[id] && studio.run(id));
  const accuracy = () => options.measure === "accuracy";

  function ranges() {
    const values = [];
    for (const id of ids()) {
      for (const part of PARTS) for (const record of courses[id].epochs) values.push(record[part[options.measure]]);
      const { epochs, batches } = courses[id];
      if (!accuracy()) values.push(...(epochs.length ? batches.loss.slice(0, 3) : batches.loss));
    }
    const known = values.filter((value) => Number.isFinite(value) && (accuracy() || value > 0));
    const right = Math.max(1, ...ids().map((id) => Math.max(studio.run(id).epoch, courses[id].epochs.length)));
    if (accuracy()) return { x: [0, right], y: [Math.min(...known, 0.9) * 0.98, 1] };
    const [low, high] = known.length ? [Math.min(...known), Math.max(...known)] : [0.1, 1];
    const bottom = Math.max(low, high / 1e5);
    return options.log
      ? { x: [0, right], y: [bottom * 0.8, high * 1.2], log: true }
      : { x: [0, right], y: [0, Math.min(high, low * 1e5) * 1.05] };
  }

  function draw() {
    if (!ids().length) return;
    plot.draw(ranges());
    const lines = [];
    for (const id of ids()) {
      const { epochs, batches } = courses[id];
      const perEpoch = studio.run(id).steps_per_epoch;
      if (!accuracy()) {
        const at = batches.steps.map((step) => step / perEpoch);
        lines.push(s("path", { class: "batches", d: plot.path(at, batches.loss), stroke: `var(--${PARTS[0].colours[id]})` }));
      }
      for (const part of PARTS) {
        const d = plot.path(epochs.map((record) => record.epoch), epochs.map((record) => record[part[options.measure]]));
        lines.push(s("path", { class: "curve", d, stroke: `var(--${part.colours[id]})`, "stroke-dasharray": part.dashes }));
        if (epochs.length === 1 && epochs[0][part[options.measure]] !== null) lines.push(dot(id, epochs[0], part));
      }
    }
    plot.layer.replaceChildren(...lines);
    drawKey();
    mark();
  }

  function dot(id, record, part, big = false) {
    const value = record[part[options.measure]];
    if (!Number.isFinite(plot.y(value))) return "";
    const colour = `var(--${part.colours[id]})`;
    return s("circle", { cx: plot.x(record.epoch), cy: plot.y(value), r: big ? 4.5 : 3, fill: big ? "var(--surface)" : colour, stroke: colour, "stroke-width": 2 });
  }

  function drawKey() {
    const entries = [];
    for (const id of ids()) {
      for (const part of PARTS) {
        if (!courses[id].epochs.some((record) => record[part[options.measure]] !== null)) continue;
        const line = s("path", { d: "M1 5H31", stroke: `var(--${part.colours[id]})`, "stroke-width": 2, "stroke-dasharray": part.dashes });
        const best = part.name === "validation" && courses[id].best_epoch ? `, best in epoch ${courses[id].best_epoch}` : "";
        entries.push(h("li", {}, s("svg", { viewBox: "0 0 32 10", "aria-hidden": "true" }, line), `${ids().length > 1 ? `${id.toUpperCase()} ` : ""}${part.name}${best}`));
      }
    }
    if (entries.map((entry) => entry.textContent).join() !== [...key.children].map((entry) => entry.textContent).join()) key.replaceChildren(...entries);
  }

  /** Mark where the runs are shown, their best epochs, and the cursor. */
  function mark() {
    if (!plot.x) return;
    const marks = [];
    for (const id of ids()) {
      const { epochs, best_epoch: best } = courses[id];
      const at = plot.x(studio.run(id).epoch);
      marks.push(s("path", { class: "shown-step", d: `M${at} ${plot.bottom}V10` }));
      const record = epochs.find((each) => each.epoch === best);
      if (record) marks.push(dot(id, record, PARTS[1], true));
    }
    if (cursor !== null) {
      marks.push(s("path", { class: "cursor", d: `M${plot.x(cursor)} ${plot.bottom}V10` }));
      for (const id of ids()) {
        const record = courses[id].epochs.find((each) => each.epoch === cursor);
        if (record) marks.push(...PARTS.map((part) => dot(id, record, part)));
      }
    }
    plot.top.replaceChildren(...marks);
    tell();
  }

  function tell() {
    const lines = [];
    for (const id of ids()) {
      const { epochs } = courses[id];
      const record = cursor === null ? epochs.at(-1) : epochs.find((each) => each.epoch === cursor);
      if (!record) continue;
      const name = ids().length > 1 ? `${id.toUpperCase()} ` : "";
      const figures = PARTS.filter((part) => record[part.loss] !== null).map((part) => {
        const share = record[part.accuracy] ?? null;
        return `${part.name} ${short(record[part.loss], 6)}${share === null ? "" : ` (${percent(share)})`}`;
      });
      lines.push(`${name}epoch ${record.epoch}: ${figures.join(", ")}`);
    }
    say(readout, lines.length ? lines.join(" · ") : "After the first epoch, its losses stand here.");
  }

  return {
    every: 250,
    ask: () => studio.runs.map((run) => ({ name: "losses", query: { run: run.id } })),
    update(...answers) {
      studio.runs.forEach((run, k) => (courses[run.id] = answers[k]));
      const can = courses.a.epochs.some((record) => record.accuracy !== null) && studio.session.data.task === "classification";
      const choices = can ? ["loss", "accuracy"] : ["loss"];
      if (measures.children.length !== choices.length) measures.replaceChildren(...choices.map((name) => h("option", { value: name }, name)));
      draw();
    },
  };
}
