"""Lift: the effect as a share of the control's mean, with intervals that are duals of their tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from abkit import _check
from abkit.estimate import Effect, difference, mean
from abkit.inference.means import both_arms
from abkit.moments import Moments, is_binary, require_binary
from abkit.numeric.normal import quantile, tail
from abkit.numeric.roots import bisect

METHODS = ("fieller", "score", "log", "delta")
STEPS = 100  # halvings of the search for a bound of the ratio


def lift(
    control: Any, treatment: Any, *, method: str = "fieller", alpha: float = 0.05, metric: str | None = None
) -> Effect:
    """Return treatment / control − 1 with a two-sided interval; .02 is two per cent more than control.

    "fieller" (default, means): its p-value is Welch's. If control's mean is not clearly away from 0 the
    set has no bound: low is −inf and high inf; if that set still leaves out 0, it is everything at or above
    `low` and everything at or below `high`, with low > high. "score" (proportions): Miettinen-Nurminen's
    ratio. "log" (Katz for rates) and "delta" rest on the normal law of log(ratio) and of the ratio. They take
    normal, not t quantiles: what is wrong with them in small arms is the straight line, not the estimated sd.
    Raises ValueError where control's mean is not above 0 (for "log" also treatment's), and where the standard
    error of a method is 0: a treatment without any event is no certainty. A batch gives nan there. "score"
    lives with such a cell and gives an interval; its se, which is of the delta method, is then nan.

    alpha: the error rate, strictly between 0 and 1; metric: the name of the column, the first by default.

    References: Fieller (1954); Miettinen and Nurminen (1985), eq. 10-11; Koopman (1984); Katz and others
    (1978), Biometrics 34, 469-474.

    >>> from abkit import Moments
    >>> e = lift(Moments.counts(100, 1000), Moments.counts(130, 1000), method="score")
    >>> round(e.estimate, 4), e.pvalue < 0.05, e.low > 0
    (0.3, True, True)
    """
    _check.one_of("method", method, METHODS)
    alpha = _check.share("alpha", alpha)
    c, t = both_arms(control, treatment)
    i, j = c.index(metric), t.index(metric)
    base, top = np.asarray(c.mean[..., i], float), np.asarray(t.mean[..., j], float)
    gap = difference(mean(c, metric), mean(t, metric))
    vc, vt = (_variance(arm, k, method) for arm, k in ((c, i), (t, j)))
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate, se = top / base - 1, np.sqrt(vt + (top / base) ** 2 * vc) / base
        if np.ndim(se) == 0:
            _refuse(base, top, gap.se, se, method)
        if method == "fieller":
            low, high, pvalue = fieller(base, vc, top, vt, gap.df, alpha)
        elif method == "score":
            for name, arm, k in (("control", c, i), ("treatment", t, j)):
                require_binary(name, arm, k, hint="Is 'fieller' what you want?")
            low, high, pvalue = _score(base, c.n, top, t.n, alpha)
        else:
            low, high, pvalue = _normal(estimate, se, alpha, log=method == "log")
        known, certain = base > 0, ~(se > 0)
    bad = ~known if method == "score" else ~known | certain
    low, high, pvalue = (np.where(bad, np.nan, v) for v in (low, high, pvalue))
    estimate, se = np.where(known, estimate, np.nan), np.where(known & ~certain, se, np.nan)
    df = gap.df if method == "fieller" else np.inf
    return Effect(
        c.names[i],
        estimate,
        se,
        df=df,
        low=low,
        high=high,
        pvalue=pvalue,
        alpha=alpha,
        method=method,
        relative=True,
        n_control=c.n,
        n_treatment=t.n,
        value_control=base,
    )


def _variance(arm: Moments, index: int, method: str) -> Any:
    """Return the variance of an arm's mean; for rates, Katz's log method divides by n, not n − 1."""
    n = np.asarray(arm.n, float)
    variance = arm.cov[..., index, index] / n
    return np.where(is_binary(arm, index), variance * (n - 1) / n, variance) if method == "log" else variance


def _refuse(base: Any, top: Any, gap_se: Any, se: Any, method: str) -> None:
    """Raise for one experiment that a method can say nothing about."""
    if not base > 0:
        raise _check.fail("control", "must have a mean above 0 for a relative effect", f"{base:g}")
    if method == "score":
        return
    if not gap_se > 0:
        raise _check.fail(
            "control and treatment", "must show variation, with at least two rows an arm", "no variation"
        )
    if method == "log" and not top > 0:
        raise _check.fail("treatment", "must have a mean above 0 for method 'log'", f"{top:g}")
    if not se > 0:
        raise _check.fail(
            "treatment",
            "must vary or have another mean than 0",
            "0 in every row",
            "For shares take method 'score'.",
        )


def fieller(
    base: Any, vc: Any, top: Any, vt: Any, df: Any, alpha: float, *, cov: Any = 0.0
) -> tuple[Any, Any, Any]:
    """Return low, high and p of top/base − 1: all ratios r with (top − r·base)² ≤ q²(vt − 2r·cov + r²·vc).

    base, top: both means; vc, vt, cov: their variances and covariance. q is of t with `df`, so r = 1 is
    that t test.

    >>> [round(float(v), 3) for v in fieller(10.0, 0.01, 11.0, 0.01, np.inf, 0.05)]
    [0.071, 0.13, 0.0]
    """
    q = quantile(alpha / 2, df)
    a, b, c = base**2 - q**2 * vc, base * top - q**2 * cov, top**2 - q**2 * vt
    root = np.sqrt(np.maximum(b**2 - a * c, 0))
    far = b + root  # b ≥ 0 unless top is negative: then the other sum is the large one
    far = np.where(b < 0, b - root, far)
    r1, r2 = far / a, c / far
    low, high = np.minimum(r1, r2) - 1, np.maximum(r1, r2) - 1
    t = (top - base) / np.sqrt(vc + vt - 2 * cov)
    pvalue = 2 * tail(np.abs(t), df)
    outside = ~(a > 0)
    gap = outside & (pvalue < alpha)  # the set lies outside (low, high), which holds 0
    return (
        np.where(gap, high, np.where(outside, -np.inf, low)),
        np.where(gap, low, np.where(outside, np.inf, high)),
        pvalue,
    )


def _normal(estimate: Any, se: Any, alpha: float, *, log: bool) -> tuple[Any, Any, Any]:
    q = -ndtri(alpha / 2)
    if not log:
        return estimate - q * se, estimate + q * se, 2 * ndtr(-np.abs(estimate / se))
    ratio = np.where(estimate > -1, estimate + 1, np.nan)
    centre, half = np.log(ratio), se / ratio
    return np.expm1(centre - q * half), np.expm1(centre + q * half), 2 * ndtr(-np.abs(centre / half))


def _score(pc: Any, nc: Any, pt: Any, nt: Any, alpha: float) -> tuple[Any, Any, Any]:
    pc, nc, pt, nt = np.broadcast_arrays(pc, np.asarray(nc, float), pt, np.asarray(nt, float))
    q = -ndtri(alpha / 2)
    centre = np.log(np.maximum(pt, 1e-300) / pc).clip(-60, 60)

    def z(log_ratio: np.ndarray) -> Any:
        return _ratio_z(pc, nc, pt, nt, np.exp(log_ratio))

    bottom, _ = bisect(lambda r: z(r) <= q, centre, -60.0, steps=STEPS)
    top, _ = bisect(lambda r: -z(r) <= q, centre, 60.0, steps=STEPS)
    low = np.where(pt == 0, -1.0, np.expm1(bottom))
    return low, np.expm1(top), 2 * ndtr(-np.abs(_ratio_z(pc, nc, pt, nt, np.ones(pc.shape))))


def _ratio_z(pc: Any, nc: Any, pt: Any, nt: Any, ratio: Any) -> Any:
    """Score statistic at pt = ratio·pc with the restricted likelihood (Miettinen and Nurminen 1985, eq.
    10-11).

    The restricted control rate solves a·r² − b·r + c = 0; written for the failures s = 1 − r it is
    a·s² + e·s + f = 0, whose root keeps the digits of rates near 1.
    """
    n, qc, qt, gone = nc + nt, 1 - pc, 1 - pt, 1 - ratio
    a, b, c = n * ratio, nt * (ratio + pt) + nc * (1 + pc * ratio), nc * pc + nt * pt
    e, f = nt * (gone - qt) + nc * (gone - ratio * qc), -nc * gone * qc
    rc = np.minimum(2 * c / (b + np.sqrt(np.maximum(b**2 - 4 * a * c, 0))), 1.0)
    root = np.sqrt(np.maximum(e**2 - 4 * a * f, 0))
    sc = np.clip(np.where(e < 0, root - e, -4 * a * f / np.where(e < 0, 1.0, e + root)) / (2 * a), 0.0, 1.0)
    sc = np.where(np.isnan(sc), 0.0, sc)
    rt, st = np.minimum(ratio * rc, 1.0), np.clip(gone + ratio * sc, 0.0, 1.0)
    variance = (rt * st / nt + ratio**2 * rc * sc / nc) * n / (n - 1)
    distance = np.where(pc + pt > 1, gone - qt + ratio * qc, pt - ratio * pc)
    return np.where(distance == 0, 0.0, distance / np.sqrt(variance))
