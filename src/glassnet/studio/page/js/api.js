// The protocol of docs/studio.md: small JSON messages to the server that sent this page.

const token = new URLSearchParams(location.search).get("token") ?? "";

/** What the server refused, in its words. */
export class Refused extends Error {
  constructor(message, kind, status) {
    super(message);
    this.kind = kind;
    this.status = status;
  }
}

/** Return an address of the server, with the token; what is undefined is left out. */
export function address(path, query = {}) {
  const given = Object.entries({ ...query, token }).filter(([, value]) => value !== undefined && value !== null);
  return `${path}?${new URLSearchParams(given)}`;
}

/** Return the answer to a request, or throw what was refused. */
export async function ask(path, query, options) {
  const response = await fetch(address(path, query), options);
  const text = await response.text();
  let answer = text;
  try {
    answer = JSON.parse(text);
  } catch {
    if (response.ok) return text; // a diagram, or a page of LaTeX
  }
  if (response.ok) return answer;
  const error = answer?.error ?? { message: `the studio answered ${response.status}`, kind: "Error" };
  throw new Refused(error.message, error.kind, response.status);
}

/** Send JSON, return the answer. */
export function post(path, body, query) {
  return ask(path, query, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Send a file with its fields. */
export function upload(path, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return ask(path, {}, { method: "POST", body });
}

/** Return what a view shows of a run. */
export function view(name, query) {
  return ask(`/api/view/${name}`, query);
}

const KINDS = { float32: Float32Array, float64: Float64Array, uint8: Uint8Array, int32: Int32Array, int64: BigInt64Array };

/** Return an array as `{shape, data}`, whether it came as nested lists or packed. */
export function unpack(value) {
  if (value && value.dtype) {
    const text = atob(value.data);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i); // ten times as fast as Uint8Array.from
    const packed = new KINDS[value.dtype](bytes.buffer);
    return { shape: value.shape, data: value.dtype === "int64" ? Float64Array.from(packed, Number) : packed };
  }
  const shape = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0]) shape.push(inner.length);
  return { shape, data: Float64Array.from(value.flat(Infinity), (each) => each ?? NaN) };
}

