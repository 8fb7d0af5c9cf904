"""All that a page or a picture shows, from results alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .arithmetic import TIE, Mean, Tally, geometric_mean, normalise
from .peers import CONSTANT
from .results import Key, Result
from .traits import KINDS, Traits

METRICS = {"score": ("accuracy", "r2"), "loss": ("log_loss", "rmse"), "auc": ("auc", "r2")}
"""What judges a table, of classes or of numbers, by the word of the command line."""
LESS_IS_BETTER = {"log_loss", "rmse"}


class Scores:
    """Hold the scores of one metric by table, peer and split.

    Parameters
    ----------
    results : iterable of Result
    metric : {"score", "loss", "auc"}

    Attributes
    ----------
    of : dict
        ``of[table][peer][split]`` is a score. A fit that failed has that of the constant answer.
    name : dict of str to str
        The metric of each table.
    failures : list of Result
    results : list of Result
    """

    def __init__(self, results: Iterable[Result], metric: str) -> None:
        self.results = list(results)
        self.metric = metric
        self.failures = [result for result in self.results if result.error]
        self.of: dict[str, dict[str, dict[int, float]]] = {}
        self.name: dict[str, str] = {}
        for result in self.results:
            for name in METRICS[metric]:
                if name in result.scores:
                    self.name[result.key.table] = name
                    self._splits(result.key)[result.key.split] = result.scores[name]
        for result in self.failures:
            constant = self.of.get(result.key.table, {}).get(CONSTANT, {}).get(result.key.split)
            if constant is not None:
                self._splits(result.key)[result.key.split] = constant

    def _splits(self, key: Key) -> dict[int, float]:
        return self.of.setdefault(key.table, {}).setdefault(key.peer, {})

    def gain(self, table: str, peer: str, other: str) -> list[float]:
        """Return by how much a peer is better than another, on each split that both have."""
        sign = -1.0 if self.name[table] in LESS_IS_BETTER else 1.0
        mine, theirs = self.of[table].get(peer, {}), self.of[table].get(other, {})
        return [sign * (mine[number] - theirs[number]) for number in sorted(mine.keys() & theirs.keys())]


@dataclass(frozen=True)
class PeerRow:
    """Hold what is said of one peer over all tables.

    Attributes
    ----------
    normalised : Mean or None
        Over the tables that count; its error is over tables.
    tally : Tally or None
        Of the reference against it; None of the reference itself.
    fit_ratio, predict_ratio : float or None
        Geometric mean over the tables of its mean seconds over the reference's.
    fit_seconds : float or None
        Median over the tables of its mean seconds.
    megabytes : float or None
        Median over its fits of what the fit added to the process at its peak.
    """

    name: str
    normalised: Mean | None
    tally: Tally | None
    fit_ratio: float | None
    predict_ratio: float | None
    fit_seconds: float | None
    megabytes: float | None


@dataclass(frozen=True)
class TableRow:
    """Hold what is said of one table: each peer's mean score, and on the common scale, where it counts."""

    name: str
    traits: Traits
    metric: str
    means: dict[str, Mean]
    normalised: dict[str, float] | None

    @property
    def best(self) -> set[str]:
        """The peers with the best mean."""
        sign = -1 if self.metric in LESS_IS_BETTER else 1
        most = max(sign * one.mean for one in self.means.values())
        return {peer for peer, one in self.means.items() if most - sign * one.mean <= TIE}


@dataclass(frozen=True)
class KindRow:
    """Hold how the reference does on the tables of a kind, against each peer."""

    name: str
    tables: list[str]
    tallies: dict[str, Tally]


@dataclass(frozen=True)
class Summary:
    """Hold everything that a page or a picture shows."""

    metric: str
    reference: str
    peers: list[PeerRow]
    tables: list[TableRow]
    kinds: list[KindRow]
    failures: list[Result]
    versions: dict[str, list[str]]
    incomplete: list[str] = field(default_factory=list)
    unscaled: list[str] = field(default_factory=list)

    def peer(self, name: str) -> PeerRow:
        """Return the row of a peer."""
        return next(row for row in self.peers if row.name == name)


def summarise(
    scores: Scores, traits: Mapping[str, Traits], reference: str, order: Sequence[str] = ()
) -> Summary:
    """Return everything that is said of some results.

    Parameters
    ----------
    scores : Scores
    traits : mapping of str to Traits
        Of every table that has results.
    reference : str
        The peer whose wins are counted.
    order : sequence of str
        Of the peers; those that are not there come last.

    Notes
    -----
    Two peers are compared on the splits that both have, and on every table with one. Normalised scores are
    of the tables that all peers have a split of in common, the others are `incomplete`; those where no peer
    beats the constant answer clearly are `unscaled`.
    """
    found = {peer for by_peer in scores.of.values() for peer in by_peer}
    peers = sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))
    tables, incomplete, unscaled = [], [], []
    for table in (name for name in traits if name in scores.of):
        by_peer = scores.of[table]
        means = {peer: Mean.of(list(by_peer[peer].values())) for peer in peers if peer in by_peer}
        common = set.intersection(*(set(by_peer.get(peer, {})) for peer in {*peers, CONSTANT}))
        scaled = None
        if common:
            constant = by_peer[CONSTANT]
            sign = -1.0 if scores.name[table] in LESS_IS_BETTER else 1.0
            gains = {p: [sign * (by_peer[p][k] - constant[k]) for k in sorted(common)] for p in peers}
            scaled = normalise(gains)
            if scaled is None:
                unscaled.append(table)
        else:
            incomplete.append(table)
        tables.append(TableRow(table, traits[table], scores.name[table], means, scaled))
    return Summary(
        metric=scores.metric,
        reference=reference,
        peers=[_peer_row(scores, name, reference, tables) for name in peers],
        tables=tables,
        kinds=_kind_rows(scores, tables, peers, reference),
        failures=scores.failures,
        versions=_versions(scores.results, peers),
        incomplete=incomplete,
        unscaled=unscaled,
    )


def _gains(scores: Scores, tables: Iterable[str], reference: str, peer: str) -> list[list[float]]:
    return [gain for table in tables if (gain := scores.gain(table, reference, peer))]


def _peer_row(scores: Scores, name: str, reference: str, tables: Sequence[TableRow]) -> PeerRow:
    normalised = [row.normalised[name] for row in tables if row.normalised is not None]
    own = [result for result in scores.results if result.key.peer == name and not result.error]
    added = [
        result.peak_megabytes - result.before_megabytes
        for result in own
        if result.peak_megabytes is not None and result.before_megabytes is not None
    ]
    seconds = _mean_seconds(scores.results, name, "fit_seconds")
    gains = _gains(scores, [row.name for row in tables], reference, name)
    return PeerRow(
        name,
        Mean.of(normalised) if normalised else None,
        Tally.of(gains) if gains and name != reference else None,
        _ratio(scores.results, name, reference, "fit_seconds"),
        _ratio(scores.results, name, reference, "predict_seconds"),
        float(np.median(list(seconds.values()))) if seconds else None,
        float(np.median(added)) if added else None,
    )


def _mean_seconds(results: Iterable[Result], peer: str, what: str) -> dict[str, float]:
    by_table: dict[str, list[float]] = {}
    for result in results:
        if result.key.peer == peer and (seconds := getattr(result, what)) is not None:
            by_table.setdefault(result.key.table, []).append(seconds)
    return {table: float(np.mean(values)) for table, values in by_table.items()}


def _ratio(results: Iterable[Result], peer: str, reference: str, what: str) -> float | None:
    mine, theirs = _mean_seconds(results, peer, what), _mean_seconds(results, reference, what)
    pairs = [(mine[table], theirs[table]) for table in mine.keys() & theirs.keys()]
    return geometric_mean([one / other for one, other in pairs if one > 0 and other > 0])


def _kind_rows(
    scores: Scores, tables: Sequence[TableRow], peers: Sequence[str], reference: str
) -> list[KindRow]:
    rows = []
    for name, test in KINDS.items():
        members = [row.name for row in tables if test(row.traits)]
        tallies = {
            peer: Tally.of(_gains(scores, members, reference, peer)) for peer in peers if peer != reference
        }
        if members:
            rows.append(KindRow(name, members, tallies))
    return rows


def _versions(results: Iterable[Result], peers: Sequence[str]) -> dict[str, list[str]]:
    return {peer: sorted({one.version for one in results if one.key.peer == peer}) for peer in peers}
