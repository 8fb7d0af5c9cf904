"""The links from each page of the assignment's report to the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.studies.base import Study

Sections = Sequence[tuple[str, Study]]
"""The sections of a report with their studies, in its order: ``("C2", FASHION_ACTIVATIONS)``."""


@dataclass(frozen=True)
class Link:
    """Hold a link: the section's label, what it is about, where it leads, whether one is there already."""

    label: str
    text: str
    address: str
    is_current: bool


def list_links(sections: Sections, current: str | None = None) -> list[Link]:
    """Return the links of one page: of the study `current`, or of the opening page.

    The page of a study is at ``<study>/report.html``, seen from the opening page.
    """
    up = "" if current is None else "../"
    links = [Link("", "Overview", f"{up}index.html", current is None)]
    for label, study in sections:
        links.append(Link(label, study.name, f"{up}{study.name}/report.html", study.name == current))
    return links
