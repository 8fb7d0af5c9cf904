"""Measure the studio: what a page that is open costs training, what it is sent, and how long it draws.

    python benchmarks/studio.py [--epochs 4] [--repeats 3] [--seconds 10] [--quick] [--json FILE]

Training: the network of the assignment's section B on all of MNIST, by `fit` in a process of its own, and
in a studio at full speed with one page open in a Chromium, in turns; the time from "play" to the end, and
of `fit` the call alone. Both share the machine with whatever else runs, the browser too. Frames: the bytes
of each event while it trains, and of each view. Drawing: the seconds of work that the page has for a frame
(script, style, layout and paint, as Chromium counts them), and its tasks that were longer than 50 ms, which
Chromium calls long.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from browsers import PATIENCE, Studio, find_chromium, open_browser, run_studio
from harness import Table, make_parser, run_part

SECTION_B = {
    "A": [256, 128, 64, 32],
    "activation": "relu",
    "weight_init": "normal",
    "lr": 0.1,
    "batch_size": 128,
    "random_state": 0,
}
FIT = """
import json, sys, time
from glassnet import NeuralNetwork
from glassnet.studio.opened import open_data

settings, data = json.loads(sys.argv[1]), open_data("mnist")
network = NeuralNetwork(N=len(settings["A"]), **settings)
start = time.perf_counter()
network.fit(
    data.train.X, data.train.y, data.validation.X, data.validation.y, early_stopping=False, restore_best=False
)
print(time.perf_counter() - start)
"""
VIEWS: dict[str, dict[str, Any]] = {
    "losses": {},
    "confusion": {},
    "network": {},
    "weights": {"layer": 1},
    "histograms": {},
    "number": {"what": "loss"},
    "whatif": {},
    "doctor": {},
    "code": {},
}


def time_fit(epochs: int) -> float:
    """Return the seconds of `fit` in a process of its own."""
    settings = json.dumps(SECTION_B | {"epochs": epochs})
    done = subprocess.run(
        [sys.executable, "-c", FIT, settings], capture_output=True, text=True, check=True, timeout=3_600
    )
    return float(done.stdout)


def time_studio(studio: Studio, epochs: int, sizes: list[int]) -> float:
    """Return the seconds from "play" to the end of the same training; note the sizes of frames."""
    studio.command("restart", settings=SECTION_B | {"epochs": epochs})
    frames = studio.frames()
    next(frames)
    start = time.perf_counter()
    studio.command("play", run="a", speed=None)
    for frame in frames:
        sizes.append(len(frame))
        if json.loads(frame)["runs"][0]["stop"]:
            return time.perf_counter() - start
    raise AssertionError("the studio has ended")


@contextmanager
def open_page(studio: Studio) -> Iterator[Any]:
    """Open the studio in a Chromium of its own, which notes its long tasks."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        executable = find_chromium(playwright)
        assert executable, "there is no Chromium on this machine: apt-get install chromium"
        with open_browser(playwright, executable) as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 1600})
            page.add_init_script(
                "window.long = []; new PerformanceObserver((list) => window.long.push("
                "...list.getEntries().map((task) => task.duration))).observe({type: 'longtask'})"
            )
            show_page(studio, page)
            yield page


def show_page(studio: Studio, page: Any) -> None:
    """Open the studio, and wait for its first picture."""
    page.goto(studio.url)
    page.wait_for_selector("[data-view='network'][data-step]", timeout=PATIENCE)


def measure_drawing(studio: Studio, page: Any, seconds: float) -> dict[str, float]:
    """Return what the page works for a frame while the network trains at full speed."""
    studio.command("restart", settings=SECTION_B | {"epochs": 1_000})
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")

    def work() -> float:
        metrics = {each["name"]: each["value"] for each in devtools.send("Performance.getMetrics")["metrics"]}
        return float(metrics["TaskDuration"])

    page.evaluate("window.long.length = 0")
    n_frames, before, start = 0, work(), time.perf_counter()
    drawn: list[float] = []
    studio.command("play", run="a", speed=None)
    for _ in studio.frames():
        n_frames += 1
        drawn += page.evaluate(
            "[...document.querySelectorAll('[data-drawn]')].map((e) => Number(e.dataset.drawn))"
        )
        if time.perf_counter() - start > seconds:
            break
    spent, long_tasks = work() - before, page.evaluate("window.long")
    studio.command("pause", run="a")
    return {
        "frames a second": n_frames / seconds,
        "a view is drawn in ms, median": statistics.median(drawn),
        "a view is drawn in ms, most": max(drawn),
        "work of the page for a frame, ms": 1e3 * spent / n_frames,
        "tasks of more than 50 ms": float(len(long_tasks)),
        "the longest of them, ms": max(long_tasks, default=0.0),
    }


def measure(arguments: argparse.Namespace) -> Iterator[Table]:
    sizes: list[int] = []
    epochs = 1 if arguments.quick else arguments.epochs
    seconds: dict[str, list[float]] = {"fit": [], "studio, one page open": []}
    with run_studio("--data", "mnist") as studio, open_page(studio) as page:

        def fit_alone() -> float:
            page.goto("about:blank")  # and the doctor looks at nothing
            return time_fit(epochs)

        def train_beside_page() -> float:
            show_page(studio, page)
            return time_studio(studio, epochs, sizes)

        jobs: dict[str, Callable[[], float]] = {
            "fit": fit_alone,
            "studio, one page open": train_beside_page,
        }
        for turn in range(arguments.repeats):
            for name, job in reversed(jobs.items()) if turn % 2 else jobs.items():
                seconds[name].append(job())
        show_page(studio, page)
        drawing = measure_drawing(studio, page, 2.0 if arguments.quick else arguments.seconds)
        views = {
            name: len(studio.read(f"/api/view/{name}", run="a", **asked)) for name, asked in VIEWS.items()
        }
    ratios = [b / a for a, b in zip(*seconds.values(), strict=True)]
    notes = [f"studio / fit, in pairs: {', '.join(f'{ratio:.3f}' for ratio in ratios)}"]
    notes += [f"{name}: {value:.1f}" for name, value in drawing.items()]
    notes.append(f"bytes of a frame: median {statistics.median(sizes):,.0f}, most {max(sizes):,}")
    notes += [f"bytes of the view {name}: {size:,}" for name, size in views.items()]
    title = f"{epochs} epochs of MNIST, the network of section B"
    yield Table("studio", title, "s", seconds, "fit", notes)


def parse_arguments() -> argparse.Namespace:
    parser = make_parser(__doc__, repeats=3)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10.0)
    return parser.parse_args()


if __name__ == "__main__":
    run_part(parse_arguments(), measure)
