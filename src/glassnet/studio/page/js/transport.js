// Play, pause, step, speed, and the scrubber over the whole training.

import { h, say, set } from "./dom.js";
import { count, short } from "./format.js";
import { latest } from "./studio.js";

const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, null]; // steps a second; null is as fast as it goes

/** Drive the runs from the controls of the page. */
export function transport(element, studio) {
  const play = h("button", { class: "play", id: "play", onclick: () => (studio.playing ? studio.command("pause") : studio.command("play", { speed: speed() })) });
  const steps = ["sample", "batch", "epoch"].map((unit) => h("button", { "data-step": unit, onclick: () => studio.command("step", { unit }) }, unit));
  const slider = h("input", { type: "range", id: "speed", min: 0, max: SPEEDS.length - 1, value: SPEEDS.length - 1, oninput: faster });
  const pace = h("output", { for: "speed" });
  const scrubber = h("input", { type: "range", id: "scrubber", min: 0, max: 0, value: 0, step: 1, "aria-label": "Step of the training", oninput: seek });
  const fork = h("span", { class: "fork", hidden: true });
  const where = h("output", { class: "where", for: "scrubber" });
  const newest = h("button", { class: "quiet", onclick: () => studio.command("seek", { step: top() }), title: "Go to the newest step" }, "newest");
  const start = h("button", { class: "quiet", onclick: () => studio.command("seek", { step: 0 }), title: "Go back to the first step" }, "start");
  element.append(
    h("div", { class: "keys" }, play, h("span", { class: "steps", role: "group", "aria-label": "One step" }, h("span", { class: "name" }, "one"), steps)),
    h("label", { class: "speed" }, h("span", { class: "name" }, "speed"), slider, pace),
    h("div", { class: "track" }, start, h("span", { class: "rail" }, scrubber, fork), newest, where),
  );

  const speed = () => SPEEDS[Number(slider.value)];
  const top = () => Math.max(0, ...studio.runs.map((run) => run.newest));

  function faster() {
    tellPace();
    if (studio.playing) latest("speed", () => studio.command("play", { speed: speed() }));
  }

  function tellPace() {
    const text = speed() === null ? "full" : `${count(speed())} steps/s`;
    say(pace, text);
    set(slider, { "aria-valuetext": text });
  }

  function seek() {
    const step = Number(scrubber.value);
    latest("seek", () => studio.command("seek", { step }));
  }

  function show() {
    const run = studio.run();
    if (!run) return;
    say(play, studio.playing ? "Pause" : "Play");
    set(play, { "data-playing": studio.playing, "aria-pressed": studio.playing });
    set(scrubber, { max: top() });
    const shown = Math.max(...studio.runs.map((each) => each.step));
    if (document.activeElement !== scrubber || !scrubber.matches(":active")) scrubber.value = shown;
    set(scrubber, { "aria-valuetext": `step ${run.step} of ${top()}, epoch ${run.epoch.toFixed(2)}` });
    const loss = run.batch_loss === null || run.batch_loss === undefined ? "" : `, loss of its batch ${short(run.batch_loss)}`;
    const apart = studio.runs.some((each) => each.step !== shown);
    const at = apart ? studio.runs.map((each) => `${each.id.toUpperCase()} at step ${count(each.step)}`).join(", ") : `step ${count(shown)} of ${count(top())}`;
    where.replaceChildren(h("span", {}, at), h("span", {}, `epoch ${run.epoch.toFixed(2)}${loss}`));
    set(where, { "data-step": shown, "data-epoch": run.epoch });
    const second = studio.run("b");
    fork.hidden = !second?.branched_from;
    if (second?.branched_from) set(fork, { style: `left: ${(100 * second.branched_from.step) / (top() || 1)}%`, title: `B left A at step ${second.branched_from.step}` });
  }

  tellPace();
  studio.addEventListener("frame", show);
  studio.addEventListener("session", () => {
    const at = SPEEDS.indexOf(studio.run()?.speed ?? null);
    if (studio.playing && at >= 0) slider.value = at;
    tellPace();
    show();
  });
}
