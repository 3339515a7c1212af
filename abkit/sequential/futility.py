"""Futility: a lower bound below which a one-sided experiment is given up.

Either the z values are given, or beta, the error of missing the planned effect, is spent look by look
as alpha is. A bound that must be obeyed (binding) buys a slightly lower upper bound; if it is then ignored,
the false-alarm rate is above alpha. Not binding is the safe choice.

References: Pampallona and Tsiatis (1994); Jennison and Turnbull (2000), ch. 4; Anderson and Clark (2010).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit.numeric.roots import secant
from abkit.sequential.recursion import START, Running, advance, bound_for, crossing

Uppers = Callable[[np.ndarray], np.ndarray]


def beta_bounds(t: np.ndarray, upper: np.ndarray, spent: np.ndarray, drift: float) -> np.ndarray:
    """Return the lower bounds that spend beta, `spent` up to each look, at this drift; the last equals the
    upper.

    >>> beta_bounds(np.array([0.5, 1.0]), np.array([2.5, 2.0]), np.array([0.05, 0.1]), 3.0).round(3).tolist()
    [0.476, 2.0]
    """
    lower, running = upper.copy(), START
    for k, increment in enumerate(np.diff(spent, prepend=0.0)[:-1]):
        mirror = Running(-running.points, running.mass, running.time)
        z = -bound_for(mirror, t[k], float(increment)) + drift * (t[k] - running.time) / np.sqrt(t[k])
        lower[k] = min(z, upper[k] - 1e-6)  # a trial value of the drift may let the bounds meet
        running = advance(running, t[k], lower[k], upper[k], t[k + 1], drift)
    return lower


def with_beta(
    t: np.ndarray, uppers: Uppers, share: np.ndarray, beta: float, alpha: float, *, binding: bool
) -> np.ndarray:
    """Return the lower bounds of a plan that misses the planned effect with probability beta.

    `uppers(lower)` gives the upper bounds that keep alpha. Binding: both are found in turns; the upper bound
    moves little with the lower one, so a few turns are enough.

    >>> fixed = lambda lower: np.array([2.5, 2.0])
    >>> half = np.array([0.5, 1.0])
    >>> with_beta(half, fixed, half, 0.1, 0.025, binding=False).round(2).tolist()
    [0.77, 2.0]
    """
    lower = np.full(len(t), -np.inf)
    for _ in range(40):
        upper = uppers(lower)
        new = _lower_at_power(t, upper, share * beta, beta, alpha)
        moved = np.abs(new - lower).max()
        lower = new
        if not binding or moved < 1e-9:
            break
    if (lower[:-1] >= upper[:-1] - 1e-5).any():
        raise _check.fail(
            "futility",
            "must stay below the efficacy bound",
            "bounds that meet before the last look",
            "Spend beta later.",
        )
    return lower


def _lower_at_power(
    t: np.ndarray, upper: np.ndarray, spent: np.ndarray, beta: float, alpha: float
) -> np.ndarray:
    def score(drift: float) -> float:
        lower = beta_bounds(t, upper, spent, drift)
        power = crossing(t, lower, upper, drift)[0].sum()
        return float(ndtri(min(max(power, 1e-12), 1 - 1e-12)))

    drift = secant(score, float(-ndtri(beta)), 1.05 * float(-ndtri(alpha) - ndtri(beta)), 1.0)
    return beta_bounds(t, upper, spent, drift)


def fixed_futility(value: object, upper: np.ndarray) -> np.ndarray:
    """Return lower bounds from given z values, one an interim look; the last equals the upper bound.

    >>> fixed_futility([0.0], np.array([2.5, 2.0])).tolist()
    [0.0, 2.0]
    """
    z = _check.array("futility", value)
    if z.shape != (len(upper) - 1,):
        raise _check.fail(
            "futility", f"must hold {len(upper) - 1} z values, one for each look but the last", f"{z.size}"
        )
    if (z >= upper[:-1]).any():
        raise _check.fail(
            "futility",
            "must stay below the efficacy bound at every look",
            _check.shares_text(z),
            "Such a plan stops for futility where it should stop for success.",
        )
    return np.append(z, upper[-1])
