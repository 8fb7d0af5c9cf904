// The colours of the page, for canvases: read from its style, which has them from glassnet's palette.

const night = matchMedia("(prefers-color-scheme: dark)");
let cache = new Map();
night.addEventListener("change", () => {
  cache = new Map();
});

/** Return a colour of the style as [red, green, blue]. */
export function rgb(name) {
  if (!cache.has(name)) {
    const probe = document.createElement("canvas").getContext("2d");
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || "#888";
    const code = parseInt(probe.fillStyle.slice(1), 16);
    cache.set(name, [code >> 16, (code >> 8) & 255, code & 255]);
  }
  return cache.get(name);
}

/** Return the colour of a class in the style. */
export function classColour(k) {
  return `class-${k % 10}`;
}

function blend(first, second, share) {
  return first.map((value, i) => value + (second[i] - value) * share);
}

/** Return 256 packed colours from one name to another, by way of a third where it is given. */
function scale(low, high, middle) {
  const key = `${low} ${high} ${middle}`;
  if (!cache.has(key)) {
    const [a, b] = [rgb(low), rgb(high)];
    const m = middle ? rgb(middle) : blend(a, b, 0.5);
    const table = new Uint32Array(256);
    for (let i = 0; i < 256; i++) {
      const t = i / 127.5 - 1;
      const [red, green, blue] = t < 0 ? blend(m, a, -t) : blend(m, b, t);
      table[i] = (255 << 24) | (blue << 16) | (green << 8) | red;
    }
    cache.set(key, table);
  }
  return cache.get(key);
}

/** Return the colours from what is below zero to what is above it. */
export function diverging() {
  return scale("series-2", "series-1", "surface");
}

/** Return the colours from paper to ink. */
export function inks() {
  return scale("surface", "ink");
}

/** Return the largest absolute value of some numbers; 1 where all are zero. */
export function reach(data) {
  let most = 0;
  for (const value of data) {
    const size = Math.abs(value);
    if (size > most && size < Infinity) most = size;
  }
  return most || 1;
}

const sheets = new WeakMap(); // what is drawn into, kept from frame to frame

function sheet(canvas, columns, rows) {
  const kept = sheets.get(canvas);
  if (kept && kept.image.width === columns && kept.image.height === rows) return kept;
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const made = { context, image, dots: new Uint32Array(image.data.buffer) };
  sheets.set(canvas, made);
  return made;
}

/** Draw rows of numbers on a canvas, a dot each; `low` and `high` are the ends of the colours. */
export function paint(canvas, { shape: [rows, columns], data }, table, low, high, flip = false) {
  const { context, image, dots } = sheet(canvas, columns, rows);
  const factor = 255 / (high - low || 1);
  for (let row = 0; row < rows; row++) {
    const to = (flip ? rows - 1 - row : row) * columns;
    for (let column = 0; column < columns; column++) {
      const index = Math.round((data[row * columns + column] - low) * factor);
      dots[to + column] = table[index < 0 || Number.isNaN(index) ? 0 : index > 255 ? 255 : index];
    }
  }
  context.putImageData(image, 0, 0);
}

/** Draw the share of each class at each place, as a mixture of their colours. */
export function paintClasses(canvas, { shape: [rows, columns, classes], data }, flip = false) {
  const { context, image } = sheet(canvas, columns, rows);
  const paper = rgb("surface");
  const colours = Array.from({ length: classes }, (_, k) => blend(paper, rgb(classColour(k)), 0.75));
  for (let place = 0; place < rows * columns; place++) {
    const row = Math.floor(place / columns);
    const to = 4 * ((flip ? rows - 1 - row : row) * columns + (place % columns));
    for (let channel = 0; channel < 3; channel++) {
      let mixed = 0;
      for (let k = 0; k < classes; k++) mixed += data[place * classes + k] * colours[k][channel];
      image.data[to + channel] = mixed;
    }
    image.data[to + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
