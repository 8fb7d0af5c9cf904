"""Take pictures of the studio: each view in light, in dark and on a phone, for docs/studio.md.

    .venv/bin/python scripts/studio_screenshots.py [--only VIEW ...] [--out docs/images/studio]

Each view stands in a state in which it has something to say: MNIST after a training and a branch, points in
the plane, a training that has diverged beside the doctor, a lesson with an answer. Look at them before they
go in.
"""

import argparse
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from browsers import PATIENCE, Studio, find_chromium, open_browser, run_studio
from PIL import Image

ROOT = Path(__file__).parents[1]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "device_scale_factor": 2},
}
STILL = "body:not(.whole) #transport { position: static !important }"
"""What stays in sight while one scrolls would cover what is pictured."""
WIDEST, PHONE = 1_280, 480
"""Pixels of a picture."""
SEVEN = ((0.25, 0.2), (0.75, 0.2), (0.45, 0.85))
"""The stroke of a 7, as shares of the sheet."""


@dataclass(frozen=True)
class Scene:
    """Say in which state views are shown.

    Attributes
    ----------
    words : tuple of str
        Of ``glassnet studio``.
    views : tuple of str
        The elements that are pictured, by their ids; "page" is what one sees first.
    prepare : callable
        ``prepare(studio)`` does what comes before.
    """

    words: tuple[str, ...]
    views: tuple[str, ...]
    prepare: Callable[[Studio], object]


def train_digits(studio: Studio) -> None:
    """Train MNIST for three epochs, and a branch with another rate from the first one on."""
    studio.command("restart", settings={"lr": 0.05})
    for _ in range(3):
        studio.command("step", run="a", unit="epoch")
    per_epoch = studio.ask("/api/session")["runs"][0]["steps_per_epoch"]
    studio.command("branch", run="a", step=per_epoch, changes={"lr": 0.4})
    for _ in range(2):
        studio.command("step", run="b", unit="epoch")


def train_alone(studio: Studio) -> None:
    """Train MNIST for two epochs."""
    for _ in range(2):
        studio.command("step", run="a", unit="epoch")


def train_points(studio: Studio) -> None:
    """Train points in the plane for a hundred epochs."""
    for _ in range(100):
        studio.command("step", run="a", unit="epoch")


def diverge(studio: Studio) -> None:
    """Train with a rate of a million."""
    studio.command("restart", settings={"lr": 1e6})
    studio.command("step", run="a", unit="epoch")


def do_nothing(studio: Studio) -> None:
    """Show the beginning."""


SCENES = (
    Scene(("--data", "mnist"), ("page", "losses"), train_digits),
    Scene(
        ("--data", "mnist"),
        ("network", "numbers", "digit", "confusion", "weights", "histograms", "whatif", "code"),
        train_alone,
    ),
    Scene(("--data", "moons"), ("surface",), train_points),
    Scene(("--data", "mnist"), ("doctor",), diverge),
    Scene(("--lesson", "zero-weights"), ("lesson",), do_nothing),
)


def picture(page: Any, view: str) -> bytes:
    """Return the picture of a view as PNG."""
    first = "#lesson h2" if view == "lesson" else "[data-view='network'][data-step]"
    page.wait_for_selector(first)  # of what is not in sight a page asks for nothing
    if view == "page":
        page.evaluate("document.body.classList.add('whole'); scrollTo(0, 0)")
        page.wait_for_timeout(1_500)
        shot: bytes = page.screenshot()
        return shot
    page.evaluate("document.body.classList.remove('whole')")
    section = page.locator(f"#{view}")
    section.scroll_into_view_if_needed()
    if view == "digit":
        draw(page, section.locator("canvas").first)
        section.locator(".likely").wait_for()
    if view == "doctor":
        section.locator("li").first.wait_for()
    if view == "lesson":
        section.locator("input[type=text]").first.fill("0.5")
        section.get_by_role("button", name="Answer").first.click()
    page.wait_for_timeout(1_500)  # the last frame is drawn
    found: bytes = section.screenshot()
    return found


def draw(page: Any, sheet: Any) -> None:
    """Draw a 7 with the mouse."""
    box = sheet.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in SEVEN]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=12)
    page.mouse.up()


def write(shot: bytes, path: Path) -> None:
    """Write a picture as WebP, which is a third of its PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    widest = PHONE if path.stem.endswith("phone") else WIDEST
    if image.width > widest:
        image = image.resize((widest, round(image.height * widest / image.width)))
    image.save(path, "WEBP", quality=82, method=6)
    print(f"{path.name}: {image.width} x {image.height}, {path.stat().st_size / 1024:.0f} kB")


def main() -> None:
    """Take all pictures, or some."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[], metavar="VIEW")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images" / "studio")
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        executable = find_chromium(playwright)
        if executable is None:
            sys.exit("There is no Chromium on this machine: apt-get install chromium")
        with open_browser(playwright, executable) as browser:
            for scene in SCENES:
                views = [view for view in scene.views if not arguments.only or view in arguments.only]
                if not views:
                    continue
                with run_studio(*scene.words) as studio:
                    scene.prepare(studio)
                    for look, settings in LOOKS.items():
                        context = browser.new_context(**settings)
                        context.set_default_timeout(PATIENCE)
                        page = context.new_page()
                        page.goto(studio.url)
                        page.add_style_tag(content=STILL)
                        for view in views:
                            write(picture(page, view), arguments.out / f"{view}-{look}.webp")
                        context.close()


if __name__ == "__main__":
    main()
