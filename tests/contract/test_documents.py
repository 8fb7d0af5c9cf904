"""Every code block of every page runs, with the files that the page shows, and gives what the page says."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import documents
import pytest
from documents import PageError, read_blocks, run_page
from markdown_it import MarkdownIt

from glassnet.cli import main

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"docs/cli.md": "test_written_docs.py holds it to the help of the commands"}
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def blocks_of(page):
    return read_blocks((ROOT / page).read_text(encoding="utf-8"), page)


RUN = [
    page for page in PAGES if page not in ELSEWHERE and any(not block.not_run for block in blocks_of(page))
]
NOT_RUN = dict.fromkeys(
    (page, block.not_run)
    for page in PAGES
    if page not in ELSEWHERE
    for block in blocks_of(page)
    if block.not_run
)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    """Work in an empty folder, and draw no windows."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("page", RUN)
def test_a_page_does_what_it_says(page):
    assert run_page(ROOT / page, page) == sum(not block.not_run for block in blocks_of(page))


@pytest.mark.parametrize(("page", "reason"), NOT_RUN, ids=[page for page, _ in NOT_RUN])
def test_a_block_that_is_not_run_says_why(page, reason):
    assert len(reason.split()) > 2, f"{page}: say in the comment why the block cannot be run"
    pytest.skip(f"{page}: {reason}")  # so that the summary lists it


def test_the_pages_with_the_most_examples_are_run():
    names = (
        "streams",
        "neural-network",
        "scikit-learn",
        "worked",
        "support-vectors",
        "doctor",
        "gradient-checks",
    )
    assert {"README.md", *(f"docs/{name}.md" for name in names)} <= set(RUN)


def spans_of(page):
    """Return the code in the running text of a page."""
    tokens = MarkdownIt("commonmark").parse((ROOT / page).read_text(encoding="utf-8"))
    return [
        child.content for token in tokens for child in token.children or () if child.type == "code_inline"
    ]


COMMANDS = dict.fromkeys(
    (page, span)
    for page in PAGES
    if page != "CHANGELOG.md"  # tells of commands that are gone
    for span in spans_of(page)
    if re.match("glassnet [a-z]", span)
)


@pytest.mark.parametrize(("page", "span"), COMMANDS)
def test_a_command_in_the_text_exists_with_its_options(page, span):
    _, *words = shlex.split(span)
    command: Any = main
    while words and isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words.pop(0))
        assert command is not None, f"{page}: there is no command `{span}`"
    known = {name for option in command.params for name in option.opts} | {"-h", "--help"}
    unknown = {word.partition("=")[0] for word in words if word.startswith("--")} - known
    assert not unknown, f"{page}: `{span}` has no option {unknown}; see docs/cli.md"


# -- the rules themselves ---------------------------------------------------------------------------------


def page_of(*lines):
    path = Path("page.md")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def python(*lines):
    return ["```python", *lines, "```"]


RIGHT = {
    "names go on": [*python("a = 1"), "text", *python("a + 1  # -> 2")],
    "what depends on the machine": python("2 / 3  # -> 0.66..."),
    "several lines": python("sum(", "    [1, 2]", ")  # -> 3"),
    "words are no value": python("print()  # an empty line"),
    "what is printed": [*python("print('a', 1)"), "", "```text", "a  1", "```"],
    "what is not shown is not compared": python("print(1)"),
    "a file": [
        "`a.csv`:",
        "",
        "```csv",
        "x,y",
        "```",
        *python("import pathlib", "pathlib.Path('a.csv').read_text()  # -> 'x,y\\n'"),
    ],
    "a command": ["```console", "$ glassnet data list  # all", "...", "mnist ...", "```"],
    "not run": ["<!-- not run: it takes hours -->", *python("1 / 0")],
    "not run in a section": [
        *("# A", "<!-- section not run: it takes", "hours -->", *python("1 / 0"), "## B", *python("1 / 0")),
        *("# C", *python("1")),
    ],
}


@pytest.mark.parametrize("lines", RIGHT.values(), ids=RIGHT)
def test_a_right_page_passes(lines):
    run_page(page_of(*lines), "page.md")


WRONG = {
    "value": (python("1 + 1  # -> 3"), "line 2: the page shows\n\n3\n\nand the expression gives\n\n2"),
    "name": (python("", "undefined + 1"), "line 3: NameError: name 'undefined'.*Let the page make the names"),
    "unchecked": (python("1 + 1  # 2"), "line 2: nobody checks `# 2`. Write `# -> 2`"),
    "unchecked repr": (python("[1]  # array([1])"), "nobody checks `# array"),
    "statement": (python("a = 1  # -> 1"), "behind an expression; this is a statement"),
    "in a loop": (python("for i in [1]:", "    i  # -> 1", "    pass"), "line 3: .*checked by nobody"),
    "output": (
        [*python("print(1)"), "```text", "2", "```"],
        "line 5: the page shows\n\n2\n\nand the Python block",
    ),
    "text": (["```text", "2", "```"], "line 2: a block `text` is what the block `python` right before it"),
    "file": (["A file:", "```toml", "a = 1", "```"], "line 3: which file is this.*as in `mine.toml`"),
    "other kind": (["`a.csv`:", "```toml", "a = 1", "```"], "line 3: which file is this"),
    "language": (["```", "2", "```"], "line 2: got a block of 'no language'.*<!-- not run: REASON -->"),
    "foreign": (["```console", "$ make run", "```"], "line 2: only commands of glassnet .*why make cannot"),
    "no command": (["```console", "make run", "```"], "line 2: a block `console` begins with a command"),
    "failure": (
        ["```console", "$ glassnet trace no.toml", "```"],
        "line 2: .* ended with .*no.toml.*the files",
    ),
    "printed": (
        ["```console", "$ glassnet data list", "nothing", "```"],
        "line 2: .*nothing.*`glassnet data list`",
    ),
    "comment": (["<!-- not run: it takes hours -->", "", "text"], "line 1: .*right before a code block"),
}


@pytest.mark.parametrize(("lines", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_page_says_what_to_do(lines, message):
    with pytest.raises(PageError) as caught:
        run_page(page_of(*lines), "page.md")
    assert re.search(
        f"page.md, {message}" if message.startswith("line") else message, str(caught.value), re.DOTALL
    )


def test_contributors_are_told_the_rules():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for word in ("# -> ", documents.MARK, "section not run"):
        assert word in text
