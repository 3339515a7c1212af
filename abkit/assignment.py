"""Which arm does a unit get? A pure function of salt and id: no table of assignments is needed.

`position` is the first 15 hexadecimal digits of md5(salt + "." + unit), modulo 10,000. Three
purposes have three salts (the layer's, entry, arm), so a growing share adds units and moves nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from math import lcm
from typing import Any

import numpy as np
from scipy.special import chdtrc

from abkit import _check
from abkit.estimate import Check
from abkit.sample_ratio import srm
from abkit.targeting import missing

BUCKETS = 10_000  # the finest share is .0001
LONG = 50_000  # longer lists are hashed by DuckDB: the same numbers, some three times as fast


def position(units: Any, salt: str) -> np.ndarray:
    """Return the bucket of each unit under this salt, shape (n,), whole numbers from 0 to 9,999.

    units: ids as text or whole numbers (7 and "7" are the same unit). Missing ids and floats are
    refused: a column of ids with one gap turns into floats, and "7.0" would be another user.

    >>> position(["ann", "bob"], "checkout").tolist()
    [7723, 5835]
    """
    return _positions(unit_ids(units), _check.text("salt", salt))


def unit_ids(units: Any) -> list[str]:
    """Return ids as text, in the order given: text or whole numbers, none missing, at least one.

    >>> unit_ids([7, "ann"])
    ['7', 'ann']
    """
    if isinstance(units, (str, bytes)):
        raise _check.fail("units", "must be a list of ids", repr(units), "One id? Put it in a list.")
    if isinstance(units, (Mapping, set, frozenset)) or hasattr(
        type(units), "columns"
    ):  # their list is not the list of the ids
        raise _check.fail(
            "units", "must be one list of ids", f"a {type(units).__name__}", "Take the column of the ids."
        )
    if not isinstance(units, Iterable) or getattr(units, "ndim", 1) != 1:
        raise _check.fail("units", "must be one list of ids", repr(units))
    values = units.tolist() if hasattr(units, "tolist") else list(units)
    if not values:
        raise _check.fail("units", "must hold at least one id", "none")
    kinds = set(map(type, values))
    bad = [k for k in kinds if not issubclass(k, (str, int, np.integer)) or k is bool]
    if bad:
        first = next(v for v in values if type(v) in bad)
        raise _check.fail(
            "units", "must hold ids as text or whole numbers", f"{first!r} of type {type(first).__name__}"
        )
    return values if kinds == {str} else [str(v) for v in values]


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
        return labels[np.searchsorted(edges, _positions(ids, f"{salt}/arm"), side="right")]
    out = np.full(len(ids), None, object)
    rows = np.flatnonzero(_positions(ids, f"{salt}/entry") < edge)
    if len(rows):
        arm = _positions([ids[i] for i in rows.tolist()], f"{salt}/arm")
        out[rows] = labels[np.searchsorted(edges, arm, side="right")]
    return out


def shares(weights: Any) -> Any:
    """Return the shares actually cut, whole buckets of .0001: a dict for labels, else an array.

    Give these to `srm` when `assign` made the assignment. A pandas Series has labels, as a mapping has.

    >>> shares({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    {'a': 0.3333, 'b': 0.3334, 'c': 0.3333}
    """
    weights = _check.labelled("weights", weights)
    if not isinstance(weights, Mapping) and np.ndim(weights) == 1:
        weights = {str(i): w for i, w in enumerate(weights)}
        return np.array(list(shares(weights).values()))
    labels, edges = cut(weights)
    widths = np.diff(edges, prepend=0) / BUCKETS
    return dict(zip(labels, widths.tolist(), strict=True))


def cut(weights: Any) -> tuple[list[str], np.ndarray]:
    """Return the labels and the upper edge of each arm's buckets, floor(10,000 · cumulated share + .5).

    >>> cut({"a": 0.25, "b": 0.75})
    (['a', 'b'], array([ 2500, 10000]))
    """
    labels, w = _labelled(weights)
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


@dataclass
class Layer:
    """Ten thousand buckets that experiments share out: two experiments of a layer never meet.

    Experiments of different layers overlap at random. A slot keeps its buckets until it is released.

    >>> layer = Layer("search")
    >>> layer.allocate("ranking", 0.5), layer.allocate("filters", 0.2)
    ((0, 5000), (5000, 7000))
    >>> layer.members(["ann", "bob", "eve"]).tolist()
    ['ranking', 'filters', 'ranking']
    """

    salt: str
    slots: dict[str, tuple[int, int]] = field(default_factory=dict)

    def allocate(self, name: str, share: float) -> tuple[int, int]:
        """Give `name` the first free run of buckets of this share and return it as [low, high).

        Raises ValueError where the name is taken or no free run is long enough.

        >>> Layer("home").allocate("banner", 0.1)
        (0, 1000)
        """
        if name in self.slots:
            raise _check.fail("name", "must be new in this layer", repr(name))
        width = entry_edge(share)
        if width == 0:
            raise _check.fail("share", "must be above 0", share)
        low = 0
        for taken_low, taken_high in sorted(self.slots.values()):
            if low + width <= taken_low:
                break
            low = taken_high
        if low + width > BUCKETS:
            free = BUCKETS - sum(high - low for low, high in self.slots.values())
            raise _check.fail(
                "share", f"must fit into a free run of the layer ({free / BUCKETS:g} is free in all)", share
            )
        self.slots[name] = (low, low + width)
        return self.slots[name]

    def release(self, name: str) -> None:
        """Free the buckets of an experiment that has ended.

        >>> layer = Layer("home", {"banner": (0, 1000)}); layer.release("banner"); layer.slots
        {}
        """
        if name not in self.slots:
            raise _check.fail("name", "must be a slot of this layer", repr(name))
        del self.slots[name]

    def members(self, units: Any) -> np.ndarray:
        """Return the experiment of each unit, an object array of str, None where no one holds its bucket.

        >>> Layer("home", {"banner": (0, 10_000)}).members(["ann"]).tolist()
        ['banner']
        """
        where = position(units, self.salt)
        out = np.full(len(where), None, object)
        for name, (low, high) in self.slots.items():
            out[(where >= low) & (where < high)] = name
        return out


def randomize(units: Any, weights: Any, *, rng: int | np.random.Generator | None = None) -> np.ndarray:
    """Return an independent random arm for each unit, an object array of str; the input stays as it is.

    Store the result: unlike `assign`, it cannot be computed again for a unit that returns.

    >>> randomize(range(4), {"control": 0.5, "treatment": 0.5}, rng=1).tolist()
    ['treatment', 'treatment', 'control', 'treatment']
    """
    rng = np.random.default_rng(rng)
    labels, w = _labelled(weights)
    return np.array(labels, object)[rng.choice(len(labels), size=len(unit_ids(units)), p=w / w.sum())]


def stratified(
    units: Any, strata: Any, weights: Any, *, rng: int | np.random.Generator | None = None
) -> np.ndarray:
    """Return arms by permuted blocks within each stratum, in the order of the units.

    A block holds the arms in the exact ratio of the weights; its size is 1, 2 or 3 times the
    smallest possible, drawn anew, so that nobody can tell the next arm. A stratum is never more than
    one block away from the planned ratio. Strata are drawn in the order in which they first appear.

    >>> arms = stratified(range(8), list("aaaabbbb"), {"control": 0.5, "treatment": 0.5}, rng=1)
    >>> arms.tolist()[:4]
    ['control', 'treatment', 'control', 'treatment']
    """
    rng = np.random.default_rng(rng)
    labels, w = _labelled(weights)
    groups: dict[Any, list[int]] = {}
    if not isinstance(strata, Iterable):
        raise _check.fail("strata", "must be a list, as long as units", repr(strata))
    stratum = strata.tolist() if hasattr(strata, "tolist") else list(strata)
    if len(stratum) != len(unit_ids(units)):
        raise _check.fail("strata", "must be as long as units", len(stratum))
    for i, s in enumerate(stratum):
        if missing(s):
            raise _check.fail("strata", "must not be missing", f"{s} in row {i}")
        groups.setdefault(s, []).append(i)
    arm = np.empty(len(stratum), np.int64)
    block = _block(w)
    for rows in groups.values():
        arm[rows] = _permuted(block, len(rows), rng)
    return np.array(labels, object)[arm]


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
    The p-value is the smallest of the tests times their number (Bonferroni). Give each unit once.

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
        planned = srm({label: int((arms == label).sum()) for label in cuts}, cuts)
        tests["arms"] = (planned.statistic, planned.pvalue)
    fine = np.arange(BUCKETS) * buckets // BUCKETS
    seen = np.bincount(fine[position(ids, f"{salt}/arm")], minlength=buckets)
    tests["buckets"] = _chi_square(seen, len(ids) * np.bincount(fine) / BUCKETS, buckets - 1)
    if against is not None and len(cuts) > 1:
        other = assign(ids, weights, salt=against)
        table = np.array([[((arms == a) & (other == b)).sum() for b in cuts] for a in cuts])
        expected = table.sum(1, keepdims=True) * table.sum(0) / table.sum()
        tests["between experiments"] = _chi_square(table, expected, (len(cuts) - 1) ** 2)
    worst = min(tests, key=lambda name: tests[name][1])
    pvalue = min(1.0, len(tests) * tests[worst][1])
    message = ", ".join(f"{name}: chi-square {x:.4g}, p = {p:.3g}" for name, (x, p) in tests.items())
    return Check("assignment", tests[worst][0], pvalue, bool(pvalue >= alpha), message)


def _remembered(weights: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return `cut` with the labels as an array; a single assignment needs most of its time for the checks of weights."""
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


def _bucket(key: str) -> int:
    return int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()[:15], 16) % BUCKETS


def _positions(ids: list[str], salt: str) -> np.ndarray:
    if len(ids) > LONG:
        return _position_duckdb(ids, salt)
    try:
        return np.fromiter((_bucket(f"{salt}.{unit}") for unit in ids), np.int64, len(ids))
    except UnicodeEncodeError:
        raise _check.fail("units", "must be text that UTF-8 can write", "a lone surrogate") from None


def _position_duckdb(ids: list[str], salt: str) -> np.ndarray:
    import duckdb
    import pyarrow as pa

    try:
        table = pa.table({"unit": pa.array(ids, pa.large_string())})
    except UnicodeEncodeError:
        raise _check.fail("units", "must be text that UTF-8 can write", "a lone surrogate") from None
    with duckdb.connect() as connection:
        connection.register("ids", table)
        query = f"SELECT CAST('0x' || substr(md5(? || '.' || unit), 1, 15) AS BIGINT) % {BUCKETS} AS bucket FROM ids"
        return np.asarray(connection.execute(query, [salt]).fetchnumpy()["bucket"], np.int64)


def _labelled(weights: Any) -> tuple[list[str], np.ndarray]:
    weights = _check.labelled("weights", weights)
    pairs = (
        list(weights.items())
        if isinstance(weights, Mapping)
        else list(weights)
        if isinstance(weights, Iterable)
        else [weights]
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


def _block(w: np.ndarray) -> np.ndarray:
    """Return the smallest block that holds the arms in the exact ratio of the weights."""
    parts = [Fraction(float(x)).limit_denominator(1000) for x in w]
    size = lcm(*(p.denominator for p in parts))
    counts = [int(p * size) for p in parts]
    if sum(counts) != size or size > 1000 or not np.allclose(np.array(counts) / size, w, atol=1e-9, rtol=0):
        raise _check.fail(
            "weights", "must be a ratio that a block of at most 1,000 units can hold", _check.shares_text(w)
        )
    return np.repeat(np.arange(len(w)), counts)


def _permuted(block: np.ndarray, rows: int, rng: np.random.Generator) -> np.ndarray:
    filled, blocks = 0, []
    while filled < rows:
        blocks.append(rng.permutation(np.tile(block, rng.integers(1, 4))))
        filled += len(blocks[-1])
    return np.fromiter(chain.from_iterable(blocks), np.int64, filled)[:rows]


def _chi_square(seen: np.ndarray, expected: np.ndarray, df: int) -> tuple[float, float]:
    statistic = float(((seen - expected) ** 2 / expected).sum())
    return statistic, float(chdtrc(df, statistic))
