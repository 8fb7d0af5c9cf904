"""Searches of scikit-learn that train our estimators in processes of their own."""

import numpy as np
import pytest
from joblib import cpu_count
from sklearn.model_selection import GridSearchCV

import glassnet


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_number_of_processes_changes_no_score(monkeypatch):
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")  # of the workers
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(90, 4)), np.repeat(["ash", "elm", "oak"], 30)
    model = glassnet.MLPClassifier((6,), max_iter=4, random_state=0)
    scores = []
    for n_jobs in (1, 2):
        search = GridSearchCV(model, {"alpha": [1e-4, 10.0]}, cv=3, n_jobs=n_jobs, refit=False)
        scores.append(search.fit(X, y).cv_results_["mean_test_score"])
    np.testing.assert_array_equal(*scores)


def test_processes_of_a_search_share_the_cores():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 4)), rng.integers(0, 2, 60)

    def threads_of_a_worker(model, X, y):
        from threadpoolctl import threadpool_info

        return max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")

    model = glassnet.MLPClassifier((5,), solver="lbfgs", max_iter=300, tol=0.1)
    search = GridSearchCV(
        model, {"alpha": [0.01, 0.1]}, scoring=threads_of_a_worker, n_jobs=2, cv=2, refit=False
    )
    search.fit(X, y)
    assert max(search.cv_results_["mean_test_score"]) <= max(cpu_count() // 2, 1)
