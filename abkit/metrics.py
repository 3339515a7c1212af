"""What is to be analysed, as data: the metrics with their roles, the arms, the planned shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from abkit import _check
from abkit._table import Table

KINDS, ROLES, DIRECTIONS = (
    ("mean", "proportion", "ratio"),
    ("primary", "secondary", "guardrail"),
    ("up", "down"),
)
CORRECTIONS = ("bonferroni", "sidak", "holm", "hochberg", "hommel", "bh", "by")


@dataclass(frozen=True, eq=False, repr=False)
class Metric(Table):
    """One metric: `direction` is the good one, `margin` the harm that a guardrail may not reach (absolute,
    above 0).

    A ratio needs a `denominator` column. covariates: columns known before the start, which `analyze` takes
    out (CUPED); of a ratio metric also ratios, "pre_clicks/pre_views". measured: the date of the covariates'
    newest values, a date or text such as "2026-02-28". Raises ValueError for options that do not fit
    together.

    >>> Metric("clicks", "ratio", denominator="views").label
    'clicks/views'
    """

    name: str
    kind: str = "mean"
    denominator: str | None = None
    covariates: tuple[str, ...] = ()
    direction: str = "up"
    margin: float | None = None
    role: str = "primary"
    measured: Any = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise _check.fail("name", "must be the name of a column", repr(self.name))
        _check.one_of("kind", self.kind, KINDS)
        _check.one_of("direction", self.direction, DIRECTIONS)
        _check.one_of("role", self.role, ROLES)
        if (self.kind == "ratio") != (self.denominator is not None):
            raise _check.fail(
                "denominator", "must be given for a ratio, and only there", repr(self.denominator)
            )
        if self.role == "guardrail" and self.margin is None:
            raise _check.fail("margin", "must be given for a guardrail", None)
        self._require_margin()
        names = (
            (self.covariates,)
            if isinstance(self.covariates, str)
            else tuple(_check.several("covariates", self.covariates))
        )
        for name in names:
            _check.text("covariates", name)
        if len(set(names)) < len(names) or set(self.columns) & set(names):
            raise _check.fail("covariates", "must name other columns than the metric's, each once", names)
        object.__setattr__(self, "covariates", names)
        object.__setattr__(self, "measured", _date("measured", self.measured))
        super().__post_init__()

    def _require_margin(self) -> None:
        if self.margin is None:
            return
        if self.role != "guardrail":
            raise _check.fail(
                "margin",
                "belongs to a guardrail",
                f"role {self.role!r}",
                "Set role='guardrail', or leave the margin out.",
            )
        if _check.positive("margin", self.margin) >= 1 and self.kind == "proportion":
            raise _check.fail(
                "margin",
                "must be below 1 for a proportion",
                f"{self.margin:g}",
                "Is that per cent? Write .02 for two points.",
            )

    @property
    def columns(self) -> list[str]:
        """Return the columns of the table that the metric reads.

        >>> Metric("clicks", "ratio", "views").columns
        ['clicks', 'views']
        """
        return [self.name] if self.denominator is None else [self.name, self.denominator]

    @property
    def history(self) -> dict[str, list[str]]:
        """Return the columns behind each covariate: two for a ratio of a ratio metric, else that of its name.

        >>> Metric("clicks", "ratio", "views", covariates=("old_clicks/old_views", "age")).history
        {'old_clicks/old_views': ['old_clicks', 'old_views'], 'age': ['age']}
        """
        split = self.kind == "ratio"
        return {c: c.split("/") if split and c.count("/") == 1 else [c] for c in self.covariates}

    @property
    def label(self) -> str:
        """Return the name for reading: clicks/views for a ratio.

        >>> Metric("clicks", "ratio", "views").label
        'clicks/views'
        """
        return "/".join(self.columns)


@dataclass(frozen=True, eq=False, repr=False)
class Analysis(Table):
    """What `analyze` is given: the arm column, the control's label, the metrics, and the planned shares.

    control: the label as the column holds it, or as text; 0, 0.0 and "0" are one. expect: label → planned
    share; without it the arm shares are NOT checked. unit: the column that must hold each unit once. cluster:
    the column of what got the arm, where that was a group of units (a city): errors then count clusters.
    correction: of the p-values of the secondary metrics behind the primary one (see
    `adjust_pvalues` and `analyze`). start: the date of the first
    assignment, which the covariates' `measured` must precede.
    Raises ValueError for two primary metrics or none, a metric given twice, or options that do not exist.

    >>> Analysis("arm", "a", (Metric("y"),)).alpha
    0.05
    """

    arm: str
    control: Any
    metrics: tuple[Metric, ...]
    expect: Mapping[str, float] | None = None
    unit: str | None = None
    cluster: str | None = None
    alpha: float = 0.05
    correction: str = "holm"
    start: Any = None

    def __post_init__(self) -> None:
        metrics = (
            (self.metrics,)
            if isinstance(self.metrics, Metric)
            else tuple(_check.several("metrics", self.metrics))
        )
        _check.text("arm", self.arm)
        if self.unit is not None:
            _check.text("unit", self.unit)
        if not all(isinstance(m, Metric) for m in metrics):
            raise _check.fail("metrics", "must hold Metrics", ", ".join(type(m).__name__ for m in metrics))
        object.__setattr__(self, "metrics", metrics)
        for m in metrics:
            if {self.arm, self.unit, self.cluster} & {
                *m.columns,
                *(c for columns in m.history.values() for c in columns),
            }:
                raise _check.fail("metrics", "must not read the column of the arm, unit or cluster", m.label)
            if self.cluster is not None and (m.kind == "ratio" or m.covariates):
                need = "must be means or proportions without covariates where `cluster` is given"
                raise _check.fail("metrics", need, m.label, "Give one row a cluster for the others.")
        if sum(m.role == "primary" for m in self.metrics) != 1:
            raise _check.fail(
                "metrics",
                "must hold exactly one primary metric",
                [m.label for m in self.metrics if m.role == "primary"],
            )
        if len({m.label for m in self.metrics}) < len(self.metrics):
            raise _check.fail("metrics", "must hold each metric once", [m.label for m in self.metrics])
        _check.share("alpha", self.alpha)
        _check.one_of("correction", self.correction, CORRECTIONS)
        if self.expect is not None:
            expect = dict(self.expect.items()) if hasattr(self.expect, "items") else self.expect
            if not isinstance(expect, Mapping):
                raise _check.fail("expect", "must map each arm to its planned share", repr(expect))
            _check.weights("expect", expect)
            object.__setattr__(self, "expect", {label: float(share) for label, share in expect.items()})
        object.__setattr__(self, "start", _date("start", self.start))
        super().__post_init__()

    @property
    def primary(self) -> Metric:
        """Return the one primary metric.

        >>> Analysis("arm", "a", (Metric("x", role="secondary"), Metric("y"))).primary.label
        'y'
        """
        return next(m for m in self.metrics if m.role == "primary")

    @property
    def columns(self) -> list[str]:
        """Return the columns of the table that the analysis reads, each once: arm, unit, cluster, metrics and
        their covariates.

        >>> Analysis("arm", "a", (Metric("y", covariates=("pre",)),), unit="id").columns
        ['arm', 'id', 'y', 'pre']
        """
        unit = [name for name in (self.unit, self.cluster) if name is not None]
        past = [c for m in self.metrics for columns in m.history.values() for c in columns]
        return list(dict.fromkeys([self.arm, *unit, *(c for m in self.metrics for c in m.columns), *past]))


def _date(name: str, value: Any) -> date | None:
    """A date, from a date, a moment or ISO text."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return value.date() if isinstance(value, datetime) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _check.fail(name, "must be a date such as 2026-02-28", repr(value)) from None
