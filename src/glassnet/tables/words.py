"""What a fit came to, in words and figures for people."""

from collections.abc import Sequence

from glassnet._common.quoting import shown
from glassnet.tables.base import ColumnFacts, FitConfig, Score, Standing, TableResult
from glassnet.tables.contenders import CONTENDERS, OWN
from glassnet.tables.given import Given
from glassnet.tables.metrics import METRICS

SHOWN_COLUMNS = 3


def figure(value: float) -> str:
    """Write a figure with about four digits.

    Examples
    --------
    >>> figure(0.81234), figure(53.4567), figure(5312.4), figure(0.00042), figure(0)
    ('0.8123', '53.46', '5,312', '4.2e-04', '0')
    """
    size = abs(value)
    if size == 0:
        return "0"
    if size < 0.001:
        return f"{value:.1e}"
    places = 4 if size <= 1 else 3 if size < 10 else 2 if size < 100 else 1 if size < 1000 else 0
    return f"{value:,.{places}f}"


def interval(score: Score) -> str:
    """Write the ends of a figure's interval: ``"0.80 to 0.82"``."""
    return f"{figure(score.low)} to {figure(score.high)}"


def ranked(result: TableResult) -> list[Standing]:
    """Return the models that were compared, the best first."""
    gain = METRICS[result.metric].is_gain

    def key(standing: Standing) -> float:
        value = standing.scores[result.metric].value
        return -value if gain else value

    return sorted(result.standings, key=key)


def judge(result: TableResult) -> list[str]:
    """Say of each other model whether glassnet's is ahead of it, as far as the test rows tell."""
    return [_compare(one, METRICS[result.metric].title) for one in result.standings if one.lead is not None]


def _compare(other: Standing, metric: str) -> str:
    title, lead = CONTENDERS[other.name].phrase, other.lead
    assert lead is not None
    if lead.low > 0:
        return f"Ahead of {title} in {metric} by {figure(lead.value)} ({interval(lead)})."
    if lead.high < 0:
        turned = Score(-lead.value, -lead.high, -lead.low)
        return f"Behind {title} in {metric} by {figure(turned.value)} ({interval(turned)})."
    if lead.low == lead.high:
        return f"As good as {title} in {metric} on these rows."
    return (
        f"Not to be told from {title} in {metric} on these rows: {'ahead' if lead.value >= 0 else 'behind'} "
        f"by {figure(abs(lead.value))}, the interval of the lead is {interval(lead)}."
    )


def most_important(result: TableResult) -> Sequence[ColumnFacts]:
    """Return the columns whose exchange made the answers worse, the most important first."""
    known = [facts for facts in result.columns if facts.importance is not None and facts.importance > 0]
    return sorted(known, key=lambda facts: -(facts.importance or 0))


def describe_parts(given: Given, config: FitConfig) -> str:
    """Say which rows are trained on, and which the scores are of."""
    if config.folds:
        return f"each row once, in one of {config.folds} folds"
    train, test = given.parts(config)[0]
    source = f"of {shown(given.test_path)}" if given.test_path else "held back"
    return f"{len(test):,} rows {source}; {len(train):,} to train on"


def own_standing(result: TableResult) -> Standing:
    """Return how glassnet's model did."""
    return next(one for one in result.standings if one.name == OWN)
