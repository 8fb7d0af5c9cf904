// What the network learns from: a data set of glassnet's, or a table of one's own.

import { upload } from "./api.js";
import { h, say } from "./dom.js";
import { counted, shown } from "./format.js";

/** Let a person choose the data. */
export function dataChooser(element, studio) {
  const list = h("select", { "aria-label": "Data", onchange: () => studio.command("data", { name: list.value }) });
  const about = h("p", { class: "note" });
  const file = h("input", { type: "file", accept: ".csv,text/csv" });
  const target = h("input", { type: "text", name: "target", placeholder: "the last column" });
  const send = h("button", { type: "submit" }, "Learn from it");
  const form = h("form", { onsubmit: submit }, h("label", {}, "CSV file", file), h("label", {}, "column to predict", target), send);
  element.append(list, about, h("details", {}, h("summary", {}, "a table of your own"), form));

  async function submit(event) {
    event.preventDefault();
    if (!file.files.length) return studio.tell("Choose a CSV file first.");
    const answer = await studio.attempt(() => upload("/api/upload", { file: file.files[0], target: target.value }));
    if (answer) studio.take(answer.session);
    return undefined;
  }

  studio.addEventListener("session", () => {
    const { data, choices } = studio.session;
    const names = [...new Set([data.name, ...(choices.data ?? [])])];
    if (names.join() !== [...list.options].map((option) => option.value).join()) list.replaceChildren(...names.map((name) => h("option", { value: name }, name)));
    list.value = data.name;
    for (const control of [list, file, target, send]) control.disabled = Boolean(studio.session.lesson); // which keeps its data
    const what = data.task === "classification" ? `classes ${data.classes.length > 12 ? data.classes.length : shown(data.classes)}` : "a number to predict";
    say(about, `${counted(data.n_train, "sample")} to learn from, ${counted(data.n_validation, "sample")} held out; ${counted(data.n_features, "feature")}; ${what}.`);
  });
}
