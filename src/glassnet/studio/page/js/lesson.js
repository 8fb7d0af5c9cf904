// The lesson beside the studio: its text, its questions, and what is said to an answer.

import { ask, post } from "./api.js";
import { fresh, h, say, set } from "./dom.js";

/** Show the lesson that is open, if one is. */
export function lesson(element, studio) {
  let open = null;
  let page = 0;
  let words = {};
  const passed = h("p", { class: "banner good", role: "status", hidden: true });

  async function load() {
    open = await studio.attempt(() => ask("/api/lesson"));
    if (open) show(open.page ?? 0);
  }

  async function turn(to) {
    const answer = await studio.attempt(() => post("/api/lesson/page", { page: to }));
    if (answer === null) return;
    const turned = await studio.attempt(() => ask("/api/lesson"));
    if (turned === null) return;
    open = turned;
    show(open.page ?? to);
  }

  function show(at) {
    page = at;
    const { pages, title } = open;
    words = open.words;
    const { title: heading, text_html: text, task, questions, fixed } = pages[page];
    studio.fix(fixed ?? []);
    element.replaceChildren(
      h("p", { class: "kicker" }, words.page.replace("{page}", page + 1).replace("{pages}", pages.length)),
      h("h2", { id: "lesson-title" }, title),
      heading ? h("h3", {}, heading) : "",
      written(text),
      task?.text_html ? h("div", { class: "task" }, h("h4", {}, words.task), written(task.text_html)) : "",
      ...questions.map(question),
      h("nav", { class: "bar", "aria-label": words.pages },
        h("button", { disabled: page === 0, onclick: () => turn(page - 1) }, words.back),
        h("button", { disabled: page === pages.length - 1, onclick: () => turn(page + 1) }, words.next)),
      open.hints ? h("button", { onclick: another }, words.another) : "",
      passed);
    tellPassed(open.passed);
  }

  function question({ id, text, text_html: html, kind, unit, choices }) {
    const says = h("p", { class: "says", role: "status", "aria-live": "polite" });
    const name = fresh("answer");
    const field = kind === "choice"
      ? h("div", { class: "choices" }, choices.map((choice, k) => {
          const [value, label] = typeof choice === "string" ? [choice, choice] : [choice.value ?? k, choice.text];
          return h("label", {}, h("input", { type: "radio", name, value, required: true }), label);
        }))
      : h("label", { class: "bar" }, h("span", { class: "unseen" }, words.your_answer), h("input", { type: "text", name, inputmode: "decimal", autocomplete: "off", required: true }), unit ?? "");
    const legend = h("legend", {}, written(html ?? text));
    const done = (open.done ?? []).includes(id);
    const hints = h("ul", { class: "hints", "aria-live": "polite" });
    const hint = h("button", { type: "button", onclick: () => askHint(id, hints) }, words.hint);
    if (open.hints) showHints(hints, open.hints[id] ?? []);
    const submit = h("button", { type: "submit" }, words.answer);
    const form = h("form", { class: done ? "question right" : "question", "data-question": id, onsubmit: (event) => send(event, id, name, says) }, h("fieldset", {}, legend, field), open.hints ? h("div", { class: "bar" }, submit, hint) : submit, open.hints && hints, says);
    if (done) say(says, `✓ ${words.answered}`);
    return form;
  }

  /** Ask for one more hint to a question of an exercise. */
  async function askHint(id, list) {
    const answer = await studio.attempt(() => post("/api/lesson/hint", { question: id }));
    if (answer === null) return;
    open.hints[id] = answer.hints;
    showHints(list, answer.hints);
  }

  function showHints(list, texts) {
    list.replaceChildren(...texts.map((text) => h("li", {}, text)));
  }

  /** Open another problem of the exercise, and its first page. */
  async function another() {
    const answer = await studio.attempt(() => studio.still(() => post("/api/lesson/another", {})));
    if (answer === null) return;
    studio.take(answer.session);
    await load();
  }

  function tellPassed(all) {
    passed.hidden = !all;
    passed.textContent = words.all_answered;
  }

  /** Return a text of the lesson's own file, which glassnet wrote as HTML. */
  function written(html) {
    const text = h("div", { class: "text" });
    text.innerHTML = html;
    return text;
  }

  async function send(event, id, name, says) {
    event.preventDefault();
    const form = event.currentTarget;
    const value = new FormData(form).get(name);
    const answer = await studio.attempt(() => post("/api/lesson/answer", { question: id, value }));
    if (!answer) return;
    say(says, `${answer.right ? "✓ " : answer.counts === false ? "" : "✗ "}${answer.says}`);
    set(form, { class: answer.right ? "question right" : answer.counts === false ? "question" : "question wrong" });
    open.done = answer.done ?? open.done;
    tellPassed(answer.passed);
  }

  studio.addEventListener("session", () => {
    const name = studio.session.lesson?.name ?? "";
    element.hidden = !name;
    document.body.classList.toggle("with-lesson", Boolean(name));
    if (name && element.dataset.lesson !== name) load();
    set(element, { "data-lesson": name || null });
    if (!name && studio.fixed.length) studio.fix([]);
  });
}
