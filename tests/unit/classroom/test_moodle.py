"""Questions for Moodle, read by a reader of its documented format; who rounds every line has full marks."""

from functools import partial

import numpy as np
import pytest
from handed_out import handed_out
from moodle_reader import read_moodle

from glassnet.classroom.language import LANGUAGES
from glassnet.classroom.sheets.content import Sheet
from glassnet.classroom.sheets.moodle import render_moodle
from glassnet.classroom.students import Student
from glassnet.classroom.template import TEMPLATES
from glassnet.worked.lines import format_number, work_out

CLASS = (Student("007", "Lovelace <b>"), Student("a#~}", "Zoë"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_moodle_question_takes_what_the_grader_takes(name):
    template, german = TEMPLATES[name], LANGUAGES["de"]
    chosen = zip(CLASS, handed_out(name), strict=False)
    sheets = [Sheet("hw3", template, student, one.task, german) for student, one in chosen]
    category, questions = read_moodle(render_moodle(sheets))
    assert category.startswith("$course$/hw3: ")
    assert [question.name for question in questions] == ["hw3 007", "hw3 a#~}"]
    for question, sheet in zip(questions, sheets, strict=True):
        task, computed = sheet.task, {line.quantity for line in sheet.task.lines}
        given = {quantity: value for quantity, value in task.values.items() if quantity not in computed}
        carried = work_out(task.lines, given, partial(rounded, task.digits))
        in_order = [q for step in sheet.steps for part in step.parts for group in part.groups for q in group]
        assert len(question.blanks) == len(in_order)
        for blank, asked in zip(question.blanks, in_order, strict=True):
            if asked.choices:
                assert blank.choices == tuple(map(german.choice, asked.choices))
                assert blank.answer == german.choice(asked.answer)
                continue
            own = carried[asked.quantity][tuple(i - 1 for i in asked.index)]
            assert blank.accepts(german.number(own, task.digits))
            assert blank.accepts(format_number(asked.value, task.digits))
            assert not blank.accepts(str(asked.value + max(0.1 * abs(asked.value), 0.02)))
            assert not blank.accepts(str(-asked.value)) or abs(asked.value) < 0.001
        assert "Lovelace" not in question.html


def rounded(digits, _, value):
    """Return an array as the sheet asks for it: to so many digits, small ones to two significant ones."""
    flat = [
        float(f"{number:.1e}") if abs(round(number, digits)) < 10 ** (1 - digits) else round(number, digits)
        for number in value.ravel().tolist()
    ]
    return np.reshape(flat, value.shape)
