"""What a fit makes of a table: its task, the rows it can use, its parts, and what it refuses."""

import numpy as np
import pytest
from small_tables import species

from glassnet.data.column_kinds import Kind
from glassnet.errors import InvalidDataError, UnknownNameError
from glassnet.tables import Task


def table(*targets, other=None):
    """Return a table with a column of numbers, and these targets."""
    rows = "".join(f"{i % 7 if other is None else other[i]},{target}\n" for i, target in enumerate(targets))
    return f"x,y\n{rows}"


# -- the task ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("targets", "task", "why"),
    [
        (["a", "b"] * 20, Task.CLASSIFICATION, "text, 2 different ones"),
        (["true", "false"] * 20, Task.CLASSIFICATION, "truth values, 2 different ones"),
        (["0", "1", "2"] * 20, Task.CLASSIFICATION, "whole numbers, 3 different ones"),
        ([*map(str, range(10))] * 5, Task.CLASSIFICATION, "whole numbers, 10 different ones"),
        ([*map(str, range(11))] * 5, Task.REGRESSION, "numbers, 20 % of them distinct"),
        (["0.5", "1"] * 20, Task.REGRESSION, "numbers, 5 % of them distinct"),
    ],
)
def test_the_task_shows_in_the_target(give, targets, task, why):
    target = give(table(*targets), "y")[1].target
    assert (target.task, target.why) == (task, why)
    is_number = "number" in why
    assert target.other == (next(one for one in Task if one is not task) if is_number else None)


def test_the_task_can_be_said(give):
    target = give(table(*["0", "1"] * 20), "y", task="regression")[1].target
    assert (target.task, target.why, target.other) == (Task.REGRESSION, "regression was asked for", None)
    assert target.y.dtype == np.float64
    target = give(table(*["0.5", "1.25"] * 20), "y", task="classification")[1].target
    assert sorted(set(target.y.tolist())) == ["0.5", "1.25"]


@pytest.mark.parametrize(
    ("targets", "labels"),
    [
        (["a", "b"], ["a", "b"]),
        (["true", "false"], [False, True]),
        (["3", "1"], [1, 3]),
    ],
)
def test_labels_are_what_the_file_holds(give, targets, labels):
    assert give(table(*targets * 20), "y")[1].classes.tolist() == labels


# -- rows -------------------------------------------------------------------------------------------


def test_gaps_in_the_target_are_refused_with_their_rows_unless_they_are_left_out(give):
    text = table(*["a", "b"] * 20, "", "NA", "a")
    with pytest.raises(
        InvalidDataError, match=r"'y', 2 rows of 43 have no value: at row 40, 41, counted .*--drop-gaps"
    ):
        give(text, "y")
    _, given = give(text, "y", drops_gaps=True)
    assert given.n_rows == len(given.y) == given.frame.num_rows == 41
    assert given.target.notes == ["2 rows of 43 have no value in y, at row 40, 41, counted from 0: left out"]
    assert given.frame.column("x")[40].as_py() == 42 % 7


def test_rows_of_rare_classes_are_left_out_and_said(give):
    _, given = give(table(*["a", "b"] * 20, "c", "c", "d"), "y")
    assert given.classes.tolist() == ["a", "b"]
    assert given.target.notes == ["3 rows of the classes 'c', 'd', with fewer than 5 each: left out"]
    _, given = give(table(*["a", "b"] * 20, *["c"] * 7), "y", folds=8)
    assert given.classes.tolist() == ["a", "b"]


def test_columns_that_name_the_rows_are_left_out_and_said(give):
    names = ["name", *(f"row {i}" for i in range(120))]
    text = "".join(f"{name},{line}\n" for name, line in zip(names, species(120).splitlines(), strict=True))
    _, given = give(text, "species")
    assert "name" not in given.kinds
    assert given.target.notes == ["name: a text of its own in most rows, which it names: left out"]


def test_columns_that_are_conspicuous_are_said(give):
    first = ["index,same", *(f"{i + i // 30},1" for i in range(80))]
    text = "".join(f"{cells},{line}\n" for cells, line in zip(first, species(80).splitlines(), strict=True))
    _, given = give(text, "species")
    notes = {facts.name: facts.note for facts in given.columns if facts.note}
    assert notes == {
        "index": "counts the rows: an index? --drop leaves it out",
        "same": "one value only: nothing to learn from",
    }


def test_the_columns_are_described(give):
    _, given = give(species(300), "species")
    facts = {one.name: one for one in given.columns}
    assert next(iter(facts)) == "species"
    assert facts["length"].examples.startswith("1.0")
    assert ", median " in facts["length"].examples
    assert facts["colour"].n_distinct == 3
    assert facts["colour"].n_missing == given.frame.column("colour").null_count > 0
    assert facts["seen"].kind == Kind.TRUTH
    assert "true" in facts["seen"].examples


# -- parts ------------------------------------------------------------------------------------------


def test_a_fifth_of_each_class_is_held_back(give):
    config, given = give(table(*["a"] * 100, *["b"] * 25), "y")
    ((train, test),) = given.parts(config)
    assert sorted([*train, *test]) == list(range(125))
    assert np.unique(given.y[test], return_counts=True)[1].tolist() == [20, 5]


def test_each_row_is_in_one_fold(give):
    config, given = give(table(*["a", "b"] * 25), "y", folds=5)
    parts = given.parts(config)
    assert sorted(np.concatenate([test for _, test in parts])) == list(range(50))
    assert all(not set(train) & set(test) for train, test in parts)
    assert all((given.y[test] == "a").sum() == 5 for _, test in parts)


def test_test_rows_may_be_in_a_file_of_their_own(give):
    test = "y,other,x\nb,?,7\na,?,\n"
    config, given = give(table(*["a", "b"] * 20), "y", test=test)
    assert given.parts(config)[0][1].tolist() == [40, 41]
    assert given.y[40:].tolist() == ["b", "a"]
    assert given.frame.column("x").to_pylist()[40:] == [7.0, None]


def test_test_rows_need_a_class_that_can_be_learnt(give):
    with pytest.raises(InvalidDataError, match=r"test.csv has the class 'c' in column 'y' at row 1"):
        give(table(*["a", "b"] * 20), "y", test="x,y\n1,a\n1,c\n")
    with pytest.raises(InvalidDataError, match=r"1 row of 2 has no value in .*test.csv: at row 1"):
        give(table(*["a", "b"] * 20), "y", test="x,y\n1,a\n1,\n")


# -- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        (table(*["a"] * 40), {}, "the class 'a' alone; expected two classes"),
        (table(*["1.5"] * 40), {}, "is 1.5 in every row"),
        (table(*["a", "b"] * 4), {}, "has 0 rows of classes that have at least 5|expected two such classes"),
        (table(*map(str, range(15))), {}, "has 15 values; expected 20 rows"),
        (table(*["2024-01-01"] * 40), {}, "holds dates"),
        (table(*["a", "b"] * 20), {"task": "regression"}, "a regression needs numbers; .* such as 'a'"),
        (table(*[f"c{i}" for i in range(1001)]), {}, "1,001 classes in 1,001 rows"),
        (table(*[""] * 40), {"drops_gaps": True}, "has no rows|has 0 values"),
        ("y\n" + "a\nb\n" * 20, {}, "no column to learn from"),
        (table(*["a", "b"] * 20), {"drop": ["x"]}, "no column to learn from"),
        (table(*["a", "b"] * 20), {"drop": ["y"]}, "the target 'y' cannot be left out"),
    ],
)
def test_what_nothing_can_be_learnt_from_is_refused(give, text, settings, message):
    with pytest.raises(InvalidDataError, match=message):
        give(text, "y", **settings)


def test_a_target_that_is_not_there_is_answered_with_the_nearest(give):
    with pytest.raises(
        UnknownNameError, match=r"unknown column of .*table.csv 'specis'; did you mean 'species'"
    ):
        give(species(40), "specis")


def test_more_categories_than_can_be_learnt_are_refused(give, monkeypatch):
    monkeypatch.setattr("glassnet.tables.columns.MOST_CATEGORIES", 30)
    text = table(*["a", "b"] * 100, other=[f"c{i % 60}" for i in range(200)])
    with pytest.raises(
        InvalidDataError, match=r"'x' has 60 different texts in 200 rows, such as 'c0'; .*--drop x"
    ):
        give(text, "y")
