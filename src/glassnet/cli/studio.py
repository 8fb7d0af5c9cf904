"""``glassnet studio``: watch a network learn in the browser."""

import webbrowser

import click

from glassnet._common.terminal import echo


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
    "--port", type=click.IntRange(0, 65535), default=0, help="Where to listen.  [default: any that is free]"
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open nothing.")
def group(source: str, target: str | None, port: int, no_browser: bool) -> None:
    """Watch a network learn in the browser: stop it, step back, change one thing, see every number."""
    from glassnet.studio.opened import open_data
    from glassnet.studio.serving import Serving
    from glassnet.studio.session import Session

    serving = Serving(Session(open_data(source, target)), port=port)
    echo(f"Studio: {serving.url}")
    if not no_browser:
        webbrowser.open(serving.url)
    serving.run()
