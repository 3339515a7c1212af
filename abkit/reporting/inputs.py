"""What `analyze` reads: a table with one row a unit, or the `Moments` of each arm. Both answer the same
questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from abkit import _check
from abkit._labels import arm_label
from abkit.estimate import linearised
from abkit.inference.pairs import independent
from abkit.metrics import Analysis, Metric
from abkit.moments import Moments
from abkit.tables.gaps import fill_gaps
from abkit.tables.reading import opened
from abkit.tables.reducing import ArmCounts, Reduction, arm_counts, reduce_groups
from abkit.tables.skewness import third_moments
from abkit.tables.units import UnitCount, count_units


@dataclass(frozen=True)
class Totals:
    """The clusters of one arm: the total of a metric in each, and its number of units, shape (clusters,)."""

    total: np.ndarray
    size: np.ndarray


@dataclass(frozen=True)
class Arms:
    """One metric: moments by arm (as text), rows dropped with the reason, third central moments where rows
    are at hand.

    history: the metric and its covariates as columns of one mean each, ready for `cuped`. gaps: what was
    filled in them. clusters: their totals, where clusters were assigned.
    """

    moments: dict[str, Moments]
    dropped: int = 0
    reason: str = ""
    third: dict[str, float] | None = None
    history: dict[str, Moments] | None = None
    gaps: str = ""
    clusters: dict[str, Totals] | None = None


@dataclass(frozen=True)
class Rows:
    """A table with one row a unit: any data frame."""

    table: Any
    arm: str
    cluster: str | None = None

    def counts(self) -> ArmCounts:
        """Return the rows of each arm.

        >>> import pandas as pd
        >>> Rows(pd.DataFrame({"arm": ["b", "a", "b", None]}), "arm").counts()
        ArmCounts: counts {'a': 1, 'b': 2}  missing 1
        """
        found = arm_counts(self.table, self.arm)
        return ArmCounts(_by_text(found.counts), found.missing)

    def units(self, unit: str) -> UnitCount:
        """Count repeated units and units in several arms.

        >>> import pandas as pd
        >>> Rows(pd.DataFrame({"id": [1, 1, 2, 2], "arm": ["a", "a", "a", "b"]}), "arm").units("id")
        UnitCount: units 2  repeated 2  crossed 1  missing 0  left_out 0
        """
        return count_units(self.table, unit, arm=self.arm)

    def homes(self) -> dict[Any, str]:
        """Return the arm of each cluster.

        Raises ValueError for a cluster in two arms, or rows with an arm and no cluster.

        >>> import pandas as pd
        >>> cities = pd.DataFrame({"city": ["Bonn", "Bonn", "Kiel"], "arm": ["a", "a", "b"]})
        >>> Rows(cities, "arm", "city").homes()
        {'Bonn': 'a', 'Kiel': 'b'}
        """
        name = str(self.cluster)
        found = arm_counts(self.table, self.arm, by=name)
        if lost := found.missing - arm_counts(self.table, self.arm).missing:
            raise _check.fail(
                "cluster", f"must be known for every row with an arm ({name})", f"{lost:,} without"
            )
        mixed = [label for label, arms in found.counts.items() if len(arms) > 1]
        if mixed:
            got = f"{len(mixed):,} of {len(found.counts):,} in several, such as {mixed[0]!r}"
            hint = "Were units assigned one by one? Then leave the cluster out."
            raise _check.fail("cluster", f"must have one arm each ({name})", got, hint)
        return {label: arm_label(next(iter(arms))) for label, arms in found.counts.items()}

    def clusters(self) -> dict[str, int]:
        """Return the number of clusters of each arm.

        >>> import pandas as pd
        >>> cities = pd.DataFrame({"city": ["Bonn", "Bonn", "Kiel"], "arm": ["a", "a", "b"]})
        >>> Rows(cities, "arm", "city").clusters()
        {'a': 1, 'b': 1}
        """
        homes = list(self.homes().values())
        return {arm: homes.count(arm) for arm in dict.fromkeys(sorted(homes))}

    def read(self, metrics: Sequence[Metric]) -> dict[Metric, Arms]:
        """Return the moments of each metric's complete rows, what was dropped, and third moments of means and
        ratios.

        Two passes over the table: the sums of all metrics, and the third moments of those that need them.

        >>> import pandas as pd
        >>> metric = Metric("y")
        >>> table = pd.DataFrame({"arm": ["a", "a", "b", "b"], "y": [1.0, 3.0, 2.0, None]})
        >>> found = Rows(table, "arm").read([metric])[metric]
        >>> found.moments["a"].mean.tolist(), found.dropped, found.reason
        ([2.0], 1, 'y missing in 1')
        """
        found = reduce_groups(self.table, [m.columns for m in metrics], by=self.arm, parameter="metric")
        skewed = [
            (m, r.moments)
            for m, r in zip(metrics, found, strict=True)
            if m.kind == "mean" or (m.kind == "ratio" and all(arm.mean[1] != 0 for arm in r.moments.values()))
        ]
        third: dict[Metric, dict[Any, float]] = {}
        if self.cluster is not None:  # Edgeworth's terms are those of independent rows
            totals = self._totals(metrics)
            return {
                m: replace(self._arms(m, r, None), clusters=totals[m])
                for m, r in zip(metrics, found, strict=True)
            }
        if skewed:
            columns, moments = [m.columns for m, _ in skewed], [arms for _, arms in skewed]
            cubes = third_moments(self.table, columns, by=self.arm, moments=moments)
            third = dict(zip((m for m, _ in skewed), cubes, strict=True))
        return {m: self._arms(m, r, third.get(m)) for m, r in zip(metrics, found, strict=True)}

    def _arms(self, metric: Metric, found: Reduction, third: dict[Any, float] | None) -> Arms:
        lost = {name: n for name, n in found.dropped_by_column.items() if n and name != self.arm}
        reason = ", ".join(f"{name} missing in {n:,}" for name, n in lost.items())
        past, gaps = self._history(metric) if metric.covariates else (None, "")
        return Arms(
            _by_text(found.moments),
            found.dropped,
            reason,
            third=None if third is None else _by_text(third),
            history=past,
            gaps=gaps,
        )

    def _totals(self, metrics: Sequence[Metric]) -> dict[Metric, dict[str, Totals]]:
        """Totals of each metric by cluster, on the rows that have it."""
        homes = self.homes()
        found = reduce_groups(self.table, [m.columns for m in metrics], by=self.cluster, parameter="metric")
        out = {}
        for metric, one in zip(metrics, found, strict=True):
            own = {
                arm: [m for label, m in one.moments.items() if homes.get(label) == arm]
                for arm in dict.fromkeys(homes.values())
            }
            out[metric] = {
                arm: Totals(np.array([m.n * m.mean[0] for m in k]), np.array([int(m.n) for m in k]))
                for arm, k in own.items()
            }
        return out

    def _history(self, metric: Metric) -> tuple[dict[str, Moments], str]:
        """Moments with the covariates, whose gaps are filled for all arms alike and marked by a column."""
        with opened(self.table) as frame:
            filled, gaps = fill_gaps(frame, metric.history)
            columns = [*metric.columns, *(c for past in metric.history.values() for c in past), *gaps]
            found = reduce_groups(filled.to_native(), [columns], by=self.arm)[0].moments
        extra = independent(list(found.values()), list(gaps))
        words = ", ".join(f"{name} in {n:,} rows" for name, n in gaps.items())
        return _by_text({arm: in_one_column_each(metric, m, extra) for arm, m in found.items()}), words


@dataclass(frozen=True)
class Sums:
    """Moments of each arm: one mapping arm → Moments for all metrics, or a mapping of such mappings by metric
    label.
    """

    arms: Mapping[Any, Any]
    primary: str

    def counts(self) -> ArmCounts:
        """Return the units of each arm, those of the primary metric.

        >>> Sums({"a": Moments.counts(5, 50), "b": Moments.counts(9, 52)}, "y").counts().counts
        {'a': 50, 'b': 52}
        """
        return ArmCounts({arm: int(m.n) for arm, m in self._of(self.primary).items()}, 0)

    def units(self, unit: str) -> UnitCount:
        """Refuse: sums do not know their units.

        >>> Sums({"a": Moments.counts(5, 50)}, "y").units("id")
        Traceback (most recent call last):
            ...
        ValueError: `unit` cannot be looked for in Moments; got 'id'. Leave it out, or give the table.
        """
        raise _check.fail(
            "unit", "cannot be looked for in Moments", repr(unit), "Leave it out, or give the table."
        )

    def clusters(self) -> dict[str, int]:
        """Refuse: sums do not know their clusters.

        >>> Sums({"a": Moments.counts(5, 50)}, "y").clusters()
        Traceback (most recent call last):
            ...
        ValueError: `cluster` cannot be looked for in Moments; got Moments. Leave it out, or give the table.
        """
        hint = "Leave it out, or give the table."
        raise _check.fail("cluster", "cannot be looked for in Moments", "Moments", hint)

    def read(self, metrics: Sequence[Metric]) -> dict[Metric, Arms]:
        """Return the moments of each metric's columns; moments of one column need not bear its name.

        >>> metric = Metric("y", "proportion")
        >>> Sums({"a": Moments.counts(5, 50)}, "y").read([metric])[metric].moments["a"].mean
        array([0.1])
        """
        return {metric: self._arms(metric) for metric in metrics}

    def _arms(self, metric: Metric) -> Arms:
        arms = self._of(metric.label)
        if metric.covariates:
            past = {arm: in_one_column_each(metric, m, []) for arm, m in arms.items()}
            return Arms({arm: m.select(*metric.columns) for arm, m in arms.items()}, history=past)
        alone = len(metric.columns) == 1 and all(len(m.names) == 1 for m in arms.values())
        return Arms({arm: m if alone else m.select(*metric.columns) for arm, m in arms.items()})

    def _of(self, label: str) -> dict[str, Moments]:
        arms = self.arms
        if all(isinstance(v, Mapping) for v in arms.values()):
            if label not in arms:
                raise _check.fail("table", f"must hold the moments of {label}", ", ".join(map(str, arms)))
            arms = arms[label]
        for arm, m in arms.items():
            if not isinstance(m, Moments) or np.ndim(m.n):
                what = (
                    f"Moments of {np.shape(m.n)} experiments" if isinstance(m, Moments) else type(m).__name__
                )
                raise _check.fail(
                    "table", f"must map each arm to the Moments of one experiment (arm {arm!r})", what
                )
        return _by_text(arms)


def in_one_column_each(metric: Metric, moments: Moments, extra: list[str]) -> Moments:
    """Return the metric, its covariates and `extra` columns; ratios become columns of their own by the delta
    method.

    >>> arm = Moments.of([1.0, 2.0], views=[3.0, 5.0], before=[2.0, 4.0])
    >>> in_one_column_each(Metric("y", "ratio", "views", covariates=("before",)), arm, []).names
    ('y/views', 'before')
    """
    first = metric.name if metric.denominator is None else (metric.name, metric.denominator)
    past = [(c[0], c[1]) if len(c) == 2 else c[0] for c in metric.history.values()]
    return linearised(moments, first, *past, *extra)


@contextmanager
def source(table: Any, analysis: Analysis) -> Iterator[Rows | Sums]:
    """Open what can answer for the table, once.

    >>> arms = {"a": Moments.counts(5, 50), "b": Moments.counts(9, 52)}
    >>> with source(arms, Analysis("arm", "a", (Metric("y", "proportion"),))) as found:
    ...     found.counts().counts
    {'a': 50, 'b': 52}
    """
    if isinstance(table, Mapping):
        yield Sums(table, analysis.primary.label)
        return
    given = {"arm": analysis.arm, "unit": analysis.unit, "cluster": analysis.cluster}
    labels = {parameter: [name] for parameter, name in given.items() if name}
    numbers = {"metric": [c for c in analysis.columns if c not in given.values()]}
    with opened(table, numbers=numbers, labels=labels) as frame:
        yield Rows(frame.to_native(), analysis.arm, analysis.cluster)


def _by_text(arms: Mapping[Any, Any]) -> dict[str, Any]:
    texts = {arm_label(label): value for label, value in arms.items()}
    if len(texts) < len(arms):
        raise _check.fail("arm", "must have labels that read differently", ", ".join(map(repr, arms)))
    return texts
