"""Links: those that leave this folder lead to pages of the site, and every one leads somewhere."""

import os
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.errors import SphinxError

ROOT = Path(__file__).parents[2]
OUTSIDE = {
    "index": ROOT / "README.md",
    "project/contributing": ROOT / "CONTRIBUTING.md",
    "project/changelog": ROOT / "CHANGELOG.md",
    "project/security": ROOT / "SECURITY.md",
}
"""The site's pages that stand for one beside this folder; all but the first show it."""

LINK = re.compile(r"(!?)\[([^\]\[]+)\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)")


def setup(app: Sphinx) -> dict[str, bool]:
    """Turn links while pages are read, and follow all of them when they are written."""
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", turn_inward)
    app.connect("build-finished", follow_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def turn_inward(app: Sphinx, docname: str, source: list[str]) -> None:
    """Show pages beside this folder, and let links to them lead to the site's."""
    page = Path(app.env.doc2path(docname))
    if page.suffix != ".md":
        return
    shown = OUTSIDE[docname] if docname.startswith("project/") else page
    text = shown.read_text(encoding="utf-8") if shown != page else source[0]
    source[0] = LINK.sub(lambda link: _turned(link, shown.parent, page.parent, Path(app.srcdir)), text)


def _turned(link: re.Match[str], folder: Path, here: Path, pages: Path) -> str:
    mark, text, target, place = link[1], link[2], (folder / link[3]).resolve(), link[4] or ""
    if target.is_dir():  # which has no page
        return text
    for docname, outside in OUTSIDE.items():
        if target == outside:
            target = pages / f"{docname}.md"
    return f"{mark}[{text}]({os.path.relpath(target, here)}{place})"


class Page(HTMLParser):
    """Collect the links, the anchors, and what is loaded, of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Take note of an element."""
        values = dict(attributes)
        self.anchors |= {value for key in ("id", "name") if (value := values.get(key))}
        if tag == "a" and (target := values.get("href")):
            self.links.append(target)
        elif tag != "a" and values.get("rel") not in ("index", "search", "next", "prev", "canonical"):
            self.loaded += [value for key in ("src", "srcset", "href") if (value := values.get(key))]


def complaints(folder: Path) -> Iterator[str]:
    """Yield which links of a finished site lead nowhere, and what it loads from elsewhere."""
    pages = {
        path: Page(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.html"))
        if "_static" not in path.parts
    }
    for path, page in pages.items():
        name = path.relative_to(folder).as_posix()
        for target in dict.fromkeys([*page.links, *page.loaded]):
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                if target in page.loaded and parts.scheme != "data":
                    yield f"{name}: loads {target}; the site must do without a network"
                continue
            goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not goal.is_file():
                yield f"{name}: {target} leads nowhere"
            elif path.is_relative_to(folder / "_modules"):
                pass  # from the source back to a name of it, which may be described under another
            elif parts.fragment and goal in pages and unquote(parts.fragment) not in pages[goal].anchors:
                yield f"{name}: {target} has no such place"


def follow_all(app: Sphinx, exception: Exception | None) -> None:
    """Fail where a link of the finished site leads nowhere."""
    if exception is None and app.builder.format == "html":
        shutil.copytree(
            Path(app.srcdir) / "images", Path(app.outdir) / "images", dirs_exist_ok=True
        )  # of <picture>
        found = list(complaints(Path(app.outdir).resolve()))
        if found:
            raise SphinxError("\n".join(["links:", *found]))
