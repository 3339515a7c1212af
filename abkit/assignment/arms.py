"""Arms from positions: the shares as they are cut, entry and arm from salts of their own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from abkit import _check
from abkit._labels import unit_ids
from abkit.assignment.hashing import BUCKETS, position, positions_of
from abkit.estimate import Check
from abkit.numeric.chi_square import pearson

FEW, DRAWS = 100, 9_999  # smallest expected cell × number of cells, below which a test simulates its law


def assign(units: Any, weights: Any, *, salt: str, share: float = 1.0) -> np.ndarray:
    """Return the arm of each unit, an object array of str, with None where it is not enrolled.

    `weights`: arm → share, in a fixed order (another order is another assignment), or a list of such
    pairs; they sum to 1. `share`: the part of all units that enters. Raise it to ramp: units are
    added, and no unit changes its arm. Never change `weights` while a test runs: that moves users.

    Raises ValueError for shares finer than .0001, a label that comes twice, and an empty list of ids.

    >>> assign(["ann", "bob", "eve"], {"control": 0.5, "treatment": 0.5}, salt="checkout").tolist()
    ['control', 'treatment', 'treatment']
    """
    labels, edges = _remembered(weights)
    edge, ids = entry_edge(share), unit_ids(units)
    _check.text("salt", salt)
    if edge == BUCKETS:
        return labels[np.searchsorted(edges, positions_of(ids, f"{salt}/arm"), side="right")]
    out = np.full(len(ids), None, object)
    rows = np.flatnonzero(positions_of(ids, f"{salt}/entry") < edge)
    if len(rows):
        arm = positions_of([ids[i] for i in rows.tolist()], f"{salt}/arm")
        out[rows] = labels[np.searchsorted(edges, arm, side="right")]
    return out


def shares(weights: Any) -> Any:
    """Return the shares actually cut, whole buckets of .0001: a dict for labels, else an array.

    Give these to `srm` when `assign` made the assignment. A pandas Series has labels, as a mapping has.

    weights: label → planned share; they sum to 1.

    >>> shares({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    {'a': 0.3333, 'b': 0.3334, 'c': 0.3333}
    """
    weights = _check.labelled("weights", weights)
    if not isinstance(weights, Mapping):
        weights = {str(i): w for i, w in enumerate(_check.several("weights", weights, _check.SHARES))}
        return np.array(list(shares(weights).values()))
    labels, edges = cut(weights)
    widths = np.diff(edges, prepend=0) / BUCKETS
    return dict(zip(labels, widths.tolist(), strict=True))


def cut(weights: Any) -> tuple[list[str], np.ndarray]:
    """Return the labels and the upper edge of each arm's buckets, floor(10,000 · cumulated share + .5).

    >>> cut({"a": 0.25, "b": 0.75})
    (['a', 'b'], array([ 2500, 10000]))
    """
    labels, w = labelled_shares(weights)
    edges = np.floor(BUCKETS * np.cumsum(w) + 0.5).astype(np.int64)
    for label, want, width in zip(labels, w, np.diff(edges, prepend=0) / BUCKETS, strict=True):
        _fine("weights", float(want), float(width), f" for {label!r}")
    return labels, edges


def entry_edge(share: float) -> int:
    """Return how many of the 10,000 buckets enter.

    >>> entry_edge(0.05)
    500
    """
    value = _check.number("share", share)
    if not 0 <= value <= 1:
        raise _check.fail("share", "must lie between 0 and 1", f"{value:g}")
    edge = int(np.floor(BUCKETS * value + 0.5))
    _fine("share", value, edge / BUCKETS)
    return edge


def holdout(units: Any, share: float, *, salt: str) -> np.ndarray:
    """Return True for the units that stay out of everything, a fixed share under its own salt.

    Keep one salt for a period, and exclude these units before any experiment of that period.

    >>> holdout(["ann", "bob", "eve"], 0.5, salt="2026").tolist()
    [True, False, False]
    """
    return position(units, f"{_check.text('salt', salt)}/holdout") < entry_edge(share)


def verify(
    units: Any,
    weights: Any,
    *,
    salt: str,
    against: str | None = None,
    buckets: int = 100,
    alpha: float = 0.001,
) -> Check:
    """Test an assignment by chi-square: arms against the shares cut, buckets, and another experiment.

    `against` is the salt of a second experiment with the same weights: both arms must be independent.
    The p-value is the smallest of the tests times their number (Bonferroni). Give each unit once. Where a
    cell expects few units (smallest × number of cells below 100), the law of the statistic is simulated
    (9,999 draws, always the same).

    >>> verify(range(5_000), {"a": 0.5, "b": 0.5}, salt="blue", against="red").passed
    True
    """
    ids = unit_ids(units)
    alpha, buckets = _check.share("alpha", alpha), _check.integer("buckets", buckets, low=2)
    if len(set(ids)) < len(ids):
        raise _check.fail("units", "must hold each id once", f"{len(ids) - len(set(ids))} repeated")
    if len(ids) < 5 * buckets:
        raise _check.fail("units", f"must hold at least {5 * buckets} ids for {buckets} buckets", len(ids))
    arms = assign(ids, weights, salt=salt)
    cuts = {label: s for label, s in shares(weights).items() if s > 0}
    tests = {}
    if len(cuts) > 1:
        tests["arms"] = _of_shares([int((arms == a).sum()) for a in cuts], list(cuts.values()))
    fine = np.arange(BUCKETS) * buckets // BUCKETS
    seen = np.bincount(fine[position(ids, f"{salt}/arm")], minlength=buckets)
    tests["buckets"] = _of_shares(seen, np.bincount(fine) / BUCKETS)
    if against is not None and len(cuts) > 1:
        other = assign(ids, weights, salt=against)
        table = np.array([[((arms == a) & (other == b)).sum() for b in cuts] for a in cuts])
        tests["between experiments"] = _of_table(table)
    worst = min(tests, key=lambda name: tests[name][1])
    pvalue = min(1.0, len(tests) * tests[worst][1])
    message = ", ".join(f"{name}: chi-square {x:.4g}, p = {p:.3g}" for name, (x, p) in tests.items())
    return Check("assignment", tests[worst][0], pvalue, passed=bool(pvalue >= alpha), message=message)


def _remembered(weights: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return `cut` with the labels as an array; a single assignment needs most of its time for the checks of
    weights.
    """
    if (
        type(weights) is dict
        and set(map(type, weights)) == {str}
        and set(map(type, weights.values())) == {float}
    ):
        return _cut_once(tuple(weights.items()))
    labels, edges = cut(weights)
    return np.array(labels, object), edges


@lru_cache(maxsize=256)
def _cut_once(pairs: tuple[tuple[str, float], ...]) -> tuple[np.ndarray, np.ndarray]:
    labels, edges = cut(pairs)
    return np.array(labels, object), edges


def labelled_shares(weights: Any) -> tuple[list[str], np.ndarray]:
    """Return the labels of the arms and their shares (arms,), refused by name where they are no shares.

    >>> labelled_shares({"old": 0.25, "new": 0.75})
    (['old', 'new'], array([0.25, 0.75]))
    """
    weights = _check.labelled("weights", weights)
    pairs = (
        list(weights.items())
        if isinstance(weights, Mapping)
        else _check.several("weights", weights, _check.SHARES)
    )
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs):
        raise _check.fail(
            "weights", "must be a mapping of label to share, or a list of such pairs", repr(weights)
        )
    labels = [str(label) for label, _ in pairs]
    twice = [label for label in labels if labels.count(label) > 1]
    if twice:
        raise _check.fail("weights", "must name each label once", repr(twice[0]))
    return labels, _check.weights("weights", [w for _, w in pairs])


def _fine(name: str, want: float, width: float, where: str = "") -> None:
    """Refuse a share that whole buckets miss by more than a tenth; thirds pass, .00005 does not."""
    if abs(width - want) > 0.1 * want + 1e-12:
        raise _check.fail(
            name, f"must be whole multiples of .0001{where}", f"{want:g}, which would be cut as {width:g}"
        )


def _of_shares(counts: Any, expected: Any) -> tuple[float, float]:
    """Return chi-square and p of counts against shares; simulated where a cell expects few units."""
    seen, share = np.asarray(counts), np.asarray(expected, float)
    mean = seen.sum() * share
    statistic, pvalue = pearson(seen, mean, len(seen) - 1)
    if mean.min() * mean.size < FEW:
        draws = np.random.default_rng(0).multinomial(seen.sum(), share / share.sum(), DRAWS)
        pvalue = _share_above(((draws - mean) ** 2 / mean).sum(1), statistic)
    return float(statistic), float(pvalue)


def _of_table(table: np.ndarray) -> tuple[float, float]:
    """Return chi-square and p of independence; simulated given both margins where a cell expects few
    units.
    """
    table = table[table.any(1)][:, table.any(0)]
    rows, columns = table.sum(1), table.sum(0)
    df = (len(rows) - 1) * (len(columns) - 1)
    if df == 0:
        return 0.0, 1.0  # one arm is empty: nothing can depend on anything
    expected = np.outer(rows, columns) / table.sum()
    statistic, pvalue = pearson(table.ravel(), expected.ravel(), df)
    if expected.min() * expected.size < FEW:
        from scipy.stats import random_table

        draws = random_table(rows, columns).rvs(DRAWS, random_state=np.random.default_rng(0))
        pvalue = _share_above(((draws - expected) ** 2 / expected).sum((1, 2)), statistic)
    return float(statistic), float(pvalue)


def _share_above(draws: np.ndarray, statistic: float) -> float:
    """Return the p-value of a simulated law; never 0, and a tie within rounding counts."""
    return float((1 + (draws >= statistic * (1 - 1e-9)).sum()) / (1 + len(draws)))
