"""Max-t of Westfall and Young: p-values of a family, adjusted with the correlation of its statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from abkit import _check


def max_t(
    statistics: Any,
    correlation: Any,
    *,
    alternative: str = "two-sided",
    step_down: bool = True,
    draws: int = 20_000,
    rng: int | np.random.Generator | None = 0,
) -> np.ndarray:
    """Return p-values of Westfall and Young's max-t, adjusted with the correlation of the statistics.

    The adjusted p of the largest statistic is the chance that the largest of the family is as large when
    nothing changed. Step-down, as Holm: the next one is compared with the largest of those not yet rejected.
    Never above Holm (but for Monte-Carlo error), equal to Holm-Šidák for independent tests, and to one test
    at correlation 1. `step_down=False` compares every statistic with the whole family.

    Valid (family-wise) for large samples, where the statistics are normal with this correlation, under
    SUBSET PIVOTALITY: the statistics of the metrics that did not change have the same joint law whatever the
    others do. Means of the same users have it; tests whose correlation the effect itself changes do not.

    statistics: estimate / se, shape (..., family); nan stays nan and does not count. correlation: shape
    (family, family), of the statistics: at equal arms that of the metrics within the arms, pooled; else of
    s²/n. alternative: "greater" counts rises only. draws: a p-value near .05 is off by about .0003 (one
    standard error) at 20,000; its relative error stays below 2 per cent however small it is. rng: the same
    seed, the same p-values.

    Raises ValueError: `correlation` must be symmetric, with ones on the diagonal and no negative eigenvalue.

    References: Westfall and Young (1993), Resampling-Based Multiple Testing, algorithm 2.8 and section 2.2
    (subset pivotality); Naiman and Priebe (2001), JASA 96, 1213-1223 (the union by importance sampling).

    >>> same = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    >>> max_t([2.349, 1.0, 2.0], same).round(2).tolist()  # Dunnett's critical value comes first
    [0.05, 0.32, 0.08]
    """
    alternative = _check.one_of("alternative", alternative, ("two-sided", "greater", "less"))
    _check.flag("step_down", step_down)
    z = _check.array("statistics", statistics, finite=False)
    if z.ndim == 0 or z.shape[-1] == 0:
        raise _check.fail("statistics", "must hold a family in the last axis", "no family")
    r = _correlation(correlation, z.shape[-1])
    z = {"two-sided": np.abs(z), "greater": z, "less": -z}[alternative]
    rng, sides = np.random.default_rng(rng), 2 if alternative == "two-sided" else 1
    value, vector = np.linalg.eigh(r)
    size = (_check.integer("draws", draws, low=100), len(r))
    noise = rng.standard_normal(size) @ (vector * np.sqrt(np.maximum(value, 0))).T
    level, out = rng.random(len(noise)), np.full(z.shape, np.nan)
    for where in np.ndindex(z.shape[:-1]):
        order = np.argsort(-z[where])[: int((~np.isnan(z[where])).sum())]
        rest = [order[i if step_down else 0 :] for i in range(len(order))]
        p = [_some(z[where][j], s, noise, level, r, sides) for j, s in zip(order, rest, strict=True)]
        out[where][order] = np.minimum(np.maximum.accumulate(p), 1.0) if p else p
    return out


def _some(
    c: float, members: np.ndarray, noise: np.ndarray, level: np.ndarray, r: np.ndarray, sides: int
) -> float:
    """Return P(some |Z_j| ≥ c): a member is made to exceed c, and the others that do share its chance."""
    one = ndtr(-c)
    if one == 0:
        return 0.0
    lead = members[np.arange(len(noise)) % len(members)]
    push = -ndtri(level * one) - noise[np.arange(len(noise)), lead]
    z = noise[:, members] + r[np.ix_(lead, members)] * push[:, None]  # Z given Z_lead
    above = ((np.abs(z) if sides == 2 else z) >= c - 1e-9).sum(-1)
    return float(len(members) * sides * one * (1 / np.maximum(above, 1)).mean())


def _correlation(correlation: Any, k: int) -> np.ndarray:
    r = _check.array("correlation", correlation)
    if r.shape != (k, k):
        raise _check.fail("correlation", f"must have shape {(k, k)}, as the family", r.shape)
    if np.abs(r - r.T).max() > 1e-8 or np.abs(np.diag(r) - 1).max() > 1e-8:
        slip = "Is it a covariance matrix?" if (np.diag(r) > 0).all() else ""
        raise _check.fail(
            "correlation", "must be symmetric, with ones on the diagonal", "another matrix", slip
        )
    low = float(np.linalg.eigvalsh(r)[0])
    if low < -1e-6 * k:
        slip = "Pairwise missing values do this: use the rows that have all metrics."
        raise _check.fail("correlation", "must have no negative eigenvalue", f"{low:.3g}", slip)
    return r
