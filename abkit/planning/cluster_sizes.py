"""Plans in clusters: the intraclass correlation and what it costs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from abkit import _check
from abkit._labels import missing
from abkit._table import plain


def design_effect(size: Any, icc: Any, *, cv: Any = 0.0) -> Any:
    """Return the factor on n when whole clusters are assigned: 1 + ((1 + cv²)·size − 1)·icc.

    size: mean units in a cluster; cv: sd of the sizes over their mean (Eldridge, Ashby and Kerry 2006). An
    icc below 0 is possible, but only above −1/(size − 1): the variance of a cluster's mean is not negative.

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
    factor = 1 + ((1 + spread**2) * m - 1) * rho
    if (factor <= 0).any():
        raise _check.fail(
            "icc", "must lie above −1/(size − 1), where the variance of a cluster's mean is 0", icc
        )
    return plain(factor)


def icc(y: Any, cluster: Any) -> float:
    """Return the intraclass correlation of rows in clusters, by the analysis of variance; it may be below 0.

    Raises ValueError for a missing cluster: rows without one belong to no cluster, not to one of their own.

    References: Donner (1986), eq. 2.1.

    >>> round(icc([1.0, 2.0, 5.0, 6.0], ["a", "a", "b", "b"]), 3)
    0.939
    """
    values = _check.rows("y", y)
    if not isinstance(cluster, Iterable):
        raise _check.fail("cluster", "must be a list of labels, as long as y", repr(cluster))
    labels = cluster.tolist() if hasattr(cluster, "tolist") else list(cluster)
    if lost := sum(map(missing, labels)):
        raise _check.fail("cluster", "must not be missing", f"{lost} of {len(labels)} missing")
    _, index, m = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
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
