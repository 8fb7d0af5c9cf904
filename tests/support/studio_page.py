"""The page of a studio as a test handles it, and the same training without a studio."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from glassnet.studio.opened import open_data
from glassnet.studio.parts import Opened
from glassnet.studio.recorder import Recorder
from glassnet.studio.run import make_recorder
from glassnet.studio.settings import FIT_SETTINGS, first_model


def record(name: str) -> tuple[Opened, Recorder]:
    """Return the data of this name, and a recorder that trains as the studio does that is opened on them."""
    data = open_data(name)
    return data, make_recorder(data, first_model(data), FIT_SETTINGS)


def pane(page: Any, view: str, run: str = "a") -> Any:
    """Return a view of a run, which is in sight then: a page asks for no others."""
    found = page.locator(f'[data-view="{view}"][data-run="{run}"]')
    found.scroll_into_view_if_needed()
    return found


def wait_for_step(page: Any, step: int, view: str | None = None, run: str = "a") -> Any:
    """Wait until a step is shown, by a view where one is named; return the view."""
    page.wait_for_selector(f'#transport .where[data-step="{step}"]')
    if view is None:
        return None
    found = pane(page, view, run)
    page.wait_for_selector(f'[data-view="{view}"][data-run="{run}"][data-step="{step}"]')
    return found


def shown_step(page: Any) -> int:
    """Return the step that the page shows."""
    return int(page.locator("#transport .where").get_attribute("data-step"))


def step(page: Any, unit: str) -> None:
    """Make one step."""
    page.click(f'#transport button[data-step="{unit}"]')


def seek(page: Any, step: int) -> None:
    """Move the scrubber."""
    scrubber = page.locator("#scrubber")
    scrubber.evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }",
        step,
    )
    wait_for_step(page, step)


def begin_anew(page: Any) -> None:
    """Restart run A with the settings that it has, and forget B."""
    page.wait_for_selector("#settings-body [data-setting]")
    page.get_by_role("button", name="Restart").click()
    wait_for_step(page, 0)


def values(found: Any, attribute: str = "data-value") -> list[float]:
    """Return the exact numbers that elements carry."""
    return [float(text) for text in found.evaluate_all(f"all => all.map(e => e.getAttribute('{attribute}'))")]


def flat(arrays: Iterable[Any]) -> list[float]:
    """Return the numbers of some arrays, one behind the other."""
    return [float(value) for array in arrays for value in np.ravel(array)]
