"""Fixed-sample tests and intervals for one metric in two arms.

Every test is the dual of its interval: p < alpha exactly when the interval excludes the null.
All functions take `Moments` (or rows, which are reduced first) and broadcast over leading axes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from abkit import _check
from abkit.estimate import Effect, Estimate, difference, mean, ratio_estimate
from abkit.moments import Moments


def welch(
    control: Any,
    treatment: Any,
    *,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    null: float = 0.0,
    metric: str | None = None,
) -> Effect:
    """Compare two means without assuming equal variances: t interval with Welch-Satterthwaite df.

    Asymptotic for skewed data: measured type I error at 10 exponential values an arm is 3.7 per cent,
    at 30 against 300 it is 6.9. Student's t is not offered: with 30 against 300 and sd 3 against 1
    it rejects 37 per cent of true nulls.

    Arms are `Moments` or rows (..., rows); the effect is treatment − control in the metric's units.
    Raises ValueError for an arm of one row or without any variance in both arms.

    References: Welch (1947), Biometrika 34, 28-35.

    >>> welch([100.5, 98.2, 101.1, 99.7], [100.1, 99.5, 102.3, 101.8])
    Effect: label y  estimate 1.05  se 0.9172  df 5.976  low -1.196  high 3.296  pvalue 0.2961  alpha 0.05  alternative two-sided  method welch  relative False  n_control 4  n_treatment 4  value_control 99.87
    """
    return _means(control, treatment, alpha, alternative, null, metric, "welch")


def z_test(
    control: Any,
    treatment: Any,
    *,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    null: float = 0.0,
    metric: str | None = None,
) -> Effect:
    """Compare two means with the normal quantile: `welch` for samples so large that df is no matter.

    >>> round(z_test([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]).pvalue, 4)
    0.2207
    """
    return _means(control, treatment, alpha, alternative, null, metric, "z")


def ratio(
    control: Any,
    treatment: Any,
    *,
    numerator: str | None = None,
    denominator: str | None = None,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    null: float = 0.0,
) -> Effect:
    """Compare two ratios of means (clicks per view) by the delta method, first column over second.

    The unit is the randomization unit: one row a user, so that the covariance of numerator and
    denominator is counted. Treating each view as independent understates the error.

    References: Deng, Knoblich and Lu (2018), KDD, eq. 4-6.

    >>> c = Moments.of([1.0, 2.0, 0.0], views=[3.0, 6.0, 1.0])
    >>> t = Moments.of([2.0, 2.0, 1.0], views=[3.0, 5.0, 2.0])
    >>> round(ratio(c, t).estimate, 4)
    0.2
    """
    arms = both_arms(control, treatment)
    c, t = (ratio_estimate(arm, numerator, denominator) for arm in arms)
    gap = difference(c, t)
    normal = Estimate(gap.value, gap.se, np.inf)
    label = f"{numerator or arms[0].names[0]}/{denominator or arms[0].names[1]}"
    return contrast(
        normal,
        label,
        arms[0].n,
        arms[1].n,
        alpha=alpha,
        alternative=alternative,
        null=null,
        method="delta",
        value_control=c.value,
    )


def contrast(
    estimate: Estimate,
    label: str,
    n_control: Any,
    n_treatment: Any,
    *,
    alpha: float,
    alternative: str,
    null: float,
    method: str,
    value_control: Any = None,
) -> Effect:
    """Turn the estimate of a contrast into an `Effect`: t quantiles for finite df, normal for inf.

    >>> e = contrast(Estimate(2.0, 1.0, np.inf), "y", 5, 5, alpha=0.05, alternative="two-sided", null=0.0, method="z")
    >>> round(e.pvalue, 4)
    0.0455
    """
    alpha, alternative = _options(alpha, alternative)
    null = _check.number("null", null)
    value, se, df = np.asarray(estimate.value), np.asarray(estimate.se), np.asarray(estimate.df)
    if se.ndim == 0 and not se > 0:
        got = "one row in an arm" if np.isnan(se) else "no variation in either arm"
        raise _check.fail("control and treatment", "must show variation, with at least two rows an arm", got)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = (value - null) / se
        half = se * _quantile(alpha / 2 if alternative == "two-sided" else alpha, df)
        pvalue = _pvalue(t, df, alternative)
    bad = ~(se > 0)
    pvalue, half = np.where(bad, np.nan, pvalue), np.where(bad, np.nan, half)
    low = np.full(np.shape(half), -np.inf) if alternative == "less" else value - half
    high = np.full(np.shape(half), np.inf) if alternative == "greater" else value + half
    return Effect(
        label,
        value,
        se,
        df,
        low,
        high,
        pvalue,
        alpha,
        alternative,
        method,
        n_control=n_control,
        n_treatment=n_treatment,
        value_control=value_control,
    )


def proportions(
    control: Any,
    treatment: Any,
    *,
    method: str = "score",
    alpha: float = 0.05,
    alternative: str = "two-sided",
    null: float = 0.0,
    metric: str | None = None,
) -> Effect:
    """Compare two proportions; the difference is treatment − control, in shares (0.01 is one point).

    `method` names a test and the interval that is its dual:
    "score" (default) Miettinen-Nurminen with the (N−1) chi-square; "pooled" the pooled z test with
    Mee's interval; "wald" the unpooled z, poor near 0 and 1; "newcombe" the hybrid score interval
    (method 10) with the p-value found by inverting it. Zero cells are allowed in all but "wald". Rates near 1e-9 keep
    their digits. Raises ValueError for values other than 0 and 1, and for one side at alpha .5 or more.

    References: Miettinen and Nurminen (1985), eq. 8-9; Mee (1984); Newcombe (1998), method 10.

    >>> e = proportions(Moments.counts(0, 40), Moments.counts(4, 42), method="newcombe")
    >>> round(e.low, 4), round(e.high, 4)
    (-0.0096, 0.2207)
    """
    _check.one_of("method", method, ("score", "pooled", "wald", "newcombe"))
    alpha, alternative = _options(alpha, alternative)
    null = _check.number("null", null)
    if alternative != "two-sided" and alpha >= 0.5:
        raise _check.fail("alpha", "must lie below 0.5 for one side", f"{alpha:g}")
    if not -1 < null < 1:
        raise _check.fail("null", "must lie strictly between -1 and 1", f"{null:g}")
    c, t = both_arms(control, treatment)
    i = c.index(metric)
    pc, pt = c.mean[..., i], t.mean[..., t.index(metric)]
    for name, arm, p in (("control", c, pc), ("treatment", t, pt)):
        spread = arm.scatter[..., i, i] - np.asarray(arm.n) * p * (1 - p)
        if (np.abs(spread) > 1e-6 * np.maximum(1, np.asarray(arm.n))).any():
            raise _check.fail(name, "must hold a 0/1 metric", "other values", "Is `welch` what you want?")
    nc, nt = np.asarray(c.n, float), np.asarray(t.n, float)
    pc, pt, nc, nt = np.broadcast_arrays(pc, pt, nc, nt)
    if method == "wald":
        se = np.sqrt(pc * (1 - pc) / nc + pt * (1 - pt) / nt)
        return contrast(
            Estimate(pt - pc, se, np.inf),
            c.names[i],
            c.n,
            t.n,
            alpha=alpha,
            alternative=alternative,
            null=null,
            method=method,
            value_control=pc,
        )

    def z(gap: np.ndarray) -> np.ndarray:
        if method == "newcombe":
            return _newcombe_z(pc, nc, pt, nt, gap)
        return _score_z(pc, nc, pt, nt, gap, exact_n=method == "score")

    pvalue = _pvalue(z(np.full(pc.shape, null)), np.asarray(np.inf), alternative)
    q = -ndtri(alpha / 2 if alternative == "two-sided" else alpha)
    low, high = _newcombe_bounds(pc, nc, pt, nt, q) if method == "newcombe" else _invert(z, pt - pc, q)
    low = np.full(pc.shape, -np.inf) if alternative == "less" else low
    high = np.full(pc.shape, np.inf) if alternative == "greater" else high
    pooled = (pc * nc + pt * nt) / (nc + nt)
    se = np.sqrt(pooled * (1 - pooled) * (1 / nc + 1 / nt))
    return Effect(
        c.names[i],
        pt - pc,
        se,
        np.inf,
        low,
        high,
        pvalue,
        alpha,
        alternative,
        method,
        n_control=c.n,
        n_treatment=t.n,
        value_control=pc,
    )


def _means(
    control: Any, treatment: Any, alpha: float, alternative: str, null: float, metric: str | None, method: str
) -> Effect:
    c, t = both_arms(control, treatment)
    for name, arm in (("control", c), ("treatment", t)):
        if np.size(arm.n) and np.max(arm.n) < 2:
            raise _check.fail(
                name, "must hold at least two rows", int(np.max(arm.n)), "Rows are on the last axis."
            )
    base = mean(c, metric)
    gap = difference(base, mean(t, metric))
    df = gap.df if method == "welch" else np.inf
    return contrast(
        Estimate(gap.value, gap.se, df),
        c.names[c.index(metric)],
        c.n,
        t.n,
        alpha=alpha,
        alternative=alternative,
        null=null,
        method=method,
        value_control=base.value,
    )


def both_arms(control: Any, treatment: Any) -> tuple[Moments, Moments]:
    """Return both arms as `Moments`; rows are reduced, and batches must fit together.

    >>> both_arms([1.0, 3.0], Moments.of([2.0, 4.0]))[0].mean.tolist()
    [2.0]
    """
    c, t = (
        arm if isinstance(arm, Moments) else Moments.of(_check.rows(name, arm))
        for name, arm in (("control", control), ("treatment", treatment))
    )
    _check.together(control=c.mean[..., 0], treatment=t.mean[..., 0])
    return c, t


def _options(alpha: float, alternative: str) -> tuple[float, str]:
    return _check.share("alpha", alpha), _check.one_of("alternative", alternative, _check.ALTERNATIVES)


def _tail(t: np.ndarray, df: np.ndarray) -> np.ndarray:
    """P(T > t): Student's t for finite df, normal otherwise; exact far out in the tail."""
    df = np.asarray(df, float)
    if np.isinf(df).all():
        return ndtr(-t)
    return np.where(np.isinf(df), ndtr(-t), stdtr(np.where(np.isinf(df), 1.0, df), -t))


def _pvalue(t: np.ndarray, df: np.ndarray, alternative: str) -> np.ndarray:
    if alternative == "greater":
        return _tail(t, df)
    if alternative == "less":
        return _tail(-t, df)
    return np.minimum(1.0, 2 * _tail(np.abs(t), df))


def _quantile(tail: float, df: np.ndarray) -> np.ndarray:
    df = np.asarray(df, float)
    if np.isinf(df).all():
        return np.asarray(-ndtri(tail))
    return np.where(np.isinf(df), -ndtri(tail), -stdtrit(np.where(np.isinf(df), 1.0, df), tail))


def _score_z(
    pc: np.ndarray, nc: np.ndarray, pt: np.ndarray, nt: np.ndarray, gap: np.ndarray, *, exact_n: bool
) -> np.ndarray:
    """Score statistic at difference `gap`, its variance from the likelihood restricted to pt = pc + gap."""
    variance = _restricted_variance(pc, nc, pt, nt, gap)
    if exact_n:
        variance = variance * (nc + nt) / (nc + nt - 1)
    distance = pt - pc - gap
    with np.errstate(invalid="ignore", divide="ignore"):
        z = distance / np.sqrt(variance)
    return np.where(distance == 0, 0.0, z)


def _restricted_variance(
    pc: np.ndarray, nc: np.ndarray, pt: np.ndarray, nt: np.ndarray, gap: np.ndarray
) -> np.ndarray:
    """Variance of pt − pc at the rates that maximise the likelihood under pt = pc + gap (Miettinen and Nurminen 1985, eq. 9).

    The lower rate is found, and the other one lies |gap| above: of events, or of failures, whichever keeps its digits near 0.
    """
    size, up = np.abs(gap), gap >= 0
    p1, n1, p2, n2 = (
        np.where(up, a, b) for a, b in ((pc, pt), (nc, nt), (pt, pc), (nt, nc))
    )  # p1 is the lower one
    fails = _cubic(p1, n1, p2, n2, size)[-1] > 0
    p1, n1, p2, n2 = (np.where(fails, a, b) for a, b in ((1 - p2, p1), (n2, n1), (1 - p1, p2), (n1, n2)))
    low = _middle_root(*_cubic(p1, n1, p2, n2, size))
    low = np.clip(low, 0.0, 1.0 - size)
    return low * (1 - low) / n1 + (low + size) * (1 - low - size) / n2


def _cubic(
    p1: np.ndarray, n1: np.ndarray, p2: np.ndarray, n2: np.ndarray, gap: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Coefficients of p³ + 3·second·p² + first·p + constant; its middle root is the lower rate. Last, half its value at −second."""
    n, x1 = n1 + n2, n1 * p1
    successes = x1 + n2 * p2
    second = ((n2 + 2 * n1) * gap - n - successes) / (3 * n)
    first = ((n1 * gap - n - 2 * x1) * gap + successes) / n
    constant = x1 * gap * (1 - gap) / n
    return second, first, constant, second**3 - first * second / 2 + constant / 2


def _middle_root(second: np.ndarray, first: np.ndarray, constant: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Middle root where the two lower ones may be close: the largest by cosine, the others from their sum and product."""
    radius = np.sqrt(np.maximum(second**2 - first / 3, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.where(radius > 0, np.clip(-half / radius**3, -1, 1), 1.0)
        largest = 2 * radius * np.cos(np.arccos(cosine) / 3) - second
        total, product = (first + constant / largest) / largest, -constant / largest
        root = np.sqrt(np.maximum(total**2 - 4 * product, 0.0))
        middle = np.where(total >= 0, (total + root) / 2, 2 * product / (total - root))
    return np.where(largest > 0, middle, 0.0)


def _newcombe_z(
    pc: np.ndarray, nc: np.ndarray, pt: np.ndarray, nt: np.ndarray, gap: np.ndarray
) -> np.ndarray:
    """Signed z at which the Newcombe interval's bound reaches `gap`."""
    above = gap > pt - pc
    low, high = np.zeros(np.shape(gap)), np.full(np.shape(gap), 1e3)
    for _ in range(80):
        q = (low + high) / 2
        bottom, top = _newcombe_bounds(pc, nc, pt, nt, q)
        inside = np.where(above, top < gap, bottom > gap)
        low, high = np.where(inside, q, low), np.where(inside, high, q)
    z = (low + high) / 2
    return np.where(gap == pt - pc, 0.0, np.where(above, -z, z))


def _newcombe_bounds(
    pc: np.ndarray, nc: np.ndarray, pt: np.ndarray, nt: np.ndarray, q: Any
) -> tuple[np.ndarray, np.ndarray]:
    (lc, uc), (lt, ut) = _wilson(pc, nc, q), _wilson(pt, nt, q)
    gap = pt - pc
    return gap - np.hypot(pt - lt, uc - pc), gap + np.hypot(ut - pt, pc - lc)


def _wilson(p: np.ndarray, n: np.ndarray, q: Any) -> tuple[np.ndarray, np.ndarray]:
    """Wilson (1927) interval at normal quantile q."""
    centre, half = p + q * q / (2 * n), q * np.sqrt(p * (1 - p) / n + q * q / (4 * n * n))
    scale = 1 + q * q / n
    return (centre - half) / scale, (centre + half) / scale


def _invert(
    z: Callable[[np.ndarray], np.ndarray], centre: np.ndarray, q: float
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of all gaps with |z(gap)| ≤ q; z falls as the gap grows."""
    bounds = []
    for edge, sign in ((-1.0, 1.0), (1.0, -1.0)):
        inside, outside = centre.astype(float), np.full(centre.shape, edge)
        for _ in range(60):
            middle = (inside + outside) / 2
            keep = sign * z(middle) <= q
            inside, outside = np.where(keep, middle, inside), np.where(keep, outside, middle)
        bounds.append(inside)
    return bounds[0], bounds[1]
