"""Support vector machines: exact, against scikit-learn, and the conditions that make them right."""

import operator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.optimize import linprog, nnls
from sklearn.svm import SVC

from glassnet.errors import DataFileError, FileError, GlassnetError, InvalidDataError, InvalidParameterError
from glassnet.worked.svm._exact import rank, solve_linear
from glassnet.worked.svm._numbers import format_root, read_number
from glassnet.worked.svm.assignment import solve_a2, solve_a3
from glassnet.worked.svm.model import LinearSVM
from glassnet.worked.svm.points import read_points
from glassnet.worked.svm.solve import measure_margin, solve_svm

A3 = [[0, 0], [1, 0], [0, 1], [1, 1], [2, 2], [2, 0]]
A3_CLASSES = [1, 1, 1, -1, -1, -1]

# -- worked by hand -----------------------------------------------------------------------------------


def test_a3_comes_out():
    svm = solve_svm(A3, A3_CLASSES, names="ABCDEF")
    assert svm.hyperplane.w == (-2, -2)
    assert svm.hyperplane.b == 3
    assert svm.hyperplane.margin == pytest.approx(1 / (2 * np.sqrt(2)), rel=1e-15)
    assert svm.name(svm.on_margin) == ["B", "C", "D", "F"]
    assert [svm.signs[i] for i in svm.on_margin] == [1, 1, -1, -1]
    assert_conditions_hold(svm)


def test_the_multipliers_of_a3_are_the_even_ones_of_many():
    """B = 6 - t, C = t - 2, D = t, F = 4 - t satisfy the conditions for t from 2 to 4; t = 3 is least."""
    svm = solve_svm(A3, A3_CLASSES)
    assert svm.multipliers == (0, 3, 1, 3, 0, 1)
    assert not svm.multipliers_are_unique


def test_a2_comes_out():
    svm = measure_margin(["-2", "0"], "5", [[1, "?"], [2, 3], [3, 3], [4, "?"]])
    assert svm.hyperplane.margin == 0.5
    assert svm.values == (3, 1, -1, -3)
    assert svm.on_margin == svm.support == (1, 2)
    assert svm.signs == (1, 1, -1, -1)
    assert [point.sign for point in svm.classify([[1, 3], ["2.5", 0]])] == [1, 0]
    assert svm.multipliers == (0, 2, 2, 0)
    assert svm.multipliers_are_unique


def test_the_files_of_the_package_are_the_assignments():
    assert solve_a3().multipliers == (0, 3, 1, 3, 0, 1)
    assert solve_a2().values == (3, 1, -1, -3)


def test_decimals_count_as_they_are_written():
    svm = solve_svm([["0.1"], [0.2], ["1/3"]], ["-", "+", "+"])
    assert svm.hyperplane.w == (20,)
    assert svm.hyperplane.b == -3
    assert solve_svm(np.array([[0.1], [0.2]]), np.array([0.0, 1.0])).hyperplane.w == (20,)


def test_points_without_part_in_the_solution_are_on_the_margin_all_the_same():
    svm = solve_svm([[0, 0], [0, 1], [0, 2], [1, 0]], [1, 1, 1, -1])
    assert svm.on_margin == (0, 1, 2, 3)
    assert svm.support == (0, 3)
    assert svm.multipliers == (2, 0, 0, 2)
    assert svm.multipliers_are_unique


def test_points_in_one_place_share_their_multiplier():
    svm = solve_svm([[0], [0], [2]], [1, 1, -1])
    assert svm.multipliers == (Fraction(1, 4), Fraction(1, 4), Fraction(1, 2))
    assert not svm.multipliers_are_unique


# -- against scikit-learn -----------------------------------------------------------------------------


def draw_separable(seed):
    """Draw 10 to 60 points in 2 to 5 dimensions with a gap between two classes."""
    rng = np.random.default_rng(seed)
    n_points, n_features = int(rng.integers(10, 61)), 2 + seed % 4
    direction = rng.normal(size=n_features)
    direction /= np.linalg.norm(direction)
    X = rng.normal(size=(n_points, n_features))
    X[0] += (1 - X[0] @ direction) * direction  # one point at least on each side
    X[1] -= (1 + X[1] @ direction) * direction
    y = np.where(X @ direction > rng.uniform(-0.5, 0.5), 1, -1)
    return X + rng.uniform(0.1, 0.5) * np.outer(y, direction), y


@pytest.mark.parametrize("seed", range(100))
def test_random_separable_problems_agree_with_scikit_learn(seed):
    X, y = draw_separable(seed)
    svm = solve_svm(X, y)
    witness = SVC(C=1e10, kernel="linear", tol=1e-8).fit(X, y)
    w = np.array(svm.hyperplane.w, dtype=float)
    assert np.abs(w - witness.coef_[0]).max() < 2e-5 * np.abs(w).max()
    assert abs(float(svm.hyperplane.b) - witness.intercept_[0]) < 2e-5 * (1 + np.abs(w).max())
    assert_conditions_hold(svm)
    assert [point.sign for point in svm.classify(X)] == witness.predict(X).tolist()


def assert_conditions_hold(svm):
    """The conditions of Karush, Kuhn and Tucker, without any rounding."""
    points, alpha = svm.data.points, svm.multipliers
    signed = [a * sign for a, sign in zip(alpha, svm.signs, strict=True)]
    columns = zip(*(point.x for point in points), strict=True)
    assert svm.hyperplane.w == tuple(sum(map(operator.mul, signed, column)) for column in columns)
    assert sum(signed) == 0
    slacks = [sign * value - 1 for sign, value in zip(svm.signs, svm.values, strict=True)]
    assert min(slacks) >= 0
    assert min(alpha) >= 0
    assert not any(a * slack for a, slack in zip(alpha, slacks, strict=True))


GRID_POINTS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 2)), min_size=4, max_size=14, unique=True
)


@given(points=GRID_POINTS, data=st.data())
def test_on_a_grid_with_many_ties_the_conditions_hold_exactly(points, data):
    y = data.draw(st.lists(st.sampled_from([1, -1]), min_size=len(points), max_size=len(points)))
    y[:2] = 1, -1
    found = solve_svm(points, y)
    if isinstance(found, LinearSVM):
        assert_conditions_hold(found)
        assert sum(found.multipliers) == found.hyperplane.norm_squared
        assert set(found.support) <= set(found.on_margin)
        assert_multipliers_are_the_smallest(found)
        assert found.multipliers_are_unique == (not can_vary(found))
    else:
        assert_proves_that_the_hulls_meet(found)


def can_vary(svm):
    """Two linear programs are the witness: the least and the largest of a weighted sum of the multipliers."""
    margin, alpha = svm.on_margin, np.array(svm.multipliers, float)[list(svm.on_margin)]
    signs = [svm.signs[i] for i in margin]
    columns = np.array([[*map(float, svm.data.points[i].x), 1] for i in margin]).T * signs
    weights = np.random.default_rng(0).normal(size=len(margin))
    least, most = (
        sign * linprog(sign * weights, A_eq=columns, b_eq=columns @ alpha, bounds=(0, None)).fun
        for sign in (1, -1)
    )
    return most - least > 1e-6


def assert_multipliers_are_the_smallest(svm):
    """Non-negative least squares with a heavy weight on the equations is the witness."""
    points, margin = svm.data.points, svm.on_margin
    columns = np.array(
        [[*(s * float(x) for x in points[i].x), s] for i in margin for s in [points[i].sign]]
    ).T
    target = np.array([*map(float, svm.hyperplane.w), 0.0])
    heavy = 1e5
    system = np.vstack([heavy * columns, np.eye(len(margin))])
    witness, _ = nnls(system, np.append(heavy * target, np.zeros(len(margin))))
    alpha = np.array([float(svm.multipliers[i]) for i in margin])
    np.testing.assert_allclose(alpha, witness, atol=1e-4 * max(1, alpha.max()))


def assert_proves_that_the_hulls_meet(found):
    points = found.data.points
    for part, sign in ((found.positive, 1), (found.negative, -1)):
        assert sum(part.values()) == 1
        assert all(weight >= 0 for weight in part.values())
        assert {points[i].sign for i in part} == {sign}
        place = tuple(sum(w * points[i].x[k] for i, w in part.items()) for k in range(len(found.point)))
        assert place == found.point


def test_a_multiplier_that_was_zero_on_the_way_may_be_positive_in_the_end():
    X = [[4, 0, 1], [1, 2, 0], [3, 0, 3], [4, 3, 3], [3, 1, 0], [0, 1, 4], [1, 4, 3], [4, 0, 3], [1, 2, 4]]
    y = [1, 1, -1, -1, 1, 1, -1, 1, -1]
    svm = solve_svm([[*x, sign] for x, sign in zip(X, y, strict=True)], y)
    least = ("17/492", 0, "17/41", 0, "1/246", "1/6", 0, "145/492", "7/82")
    assert svm.multipliers == tuple(map(Fraction, least))
    assert_multipliers_are_the_smallest(svm)
    assert not svm.multipliers_are_unique


def test_a_multiplier_of_zero_may_vary_too():
    """The four points with positive multipliers are independent, and yet others would do."""
    svm = solve_svm([[3, 4, 1], [3, 0, -1], [1, 1, -1], [2, 0, 1], [2, 2, 1]], [1, -1, -1, 1, 1])
    assert svm.multipliers == (0, Fraction(1, 4), Fraction(1, 4), Fraction(3, 8), Fraction(1, 8))
    assert not svm.multipliers_are_unique


# -- what cannot be separated ---------------------------------------------------------------------------


def test_crossed_classes_have_a_common_point():
    found = solve_svm([[0, 0], [1, 1], [0, 1], [1, 0]], [1, 1, -1, -1])
    assert not found.separable
    assert found.point == (Fraction(1, 2), Fraction(1, 2))
    assert_proves_that_the_hulls_meet(found)
    assert str(found) == "not separable: (1/2, 1/2) lies in the convex hull of both classes"


def test_hulls_that_only_touch_are_not_separable():
    found = solve_svm([[0, 0], [2, 0], [1, 0], [1, 1]], [1, 1, -1, -1])
    assert found.point == (1, 0)
    assert_proves_that_the_hulls_meet(found)


def test_contradictory_labels_are_named():
    found = solve_svm([[0, 0], [1, 1], ["1.0", 1], [0, 0.0], [3, 3]], "+-+-+", names="abcde")
    assert found.contradictions == (("a", "d"), ("b", "c"))
    assert_proves_that_the_hulls_meet(found)
    assert str(found) == "not separable: the same point in both classes (a and d; b and c)"


@pytest.mark.parametrize(("n_points", "n_features"), [(2001, 1), (401, 5), (10, 11)])
def test_what_is_too_large_for_fractions_is_refused_with_the_limits(n_points, n_features):
    X = np.arange(n_points * n_features).reshape(n_points, n_features)
    limits = "expected at most 2,000 numbers in at most 10 features.*SVC"
    with pytest.raises(InvalidDataError, match=f"got {n_points:,} points of {n_features} .*{limits}"):
        solve_svm(X, np.arange(n_points) >= n_points // 2)
    X[0] = X[-1]  # what is seen at a glance is said all the same
    assert solve_svm(X, np.arange(n_points) >= n_points // 2).contradictions == (("1", str(n_points)),)


def test_what_is_too_fine_for_floating_point_is_solved():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    y = np.sign(X[:, 0])
    X[:, 0] += 0.01 * y
    assert_conditions_hold(solve_svm(1e-8 * X + 10, y))


# -- a given hyperplane ---------------------------------------------------------------------------------


def test_a_hyperplane_that_is_not_the_best_has_no_multipliers():
    svm = measure_margin([-1, 0], 3, [[1, 0], [5, 0], [2, 0]], [1, -1, 1])
    assert svm.multipliers is None
    assert svm.on_margin == svm.support == (2,)


def test_points_inside_the_margin_or_on_the_wrong_side_are_found():
    svm = measure_margin([1], 0, [[2], ["0.5"], [-1], [1]], ["+", "+", "-", "-"])
    assert svm.too_near == (1, 3)
    assert svm.on_margin == (2,)


def test_the_class_names_are_kept():
    svm = solve_svm([[0], [1]], ["yes", "no"])
    assert (svm.class_name(1), svm.class_name(-1), svm.class_name(0)) == ("yes", "no", "neither")
    assert svm.hyperplane.w == (-2,)
    assert solve_svm([[0], [1]], ["yes", "no"], positive="no").hyperplane.w == (2,)


@pytest.mark.parametrize(
    ("labels", "positive"),
    [([0, 1], "1"), (["-", "+"], "+"), (["−1", "1"], "1"), ([True, False], "True"), ([10, 9], "10")],
)
def test_which_class_is_positive(labels, positive):
    assert solve_svm([[0], [1]], labels).data.classes[1] == positive


# -- bad input --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([], [], "no points"),
        ([[1], [2, 3]], [1, -1], "got 2 coordinates for the point 2; expected 1"),
        ([[1], [2]], [1], "2 points and 1 labels"),
        ([[1], [2]], [1, 1], "the classes 1; expected exactly two. Is the data sorted"),
        ([[1], [2], [3]], [1, 2, 3], "expected exactly two. Leave out"),
        ([[1], ["two"]], [1, 2], "'two' for the point 2, column x1, which is no number"),
        ([[1], [np.nan]], [1, 2], "nan for the point 2, column x1, which is not finite"),
        ([[1], ["-inf"]], [1, 2], "not finite"),
        ([[1], ["1/0"]], [1, 2], "division by zero"),
        ([[1], [True]], [1, 2], "no number"),
        ([[1], ["?"]], [1, 2], "lacks a coordinate"),
        ([[1], [2]], None, "have no classes"),
    ],
)
def test_bad_points_are_refused(X, y, message):
    with pytest.raises(InvalidDataError, match=message):
        solve_svm(X, y)


def test_bad_settings_are_refused():
    with pytest.raises(InvalidParameterError, match="positive='3'; expected one of the classes, 1 or 2"):
        solve_svm([[1], [2]], [1, 2], positive=3)
    with pytest.raises(InvalidDataError, match="'a' stands for several"):
        solve_svm([[1], [2]], [1, 2], names="aa")
    with pytest.raises(InvalidDataError, match="1 names for 2 points"):
        solve_svm([[1], [2]], [1, 2], names="a")


@pytest.mark.parametrize(
    ("w", "X", "message"),
    [
        ([1], [[1, 2]], "1 weights in w for points of 2"),
        ([0, 0], [[1, 2]], "w = 0"),
        ([1, 1], [[1, "?"]], "the point 1 .* lacks x2, whose weight is 1"),
        (["x", 1], [[1, 2]], "for w1, which is no number"),
    ],
)
def test_bad_hyperplanes_are_refused(w, X, message):
    with pytest.raises(InvalidDataError, match=message):
        measure_margin(w, 0, X)


def test_new_points_must_fit():
    svm = solve_svm(A3, A3_CLASSES)
    with pytest.raises(InvalidDataError, match="got 1 coordinates"):
        svm.classify([[1]])
    with pytest.raises(InvalidDataError, match="lacks a coordinate"):
        svm.classify([[1, "?"]])


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", DataFileError, "holds no points"),
        ("x1,class\n", DataFileError, "holds no points"),
        ("1,2,3\n4,5,6\n", DataFileError, "begins with 1,2,3; expected the names"),
        ("x1,x1,class\n1,2,3\n", DataFileError, "each one once"),
        ("x1,class\n1,+\n2\n", DataFileError, "row 3: got 1 cells; expected 2"),
        ("x1,class\n1,+\ntwo,-\n", InvalidDataError, "'two' for row 3, column x1 of"),
        ("x1,class\n1,+\nnan,-\n", InvalidDataError, "row 3, column x1 of .* not finite"),
        ("colour,x1,class\nred,1,+\nblue,2,-\n", InvalidParameterError, "the column 'colour'.*--features"),
        ("name,class\na,+\nb,-\n", DataFileError, "no columns with coordinates"),
        ("x1,class\n1,+\n2,+\n", InvalidDataError, "expected exactly two"),
    ],
)
def test_bad_tables_are_refused(tmp_path, text, error, message):
    path = tmp_path / "data.csv"
    path.write_text(text)
    with pytest.raises(error, match=message):
        read_points(path)


def test_columns_can_be_chosen(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("# a comment\npoint,length,colour,label\n\nA,1,red,big\nB,0.5,blue,small\n")
    data = read_points(path, features=["length"], positive="big")
    assert (data.features, data.classes) == (("length",), ("small", "big"))
    assert [(p.name, p.x, p.sign) for p in data.points] == [("A", (1,), 1), ("B", (Fraction(1, 2),), -1)]
    with pytest.raises(GlassnetError, match="did you mean 'length'"):
        read_points(path, features=["lenght"])
    with pytest.raises(InvalidDataError, match="'red' for row 4, column colour"):
        read_points(path, features=["colour"])


def test_a_missing_table_is_refused(tmp_path):
    with pytest.raises(FileError, match="there is no table of points"):
        read_points(tmp_path / "none.csv")


# -- exact numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("0.1", "1/10"),
        (0.1, "1/10"),
        ("−2", "-2"),
        (" 1e-3 ", "1/1000"),
        (np.float64(0.3), "3/10"),
        (np.int8(7), 7),
    ],
)
def test_numbers_are_read_exactly(value, number):
    assert read_number(value, "here") == Fraction(number)


@pytest.mark.parametrize(
    ("square", "root", "inverse"),
    [
        (1, "1", "1"),
        (4, "2", "1/2"),
        ("4/9", "2/3", "3/2"),
        (2, "√2", "1/√2"),
        (8, "2√2", "1/(2√2)"),
        ("1/2", "√2/2", "√2"),
        ("9/8", "3√2/4", "2√2/3"),
        ("8/9", "2√2/3", "3/(2√2)"),
        ("5/3", "√15/3", "3/√15"),
    ],
)
def test_roots_are_written_as_on_paper(square, root, inverse):
    square = Fraction(square)
    for text, exact, value in (
        (format_root(square), root, float(square) ** 0.5),
        (format_root(square, inverse=True), inverse, float(square) ** -0.5),
    ):
        assert text == (f"{exact} = {value:.6g}" if "√" in exact else exact)


@given(square=st.fractions(min_value=Fraction(1, 300), max_value=500, max_denominator=300))
def test_roots_are_written_rightly(square):
    for text, value in (
        (format_root(square), float(square) ** 0.5),
        (format_root(square, inverse=True), float(square) ** -0.5),
    ):
        exact = text.split(" = ")[0].replace("√", "root").replace("(", "").replace(")", "")
        over, _, under = exact.partition("/")
        assert product(over) / product(under or "1") == pytest.approx(value)


def product(text):
    factor, _, inside = text.partition("root")
    return float(factor or 1) * float(inside or 1) ** 0.5


def test_linear_systems():
    def fractions(*rows):
        return [[Fraction(value) for value in row] for row in rows]

    with pytest.raises(AssertionError):
        solve_linear(fractions((1, 1), (1, 1)), [Fraction(2), Fraction(3)])
    assert solve_linear(fractions((1, 1), (2, 2)), [Fraction(2), Fraction(4)]) == [2, 0]
    assert rank(fractions((1, 1), (2, 2), (0, 1))) == 2


def test_a_label_that_is_no_number_at_all_is_no_side():
    with pytest.raises(InvalidDataError, match="nan"):
        solve_svm([[0, 1], [1, 0], [1, 1]], [1.0, -1.0, float("nan")])
