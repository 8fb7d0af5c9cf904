// Axes for the plots: a frame of SVG that keeps its size in dots equal to its size on the page.

import { s, set } from "./dom.js";
import { short, ticks } from "./format.js";

const SPACE = { left: 52, right: 14, top: 10, bottom: 34 };

/** A plot with two axes. `draw` places the marks anew; `layer` is where the curves go. */
export class Plot {
  constructor(element, { label, x, y, height = 270 }) {
    this.height = height;
    this.names = { x, y };
    this.grid = s("g", { class: "grid" });
    this.layer = s("g", { class: "curves" });
    this.top = s("g", { class: "top" });
    this.root = s("svg", { class: "plot", role: "img", "aria-label": label, height }, this.grid, this.layer, this.top);
    element.append(this.root);
  }

  /** Whether there are axes: before the first `draw` no place has a value. */
  get isDrawn() {
    return this.inner !== undefined;
  }

  /** Set the ranges of the axes, and draw their marks; a logarithmic axis wants positive ends. */
  draw({ x, y, log = false }) {
    const width = Math.max(220, this.root.clientWidth || this.root.parentElement.clientWidth || 400);
    const inner = { width: width - SPACE.left - SPACE.right, height: this.height - SPACE.top - SPACE.bottom };
    set(this.root, { viewBox: `0 0 ${width} ${this.height}` });
    const [low, high] = log ? y.map(Math.log10) : y;
    this.inner = inner;
    this.right = SPACE.left + inner.width;
    this.bottom = SPACE.top + inner.height;
    this.x = (value) => SPACE.left + ((value - x[0]) / (x[1] - x[0] || 1)) * inner.width;
    this.y = (value) => this.bottom - (((log ? Math.log10(value) : value) - low) / (high - low || 1)) * inner.height;
    this.backX = (place) => x[0] + ((place - SPACE.left) / inner.width) * (x[1] - x[0]);
    const [across, up] = [ticks(...x, Math.max(2, inner.width / 70)), log ? powers(...y) : ticks(...y, 4)];
    const marks = [x, y, log, width].join(" ");
    if (marks === this.marks) return;
    this.marks = marks;
    this.grid.replaceChildren(
      ...up.map((value) => s("path", { d: `M${SPACE.left} ${this.y(value)}H${this.right}` })),
      ...up.map((value) => this.#mark(SPACE.left - 8, this.y(value) + 4, tick(value), "end")),
      ...across.map((value) => this.#mark(this.x(value), this.bottom + 16, tick(value), "middle")),
      this.#mark(this.right, this.height - 3, this.names.x, "end"),
      this.#mark(2, SPACE.top + 2, this.names.y, "start"),
    );
  }

  #mark(x, y, text, anchor) {
    return s("text", { x, y, "text-anchor": anchor }, text);
  }

  /** Return the path through points; what is not a number parts it, and what is outside is cut. */
  path(xs, ys) {
    let path = "";
    let on = false;
    for (let i = 0; i < xs.length; i++) {
      const place = this.y(ys[i]);
      const known = ys[i] !== null && Number.isFinite(place);
      if (known) path += `${on ? "L" : "M"}${this.x(xs[i]).toFixed(1)} ${Math.min(Math.max(place, SPACE.top - 4), this.bottom).toFixed(1)}`;
      on = known;
    }
    return path;
  }

  /** Return the value on the x axis under a pointer. */
  under(event) {
    const box = this.root.getBoundingClientRect();
    return this.backX(((event.clientX - box.left) / box.width) * (this.right + SPACE.right));
  }
}

/** Return 1, 2 and 5 times the powers of ten between two ends; the powers alone where that are many. */
function powers(low, high) {
  const all = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const factor of [1, 2, 5]) all.push(factor * 10 ** power);
  }
  const inside = all.filter((value) => value >= low * 0.999 && value <= high * 1.001);
  return inside.length <= 6 ? inside : inside.filter((value) => /^1(e|0|$)|^0\.0*1$/.test(String(Number(value.toPrecision(3)))));
}

function tick(value) {
  const size = Math.abs(value);
  const plain = (size >= 1e-4 && size < 1e6) || value === 0;
  return plain ? String(Number(value.toPrecision(6))).replace("-", "−") : short(value, 1);
}
