"""What the repository says of itself must be true: its commands, its links, its bounds."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Each pattern has one letter in brackets, so that this file does not match itself.
MACHINE_PATH = re.compile(r"(?<![\w.~-])/([h]ome/\w|[U]sers/\w|[r]oot/|[w]ork/)|[C]:\\Users")
PACKAGE_INDEX = re.compile(
    r"https?://[^\s/]*([p]ypi|[p]ythonhosted)|https?://\S+/[s]imple\b|(--?(extra-)?[i]ndex-url|[f]ind-links)[\s=]"
)
# [text](target) and [text]: target
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|^\[[^\]]+\]:\s*<?([^\s>]+)", re.MULTILINE)
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"^([a-z][\w-]*):(?!=)(.*)$", re.MULTILINE)
# make, options and NAME=value or NAME="some values", targets
MAKE_CALL = re.compile(r"^(?:\$ )?make((?: +(?:\w+=\"[^\"\n]*\"|[^\s#&|;`\"]+))*)", re.MULTILINE)


def tracked_files() -> list[Path]:
    """Return the files that git tracks and that are there; skip the test outside a checkout."""

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            stdin=subprocess.DEVNULL,
        ).stdout

    try:
        if Path(git("rev-parse", "--show-toplevel").strip()) != ROOT.resolve():
            pytest.skip("not in a git checkout of its own")
        names = git("ls-files", "-z").split("\0")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not in a git checkout")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def tracked_texts() -> dict[str, str]:
    """Return the text of every tracked file that is UTF-8 text, by its path."""
    texts = {}
    for path in tracked_files():
        content = path.read_bytes()
        try:
            text = content.decode()
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            texts[path.relative_to(ROOT).as_posix()] = text
    return texts


def lines_that_match(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    """Return "path:line: text" for each line in which the pattern occurs."""
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def make_targets() -> dict[str, str]:
    """Return what follows the colon of each target of the Makefile, by the target's name."""
    return dict(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))


def mentioned_targets(markdown: str) -> set[str]:
    """Return the targets that the code spans and code blocks of a page pass to make."""
    code = "\n".join(span.strip("`") for span in CODE.findall(markdown))
    words = (word for call in MAKE_CALL.findall(code) for word in re.sub(r'"[^"]*"', "", call).split())
    return {word for word in words if re.fullmatch(r"[a-z][\w-]*", word)}


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("run `make test`, then make tea", {"test"}),
        ("```console\n$ make run  # make it so\n$ make PYTHON=python3.12 check\n```", {"run", "check"}),
        ('`make test ARGS="-k sigmoid"` and `make`', {"test"}),
    ],
)
def test_mentioned_targets_are_found_in_code_only(markdown, expected):
    assert mentioned_targets(markdown) == expected


@pytest.mark.parametrize(
    "line",
    ["cd /" + "home/anna/x", "'/" + "root/.cache'", "see /" + "work/x", "C:" + "\\Users\\anna"],
)
def test_a_machine_path_is_recognised(line):
    assert MACHINE_PATH.search(line)


@pytest.mark.parametrize("line", ["docs/home/index.md", "../work/x", "$HOME/x", "https://example.org/homes"])
def test_other_paths_are_no_machine_paths(line):
    assert not MACHINE_PATH.search(line)


@pytest.mark.parametrize(
    "line", ["https://" + "pypi.org/x", "http://mirror:80/" + "simple/", "--index" + "-url x"]
)
def test_a_package_index_is_recognised(line):
    assert PACKAGE_INDEX.search(line)


def test_the_makefile_has_every_target_that_the_documents_mention():
    mentioned = {
        target: path
        for path, text in tracked_texts().items()
        if path.endswith(".md")
        for target in mentioned_targets(text)
    }
    assert mentioned, "no document mentions a make target"
    assert {target: path for target, path in mentioned.items() if target not in make_targets()} == {}


def test_every_make_target_is_described_for_make_help():
    assert [target for target, rest in make_targets().items() if "  ## " not in rest] == []


@pytest.mark.parametrize(("target", "words"), [("run", "reproduce all"), ("quick", "reproduce all --quick")])
def test_make_run_and_make_quick_reproduce_the_assignment(target, words):
    recipe = re.search(
        rf"^{target}:.*\n\t(.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert recipe is not None
    assert f"/glassnet {words} --out runs/assignment" in recipe[1]
    assert recipe[1].endswith(" $(ARGS)")


def test_the_continuous_integration_runs_what_make_check_does():
    script = ROOT / ".ci" / "run"
    if not script.exists():
        pytest.skip("not in a checkout")
    made = re.findall(r"^ *make --no-print-directory ([a-z -]+)", script.read_text(encoding="utf-8"), re.M)
    assert os.access(script, os.X_OK)
    assert " ".join(made).split() == make_targets()["check"].split("##")[0].split()


def test_no_tracked_file_names_a_path_of_somebodys_machine():
    assert lines_that_match(MACHINE_PATH, tracked_texts()) == []


def test_no_tracked_file_names_a_package_index():
    assert lines_that_match(PACKAGE_INDEX, tracked_texts()) == []


def test_every_relative_link_of_a_document_leads_somewhere():
    dead = []
    for name, text in tracked_texts().items():
        if not name.endswith(".md"):
            continue
        for target in ("".join(found) for found in LINK.findall(CODE.sub("", text))):
            path = target.partition("#")[0]
            if (
                path
                and not re.match(r"[a-z][a-z0-9+.-]*:", path)
                and not (ROOT / name).parent.joinpath(path).exists()
            ):
                dead.append(f"{name}: {target}")
    assert dead == []


def test_every_dependency_has_a_lower_bound():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    requirements = project["dependencies"] + [line for group in extras.values() for line in group]
    itself = re.compile(rf"{project['name']}\[[\w,-]+\]")
    unbounded = [
        line for line in requirements if not itself.fullmatch(line) and not re.search(r">=|==|~=", line)
    ]
    assert unbounded == []


def test_the_recipes_are_at_most_ten_lines_long_beside_their_code():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    sections = re.findall(r"^### (Add [^\n]+)\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    prose = {
        title: re.sub(r"^```.*?^```", "", body, flags=re.MULTILINE | re.DOTALL) for title, body in sections
    }
    lengths = {title: sum(bool(line.strip()) for line in text.splitlines()) for title, text in prose.items()}
    assert {
        "Add an activation",
        "Add an initialiser",
        "Add an optimiser",
        "Add a study",
        "Add a data set",
    } <= set(lengths)
    assert {title: length for title, length in lengths.items() if length > 10} == {}
