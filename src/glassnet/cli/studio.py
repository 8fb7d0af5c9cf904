"""``glassnet studio``: watch a network learn in the browser."""

import webbrowser
from typing import TYPE_CHECKING

import click

from glassnet._common.terminal import echo

if TYPE_CHECKING:
    from glassnet.studio.session import Session


@click.command(name="studio")
@click.option(
    "--data",
    "source",
    default="mnist",
    show_default=True,
    metavar="NAME|TABLE",
    help="moons, spirals, circles, xor, blobs, digits, mnist, fashion-mnist, or a table.",
)
@click.option("--target", metavar="COLUMN", help="The column of a table to predict.  [default: the last]")
@click.option(
    "--lesson",
    metavar="NAME|FILE",
    help="Open a lesson: one of those that --lessons lists, or a TOML file of your own.",
)
@click.option("--lessons", is_flag=True, help="List the lessons, and open nothing.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Where to listen.  [default: any that is free]"
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open nothing.")
def group(
    source: str, target: str | None, lesson: str | None, lessons: bool, port: int, no_browser: bool
) -> None:
    """Watch a network learn in the browser: stop it, step back, change one thing, see every number."""
    from glassnet.studio.opened import open_data
    from glassnet.studio.serving import Serving
    from glassnet.studio.session import Session

    if lessons:
        _list_lessons()
        return
    session = Session(open_data(source, target)) if lesson is None else _open_lesson(lesson)
    serving = Serving(session, port=port)
    echo(f"Studio: {serving.url}")
    if not no_browser:
        webbrowser.open(serving.url)
    serving.run()


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
