"""Tables as a fit reads them, and three that were fitted once for all tests."""

import pytest
from small_tables import prices, species

from glassnet.tables import FitConfig, FitFolder, fit_table
from glassnet.tables.given import digest_of, read_given


def read(folder, text, target, test="", **settings):
    """Write a table into a folder, and read it as a fit does; return its config and what was read."""
    path, test_path = folder / "table.csv", folder / "test.csv" if test else None
    path.write_text(text)
    if test_path:
        test_path.write_text(test)
    config = FitConfig(
        digest_of(path),
        target,
        test=digest_of(test_path) if test_path else "",
        **{"recipe": "realmlp-s", "quick": True, **settings},
    )
    return config, read_given(config, path, test_path)


@pytest.fixture
def give(tmp_path):
    """Return a function that writes a table, and reads it as a fit does."""
    return lambda text, target, **settings: read(tmp_path, text, target, **settings)


class Fitted:
    """Hold a fit: the table's path, the folder, the result, the steps that were told."""

    def __init__(self, place, text, target, **settings):
        config, given = read(place, text, target, **settings)
        self.table, self.folder, self.steps = given.path, FitFolder(place / "run"), []
        self.result = fit_table(given, config, self.folder, self.steps.append)


@pytest.fixture(scope="session")
def of_classes(tmp_path_factory):
    """Return the fit of a table with classes."""
    return Fitted(tmp_path_factory.mktemp("classes"), species(300), "species")


@pytest.fixture(scope="session")
def of_numbers(tmp_path_factory):
    """Return the fit of a table with numbers, whose test rows are in a file of their own."""
    return Fitted(tmp_path_factory.mktemp("numbers"), prices(200), "price", test=prices(60, seed=1))


@pytest.fixture(scope="session")
def of_folds(tmp_path_factory):
    """Return the fit of a table that was tested in folds."""
    return Fitted(tmp_path_factory.mktemp("folds"), species(90), "species", folds=2)
