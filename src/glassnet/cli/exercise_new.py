"""``glassnet exercise list``: what exercises there are."""

import click

from glassnet._common.terminal import echo
from glassnet.classroom.template import TEMPLATES


@click.command(name="list")
def list_templates() -> None:
    """List the templates that come with the package."""
    for template in TEMPLATES.values():
        echo(f"{template.name:24}{template.title_in('en')}")
