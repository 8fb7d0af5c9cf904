"""What every rendering of a trace says, in the same order and in the same words."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from glassnet._common.arrays import Array
from glassnet.nn.optimizers import Optimizer
from glassnet.worked._formula import KINDS, Line, Quantity, quantities_of
from glassnet.worked.problem import Problem, equations_of, settings_of
from glassnet.worked.trace._data import TraceLine, WorkedSteps
from glassnet.worked.trace._lines import stated_in
from glassnet.worked.trace._passes import is_identity, label_of
from glassnet.worked.write._formula import MAX_SHOWN, Notation, write_numbers, write_symbols, write_value
from glassnet.worked.write._names import write_greek
from glassnet.worked.write._plain import TEXT


class Section(NamedTuple):
    """Hold one step: its number, and its lines under the titles of their kinds."""

    step: int
    parts: list[tuple[str, list[TraceLine]]]


def sections(trace: WorkedSteps) -> Iterator[Section]:
    """Yield the steps of a trace."""
    for step, lines in groupby(trace.lines, key=lambda line: line.line.quantity.step):
        parts = groupby(lines, key=lambda line: line.line.kind)
        yield Section(step, [(KINDS[kind], list(part)) for kind, part in parts])


def given_of(trace: WorkedSteps, step: int) -> list[tuple[str, Array]]:
    """Return what a step is given, by name: its samples, and in the first one the parameters too."""
    return [(quantity.name, trace.values[quantity]) for quantity in stated_in(trace.problem, step)]


def given_groups(trace: WorkedSteps, step: int) -> list[list[tuple[str, Array]]]:
    """Return what a step is given in lines: all numbers, or weights, biases and samples, or a matrix each."""
    given, problem = given_of(trace, step), trace.problem
    if not problem.has_numbers:
        return [[one] for one in given]
    if not problem.by_unit:
        return [given]
    groups = groupby(given, key=lambda named: named[0][0].replace("y", "x"))
    return [list(group) for _, group in groups]


def stages(trace: WorkedSteps, line: TraceLine, notation: Notation) -> list[str]:
    """Return what stands between the equals signs of a line: chain rule, symbols, numbers, value.

    What says the same as the stage before it is left out.
    """
    return [text for _, text in stages_of(line.line, trace.values, trace.problem.digits, TEXT, notation)]


def stages_in_rows(trace: WorkedSteps, line: TraceLine, notation: Notation, width: int) -> list[list[str]]:
    """Return the stages of a line in rows that are about `width` characters of plain text wide."""
    return rows_of(line.line, trace.values, trace.problem.digits, notation, width)


def rows_of(
    line: Line, values: Mapping[Quantity, Array], digits: int | None, notation: Notation, width: int
) -> list[list[str]]:
    """Return the stages of any line in rows; see `stages_in_rows`."""
    both = stages_of(line, values, digits, TEXT, notation)
    return [[both[i][1] for i in row] for row in break_rows([text for text, _ in both], width)]


def stages_of(
    line: Line, values: Mapping[Quantity, Array], digits: int | None, *notations: Notation
) -> list[tuple[str, ...]]:
    """Return the stages of a line in several notations, the first of them plain text; see `stages`."""
    formula, chain = line.formula, line.chain
    written = [
        (
            write_symbols(chain, notation) if chain is not None else "",
            write_symbols(formula, notation),
            write_numbers(formula, notation, values, digits),
            write_value(values[line.quantity], notation, digits),
        )
        for notation in notations
    ]
    each = list(zip(*written, strict=True))
    if each[1][0].replace(" ", "") == line.quantity.name:  # the formula is the name
        each.pop(1)
    return [texts for i, texts in enumerate(each) if texts[0] and (not i or texts != each[i - 1])]


def break_rows(texts: list[str], width: int) -> list[list[int]]:
    """Return which stages of a line stand in each row, so that no row is wider than it must be.

    Parameters
    ----------
    texts : list of str
        The stages as plain text, whose lengths tell how wide they are in any notation.
    width : int
        In characters.
    """
    rows: list[list[int]] = [[]]
    room = width
    for i, text in enumerate(texts):
        if rows[-1] and len(text) + 3 > room:
            rows.append([])
            room = width
        rows[-1].append(i)
        room -= len(text) + 3
    return rows


def is_renewed(line: Line) -> bool:
    """Say whether the line computes a quantity from its own last value, as an update does."""
    name = line.quantity.name
    return any(quantity.name == name for quantity in quantities_of(line.formula))


def shape_of(line: TraceLine) -> str:
    """Return the shape of a matrix as ``2 x 3``; nothing for a number."""
    return " x ".join(map(str, line.value.shape))


def published_text(line: TraceLine) -> str:
    """Return the published values that differ, as they were published."""
    return ", ".join(
        f"{entry.label} = {entry.text}" if entry.index else entry.text for entry in line.published
    )


def headline(trace: WorkedSteps, greek: bool = False) -> list[str]:
    """Return what is said above the steps, in paragraphs: the problem's name, its settings, rules of writing.

    Parameters
    ----------
    trace : Trace
    greek : bool
        Whether the settings have Greek letters in the formulas.
    """
    rules = [describe_digits(trace), TRUNCATION if is_truncated(trace) else ""]
    paragraphs = [
        describe_settings(trace.problem, greek),
        " ".join(filter(None, rules)),
        define(trace.problem),
    ]
    return [trace.problem.name, *filter(None, paragraphs)]


def define(problem: Problem) -> str:
    """Return what the functions in the lines are, where a calculator has no key for them."""
    defined = [
        f"{name}(z) = {formula.replace('**', '^')}" for name, formula in definitions_of(problem).items()
    ]
    return f"With {'; '.join(defined)}." if defined else ""


def definitions_of(problem: Problem) -> dict[str, str]:
    """Return the formula of each function in the lines, by its name, where a calculator has no key for it."""
    head = problem.architecture.head
    functions = [*problem.architecture.activations, head.activation]
    formulas = {label_of(function): function.formula for function in functions if not is_identity(function)}
    if problem.by_unit and head.activation.sums_to_one:
        del formulas[label_of(head.activation)]  # it is written out for each unit
    return {
        name: formula
        for name, formula in (formulas | dict(head.definitions)).items()
        if formula not in ("", f"{name}(z)")
    }


def describe_settings(problem: Problem, greek: bool = False) -> str:
    """Return the settings of a problem in one sentence, with the symbols that the formulas have."""
    architecture, optimizer = problem.architecture, problem.optimizer
    names = [activation.name.removeprefix("custom:") for activation in architecture.activations]
    names = names if len(set(names)) > 1 else names[:1]

    def equation(words: str, symbol: str, value: float) -> str:
        return f"{words} {write_greek(symbol) if greek else symbol} = {value:g}".lstrip()

    parts = ["layers of " + "-".join(map(str, architecture.sizes)) + " units"]
    parts += [f"activation{'s' if len(names) > 1 else ''} {', '.join(names)}"] if names else []
    parts += [
        f"loss {architecture.head.label}",
        f"{type(optimizer).__name__} with {equation('learning rate', 'lr', problem.learning_rate)}",
    ]
    settings = [setting for setting in settings_of(optimizer) if setting.value]
    parts += [equation(s.words, s.symbol, s.value) for s in settings if not s.is_flag]
    parts += [s.words for s in settings if s.is_flag and _changes_equations(optimizer, s.name)]
    parts += [equation("penalty", "alpha", problem.alpha)] if problem.alpha else []
    parts += [f"{' and '.join(problem.frozen)} left as they are"] if problem.frozen else []
    samples = "sample" if problem.batch_size == 1 else "samples"
    text = ", ".join([*parts, f"{problem.batch_size} {samples} a step"])
    return text[0].upper() + text[1:] + "."


def _changes_equations(optimizer: Optimizer, flag: str) -> bool:
    without = replace(optimizer, **{flag: False})  # type: ignore[type-var]
    return equations_of(optimizer) != equations_of(without)


def describe_digits(trace: WorkedSteps) -> str:
    """Return in a sentence how numbers are rounded."""
    digits = trace.problem.digits
    if digits is None:
        return "Numbers are shown to six significant digits and carried on in full."
    rule = f"to {digits} digits after the point, small ones to two significant digits"
    if trace.rounded:
        return f"Numbers are rounded at every line {rule}, and the rounded value is carried on."
    return f"Numbers are shown {rule}, and carried on in full."


TRUNCATION = (
    f"Of a matrix with more than {MAX_SHOWN} rows or columns, the first {MAX_SHOWN - 1} and the last "
    "are shown."
)


def is_truncated(trace: WorkedSteps) -> bool:
    """Say whether any matrix is too large to be shown whole."""
    return any(size > MAX_SHOWN for value in trace.values.values() for size in value.shape)
