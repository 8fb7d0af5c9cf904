"""``glassnet studio``: watch a network learn in the browser."""

import os
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glassnet._common.terminal import echo
from glassnet.errors import MissingPackageError

if TYPE_CHECKING:
    from glassnet.studio.serving import Serving
    from glassnet.studio.session import Session

TOKEN_VARIABLE = "GLASSNET_STUDIO_TOKEN"
"""Of the environment: a token to keep, so that an open page goes on when the studio is started again."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command(name="studio")
@click.option(
    "--data",
    "source",
    metavar="NAME|TABLE",
    help="moons, spirals, circles, xor, blobs, digits, mnist, fashion, or a table’s file.  [default: mnist]",
)
@click.option("--target", metavar="COLUMN", help="The column of a table to predict.  [default: the last]")
@click.option(
    "--model",
    metavar="FILE|NAME",
    help="Begin with the weights of a model’s file; with --run, of that model.",
)
@click.option(
    "--run", "folder", type=click.Path(path_type=Path), metavar="FOLDER", help="Of a study: its data."
)
@click.option(
    "--lesson",
    metavar="NAME|FILE",
    help="Open a lesson: one of those that --lessons lists, or a TOML file of your own.",
)
@click.option("--lessons", is_flag=True, help="List the lessons, and open nothing.")
@click.option("--no-doctor", is_flag=True, help="Leave the doctor out, which takes a core while it looks.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Where to listen.  [default: any that is free]"
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open nothing.")
@click.option("--host", default=LOOPBACK[0], show_default=True, help="Another address needs --allow-remote.")
@click.option(
    "--allow-remote",
    is_flag=True,
    help="Let other machines in: whoever has the address can train here; nothing is encrypted.",
)
def group(
    source: str | None,
    target: str | None,
    model: str | None,
    folder: Path | None,
    lesson: str | None,
    lessons: bool,
    no_doctor: bool,
    port: int,
    no_browser: bool,
    host: str,
    allow_remote: bool,
) -> None:
    """Watch a network learn in the browser: stop it, step back, change one thing, see every number.

    It runs on this machine, and no other can see it. The address that is printed holds a token: whoever
    has it may use the studio. Ctrl-C ends it. With a token of your own in GLASSNET_STUDIO_TOKEN, an open
    page goes on when the studio is started again on the same port.

    \b
    Examples:
      glassnet studio
      glassnet studio --data spirals
      glassnet studio --data houses.csv --target price
      glassnet studio --lesson zero-weights
      glassnet studio --run runs/assignment/mnist-init --model relu-zero
    """
    if lessons:
        _list_lessons()
        return
    if host not in LOOPBACK and not allow_remote:
        raise click.UsageError(
            f"--host {host} would let other machines in. Whoever has the address could train on this machine "
            "and read along, for nothing is encrypted. If you mean it, add --allow-remote."
        )
    if lesson is not None and (source or model or folder):
        raise click.UsageError("--lesson brings its own data and model: give it alone.")
    if folder is not None and (source or model is None):
        raise click.UsageError(
            "--run needs the name of one of its models, --model NAME, and brings its own data."
        )
    load_server()  # what is missing is said before anything is opened
    session = _open(source, target, model, folder, lesson)
    if no_doctor:
        session.doctor.leave_out("The doctor was left out, by --no-doctor.")
    serve(session, host, port, no_browser=no_browser)


def load_server() -> "type[Serving]":
    """Return what serves a studio.

    Raises
    ------
    MissingPackageError
        Without the extra for it.
    """
    try:
        from glassnet.studio.serving import Serving
    except ImportError as error:
        raise MissingPackageError(
            f"{error.name}, which serves the studio, is not installed. "
            'Install it with: pip install "glassnet[studio]"'
        ) from error
    return Serving


def serve(session: "Session", host: str, port: int, *, no_browser: bool) -> None:
    """Serve a session until Ctrl-C, say where, and open the page; see `load_server`."""
    serving = load_server()(session, host, port, os.environ.get(TOKEN_VARIABLE))
    if host not in LOOPBACK:
        echo(
            "Other machines can reach this studio. Nothing is encrypted; give the address to nobody else.",
            err=True,
        )
    echo(f"Studio: {serving.url}")
    if not no_browser:
        webbrowser.open(serving.url)
    serving.run()


def _open(
    source: str | None, target: str | None, model: str | None, folder: Path | None, lesson: str | None
) -> "Session":
    """Return the session that the options name."""
    if lesson is not None:
        return _open_lesson(lesson)
    from glassnet.studio.opened import open_data
    from glassnet.studio.session import Session

    if folder is not None:
        from glassnet.studio.trained import open_run

        return open_run(folder, str(model))
    data = open_data(source or "mnist", target)
    if model is None:
        return Session(data)
    from glassnet.studio.trained import open_model

    return open_model(Path(model), data)


def _list_lessons() -> None:
    from glassnet.studio.lesson_file import NAMES, read_lesson

    for name in NAMES:
        lesson = read_lesson(name)
        echo(f"{name}: {lesson.title}")
        echo(f"    {lesson.about}")


def _open_lesson(name: str) -> "Session":
    from glassnet.studio.lesson_file import read_lesson
    from glassnet.studio.opening import open_lesson
    from glassnet.studio.session import Session
    from glassnet.studio.teaching import Teaching

    lesson = read_lesson(name)
    data, model = open_lesson(lesson)
    return Session(data, model, teaching=Teaching(lesson))
