"""``glassnet exercise``: the commands of a classroom, each in a file of its own."""

import click

from glassnet.cli.exercise_grade import grade_class
from glassnet.cli.exercise_new import check, list_templates, new
from glassnet.cli.exercise_practise import practise
from glassnet.cli.groups import SentenceGroup


@click.group(name="exercise", cls=SentenceGroup)
def group() -> None:
    """Give every student of a class an exercise with numbers of their own."""


group.add_command(list_templates)
group.add_command(new)
group.add_command(check)
group.add_command(grade_class)
group.add_command(practise)
