"""One student's answers marked: each cell right, consistent, wrong or missing, with the causes."""

from dataclasses import dataclass

from glassnet._common.words import Word
from glassnet.classroom.grading.answers import Answers, Problem
from glassnet.classroom.task import Question, Task
from glassnet.worked import Cause, GradedLine, LineStatus
from glassnet.worked.grade.judging import judge_lines
from glassnet.worked.lines import format_number


class CellStatus(Word):
    """Say what a cell is."""

    RIGHT = "right"
    CONSISTENT = "consistent"
    ROUNDING = "rounding"
    """Wrong by its rounding alone."""
    WRONG = "wrong"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Cell:
    """Hold the verdict on one answer.

    Attributes
    ----------
    question : Question
    status : CellStatus
    written : str
        As it was written; empty where nothing was.
    expected : str
        What it should be, worked from the student's own earlier numbers.
    exact : str
        What it is without any error.
    causes : tuple of Cause
        Of a cell that is wrong; several tie.
    """

    question: Question
    status: CellStatus
    written: str
    expected: str
    exact: str
    causes: tuple[Cause, ...] = ()

    @property
    def step(self) -> int:
        """The step of the question."""
        return self.question.quantity.step


@dataclass(frozen=True)
class Marked:
    """Hold a marked sheet.

    Attributes
    ----------
    cells : tuple of Cell
        One for each question, in their order.
    lines : tuple of GradedLine
        All lines that were written.
    problems : tuple of Problem
        Rows that could not be read.
    """

    cells: tuple[Cell, ...]
    lines: tuple[GradedLine, ...]
    problems: tuple[Problem, ...]

    @property
    def first_error(self) -> Cell | None:
        """The first cell that is wrong."""
        return next((c for c in self.cells if c.status in (CellStatus.WRONG, CellStatus.ROUNDING)), None)

    def count(self, *statuses: CellStatus) -> int:
        """Return how many cells have one of some statuses."""
        return sum(cell.status in statuses for cell in self.cells)


def mark(task: Task, answers: Answers) -> Marked:
    """Mark the answers of a student, with errors carried forward."""
    lines = judge(task, answers)
    by_quantity = {line.quantity: line for line in lines}
    cells = []
    for question in task.questions:
        if question.choices:
            cells.append(_mark_choice(question, answers))
        else:
            cells.append(_mark_number(task, question, by_quantity.get(question.quantity), answers))
    return Marked(tuple(cells), lines, answers.problems)


def judge(task: Task, answers: Answers, *, causes: bool = True) -> tuple[GradedLine, ...]:
    """Judge the lines of a task against the answers; looking for causes is most of the work."""
    problem = task.problem
    rate = problem.learning_rate if problem is not None else None

    def samples(step: int) -> int:
        return 1 if problem is None else len(problem.X[problem.rows_of(step)])

    return judge_lines(answers.entries, task.lines, task.values, samples=samples, rate=rate, causes=causes)


def _mark_choice(question: Question, answers: Answers) -> Cell:
    said = answers.choices.get(question.label, "")
    if said:
        status = CellStatus.RIGHT if said == question.answer else CellStatus.WRONG
    else:
        status = _missing(question, answers)
    return Cell(question, status, said, question.answer, question.answer)


def _missing(question: Question, answers: Answers) -> CellStatus:
    is_unreadable = (question.quantity.step, question.label) in answers.unreadable
    return CellStatus.UNREADABLE if is_unreadable else CellStatus.MISSING


def _mark_number(task: Task, question: Question, line: GradedLine | None, answers: Answers) -> Cell:
    entries = [] if line is None else [entry for entry in line.entries if entry.index == question.index]
    exact = format_number(question.value, task.digits)
    if line is None or not entries:
        return Cell(question, _missing(question, answers), "", exact, exact)
    entry = entries[0]
    at = tuple(i - 1 for i in question.index)
    digits = max(entry.decimals, task.digits)
    expected = format_number(float(line.expected[at]), digits)
    status = CellStatus.RIGHT
    causes: tuple[Cause, ...] = ()
    if line.status == LineStatus.CONSISTENT:
        status = CellStatus.CONSISTENT
    elif line.status in (LineStatus.WRONG, LineStatus.SLIP) and entry in line.wrong:
        is_rounding = line.points > 0
        status = CellStatus.ROUNDING if is_rounding else CellStatus.WRONG
        here = f"[{','.join(map(str, question.index))}]"
        causes = tuple(cause for cause in line.causes if cause.entry in ("", here))
    return Cell(question, status, answers.as_written[entry.quantity, entry.index], expected, exact, causes)
