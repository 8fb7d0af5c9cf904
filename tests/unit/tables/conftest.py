"""Tables as a fit reads them."""

import pytest

from glassnet.tables import FitConfig
from glassnet.tables.given import digest_of, read_given


@pytest.fixture
def give(tmp_path):
    """Return a function that writes a table, and reads it as a fit does."""

    def given(text, target, test="", **settings):
        path, test_path = tmp_path / "table.csv", tmp_path / "test.csv" if test else None
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

    return given
