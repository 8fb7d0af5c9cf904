"""The command line: argument parsing and terminal display only."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

import click

import glassnet
from glassnet._common.quoting import LAYOUT, printable, quoted, shown
from glassnet.errors import GlassnetError

_GROUPS = {
    "fit": ("glassnet.cli.fit", "Fit a network to your table, and set it beside other models in a report."),
    "search": (
        "glassnet.cli.search",
        "Search for settings of a network for your table, and see what they are worth.",
    ),
    "predict": ("glassnet.cli.predict", "Predict the rows of a table with such a network."),
    "export": ("glassnet.cli.export", "Write a model for other programs, as an ONNX file."),
    "reproduce": ("glassnet.cli.reproduce", "Run the whole assignment into one report."),
    "studio": ("glassnet.cli.studio", "Watch a network learn in the browser, and step back in it."),
    "study": (
        "glassnet.cli.study",
        "Run a study, published or your own: train its models, compare the numbers.",
    ),
    "data": ("glassnet.cli.data", "See the data sets."),
    "trace": ("glassnet.cli.trace", "Work training steps out by hand: every formula with its numbers."),
    "grade": ("glassnet.cli.grade", "Grade somebody's own numbers for such steps, line by line."),
    "exercise": ("glassnet.cli.exercise", "Give every student of a class an exercise of their own."),
    "svm": ("glassnet.cli.svm", "Solve support-vector problems by hand: exact, with the picture."),
    "doctor": ("glassnet.cli.doctor", "Find out why a network does not learn, or a score cannot be right."),
}
"""Which module holds each group of commands, imported when the group is used, and what it is for."""


class _LazyGroup(click.Group):
    """Import a group of commands when it is asked for, and show what cannot be used as one message."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _GROUPS:
            return None
        command: click.Command = import_module(_GROUPS[cmd_name][0]).group
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, purpose) for name, (_, purpose) in _GROUPS.items()])

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if any("\0" in argument for argument in args):
            named = next(argument for argument in args if "\0" in argument)
            raise _Refusal(f"got {quoted(named)}; expected no NUL: no path and no name has one.")
        with _refusing():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _refusing():
            return super().invoke(ctx)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn Ctrl-C, and what is raised on input that cannot be used, or a place, into one message."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("\nStopped.", err=True)
        raise SystemExit(130) from None
    except click.ClickException as error:
        error.message = printable(error.message, keep=LAYOUT)  # type: ignore[misc]  # final to click
        raise
    except GlassnetError as error:
        raise _Refusal(str(error)) from error
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # nobody reads on, which click ends without a word
        raise _Refusal(_describe(error)) from error


class _Refusal(click.ClickException):
    """Be the one message on what cannot be used: an input, an option, a place. All else is a bug."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(printable(message, keep=LAYOUT))


def _describe(error: OSError) -> str:
    """Say what the system refused: a path, or more output than the disk has room for."""
    reason = error.strerror or str(error)
    if error.filename is not None:
        return f"cannot use {shown(error.filename)}: {reason}. Choose another path."
    _forget_output()
    return f"cannot write the output: {reason}. Send it to a place with free space."


def _forget_output() -> None:
    """Send what Python still holds of the output to nowhere: it would try to write it in the end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@click.command(
    cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(glassnet.__version__, message="glassnet %(version)s")
def main() -> None:
    """Train neural networks that you can see through.

    \b
    Begin with:
      glassnet fit table.csv --target price    a network for a table of yours, with a report
      glassnet reproduce --quick               the whole assignment in a minute or two, with a report
      glassnet study run mnist-init --quick    twelve networks in half a minute, with a report
      glassnet data show mnist                 what the networks look at
    """
