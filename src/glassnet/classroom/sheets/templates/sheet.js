"use strict";
const form = document.getElementById("answers");
const state = document.getElementById("state");
const places = [...form.querySelectorAll("[data-quantity]")];
const NUMBER = /^[-+−–]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?(\s*\/\s*\d+)?$/;

function read(place) {
  if (place.tagName === "INPUT") return place.value.trim();
  const chosen = place.querySelector("input:checked");
  return chosen ? chosen.value : "";
}

function write(place, value) {
  if (place.tagName === "INPUT") place.value = value;
  for (const choice of place.querySelectorAll("input")) choice.checked = choice.value === value;
}

function isNumber(place) {
  const value = read(place);
  const fits = place.tagName !== "INPUT" || value === "" || NUMBER.test(value);
  if (fits) place.removeAttribute("aria-invalid");
  else place.setAttribute("aria-invalid", "true");
  return fits;
}

function cell(text) {
  return /[",;\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// Kept in this browser, where it lets a page do so.
try {
  const kept = JSON.parse(localStorage.getItem(form.dataset.key) || "[]");
  places.forEach((place, i) => write(place, kept[i] || ""));
} catch { /* nothing is kept */ }
form.addEventListener("input", () => {
  state.textContent = "";
  try {
    localStorage.setItem(form.dataset.key, JSON.stringify(places.map(read)));
  } catch { /* nothing is kept */ }
});
form.addEventListener("focusout", (event) => {
  if (event.target.matches("input[data-quantity]")) isNumber(event.target);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const rows = places.map((place) => [place.dataset.step, place.dataset.quantity, read(place)]);
  const lines = [["step", "quantity", "value"], ...rows].map((row) => row.map(cell).join(form.dataset.delimiter));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
  link.download = form.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  const total = rows.length, filled = rows.filter((row) => row[2]).length;
  const unreadable = places.filter((place) => !isNumber(place)).map((place) => place.dataset.quantity);
  const values = { file: form.dataset.file, total, filled, empty: total - filled, names: unreadable.join(", ") };
  const parts = [form.dataset.saved];
  if (filled < total) parts.push(form.dataset.empty);
  if (unreadable.length) parts.push(form.dataset.unreadable);
  state.textContent = parts.map((part) => fill(part, values)).join(" ");
});
