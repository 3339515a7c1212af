"""Normal and Student: tail, quantile, p-value, and the mean of a function of one shared normal factor."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import betaincinv, ndtr, ndtri, stdtr, stdtrit

REACH = 8.5  # standard deviations, beyond which the normal law is left out: 2e-17 of it
NODES = 160  # of the Gauss-Legendre rule on each panel


def tail(t: Any, df: Any) -> Any:
    """Return P(T > t) for Student's t, shape (...,); df inf is the normal law. Exact far out.

    >>> round(float(tail(1.96, np.inf)), 4)
    0.025
    """
    return ndtr(-np.asarray(t)) if np.isinf(df).all() else stdtr(df, -np.asarray(t))


def quantile(upper: Any, df: Any) -> Any:
    """Return the t that is exceeded with probability `upper`, at most one half; df inf is the normal law.

    Where scipy's Student quantile leaves its range (tails below 1e-100) the incomplete beta function gives
    it: P(|T| > t) = I_x(df/2, 1/2) at x = df/(df + t²).

    >>> round(float(quantile(0.025, np.inf)), 4), round(float(quantile(0.025, 9)), 4)
    (1.96, 2.2622)
    """
    if np.isinf(df).all():
        return -ndtri(upper)
    t = -stdtrit(df, upper)
    if np.any(np.asarray(upper) < 1e-100):
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            x = betaincinv(np.asarray(df) / 2, 0.5, 2 * np.asarray(upper))
            far = np.where(np.isinf(df), -ndtri(upper), np.sqrt(df) * np.sqrt(1 / x - 1))
        t = np.where((np.asarray(upper) < 1e-100) & ~np.isnan(df), far, t)
    return t


def pvalue(t: Any, df: Any, alternative: str) -> Any:
    """Return the p-value of a t statistic (...,) for "two-sided", "greater" or "less".

    >>> round(float(pvalue(-1.96, np.inf, "two-sided")), 4)
    0.05
    """
    if alternative == "greater":
        return tail(t, df)
    if alternative == "less":
        return tail(-np.asarray(t), df)
    return np.minimum(1.0, 2 * tail(np.abs(t), df))


def nodes(steps: Any, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Return points and weights of a mean over a standard normal u, for functions with steep steps.

    steps: places (k,) where the function changes within a few `width`s, and is smooth elsewhere. The range is
    cut at both ends of every step, so that a steep one (a correlation near 1) has nodes of its own.

    >>> u, weights = nodes([0.0], 0.01)
    >>> round(float(weights @ u**2), 9)
    1.0
    """
    at = np.atleast_1d(np.asarray(steps, float))
    ends = np.concatenate([at - REACH * width, at + REACH * width, [-REACH, REACH]])
    cuts = np.unique(np.clip(ends, -REACH, REACH))
    half = np.diff(cuts)[:, None] / 2
    nodes, weights = _rule()
    u = (cuts[:-1, None] + half + half * nodes).ravel()
    return u, (half * weights).ravel() * np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)


def even_nodes(width: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return evenly spaced points and weights of a mean over a standard normal: good for steps anywhere.

    width: of the steepest step. The trapezoid rule with a step of a quarter of it is exact to 1e-12.

    >>> u, weights = even_nodes()
    >>> round(float(weights @ u**2), 9)
    1.0
    """
    u = np.linspace(-7.5, 7.5, 1 + int(30 / min(width, 0.5)))
    return u, np.exp(-(u**2) / 2) * (u[1] - u[0]) / np.sqrt(2 * np.pi)


def factor_mean(values: Callable[[np.ndarray], Any], steps: Any, width: float) -> float:
    """Return the mean of a function of one shared normal factor; see `nodes` for steps and width.

    >>> round(factor_mean(lambda u: ndtr(u), [0.0], 1.0), 12)
    0.5
    """
    u, weights = nodes(steps, width)
    return float(weights @ values(u))


@functools.cache
def _rule() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on (−1, 1), found when first needed: that takes longer than the import."""
    return np.polynomial.legendre.leggauss(NODES)
