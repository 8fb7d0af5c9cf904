// Elements of HTML and SVG, made in one expression.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Return an HTML element: `h("button", {class: "play", onclick: play}, "Play")`. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Return an SVG element. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Set several attributes at once; those that are null go. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

/** Write a text, unless it is there already: what did not change is not read out again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let last = 0;

/** Return an id that no other element has. */
export function fresh(stem) {
  last += 1;
  return `${stem}-${last}`;
}

/** Return a canvas of so many dots, which CSS may show larger or smaller. */
export function canvas(width, height, attributes) {
  return h("canvas", { width, height, ...attributes });
}

/** Save text as a file of this name. */
export function save(name, text, type = "text/plain") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
