"""What the site is made of: names are described, links followed, examples short. `make docs` makes it."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

pytest.importorskip("sphinx")

DOCS = Path(__file__).parents[2] / "docs"
GALLERY = sorted((DOCS.parent / "examples" / "gallery").glob("plot_*.py"))


@pytest.fixture(scope="module", autouse=True)
def extensions():
    """Let the extensions of the site be imported, as Sphinx does."""
    sys.path.insert(0, str(DOCS))
    yield
    sys.path.remove(str(DOCS))


def test_every_public_name_is_described_once():
    reference = import_module("_site.reference")
    described = reference.described()
    public = {
        (room, name) for room in reference.ROOMS for name in getattr(import_module(room), "__all__", ())
    }
    modules = {
        (room, name) for room, name in public if hasattr(getattr(import_module(room), name), "__path__")
    }
    homes = {(room, name): (reference.home_of(room, name), name) for room, name in public - modules}
    assert {
        key for key, home in homes.items() if home not in described and not key[1].startswith("_")
    } == set()
    assert len({id(symbol.value) for symbol in described.values()}) > 190
    assert [f"{symbol.home}.{symbol.name}" for symbol in described.values() if not symbol.docstring] == []
    written = "\n".join(reference.write_room(room) for room in reference.ROOMS)
    assert [
        s.name
        for s in described.values()
        if f"   {s.name}\n" not in written and f":: {s.name}\n" not in written
    ] == []


def test_a_name_without_a_docstring_is_noticed(monkeypatch):
    reference = import_module("_site.reference")
    errors = import_module("glassnet.errors")
    silent = type("SilentError", (Exception,), {"__module__": "glassnet.errors"})
    monkeypatch.setattr(errors, "SilentError", silent, raising=False)
    assert [s.name for s in reference.described().values() if not s.docstring] == ["SilentError"]


PAGE = '<link rel="stylesheet" href="a.css"><h1 id="top">t</h1><a href="{}">x</a>'


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("b.html", None),
        ("b.html#top", None),
        ("#top", None),
        ("https://example.org/", None),
        ("c.html", "leads nowhere"),
        ("b.html#bottom", "has no such place"),
        ("#bottom", "has no such place"),
    ],
)
def test_links_of_the_finished_site_are_followed(tmp_path, target, complaint):
    links = import_module("_site.links")
    (tmp_path / "a.css").touch()
    (tmp_path / "b.html").write_text(PAGE.format("a.html"))
    (tmp_path / "a.html").write_text(PAGE.format(target))
    assert list(links.complaints(tmp_path)) == ([f"a.html: {target} {complaint}"] if complaint else [])


def test_what_is_loaded_from_elsewhere_is_noticed(tmp_path):
    links = import_module("_site.links")
    (tmp_path / "a.html").write_text('<script src="https://example.org/x.js"></script><img src="data:,">')
    (found,) = links.complaints(tmp_path)
    assert "https://example.org/x.js" in found


def test_there_are_twelve_short_examples():
    assert len(GALLERY) == 12
    assert {
        path.name: n for path in GALLERY if (n := len(path.read_text(encoding="utf-8").splitlines())) > 60
    } == {}
