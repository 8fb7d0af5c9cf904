"""The check before a release, and what the workflows run."""

import re
from importlib import import_module
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
check_release = import_module("check_release")


def test_what_does_not_agree_with_a_tag_is_named():
    said = {"a.py": "0.2.0", "b.cff": "0.1.0", "c.md": None}
    assert check_release.complaints("v0.2.0", said) == [
        "b.cff says 0.1.0; expected 0.2.0",
        "c.md says None; expected 0.2.0",
    ]


def test_package_and_citation_say_the_same_version():
    said = check_release.versions()
    assert said["src/glassnet/__init__.py"] == said["CITATION.cff"] is not None


def test_a_dated_section_of_the_changelog_is_found(tmp_path):
    for name in ("src/glassnet/__init__.py", "CITATION.cff"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((ROOT / name).read_bytes())
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 0.3.0 - 2030-01-02\n\n## 0.2.0 - 2029-01-02\n")
    assert check_release.versions(tmp_path)["CHANGELOG.md"] == "0.3.0"


def test_workflows_run_what_is_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
        commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
        assert commands, path
        for command in commands:
            for target in re.findall(r"make (\S+)", command):
                assert target in targets, command
            for script in re.findall(r"(?:scripts|\.ci)/\S+", command):
                assert (ROOT / script).exists(), command


def test_the_citation_is_whole():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= citation.keys()
