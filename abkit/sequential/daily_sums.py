"""Sums that add over days: the total of each unit, or sums in buckets hashed by the unit.

Days of the SAME users do not add as if they were new users. These two do: `UnitTotals` is exact, one row a
unit; `BucketSums` is small, and takes the variance between buckets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from abkit import _check, _stored
from abkit._labels import unit_ids
from abkit._table import Table
from abkit.assignment.hashing import position
from abkit.estimate import Effect
from abkit.inference.means import ratio
from abkit.moments import Moments


@dataclass(frozen=True, eq=False, repr=False)
class BucketSums(Table):
    """Sums of a metric and of its denominator by arm and bucket; they add over days, shards and users.

    sums, counts: shape (..., 2, buckets), control first. A unit is in the same bucket every day, so days of
    the same users fall together and the variance between buckets stays honest.

    >>> day = BucketSums.empty("shop", buckets=10).add(["ann", "bob"], [False, True], [3.0, 5.0])
    >>> (day + day).counts.sum(-1).tolist()
    [2.0, 2.0]
    """

    sums: np.ndarray
    counts: np.ndarray
    salt: str

    @classmethod
    def empty(cls, salt: str, *, buckets: int = 1_000) -> BucketSums:
        """Return buckets without data; their number must divide 10,000.

        salt: of the hash of the unit.
        Raises ValueError: `buckets` must divide 10,000, the number of positions of the hash.

        >>> BucketSums.empty("shop").sums.shape
        (2, 1000)
        """
        if 10_000 % _check.integer("buckets", buckets, low=2):
            raise _check.fail("buckets", "must divide 10,000, the number of positions of the hash", buckets)
        return cls(np.zeros((2, buckets)), np.zeros((2, buckets)), _check.text("salt", salt))

    def add(self, units: Any, treated: Any, y: Any, *, denominator: Any = 1.0) -> BucketSums:
        """Return these sums with new rows: ids, True for treatment, the metric.

        `denominator` 1 (the default) makes the metric a mean per row, such as per user and day. For a mean
        per user, give 1 in the first row of a user and 0 later.

        units: ids, compared as text; treated: True for a unit of the treatment arm; y: the values, one a
        unit.

        >>> float(BucketSums.empty("shop").add(["ann"], [True], [2.0]).sums[1].sum())
        2.0
        """
        ids, arm, values, below = _rows(units, treated, y, denominator)
        buckets = self.sums.shape[-1]
        cell = arm * buckets + position(ids, f"{self.salt}/bucket") % buckets
        sums, counts = (np.bincount(cell, w, 2 * buckets).reshape(2, buckets) for w in (values, below))
        return BucketSums(self.sums + sums, self.counts + counts, self.salt)

    def __add__(self, other: BucketSums) -> BucketSums:
        if other.salt != self.salt or other.sums.shape[-1] != self.sums.shape[-1]:
            raise _check.fail(
                "other", "must have the same salt and number of buckets", (other.salt, other.sums.shape[-1])
            )
        return BucketSums(self.sums + other.sums, self.counts + other.counts, self.salt)

    def to_json(self) -> str:
        """Return the sums as text, exact to the bit.

        >>> day = BucketSums.empty("shop").add(["ann"], [True], [0.1])
        >>> BucketSums.from_json(day.to_json()).sums.sum().tolist()
        0.1
        """
        return _stored.to_text("BucketSums", self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> BucketSums:
        """Return the sums that `to_json` wrote.

        Raises ValueError for any other text, and for fields that do not fit.

        >>> BucketSums.from_json(BucketSums.empty("shop", buckets=10).to_json()).counts.shape
        (2, 10)
        """
        found = _stored.from_text("BucketSums", text, ("sums", "counts", "salt"))
        sums, counts = (_check.array(name, found[name]) for name in ("sums", "counts"))
        if sums.shape != counts.shape or sums.ndim < 2 or sums.shape[-2] != 2 or 10_000 % sums.shape[-1]:
            got = f"{sums.shape} and {counts.shape}"
            raise _check.fail("sums and counts", "must have one shape (..., 2, buckets)", got)
        if (counts < 0).any():
            raise _check.fail("counts", "must not be negative", f"{counts.min():g}")
        return cls(sums, counts, _check.text("salt", found["salt"]))

    def effect(self, *, alpha: float = 0.05) -> Effect:
        """Return the difference of the arms' ratios, sum over denominator, with the variance between buckets.

        `n_control` and `n_treatment` are the buckets in use: the variance knows no more.

        alpha: the error rate, strictly between 0 and 1.
        Raises ValueError: `sums` must fill at least two buckets in each arm.

        >>> data = BucketSums.empty("shop").add(range(40), np.arange(40) % 2 == 1, np.arange(40.0))
        >>> round(data.effect().estimate, 6)
        1.0
        """
        used = (self.counts > 0).sum(-1)
        if (used < 2).any():
            raise _check.fail("sums", "must fill at least two buckets in each arm", used.tolist())
        arms = [Moments.of(self.sums[..., i, :], below=self.counts[..., i, :]) for i in (0, 1)]
        found = ratio(*arms, alpha=alpha)
        return _with_sizes(found, used[..., 0], used[..., 1])


@dataclass(frozen=True, eq=False, repr=False)
class UnitTotals(Table):
    """The total and the denominator of each unit so far: exact, one row a unit.

    units, treated, sums, counts: shape (units,), in the order of the ids.

    >>> day = UnitTotals.empty().add(["ann", "bob"], [False, True], [3.0, 5.0])
    >>> day.add(["ann"], [False], [1.0]).sums.tolist()
    [4.0, 5.0]
    """

    units: np.ndarray
    treated: np.ndarray
    sums: np.ndarray
    counts: np.ndarray

    @classmethod
    def empty(cls) -> UnitTotals:
        """Return totals without data.

        >>> len(UnitTotals.empty().units)
        0
        """
        return cls(np.array([], str), np.array([], bool), np.array([]), np.array([]))

    def add(self, units: Any, treated: Any, y: Any, *, denominator: Any = 1.0) -> UnitTotals:
        """Return these totals with new rows; `denominator` as in `BucketSums.add`.

        Raises ValueError for a unit in both arms, and for ids that are missing or floats, as `position` does.

        units: ids, compared as text; treated: True for a unit of the treatment arm; y: the values, one a
        unit.

        >>> UnitTotals.empty().add(["ann", "ann"], [True, True], [2.0, 3.0]).counts.tolist()
        [2.0]
        """
        new, arm, values, below = _rows(units, treated, y, denominator)
        ids = np.concatenate([self.units, np.asarray(new, str)])
        arm = np.concatenate([self.treated.astype(int), arm])
        known, at = np.unique(ids, return_inverse=True)
        rows, treated_rows = np.bincount(at, minlength=len(known)), np.bincount(at, arm, len(known))
        if ((treated_rows > 0) & (treated_rows < rows)).any():
            both = known[(treated_rows > 0) & (treated_rows < rows)]
            raise _check.fail(
                "treated",
                "must be the same in all rows of a unit",
                f"{len(both)} units in both arms, such as {both[0]}",
            )
        sums, counts = (
            np.bincount(at, np.concatenate(w), len(known))
            for w in ((self.sums, values), (self.counts, below))
        )
        return UnitTotals(known, treated_rows > 0, sums, counts)

    def to_json(self) -> str:
        """Return the totals as text, exact to the bit.

        >>> UnitTotals.from_json(UnitTotals.empty().add(["ann"], [True], [0.1]).to_json()).sums.tolist()
        [0.1]
        """
        return _stored.to_text("UnitTotals", self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> UnitTotals:
        """Return the totals that `to_json` wrote.

        Raises ValueError for any other text, and for fields that do not fit.

        >>> UnitTotals.from_json(UnitTotals.empty().to_json()).units.shape
        (0,)
        """
        found = _stored.from_text("UnitTotals", text, ("units", "treated", "sums", "counts"))
        for name, kind in (("units", "U"), ("treated", "b"), ("sums", "f"), ("counts", "f")):
            value = found[name]
            if not isinstance(value, np.ndarray) or value.dtype.kind != kind or value.ndim != 1:
                raise _check.fail(name, "must be a stored column", repr(value)[:60])
        if len({len(value) for value in found.values()}) > 1:
            raise _check.fail("text", "must hold columns of one length", [len(v) for v in found.values()])
        if (found["units"][1:] <= found["units"][:-1]).any():
            raise _check.fail("units", "must be in order, each once", "another order")
        return cls(**found)

    def effect(self, *, alpha: float = 0.05) -> Effect:
        """Return the difference of the arms' ratios, with the variance between units.

        alpha: the error rate, strictly between 0 and 1.

        >>> data = UnitTotals.empty().add(range(40), np.arange(40) % 2 == 1, np.arange(40.0))
        >>> round(data.effect().estimate, 6)
        1.0
        """
        arms = [
            Moments.of(self.sums[part], below=self.counts[part]) for part in (~self.treated, self.treated)
        ]
        return ratio(*arms, alpha=alpha)


def _rows(
    units: Any, treated: Any, y: Any, denominator: Any
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Ids as text, arm as 0 or 1, metric and denominator, each as long as the ids."""
    ids, values = unit_ids(units), _check.rows("y", y)
    if values.ndim != 1 or len(values) != len(ids):
        raise _check.fail("y", f"must hold one value for each of {len(ids)} units", values.shape)
    arm = np.asarray(treated)
    if arm.shape != values.shape or not np.isin(arm, (0, 1)).all():
        raise _check.fail("treated", "must be True or False for each unit", f"shape {arm.shape}")
    below = np.broadcast_to(_check.array("denominator", denominator), values.shape)
    if (below < 0).any():
        raise _check.fail("denominator", "must not be negative", f"{below.min():g}")
    return ids, arm.astype(int), values, below


def _with_sizes(effect: Effect, n_control: Any, n_treatment: Any) -> Effect:
    return Effect(**{**effect.to_dict(), "n_control": n_control, "n_treatment": n_treatment})
