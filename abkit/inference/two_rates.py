"""Two rates: the score test and interval, and the pooled, unpooled and Newcombe ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit.estimate import Effect, Estimate
from abkit.inference.means import both_arms, contrast, settings
from abkit.moments import require_binary
from abkit.numeric.normal import pvalue as pvalue_of
from abkit.numeric.roots import bisect, bracketed_root

Rates = tuple[np.ndarray, ...]  # control's rate and n, treatment's rate and n


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
    (method 10) with the p-value found by inverting it. Zero cells are allowed in all but "wald". Rates near
    1e-9 keep their digits. Raises ValueError for values other than 0 and 1, and for one side at alpha .5 or
    more.

    alternative: "two-sided", "greater" or "less", about treatment − control; null: the effect that the
    p-value is against; metric: the name of the column, the first by default.

    References: Miettinen and Nurminen (1985), eq. 8-9; Mee (1984); Newcombe (1998), method 10.

    >>> from abkit import Moments
    >>> e = proportions(Moments.counts(0, 40), Moments.counts(4, 42), method="newcombe")
    >>> round(e.low, 4), round(e.high, 4)
    (-0.0096, 0.2207)
    """
    _check.one_of("method", method, ("score", "pooled", "wald", "newcombe"))
    alpha, alternative = settings(alpha, alternative)
    null = _check.number("null", null)
    if alternative != "two-sided" and alpha >= 0.5:
        raise _check.fail("alpha", "must lie below 0.5 for one side", f"{alpha:g}")
    if not -1 < null < 1:
        raise _check.fail("null", "must lie strictly between -1 and 1", f"{null:g}")
    c, t = both_arms(control, treatment)
    i = c.index(metric)
    pc, pt = c.mean[..., i], t.mean[..., t.index(metric)]
    for name, arm in (("control", c), ("treatment", t)):
        require_binary(name, arm, i if arm is c else t.index(metric), hint="Is `welch` what you want?")
    nc, nt = np.asarray(c.n, float), np.asarray(t.n, float)
    rates = tuple(np.broadcast_arrays(pc, nc, pt, nt))
    found = _wald if method == "wald" else _inverted
    return found(
        rates,
        label=c.names[i],
        n_control=c.n,
        n_treatment=t.n,
        alpha=alpha,
        alternative=alternative,
        null=null,
        method=method,
    )


def _wald(rates: Rates, *, label: str, n_control: Any, n_treatment: Any, **options: Any) -> Effect:
    """The unpooled z: each arm's own variance, which sees none in an arm without events."""
    pc, nc, pt, nt = rates
    se = np.sqrt(pc * (1 - pc) / nc + pt * (1 - pt) / nt)
    return contrast(Estimate(pt - pc, se, np.inf), label, n_control, n_treatment, value_control=pc, **options)


def _inverted(
    rates: Rates, *, label: str, alpha: float, alternative: str, null: float, method: str, **sizes: Any
) -> Effect:
    """A test and the interval of all gaps that it does not reject; se is that of no difference."""
    pc, nc, pt, nt = rates

    def z(gap: np.ndarray) -> np.ndarray:
        if method == "newcombe":
            return _newcombe_z(pc, nc, pt, nt, gap)
        return _score_z(pc, nc, pt, nt, gap, exact_n=method == "score")

    q = -ndtri(alpha / 2 if alternative == "two-sided" else alpha)
    low, high = _newcombe_bounds(pc, nc, pt, nt, q) if method == "newcombe" else _invert(z, pt - pc, q)
    pooled = (pc * nc + pt * nt) / (nc + nt)
    return Effect(
        label,
        pt - pc,
        np.sqrt(pooled * (1 - pooled) * (1 / nc + 1 / nt)),
        df=np.inf,
        low=np.full(pc.shape, -np.inf) if alternative == "less" else low,
        high=np.full(pc.shape, np.inf) if alternative == "greater" else high,
        pvalue=pvalue_of(z(np.full(pc.shape, null)), np.inf, alternative),
        alpha=alpha,
        alternative=alternative,
        method=method,
        value_control=pc,
        **sizes,
    )


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
    """Variance of pt − pc at the rates that maximise the likelihood under pt = pc + gap (Miettinen and
    Nurminen 1985, eq. 9).

    The lower rate is found, and the other one lies |gap| above: of events, or of failures, whichever keeps
    its digits near 0.
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
    """Coefficients of the cubic whose middle root is the lower rate p, when the other one is p + gap.

    Setting the derivative of the likelihood to 0 and clearing the denominators p, 1 − p, p + gap, 1 − p − gap
    gives, with N = n1 + n2, x1 = n1·p1 and s = all successes (Miettinen and Nurminen 1985, appendix I; there
    as L3·p³ + L2·p² + L1·p + L0, here divided by L3 = N):

        p³ + 3·second·p² + first·p + constant = 0
        3·second = ((n2 + 2·n1)·gap − N − s) / N
        first    = (n1·gap² − (N + 2·x1)·gap + s) / N
        constant = x1·gap·(1 − gap) / N

    Last comes `half`, half of the cubic's value at its point of inflection, p = −second.
    """
    n, x1 = n1 + n2, n1 * p1
    successes = x1 + n2 * p2
    second = ((n2 + 2 * n1) * gap - n - successes) / (3 * n)
    first = ((n1 * gap - n - 2 * x1) * gap + successes) / n
    constant = x1 * gap * (1 - gap) / n
    return second, first, constant, second**3 - first * second / 2 + constant / 2


def _middle_root(second: np.ndarray, first: np.ndarray, constant: np.ndarray, half: np.ndarray) -> np.ndarray:
    """The middle one of three real roots, with its digits where the two lower roots are close.

    Viète's form: with p = q − second the cubic is q³ − 3·radius²·q + 2·half = 0, and q = 2·radius·cos(angle)
    solves it for cos(3·angle) = −half/radius³. The smallest angle gives the largest root. The other two have
    the sum and the product that the coefficients leave,

        total = −3·second − largest = (first + constant/largest) / largest      (from the sum of pairs)
        product = −constant / largest

    and the middle root is the larger one of z² − total·z + product = 0, written without a difference of
    nearly equal numbers.
    """
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

    def short(q: np.ndarray) -> np.ndarray:
        bottom, top = _newcombe_bounds(pc, nc, pt, nt, q)
        return np.where(above, top < gap, bottom > gap)

    z = bisect(short, np.zeros(np.shape(gap)), 1e3, steps=80)[0]
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
    low = bracketed_root(lambda gap: z(gap) - q, np.full(centre.shape, -1.0), centre)
    high = bracketed_root(lambda gap: z(gap) + q, centre, np.full(centre.shape, 1.0))
    return low, high
