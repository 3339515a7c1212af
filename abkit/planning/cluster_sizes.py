"""Plans in clusters: the intraclass correlation and what it costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import nctdtr, stdtrit

from abkit import _check
from abkit._labels import missing
from abkit._table import plain
from abkit.planning.means import Plan, odds, tail_of

MOST_CLUSTERS = 1_000_000


def design_effect(size: Any, icc: Any, *, cv: Any = 0.0) -> Any:
    """Return the factor on n when whole clusters are assigned: 1 + ((1 + cv²)·size − 1)·icc.

    size: mean units in a cluster; cv: sd of the sizes over their mean (Eldridge, Ashby and Kerry 2006). An
    icc below 0 is possible, but only above −1/(size − 1): the variance of a cluster's mean is not negative.

    Raises ValueError: `size` must be at least 1; `cv` must not be negative; `icc` must lie between -1 and 1,
    and above −1/(size − 1), where the variance of a cluster's mean is 0.

    >>> round(design_effect(20, 0.05, cv=0.6), 2)
    2.31
    """
    m, rho, spread = _check.together(
        **{k: _check.array(k, v) for k, v in (("size", size), ("icc", icc), ("cv", cv))}
    )
    if (m < 1).any():
        raise _check.fail("size", "must be at least 1", size)
    if (np.abs(rho) > 1).any():
        raise _check.fail("icc", "must lie between -1 and 1", icc)
    if (spread < 0).any():
        raise _check.fail("cv", "must not be negative", cv)
    factor = 1 + ((1 + spread**2) * m - 1) * rho
    if (factor <= 0).any():
        raise _check.fail(
            "icc", "must lie above −1/(size − 1), where the variance of a cluster's mean is 0", icc
        )
    return plain(factor)


def icc(y: Any, cluster: Any) -> float:
    """Return the intraclass correlation of rows in clusters, by the analysis of variance; it may be below 0.

    Raises ValueError for a missing cluster: rows without one belong to no cluster, not to one of their own.

    y: the values, one a unit.

    References: Donner (1986), eq. 2.1.

    >>> round(icc([1.0, 2.0, 5.0, 6.0], ["a", "a", "b", "b"]), 3)
    0.939
    """
    values = _check.rows("y", y)
    listed = cluster.tolist() if hasattr(cluster, "tolist") else cluster
    labels = _check.several("cluster", listed, "must be a list of labels, as long as y")
    if lost := sum(map(missing, labels)):
        raise _check.fail("cluster", "must not be missing", f"{lost} of {len(labels)} missing")
    try:
        _, index, m = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    except (TypeError, ValueError):
        raise _check.fail("cluster", "must hold labels of one type", _check.short(labels)) from None
    if values.ndim != 1 or len(index) != len(values):
        raise _check.fail("cluster", "must be as long as y", len(index))
    n, k = len(values), len(m)
    if k < 2 or n == k:
        raise _check.fail(
            "cluster", "must name at least two clusters, and one with two rows", f"{k} clusters of {n} rows"
        )
    centre = np.bincount(index, values) / m
    between = (m * (centre - values.mean()) ** 2).sum() / (k - 1)
    within = ((values - centre[index]) ** 2).sum() / (n - k)
    if between == within == 0:
        raise _check.fail("y", "must vary", "one value only")
    return float((between - within) / (between + ((n - (m**2).sum() / n) / (k - 1) - 1) * within))


@dataclass(frozen=True, eq=False, repr=False)
class ClusterPlan(Plan):
    """A `Plan` in whole clusters: how many in each arm, their mean size, correlation and design effect.

    n_control and n_treatment count units; clusters_control and clusters_treatment what gets the arm.
    """

    clusters_control: int = 0
    clusters_treatment: int = 0
    size: float = math.nan
    icc: float = math.nan
    design_effect: float = math.nan


def power_clusters(
    effect: float,
    clusters: int,
    *,
    size: float,
    sd: float,
    icc: float,
    cv: float = 0.0,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    allocation: float = 0.5,
) -> ClusterPlan:
    """Return the power of a test whose arms are whole clusters, `clusters` of them in control.

    The error is that of units times the design effect; df are Bell and McCaffrey's for clusters of one size,
    and those of clusters / (1 + cv²) for unequal ones. More units in a cluster help little once size · icc is
    above 1: the error then is that of the clusters.

    effect: per unit, in the metric's unit. size: mean units a cluster. sd: of units, over all clusters. icc:
    a share (`icc` measures it). cv: sd of the sizes over their mean. alpha, alternative: as in `power`.
    allocation: the treatment's share of the clusters.
    Raises ValueError for fewer than two clusters in an arm, and for values out of their range.

    References: Donner and Klar (2000); Eldridge, Ashby and Kerry (2006) for unequal sizes.

    >>> round(power_clusters(0.01, 25, size=200, sd=0.0949, icc=0.1).power, 3)
    0.203
    """
    effect, sd = _check.number("effect", effect), _check.scale("sd", sd)
    size, icc, cv = _check.scale("size", size), _check.number("icc", icc), _check.number("cv", cv)
    _check.integer("clusters", clusters, low=2)
    _check.one_of("alternative", alternative, _check.ALTERNATIVES)
    alpha = _check.share("alpha", alpha)
    if abs(cv) > 1e100:
        raise _check.fail("cv", "must be a share of the mean size", f"{cv:g}")
    factor = float(design_effect(size, icc, cv=cv))
    other = round(clusters * odds(allocation))
    if other < 2:
        raise _check.fail("allocation", "must leave at least 2 clusters in each arm", other)
    counts = np.array([clusters, other])
    variance = sd**2 * factor / (counts * size)
    worth = np.maximum(counts / (1 + cv**2), 1.5)
    df = variance.sum() ** 2 / (variance**2 / (worth - 1)).sum()
    sign = {"two-sided": np.sign(effect), "greater": 1, "less": -1}[alternative]
    tail = tail_of(alpha, alternative)
    found = 1 - nctdtr(df, sign * effect / np.sqrt(variance.sum()), stdtrit(df, 1 - tail))
    units = [int(np.ceil(k * size)) for k in counts]
    return ClusterPlan(
        effect,
        units[0],
        units[1],
        n_exact=float(clusters * size),
        power=float(found),
        alpha=alpha,
        alternative=alternative,
        sd=sd,
        clusters_control=clusters,
        clusters_treatment=int(other),
        size=float(size),
        icc=float(icc),
        design_effect=factor,
    )


def sample_size_clusters(
    effect: float,
    *,
    size: float,
    sd: float,
    icc: float,
    cv: float = 0.0,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    allocation: float = 0.5,
) -> ClusterPlan:
    """Return the fewest clusters that find `effect` with this power.

    effect, size, sd, icc, cv, alpha, alternative, allocation: as in `power_clusters`. power: a share.

    Raises ValueError for an effect of 0 or against the alternative, and where a million clusters are too few.

    >>> plan = sample_size_clusters(0.02, size=200, sd=0.0949, icc=0.1)
    >>> plan.clusters_control, plan.n_control
    (38, 7600)
    """
    power, effect = _check.wanted_power(power), _check.number("effect", effect)
    _check.one_of("alternative", alternative, _check.ALTERNATIVES)
    given = {"size": size, "sd": sd, "icc": icc, "cv": cv, "alpha": alpha, "alternative": alternative}
    sign = {"greater": 1, "less": -1}.get(alternative, 0)
    if effect == 0 or sign * effect < 0:
        raise _check.fail("effect", f"must not be 0 and must lie in the direction of {alternative!r}", effect)
    fewest = max(2, math.ceil(1.5 / odds(allocation)))

    def enough(clusters: int) -> bool:
        found = power_clusters(effect, clusters, allocation=allocation, **given)  # type: ignore[arg-type]
        return found.power >= power

    high = fewest
    while not enough(high):
        if high > MOST_CLUSTERS:
            raise _check.fail("effect", f"must be found by at most {MOST_CLUSTERS:,} clusters", effect)
        high *= 2
    low = max(fewest, high // 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return power_clusters(effect, high, allocation=allocation, **given)  # type: ignore[arg-type]
