"""Looks over accumulating data: sums that add over days, progress, and a path that may be read daily.

Days of the SAME users do not add as if they were new users. Two forms of data do: the total of each
unit (`UnitTotals`), and sums in buckets hashed by the unit (`BucketSums`), with the variance taken between
buckets. `Watch` keeps the effects of the looks. Its clock is information, 1/se², not n.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from abkit import _check
from abkit._labels import unit_ids
from abkit._table import Table
from abkit.assignment.hashing import position
from abkit.estimate import Effect, Path
from abkit.inference.means import ratio
from abkit.moments import Moments
from abkit.sequential.mixture import asymptotic_rho, msprt
from abkit.sequential.monitoring import monitor, replan
from abkit.sequential.plans import group_sequential
from abkit.sequential.recursion import SMALLEST_STEP


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

    def effect(self, *, alpha: float = 0.05) -> Effect:
        """Return the difference of the arms' ratios, sum over denominator, with the variance between buckets.

        `n_control` and `n_treatment` are the buckets in use: the variance knows no more.

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

    def effect(self, *, alpha: float = 0.05) -> Effect:
        """Return the difference of the arms' ratios, with the variance between units.

        >>> data = UnitTotals.empty().add(range(40), np.arange(40) % 2 == 1, np.arange(40.0))
        >>> round(data.effect().estimate, 6)
        1.0
        """
        arms = [
            Moments.of(self.sums[part], below=self.counts[part]) for part in (~self.treated, self.treated)
        ]
        return ratio(*arms, alpha=alpha)


@dataclass(frozen=True, eq=False, repr=False)
class Progress(Table):
    """How far the data are: share of the planned information, days so far, days left (inf: it does not
    grow).
    """

    information: float
    planned: float
    share: float
    day: float
    days_left: float


@dataclass(frozen=True, eq=False, repr=False)
class Watch(Table):
    """The looks of one metric so far, and the rule that reads them; JSON in, JSON out.

    target_se: the standard error at which the plan is complete. rule: "always" (mSPRT and its confidence
    sequence, tightest there unless `tau` says otherwise) or "planned" (group-sequential, O'Brien-Fleming
    spending). day, estimate, se, n_control, n_treatment: one value a look, filled by `look`.

    >>> watch = Watch(target_se=0.1).look(7, Effect.of(0.4, 0.2, n_control=50, n_treatment=50))
    >>> watch.progress().share, watch.progress().days_left
    (0.25, 21.0)
    """

    target_se: float
    alpha: float = 0.05
    rule: str = "always"
    tau: float | None = None
    burn_in: int = 30
    day: tuple[float, ...] = ()
    estimate: tuple[float, ...] = ()
    se: tuple[float, ...] = ()
    n_control: tuple[int, ...] = ()
    n_treatment: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        _check.positive("target_se", self.target_se)
        _check.share("alpha", self.alpha)
        _check.one_of("rule", self.rule, ("always", "planned"))
        if self.tau is not None:
            _check.positive("tau", self.tau)

    def look(self, day: float, effect: Effect) -> Watch:
        """Return the watch with one more look: CUMULATIVE data up to the end of `day`.

        >>> Watch(target_se=0.1).look(1, Effect.of(0.4, 0.2, n_control=50, n_treatment=50)).se
        (0.2,)
        """
        day = _check.positive("day", day)
        if self.day and day <= self.day[-1]:
            raise _check.fail("day", f"must come after the last look, day {self.day[-1]:g}", f"{day:g}")
        if effect.n_control is None or effect.n_treatment is None:
            raise _check.fail("effect", "must carry n_control and n_treatment", "none")
        new = {
            "day": day,
            "estimate": _check.number("estimate", effect.estimate),
            "se": _check.positive("se", effect.se),
            "n_control": int(effect.n_control),
            "n_treatment": int(effect.n_treatment),
        }
        return Watch(
            **{**self.to_dict(), **{name: (*getattr(self, name), value) for name, value in new.items()}}
        )

    def path(self) -> Path:
        """Return one row a look, by the rule of this watch.

        "planned" spends alpha by the information that came, also where the last look brings more than was
        planned. A look that adds less than 1e-4 of the plan, or comes after its end, is no test: its interval
        is infinite.

        >>> looks = Watch(target_se=0.1)
        >>> for day, se in ((7, 0.2), (14, 0.14)):
        ...     looks = looks.look(day, Effect.of(0.6, se, n_control=50 * day, n_treatment=50 * day))
        >>> looks.path().crossed.tolist()
        [False, True]
        """
        effects = self._effects()
        if self.rule == "always":
            tau = self.target_se * asymptotic_rho(1, alpha=self.alpha) if self.tau is None else self.tau
            return msprt(effects, tau=tau, burn_in=self.burn_in)
        share, plan = np.square(self.target_se / effects.se), group_sequential(1, alpha=self.alpha)
        tested, bound = _tested(share), np.full(share.shape, np.inf)
        if tested.any():
            bound[tested] = replan(plan, share[tested]).upper
        return monitor(effects, replace(plan, upper=bound, lower=-bound))

    def progress(self) -> Progress:
        """Return the share of the planned information and the days left at the real traffic, the mean pace so
        far.

        Once the pace falls, for the users who come are the same ones, the days left are too few: look again
        later.

        >>> effect = Effect.of(0.4, 0.2, n_control=50, n_treatment=50)
        >>> Watch(target_se=0.2).look(3, effect).progress().days_left
        0.0
        """
        if not self.day:
            raise _check.fail("watch", "must hold at least one look", "none")
        information, planned, day = self.se[-1] ** -2, self.target_se**-2, self.day[-1]
        left = max(0, math.ceil(round((planned - information) / (information / day), 9)))
        return Progress(information, planned, information / planned, day, float(left))

    def to_json(self) -> str:
        """Return the state as text, to be stored between two looks.

        >>> Watch.from_json(Watch(target_se=0.1).to_json()).target_se
        0.1
        """
        return json.dumps(self.to_dict())

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Watch:
        """Return the watch of a stored state; unknown or missing fields are refused.

        >>> Watch.from_dict(Watch(target_se=0.1, tau=0.2).to_dict()).tau
        0.2
        """
        names = set(cls.__dataclass_fields__)
        if not names >= set(state) or "target_se" not in state:
            raise _check.fail(
                "state", "must hold the fields of a Watch", ", ".join(sorted(set(state) ^ names))
            )
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in state.items()}
        return cls(**fields)

    @classmethod
    def from_json(cls, text: str) -> Watch:
        """Return the watch of a stored text.

        >>> Watch.from_json('{"target_se": 0.1}').rule
        'always'
        """
        return cls.from_dict(json.loads(text))

    def _effects(self) -> Effect:
        if not self.day:
            raise _check.fail("watch", "must hold at least one look", "none")
        estimate, se = np.array(self.estimate), np.array(self.se)
        nothing = np.full(len(se), np.nan)
        return Effect(
            "watch",
            estimate,
            se,
            np.inf,
            nothing,
            nothing,
            nothing,
            self.alpha,
            n_control=np.array(self.n_control),
            n_treatment=np.array(self.n_treatment),
        )


def _tested(share: np.ndarray) -> np.ndarray:
    """Which looks are tests: those that bring new information, up to the end of the plan."""
    tested, last = np.zeros(len(share), bool), 0.0
    for k, t in enumerate(share):
        if last < 1 and t - last >= SMALLEST_STEP:
            tested[k], last = True, t
    return tested


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
