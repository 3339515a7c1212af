"""Arms drawn once and stored: complete and stratified randomization in permuted blocks."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction
from itertools import chain
from math import lcm
from typing import Any

import numpy as np

from abkit import _check
from abkit._labels import missing, unit_ids
from abkit.assignment.arms import labelled_shares


def randomize(units: Any, weights: Any, *, rng: int | np.random.Generator | None = None) -> np.ndarray:
    """Return an independent random arm for each unit, an object array of str; the input stays as it is.

    Store the result: unlike `assign`, it cannot be computed again for a unit that returns.

    >>> randomize(range(4), {"control": 0.5, "treatment": 0.5}, rng=1).tolist()
    ['treatment', 'treatment', 'control', 'treatment']
    """
    rng = np.random.default_rng(rng)
    labels, w = labelled_shares(weights)
    return np.array(labels, object)[rng.choice(len(labels), size=len(unit_ids(units)), p=w / w.sum())]


def stratified(
    units: Any, strata: Any, weights: Any, *, rng: int | np.random.Generator | None = None
) -> np.ndarray:
    """Return arms by permuted blocks within each stratum, in the order of the units.

    A block holds the arms in the exact ratio of the weights; its size is 1, 2 or 3 times the
    smallest possible, drawn anew, so that nobody can tell the next arm. A stratum is never more than
    one block away from the planned ratio. Strata are drawn in the order in which they first appear.

    strata: one label a unit.
    Raises ValueError: `strata` must be as long as units; `strata` must not be missing; `strata` must hold
    labels.

    >>> arms = stratified(range(8), list("aaaabbbb"), {"control": 0.5, "treatment": 0.5}, rng=1)
    >>> arms.tolist()[:4]
    ['control', 'treatment', 'control', 'treatment']
    """
    rng = np.random.default_rng(rng)
    labels, w = labelled_shares(weights)
    groups: dict[Any, list[int]] = {}
    listed = strata.tolist() if hasattr(strata, "tolist") else strata
    stratum = _check.several("strata", listed, "must be a list, as long as units")
    if len(stratum) != len(unit_ids(units)):
        raise _check.fail("strata", "must be as long as units", len(stratum))
    for i, s in enumerate(stratum):
        if missing(s):
            raise _check.fail("strata", "must not be missing", f"{s} in row {i}")
        if not isinstance(s, Hashable):
            raise _check.fail("strata", "must hold labels", _check.short(s))
        groups.setdefault(s, []).append(i)
    arm = np.empty(len(stratum), np.int64)
    block = _block(w)
    for rows in groups.values():
        arm[rows] = _permuted(block, len(rows), rng)
    return np.array(labels, object)[arm]


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
