"""Click, type and drag in a studio at random, and see that nothing breaks.

    .venv/bin/python scripts/studio_monkey.py [--minutes 20] [--seed 0] [-- --data moons]

What follows `--` are words of ``glassnet studio``. It fails on an error in the page's console, on an answer
of the server that is its own fault (500), on an exception in its log, when it ends, and when its memory or
the page's goes on growing. A value that is refused (400) is no failure: typing nonsense is part of the job.
The same seed does the same, as far as a training that goes on meanwhile allows.
"""

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from browsers import Studio, find_chromium, open_browser, run_studio

VALUES = ("0", "-1", "0.5", "1e6", "3", "abc", "", "0.001", "64", "1e-3", "9" * 30, "<b>", "tanh")
UNITS = ("4", "8 8", "16, 8", "0", "-3", "x", "", "2 2 2 2 2")
"""What is typed: right, wrong and absurd; for layers nothing that takes a machine's memory."""
KEYS = (
    "Tab",
    "Enter",
    "Space",
    "ArrowLeft",
    "ArrowRight",
    "ArrowUp",
    "ArrowDown",
    "Escape",
    "Home",
    "End",
    "Delete",
)
LOOK_EVERY = 20
"""Deeds between two looks at memory."""
GROWTH, SLACK = 1.3, 64 * 2**20
"""Memory in the last quarter may be so many times that of the second, and so many bytes more."""


@dataclass
class Report:
    """Hold what a monkey has seen.

    Attributes
    ----------
    deeds : Counter of str
    complaints : list of str
        What must not be.
    server, page : list of int
        Bytes of the server's process and of the page's objects, from time to time.
    """

    deeds: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    server: list[int] = field(default_factory=list)
    page: list[int] = field(default_factory=list)

    def check_memory(self) -> None:
        """Complain of memory that goes on growing."""
        for name, sizes in (("the server", self.server), ("the page", self.page)):
            quarter = len(sizes) // 4
            if not quarter:
                continue
            early = statistics.median(sizes[quarter : 2 * quarter])
            late = statistics.median(sizes[-quarter:])
            if late > GROWTH * early + SLACK:
                self.complaints.append(f"memory of {name} grew from {early:,.0f} to {late:,.0f} bytes")


class Monkey:
    """Do something at random on a page."""

    def __init__(self, page: Any, seed: int) -> None:
        self.page = page
        self.random = random.Random(seed)
        self.deeds: dict[str, tuple[int, Callable[[], None]]] = {
            "click a button": (30, self.click),
            "choose": (10, self.choose),
            "type": (12, self.type),
            "slide": (12, self.slide),
            "drag": (12, self.drag),
            "point": (10, self.point),
            "press a key": (8, self.press),
            "scroll": (10, self.scroll),
            "another size": (1, self.resize),
            "reload": (1, self.reload),
        }

    def act(self) -> str:
        """Do one thing, and say which; what is gone meanwhile is left alone."""
        from playwright.sync_api import Error

        names = list(self.deeds)
        (name,) = self.random.choices(names, [self.deeds[each][0] for each in names])
        try:
            self.deeds[name][1]()
        except Error as error:
            if not any(word in str(error) for word in ("Timeout", "detached", "not attached", "not visible")):
                raise
        return name

    def _one(self, selector: str) -> Any:
        """Return one of the elements in sight."""
        found = [each for each in self.page.query_selector_all(selector) if each.is_visible()]
        return self.random.choice(found) if found else None

    def click(self) -> None:
        """Click a button, a box, or what unfolds."""
        if one := self._one("button:not([disabled]), summary, input[type=checkbox], input[type=radio]"):
            one.click(timeout=1_000)

    def choose(self) -> None:
        """Choose from a list."""
        one = self._one("select:not([disabled])")
        if one is not None and (n := one.evaluate("select => select.options.length")):
            one.select_option(index=self.random.randrange(n), timeout=1_000)

    def type(self) -> None:
        """Type something and send it."""
        one = self._one("input[type=text]:not([disabled]), input[type=number]:not([disabled])")
        if one is not None:
            is_units = one.get_attribute("name") in ("A", "hidden_layer_sizes")
            one.fill("", timeout=1_000)
            one.type(self.random.choice(UNITS if is_units else VALUES))  # a number's field takes what fits
            one.press("Enter", timeout=1_000)

    def slide(self) -> None:
        """Move a slider."""
        if one := self._one("input[type=range]:not([disabled])"):
            share = self.random.random()
            one.evaluate(
                "(input, share) => { input.value = Number(input.min) + share * (input.max - input.min); "
                "['input', 'change'].map((kind) => input.dispatchEvent(new Event(kind, {bubbles: true}))); }",
                share,
            )

    def drag(self) -> None:
        """Drag over a drawing."""
        place = self._place("canvas, svg")
        if place is None:
            return
        mouse = self.page.mouse
        mouse.move(*self._in(place))
        mouse.down()
        for _ in range(self.random.randrange(1, 6)):
            mouse.move(*self._in(place), steps=3)
        mouse.up()

    def point(self) -> None:
        """Click somewhere in a drawing or a table."""
        place = self._place("canvas, svg, td, .unit, a[href^='#']")
        if place is not None:
            self.page.mouse.click(*self._in(place), click_count=self.random.choice((1, 1, 1, 2)))

    def press(self) -> None:
        """Press some keys."""
        for _ in range(self.random.randrange(1, 4)):
            self.page.keyboard.press(self.random.choice(KEYS))

    def scroll(self) -> None:
        """Scroll."""
        self.page.mouse.wheel(0, self.random.randrange(-1_500, 1_500))

    def resize(self) -> None:
        """Give the window another size."""
        width, height = self.random.choice(((390, 844), (1280, 800), (2560, 1440), (768, 1024)))
        self.page.set_viewport_size({"width": width, "height": height})

    def reload(self) -> None:
        """Load the page anew."""
        self.page.reload()

    def _place(self, selector: str) -> Any:
        one = self._one(selector)
        if one is None:
            return None
        one.scroll_into_view_if_needed(timeout=1_000)
        return one.bounding_box()

    def _in(self, place: dict[str, float]) -> tuple[float, float]:
        share = self.random.random
        return place["x"] + share() * place["width"], place["y"] + share() * place["height"]


def run_monkey(studio: Studio, browser: Any, seed: int, seconds: float = 0.0, deeds: int = 0) -> Report:
    """Let a monkey loose on a studio for some seconds and at least so many deeds; return what was seen."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=False)
    page, report = context.new_page(), Report()
    page.on("pageerror", lambda error: report.complaints.append(f"error on the page: {error}"))
    page.on("console", lambda message: _note(message, report))
    page.on("response", lambda answer: _judge(answer, report))
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(studio.url)
    devtools = context.new_cdp_session(page)
    monkey, end = Monkey(page, seed), time.monotonic() + seconds
    while time.monotonic() < end or report.deeds.total() < deeds:
        report.deeds[monkey.act()] += 1
        if studio.process.poll() is not None:
            report.complaints.append("the server has ended")
            break
        if report.deeds.total() % LOOK_EVERY == 0:
            devtools.send("HeapProfiler.collectGarbage")
            report.page.append(int(devtools.send("Runtime.getHeapUsage")["usedSize"]))
            report.server.append(resident(studio.process.pid))
    context.close()
    if any("Traceback" in line for line in studio.log):
        report.complaints.append("".join(studio.log)[-4_000:])
    report.check_memory()
    return report


def resident(pid: int) -> int:
    """Return the bytes that a process holds in memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def _note(message: Any, report: Report) -> None:
    is_refusal = "the server responded with a status of 4" in message.text
    if message.type == "error" and not is_refusal:
        report.complaints.append(f"console: {message.text} {message.location}")


def _judge(answer: Any, report: Report) -> None:
    if answer.status >= 500:
        report.complaints.append(f"{answer.status} {answer.url.partition('token=')[0]}")


def main() -> None:
    """Run it, print what was seen, and fail where something must not be."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("words", nargs="*", default=["--data", "mnist"])
    arguments = parser.parse_args()
    with run_studio(*arguments.words) as studio, sync_playwright() as playwright:
        executable = find_chromium(playwright)
        if executable is None:
            sys.exit("There is no Chromium on this machine: apt-get install chromium")
        with open_browser(playwright, executable) as browser:
            report = run_monkey(studio, browser, arguments.seed, 60 * arguments.minutes)
    for name, count in report.deeds.most_common():
        print(f"{count:6,} x {name}")
    for name, sizes in (("server", report.server), ("page", report.page)):
        shown = [f"{size / 2**20:,.0f}" for size in sizes[:: max(1, len(sizes) // 12)]]
        print(f"memory of the {name}, MB: {', '.join(shown)}")
    for complaint, count in Counter(report.complaints).items():
        print(f"{count} x {complaint}")
    print("nothing broke" if not report.complaints else f"{len(report.complaints)} complaints")
    sys.exit(bool(report.complaints))


if __name__ == "__main__":
    main()
