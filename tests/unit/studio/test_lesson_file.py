"""A lesson of one's own is read, or refused with the line and the key."""

import re
from pathlib import Path

import pytest
from classroom import do, in_class, right_answer

from glassnet.errors import DataFileError
from glassnet.studio.lesson_file import read_lesson
from glassnet.studio.measures import MEASURES

LESSON = '''title = "Mine"
about = "One page."
fixed = ["lr"]

[setup]
data = "mnist"  # [not.a.header]
samples = 100

[setup.settings]
N = 1
A = [4]

[[pages]]
title = "First"
text = """
[[pages]]
title = "not a page"
"""
[pages.task]
text = "Train."
epochs = 1

[[pages.questions]]
id = "one"
text = "How many?"
answer = "n_parameters()"

[[pages.questions]]
id = "two"
text = "Which?"
right = "largest"
choices = [
    { text = "a", value = "loss(step=0)" },
    { text = "b", value = "loss(epoch=1)" },
]
'''


@pytest.fixture
def read(tmp_path):
    def read(text, name="mine.toml"):
        path = tmp_path / name
        path.write_text(text)
        return read_lesson(path)

    return read


def test_a_lesson_of_ones_own_is_read(read):
    lesson = read(LESSON)
    assert (lesson.name, lesson.title, len(lesson.pages)) == ("mine", "Mine", 1)
    assert list(lesson.questions) == ["one", "two"]
    assert lesson.pages[0].task.epochs == 1
    assert lesson.fixed_on(0) == ("lr",)
    assert lesson.to_json()["pages"][0]["text_html"].startswith("<p>[[pages]]")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Mine"', "", "line 1, .*no title"),
        ('title = "Mine"', "titel = 'Mine'", "line 1, titel: .*did you mean 'title'"),
        ('about = "One page."', "about = 3", "line 2, about: got 3; expected a text"),
        ('fixed = ["lr"]', 'fixed = ["rate"]', "line 3, fixed: .*'rate'"),
        ('fixed = ["lr"]', "fixed = [3]", "line 3, fixed"),
        ('data = "mnist"', 'data = "mist"', "line 6, setup.data: .*did you mean 'mnist'"),
        ('data = "mnist"', "", "line 5, setup: expected either"),
        ('data = "mnist"', 'data = "mnist"\nx = [1]\ny = [1]', "line 5, setup: expected either"),
        ("samples = 100", "samples = 1.5", "line 7, setup.samples: got 1.5; expected a whole number"),
        ("samples = 100", "samples = true", "line 7, setup.samples"),
        ("samples = 100", 'model = "SVM"', "line 7, setup.model: .*'SVM'"),
        ("epochs = 1", "epochs = 1\nsettings = { rate = 2 }", r"line 22, pages\[1\].task.settings: .*'rate'"),
        ("epochs = 1", "epoch = 1", r"line 21, pages\[1\].task.epoch: .*did you mean 'epochs'"),
        ('answer = "n_parameters()"', "", r"line 23, pages\[1\].questions\[1\]: expected one of answer"),
        ('answer = "n_parameters()"', 'answer = "n_parameter()"', r"line 26, .*answer: .*'n_parameters'"),
        ('answer = "n_parameters()"', "answer = 5", r"line 26, .*answer: got 5; expected a text"),
        ('id = "two"', 'id = "one"', r"line 29, pages\[1\].questions\[2\].id: 'one' is the id of another"),
        ('right = "largest"', 'right = "best"', r"line 31, .*right: .*'best'"),
        ('right = "largest"', "", r"line 32, pages\[1\].questions\[2\].choices\[1\]: expected when"),
        ('value = "loss(epoch=1)"', 'value = "los()"', r"line 32, .*choices\[2\].value: .*'loss'"),
        ('value = "loss(epoch=1)"', 'when = "1 > 2"', r"line 32, .*choices\[2\]: expected value"),
        ('    { text = "b", value = "loss(epoch=1)" },\n', "", "line 32, .*choices: got one choice"),
        ('[[pages]]\ntitle = "First"', '[pages]\ntitle = "First"', "line 13, pages: .*expected a list"),
        ("samples = 100", "samples = ", "mine.toml.*line 7"),
    ],
)
def test_a_mistake_is_named_by_line_and_key(read, old, new, message):
    assert old in LESSON
    with pytest.raises(DataFileError, match=message):
        read(LESSON.replace(old, new, 1))


def test_other_files_are_refused(read, tmp_path):
    with pytest.raises(DataFileError, match=r"ends in \.toml"):
        read(LESSON, "mine.yaml")
    with pytest.raises(DataFileError, match="zero-weights"):
        read_lesson("zero-weight")
    with pytest.raises(DataFileError, match="expected some"):
        read(LESSON.partition("[[pages.questions]]")[0])


def test_the_lesson_on_the_page_of_the_documentation_is_one(read):
    page = (Path(__file__).parents[3] / "docs" / "studio.md").read_text()
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    lesson = read(text)
    assert list(lesson.questions) == ["accuracy", "wider"]
    with in_class(lesson) as session:
        do(session, lesson.pages[0].task)
        for question in lesson.questions.values():
            assert session.teaching.answer(question.id, right_answer(question, session), session).right


def test_every_measure_is_on_the_page_of_the_documentation():
    page = (Path(__file__).parents[3] / "docs" / "studio.md").read_text()
    assert [name for name in MEASURES if f"`{name}(" not in page] == []
