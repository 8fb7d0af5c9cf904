"""docs/scikit-learn.md: the sections that run as they stand."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "scikit-learn.md").read_text(encoding="utf-8")


def section(title):
    return re.split(r"^## ", PAGE.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


@pytest.mark.parametrize(
    ("title", "name"),
    [("Weights of your own, and averages of several models", "clients"), ("Storing a Pipeline", "again")],
)
def test_a_section_runs(title, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    (example,) = re.findall(r"```python\n(.*?)```", section(title), flags=re.DOTALL)
    exec(compile(example, "docs/scikit-learn.md", "exec"), names)
    assert name in names
