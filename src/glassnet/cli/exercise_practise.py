"""``glassnet exercise practise``: an exercise line by line, in the terminal."""

import secrets
from itertools import groupby
from typing import TYPE_CHECKING

import click

from glassnet._common.terminal import echo

if TYPE_CHECKING:
    from glassnet.classroom.language import Language
    from glassnet.classroom.practice import Practice, Tally
    from glassnet.classroom.task import Question

HINT, SKIP, STOP = "?", "s", "q"


@click.command()
@click.argument("template")
@click.option("--lang", "language", default="en", show_default=True, help="en or de.")
@click.option("--seed", metavar="TEXT", help="The same problem for the same text.  [default: a new one]")
@click.option("--studio", is_flag=True, help="Practise on a page in the browser.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="With --studio: where to listen.  [default: any that is free]",
)
@click.option("--no-browser", is_flag=True, help="With --studio: print the address, and open nothing.")
def practise(
    template: str, language: str, seed: str | None, studio: bool, port: int | None, no_browser: bool
) -> None:
    """Practise an exercise: each line is checked as you enter it, with hints where you ask for them.

    TEMPLATE is the name of one that comes with the package (see glassnet exercise list) or a TOML file.
    Decimal commas and fractions are understood. What came of it is kept on this machine, for you alone.

    With --studio each line is a question on a page in the browser. The network of the exercise is open beside
    it, where it has one linear output and the squared error. Ctrl-C ends it.

    \b
    Examples:
      glassnet exercise practise backprop
      glassnet exercise practise softmax --lang de
      glassnet exercise practise backprop --studio
    """
    from glassnet._common.naming import lookup
    from glassnet.classroom.dice import Secret
    from glassnet.classroom.language import LANGUAGES
    from glassnet.classroom.practice import Practice, add_progress, read_progress
    from glassnet.classroom.template import read_template

    if not studio and (no_browser or port is not None):
        raise click.UsageError("--port and --no-browser belong to --studio: give it too.")
    spoken, read = lookup(LANGUAGES, language, "language"), read_template(template)
    practice = Practice(read, Secret(seed or secrets.token_hex(8)), spoken)
    before = read_progress().get(read.name)
    if before is not None:
        echo(_so_far(spoken, read.name, before))
    if studio:
        _show(practice, port or 0, no_browser)
        return
    _state(practice)
    tally = _work(practice)
    total = add_progress(read.name, tally)
    words = spoken.practice
    echo(
        "\n"
        + words["solved"].format(
            first=tally.first_try, total=tally.lines, hints=tally.hints, skipped=tally.skipped
        )
    )
    echo(_so_far(spoken, read.name, total))


def _so_far(language: "Language", name: str, tally: "Tally") -> str:
    return language.practice["so_far"].format(
        problems=tally.problems, name=name, first=tally.first_try, total=tally.lines
    )


def _show(practice: "Practice", port: int, no_browser: bool) -> None:
    """Practise in a studio, until Ctrl-C."""
    from glassnet.classroom.dice import Secret
    from glassnet.classroom.practice import Practice
    from glassnet.cli.studio import LOOPBACK, load_server, serve

    load_server()  # what is missing is said before anything is opened
    from glassnet.studio.practising import Practising, open_practice
    from glassnet.studio.session import Session

    sheet = practice.sheet

    def draw() -> Practice:
        return Practice(sheet.template, Secret(secrets.token_hex(8)), sheet.language)

    data, model, theta = open_practice(practice)
    session = Session(data, model, theta=theta, teaching=Practising(practice, draw))
    session.doctor.leave_out("The doctor was left out: a step or two of an exercise tell nothing of a run.")
    serve(session, LOOPBACK[0], port, no_browser=no_browser)


def _state(practice: "Practice") -> None:
    """Show what is given."""
    from glassnet.classroom.sheets.plain import state

    for line in state(practice.sheet):
        echo(line)
    echo("\n" + practice.sheet.language.practice["prompt"])


def _work(practice: "Practice") -> "Tally":
    """Ask line after line, until the end or until somebody stops."""
    from glassnet.classroom.practice import Tally

    tally, sheet = Tally(), practice.sheet
    several = len({question.quantity.step for question in practice.questions}) > 1
    for (step, part), questions in groupby(practice.questions, key=lambda q: (q.quantity.step, q.part)):
        title = f"{sheet.language.say('step', step=step)}, " if several else ""
        echo(f"\n{title}{sheet.language.parts[part]}")
        for question in questions:
            done = _ask(practice, question)
            tally += done[0]
            if done[1]:
                return tally
    return tally + Tally(problems=1)


def _ask(practice: "Practice", question: "Question") -> tuple["Tally", bool]:
    """Ask until a line is right or left out; return what came of it, and whether to stop."""
    from glassnet.classroom.practice import Tally, Verdict

    language, words = practice.sheet.language, practice.sheet.language.practice
    hints, n_hints, tries = practice.hints(question), 0, 0
    if question.choices:
        echo("  " + practice.sheet.ask(question))
        for number, choice in enumerate(question.choices, start=1):
            echo(f"    {number}  {language.choice(choice)}")
    while True:
        label = "  >" if question.choices else f"  {question.label} ="
        try:
            text = click.prompt(label, default="", show_default=False, prompt_suffix=" ").strip()
        except click.Abort:
            text = STOP
        if text.casefold() == STOP:
            return Tally(hints=n_hints), True
        if text.casefold() == SKIP:
            echo(f"    {words['skipped']}")
            return Tally(lines=1, hints=n_hints, skipped=1), False
        if text in (HINT, ""):
            if text:
                n_hints = min(n_hints + 1, len(hints))
                echo(f"    {hints[n_hints - 1]}")
            continue
        reply = practice.answer(question, text)
        if reply.verdict == Verdict.RIGHT:
            echo(f"    {words['right']}")
            at_once = int(not tries and not n_hints)
            return Tally(lines=1, first_try=at_once, hints=n_hints), False
        if reply.verdict == Verdict.UNREADABLE:
            choices = ", ".join(map(language.choice, question.choices))
            echo(f"    {words['no_choice'].format(choices=choices) if choices else words['no_number']}")
            continue
        tries += 1
        echo(f"    {words['cause'].format(cause=reply.cause) if reply.cause else words['wrong']}")
