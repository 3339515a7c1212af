"""Which experiments share users, and does that change what they find?

Two experiments can meet where their days, their eligible users and their layers overlap. Meeting is no error
in itself: random meetings leave each effect unbiased for the mix of arms that is out there. What must be
asked is the interaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Any

import numpy as np

from abkit import _check
from abkit._labels import arm_label, missing, unit_ids
from abkit._table import Table
from abkit.assignment.targeting import OPERATORS, Where
from abkit.estimate import Effect, Estimate, difference, mean, ratio_estimate
from abkit.inference.families import METHODS, adjust_pvalues
from abkit.inference.means import contrast
from abkit.metrics import Metric
from abkit.moments import Moments
from abkit.registry.experiments import Experiment
from abkit.tables.reading import opened

TOLERANCE = 1e-9  # of a sum of shares


@dataclass(frozen=True)
class Span:
    """An experiment with its first and last day; None is unknown, and unknown overlaps everything."""

    experiment: Experiment
    first: date | None
    last: date | None


@dataclass(frozen=True, eq=False, repr=False)
class Conflict(Table):
    """Another experiment that would have some of the same users, why, and what to do. first, last: the days
    of both.
    """

    name: str
    status: str
    first: str | None
    last: str | None
    layer: str | None
    reason: str
    suggestion: str


@dataclass(frozen=True, eq=False, repr=False)
class SharedUsers(Table):
    """Users of two experiments: n_a, n_b, how many are in both, that number as a share of each; users: their
    ids.
    """

    n_a: int
    n_b: int
    both: int
    share_a: float
    share_b: float
    users: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Interaction(Table):
    """The effect of `a`'s arm among `b`'s arm, minus that among `b`'s control; adjusted: p within the family
    of all pairs.
    """

    a: str
    b: str
    effect: Effect
    adjusted: float

    @property
    def passed(self) -> bool:
        """Say whether no interaction shows at the effect's alpha; that is no proof that there is none.

        >>> effect = Effect.of(1.0, 1.0)
        >>> Interaction("search", "price", effect, adjusted=effect.pvalue).passed
        True
        """
        return bool(self.adjusted >= self.effect.alpha)


def conflicts_of(own: Span, others: Iterable[Span]) -> tuple[Conflict, ...]:
    """Return the experiments that overlap with `own` in days, in eligible users and in layer; never itself.

    Experiments of different layers are declared to be independent and are no conflict. Within one layer users
    are never shared, so there the question is room: shares that sum to more than 1 on some day are a
    conflict. An experiment without a layer may meet everyone.

    >>> from abkit import Analysis, Experiment, Metric
    >>> analysis = Analysis("arm", "a", (Metric("y"),))
    >>> one, two = (Experiment(n, "", None, {"a": 0.5, "b": 0.5}, analysis) for n in ("one", "two"))
    >>> [c.name for c in conflicts_of(Span(one, None, None), [Span(two, None, None), Span(one, None, None)])]
    ['two']
    """
    near = [
        other
        for other in others
        if other.experiment.name != own.experiment.name
        and together_in_time(own, other)
        and both_possible(own.experiment.eligible, other.experiment.eligible)
    ]
    layer = own.experiment.layer
    full = _overbooked(own, [o for o in near if layer is not None and o.experiment.layer == layer])
    undeclared = [o for o in near if layer is None or o.experiment.layer is None]
    found = [_conflict(own, other, shared=True) for other in undeclared]
    found += [_conflict(own, other, shared=False, taken=taken) for other, taken in full]
    return tuple(sorted(found, key=lambda c: c.name))


def together_in_time(a: Span, b: Span) -> bool:
    """Return True where two spans share a day; the last day counts.

    >>> from abkit import Analysis, Experiment, Metric
    >>> e = Experiment("x", "", None, {"a": 0.5, "b": 0.5}, Analysis("arm", "a", (Metric("y"),)))
    >>> together_in_time(Span(e, date(2026, 3, 1), date(2026, 3, 7)), Span(e, date(2026, 3, 8), None))
    False
    """
    return (a.first is None or b.last is None or a.first <= b.last) and (
        b.first is None or a.last is None or b.first <= a.last
    )


def both_possible(a: Sequence[Where], b: Sequence[Where]) -> bool:
    """Return False only where no user can meet both sets of rules; no rules are everyone.

    >>> both_possible([Where("country", "==", "NL")], [Where("country", "in", ("PL", "DE"))])
    False
    >>> both_possible([], [Where("age", ">", 30)])
    True
    """
    rules = [*a, *b]
    return all(_satisfiable([r for r in rules if r.column == column]) for column in {r.column for r in rules})


def _satisfiable(rules: list[Where]) -> bool:
    """Can one value of a column meet all rules? Listed values are tried; else only bounds can exclude each
    other.
    """
    listed = [
        set(rule.value) if rule.op == "in" else {rule.value} for rule in rules if rule.op in ("==", "in")
    ]
    try:
        if listed:
            return any(
                all(OPERATORS[r.op](value, r.value) for r in rules) for value in set.intersection(*listed)
            )
        low = [(r.value, r.op == ">") for r in rules if r.op in (">", ">=")]
        high = [(r.value, r.op == "<") for r in rules if r.op in ("<", "<=")]
        return all(x < y or (x == y and not strict and not tight) for x, strict in low for y, tight in high)
    except TypeError:  # values of different types cannot be compared: nothing is excluded
        return True


def _overbooked(own: Span, near: list[Span]) -> list[tuple[Span, float]]:
    """The spans of one layer that are running on a day on which the shares sum to more than 1, with the share
    taken.
    """
    begin = {d for d in (own.first, *(o.first for o in near)) if d and (own.first is None or d >= own.first)}
    found: dict[str, tuple[Span, float]] = {}
    moments: list[date | None] = [*sorted(begin)] or [None]
    for when in moments:
        active = [o for o in near if when is None or together_in_time(o, Span(own.experiment, when, when))]
        taken = sum(o.experiment.share for o in active)
        if taken + own.experiment.share > 1 + TOLERANCE:
            for other in active:
                worst = max(taken, found.get(other.experiment.name, (other, 0.0))[1])
                found[other.experiment.name] = (other, worst)
    return list(found.values())


def _conflict(own: Span, other: Span, *, shared: bool, taken: float = 0.0) -> Conflict:
    days = [
        max(filter(None, (own.first, other.first)), default=None),
        min(filter(None, (own.last, other.last)), default=None),
    ]
    a, b = own.experiment, other.experiment
    if shared:
        layer = a.layer or b.layer or "shared"
        reason = "the same days, the same eligible users, and no layer that keeps them apart"
        suggestion = f"put both in one layer (for instance {layer!r}), or run both and test the interaction"
    else:
        reason = (
            f"layer {a.layer!r} is full: {taken:.4g} of it is taken on those days and {a.share:.4g} is"
            " asked for"
        )
        suggestion = f"take a share of at most {max(0.0, 1 - taken):.4g}, or other days"
    first, last = (None if d is None else d.isoformat() for d in days)
    return Conflict(b.name, b.status, first, last, layer=b.layer, reason=reason, suggestion=suggestion)


def shared_users(a: Any, b: Any, *, unit: str | None = None) -> SharedUsers:
    """Count the users that two experiments share. a, b: ids (a set, a list, an array), or data frames with
    the column `unit`.

    Ids compare as text: 7 and "7" are one user; each user counts once. Raises ValueError for missing ids.

    >>> shared_users({"ann", "bob"}, ["bob", "eve", "eve"]).both
    1
    """
    first, second = _ids("a", a, unit), _ids("b", b, unit)
    both = sorted(first & second)
    return SharedUsers(
        len(first),
        len(second),
        len(both),
        share_a=len(both) / len(first),
        share_b=len(both) / len(second),
        users=np.array(both, dtype=object),
    )


def _ids(name: str, value: Any, unit: str | None) -> set[str]:
    if unit is not None:
        return set(unit_ids(columns_of(value, labels={"unit": [unit]})[unit]))
    if hasattr(type(value), "columns"):
        raise _check.fail("unit", "must name the column of the ids of a table", None)
    return set(unit_ids(sorted(value, key=str) if isinstance(value, (set, frozenset)) else value))


def columns_of(
    table: Any, *, labels: Mapping[str, Sequence[str]], numbers: Mapping[str, Sequence[str]] | None = None
) -> dict[str, list[Any]]:
    """Return columns of any table or file as lists; labels, numbers: names by the parameter that asks.

    >>> import pandas as pd
    >>> columns_of(pd.DataFrame({"user": [1, 2]}), labels={"unit": ["user"]})
    {'user': [1, 2]}
    """
    asked = [name for part in (labels, numbers or {}) for names in part.values() for name in names]
    with opened(table, labels=labels, numbers=numbers) as frame:
        found = frame.select(*dict.fromkeys(asked))
        found = found.collect() if hasattr(found, "collect") else found
        return {name: found[name].to_list() for name in found.columns}


def interactions(
    table: Any, arms: Mapping[str, Any], metric: Metric, *, alpha: float = 0.05, correction: str = "holm"
) -> tuple[Interaction, ...]:
    """Test every pair of experiments on the same users for interaction in one metric, corrected as one
    family.

    table: a table or file with one row a user and one column an experiment. arms: that column → its control
    label; each arm is compared with its control. alpha: of each interval. correction: as in `adjust_pvalues`.
    The effect is a difference of differences of four
    independent cells, with Welch's df. The variance is four times that of a main effect,
    so a test that finds nothing is no proof of independence.
    Raises ValueError for fewer than two experiments, or a cell with fewer than two users.

    References: the contrast of four cell means, Welch (1947) for its df; Holm (1979) for the family.

    >>> import pandas as pd
    >>> cells = pd.DataFrame({"x": list("aabb") * 2, "y": list("ccccdddd"), "m": [0.0, 2, 1, 3, 0, 2, 4, 6]})
    >>> interactions(cells, {"x": "a", "y": "c"}, Metric("m"))[0].effect.estimate
    3.0
    """
    _check.instance("metric", metric, Metric)
    _check.one_of("correction", correction, METHODS)
    if not isinstance(arms, Mapping) or len(arms) < 2:
        raise _check.fail("arms", "must map at least two experiments to their controls", _check.short(arms))
    columns = columns_of(table, labels={"arms": list(arms)}, numbers={"metric": metric.columns})
    keep = [not any(missing(value) for value in row) for row in zip(*columns.values(), strict=True)]
    labels = {
        name: np.array([arm_label(v) for v, k in zip(columns[name], keep, strict=True) if k], object)
        for name in arms
    }
    values = {
        name: _check.array(name, [v for v, k in zip(columns[name], keep, strict=True) if k])
        for name in metric.columns
    }
    found = [
        Interaction(f"{a}: {x}", f"{b}: {y}", _contrast(values, metric, cells, alpha), np.nan)
        for a, b in combinations(arms, 2)
        for x, y, cells in _pairs((labels[a], labels[b]), (arm_label(arms[a]), arm_label(arms[b])), (a, b))
    ]
    adjusted = adjust_pvalues([i.effect.pvalue for i in found], method=correction)
    return tuple(replace(i, adjusted=float(p)) for i, p in zip(found, adjusted, strict=True))


def _pairs(labels: Any, controls: Any, names: Any) -> Iterator[tuple[str, str, list[np.ndarray]]]:
    """Each arm of one experiment with each arm of the other: the rows of the cells 00, 10, 01, 11."""
    for column, control, name in zip(labels, controls, names, strict=True):
        if control not in column:
            raise _check.fail("arms", f"must name the control of {name}", repr(control))
    others = [sorted(set(column) - {control}) for column, control in zip(labels, controls, strict=True)]
    for x in others[0]:
        for y in others[1]:
            yield (
                x,
                y,
                [(labels[0] == i) & (labels[1] == j) for j in (controls[1], y) for i in (controls[0], x)],
            )


def _contrast(
    values: Mapping[str, np.ndarray], metric: Metric, cells: list[np.ndarray], alpha: float
) -> Effect:
    smallest = min(int(cell.sum()) for cell in cells)
    if smallest < 2:
        raise _check.fail("table", "must have at least two users in each of the four cells", smallest)
    each = [_estimate({name: column[cell] for name, column in values.items()}, metric) for cell in cells]
    found = difference(difference(each[0], each[1]), difference(each[2], each[3]))
    n = [int(cell.sum()) for cell in cells]
    return contrast(
        found,
        metric.label,
        n[0] + n[2],
        n[1] + n[3],
        alpha=alpha,
        alternative="two-sided",
        null=0.0,
        method="difference of differences",
    )


def _estimate(columns: dict[str, np.ndarray], metric: Metric) -> Estimate:
    top, *rest = (columns[name] for name in metric.columns)
    moments = Moments.of(top, **({"denominator": rest[0]} if rest else {}))
    return ratio_estimate(moments) if metric.kind == "ratio" else mean(moments)
