"""Run the code blocks of a Markdown page as a reader would: in order, in one folder, with the files it shows.

markdown-it-py, which rich brings along, finds the blocks. What a block is, and how a page says that one
cannot be run, is in CONTRIBUTING.md, "Examples on pages".
"""

import ast
import contextlib
import io
import re
import shlex
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner
from markdown_it import MarkdownIt

FILES = {"toml": (".toml",), "yaml": (".yaml", ".yml"), "csv": (".csv",), "json": (".json",)}
NOT_RUN = re.compile(r"<!-- (section )?not run: (.+?) -->", re.DOTALL)
MARK = "<!-- not run: REASON -->"
LOOKS_LIKE_A_VALUE = re.compile(r"""[-+]?[.\d]|['"\[({]|(True|False|None)\b|[A-Za-z_.]+\(""")
WIDTH = "100"
"""Of the terminal that the commands believe to write to, in columns."""


class Block(NamedTuple):
    """Hold a code block of a page.

    Attributes
    ----------
    language : str
    code : str
    line : int
        Of the page, where the code begins; from 1.
    file_name : str
        What the text before it calls it, of a language of `FILES`.
    not_run : str
        Why it cannot be run; empty where it can.
    """

    language: str
    code: str
    line: int
    file_name: str = ""
    not_run: str = ""


class PageError(AssertionError):
    """Say where a page is wrong, and what its author has to do."""


def read_blocks(text: str, name: str) -> list[Block]:
    """Return the code blocks of a page, in order; `name` is for the messages."""
    blocks: list[Block] = []
    named: list[str] = []
    section: tuple[int, str] | None = None  # level and reason
    reason, reason_line, level = "", 0, 0
    for token in MarkdownIt("commonmark").parse(text):
        line = 1 + (token.map[0] if token.map else 0)
        if reason and token.type != "fence":
            raise PageError(f"{name}, line {reason_line}: `{MARK}` must stand right before a code block.")
        match token.type:
            case "heading_open":
                level, named = int(token.tag[1:]), []
                section = None if section and level <= section[0] else section
            case "inline":
                spans = [child.content for child in token.children or () if child.type == "code_inline"]
                named = spans or named
            case "html_block" if found := NOT_RUN.search(token.content):
                text_of_reason = " ".join(found[2].split())
                if found[1]:
                    section = level, text_of_reason
                else:
                    reason, reason_line = text_of_reason, line
            case "fence" if not token.info.startswith("{"):  # what Sphinx is told to put there is no code
                language = token.info.split()[0] if token.info.strip() else ""
                file_name = next((n for n in reversed(named) if n.endswith(FILES.get(language, ()))), "")
                why = reason or (section[1] if section else "")
                blocks.append(Block(language, token.content, line + 1, file_name, why))
                reason, named = "", []
    return blocks


def run_page(path: Path, name: str) -> int:
    """Run the blocks of a page in this folder, and return how many did what the page says.

    Raises
    ------
    PageError
        At the first block that does not do what the page says.
    """
    names: dict[str, Any] = {"__name__": "page"}
    printed: str | None = None  # by the Python block before
    done = 0
    for block in read_blocks(path.read_text(encoding="utf-8"), name):
        before, printed = printed, None
        if block.not_run:
            continue
        match block.language:
            case "python":
                printed = _run_python(block, names, path, name)
            case "console":
                _run_commands(block, name)
            case "text" if before is not None:
                _compare(
                    block.code, before, f"{name}, line {block.line}", "the Python block before it printed"
                )
            case language if language in FILES and block.file_name:
                Path(block.file_name).write_text(block.code, encoding="utf-8")
            case _:
                raise PageError(f"{name}, line {block.line}: {_advice(block)}")
        done += 1
    return done


def _advice(block: Block) -> str:
    otherwise = f"If it is none, put `{MARK}` on the line before it."
    if block.language in FILES:
        kinds = " or ".join(FILES[block.language])
        return (
            f"which file is this? Name it in the paragraph before the block, as in `mine{kinds}`, so that "
            f"the reader and the test can write it. {otherwise}"
        )
    if block.language == "text":
        return f"a block `text` is what the block `python` right before it prints. {otherwise}"
    return (
        f"got a block of {block.language or 'no language'!r}; expected python, console, text or "
        f"{', '.join(FILES)}. {otherwise}"
    )


# -- Python -----------------------------------------------------------------------------------------------


def _run_python(block: Block, names: dict[str, Any], path: Path, name: str) -> str:
    """Run the statements of a block, and return what they print."""
    comments = dict(_comments(block.code))
    output = io.StringIO()
    for statement in ast.parse(block.code).body:
        place = f"{name}, line {block.line - 1 + (statement.end_lineno or 0)}"
        comment = comments.pop(statement.end_lineno or 0, "")
        is_expression = isinstance(statement, ast.Expr)
        if comment.startswith("-> ") and not is_expression:
            raise PageError(f"{place}: `# -> value` stands behind an expression; this is a statement.")
        if is_expression and LOOKS_LIKE_A_VALUE.match(comment):
            raise PageError(
                f"{place}: nobody checks `# {comment}`. Write `# -> {comment}` for the value of the "
                "expression, with ... for what depends on the machine; or words, if it is none."
            )
        ast.increment_lineno(statement, block.line - 1)
        try:
            with contextlib.redirect_stdout(output):
                value = _evaluate(statement, names, path)
        except Exception as error:
            raise PageError(
                f"{place}: {type(error).__name__}: {error}\nThe blocks of a page run in order, in an empty "
                "folder. Let the page make the names and files that it uses."
            ) from error
        if comment.startswith("-> "):
            _compare(comment[3:], repr(value), place, "the expression gives")
    if lost := [line for line, comment in comments.items() if comment.startswith("-> ")]:
        raise PageError(
            f"{name}, line {block.line - 1 + lost[0]}: `# -> value` stands in the last line of an "
            "expression, outside of loops and functions; this one is checked by nobody."
        )
    return output.getvalue()


def _evaluate(statement: ast.stmt, names: dict[str, Any], path: Path) -> Any:
    if isinstance(statement, ast.Expr):
        return eval(compile(ast.Expression(statement.value), str(path), "eval"), names)
    exec(compile(ast.Module([statement], []), str(path), "exec"), names)
    return None


def _comments(code: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.removeprefix("#").strip()


# -- commands ---------------------------------------------------------------------------------------------


def _run_commands(block: Block, name: str) -> None:
    """Run ``$ glassnet ...``, and compare what it prints with the lines below, if there are any."""
    from glassnet.cli import main

    commands: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(block.code.splitlines(), start=block.line):
        if line.startswith("$ "):
            commands.append((number, line[2:], []))
        elif commands:
            commands[-1][2].append(line)
        else:
            raise PageError(
                f"{name}, line {number}: a block `console` begins with a command, `$ glassnet ...`."
            )
    for number, command, shown in commands:
        place = f"{name}, line {number}"
        program, *words = shlex.split(command, comments=True)
        if program != "glassnet":
            raise PageError(
                f"{place}: only commands of glassnet are run. Put `{MARK}` on the line before the block, "
                f"with the reason why {program} cannot be run, or give the command a block of its own."
            )
        done = CliRunner().invoke(main, words, prog_name="glassnet", env={"COLUMNS": WIDTH, "NO_COLOR": "1"})
        if done.exit_code != 0:
            raise PageError(
                f"{place}: `{command}` ended with {done.exit_code}:\n{done.output}{done.exception or ''}\n"
                "The blocks of a page run in order, in an empty folder. "
                "Let the page make the files that it uses."
            )
        if any(line.strip() for line in shown):
            _compare("\n".join(shown), done.output, place, f"`{command}` printed")


def _compare(want: str, got: str, place: str, what: str) -> None:
    """Compare what a page shows with what there is; ``...`` stands for anything, and white space is one."""
    if re.fullmatch(_pattern(want), _in_one_line(got)):
        return
    lines = [line for line in want.strip().splitlines() if line.strip()]
    strange = [line for line in lines if not re.search(_pattern(line), _in_one_line(got))]
    hint = (
        f"\n\nThis line of the page is nowhere in it:\n\n{strange[0].strip()}"
        if strange and lines[1:]
        else ""
    )
    raise PageError(
        f"{place}: the page shows\n\n{want.strip()}\n\nand {what}\n\n{got.strip()}{hint}\n\n"
        "Let the page show that, with ... for what is left out or depends on the machine."
    )


def _pattern(shown: str) -> str:
    return ".*".join(re.escape(_in_one_line(piece)) for piece in shown.split("..."))


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
