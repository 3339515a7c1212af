"""Futility: a lower bound below which a one-sided experiment is given up.

Either the z values are given, or beta, the error of missing the planned effect, is spent look by look
as alpha is. A bound that must be obeyed (binding) buys a slightly lower upper bound; if it is then ignored,
the false-alarm rate is above alpha. Not binding is the safe choice.

References: Pampallona and Tsiatis (1994); Jennison and Turnbull (2000), ch. 4; Anderson and Clark (2010).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit.numeric.roots import rising_root
from abkit.sequential.recursion import START, Running, advance, bound_for, crossing

Uppers = Callable[[np.ndarray], np.ndarray]
TURNS = 40


def beta_bounds(t: np.ndarray, upper: np.ndarray, spent: np.ndarray, drift: float) -> np.ndarray:
    """Return the lower bounds that spend beta, `spent` up to each look, at this drift; the last equals the
    upper.

    >>> beta_bounds(np.array([0.5, 1.0]), np.array([2.5, 2.0]), np.array([0.05, 0.1]), 3.0).round(3).tolist()
    [0.476, 2.0]
    """
    lower, running = upper.copy(), START
    for k, increment in enumerate(np.diff(spent, prepend=0.0)[:-1]):
        z = _lower(running, t[k], float(increment), drift)
        lower[k] = min(z, upper[k] - 1e-6)  # a trial value of the drift may let the bounds meet
        running = advance(running, t[k], lower[k], upper[k], t[k + 1], drift)
    return lower


@dataclass(frozen=True)
class Futility:
    """How a plan gives up: beta spent by `rule` at `drift` (the planned effect × √information), or given
    z.
    """

    rule: Any
    parameter: float | None = None
    beta: float | None = None
    drift: float | None = None

    def __str__(self) -> str:
        return self.rule if isinstance(self.rule, str) else "custom" if callable(self.rule) else "given z"


def with_beta(
    t: np.ndarray, uppers: Uppers, share: np.ndarray, beta: float, alpha: float, *, binding: bool
) -> tuple[np.ndarray, float]:
    """Return the lower bounds of a plan that misses the planned effect with probability beta, and its drift.

    `uppers(lower)` gives the upper bounds that keep alpha. Binding: both are found in turns; the upper bound
    moves little with the lower one, so a few turns are enough.

    >>> fixed = lambda lower: np.array([2.5, 2.0])
    >>> half = np.array([0.5, 1.0])
    >>> with_beta(half, fixed, half, 0.1, 0.025, binding=False)[0].round(2).tolist()
    [0.77, 2.0]
    """
    lower = np.full(len(t), -np.inf)
    for _ in range(TURNS):
        upper = uppers(lower)
        drift = _drift_at_power(t, upper, share * beta, beta, alpha)
        new = beta_bounds(t, upper, share * beta, drift)
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
    return lower, drift


def both_spending(
    t: np.ndarray, spent: np.ndarray, beta_spent: np.ndarray, start: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return upper and lower bounds that both spend, the lower ones binding, and the drift at which they
    meet.

    spent, beta_spent: alpha and beta up to each look. Look by look each bound counts on the other; the drift
    is the one at which the two meet at the last look (Anderson and Clark 2010, section 2). start: a first
    guess.

    >>> half = np.array([0.5, 1.0])
    >>> upper, lower, drift = both_spending(half, 0.025 * half, 0.1 * half, 3.2)
    >>> upper.round(2).tolist(), lower.round(2).tolist()
    ([2.24, 2.07], [0.8, 2.07])
    """

    def gap(drift: float) -> float:
        return _joint(t, spent, beta_spent, drift)[2]

    drift = rising_root(gap, 0.0, start, rtol=1e-12)
    upper, lower, left = _joint(t, spent, beta_spent, drift)
    if abs(left) > 1e-6:
        need = "must leave both bounds apart before the last look"
        raise _check.fail("futility", need, "bounds that meet earlier", "Spend beta later.")
    lower[-1] = upper[-1]
    return upper, lower, drift


def _joint(
    t: np.ndarray, spent: np.ndarray, beta_spent: np.ndarray, drift: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return both bounds at a drift, and by how much the lower one is above the upper one where that first
    is.

    At the last look both are free; the drift is right when they agree there.
    """
    upper, lower = np.full(len(t), np.inf), np.full(len(t), -np.inf)
    null = alternative = START
    alphas, betas = np.diff(spent, prepend=0.0), np.diff(beta_spent, prepend=0.0)
    for k in range(len(t)):
        if null.mass.sum() <= alphas[k]:
            return upper, lower, 10.0  # the lower bounds have left too few experiments to spend alpha on
        upper[k] = bound_for(null, t[k], float(alphas[k]))
        lower[k] = _lower(alternative, t[k], float(betas[k]), drift)
        last = k + 1 == len(t)
        if last or lower[k] >= upper[k]:
            over = float(np.clip(lower[k] - upper[k], -10, 10))
            return upper, lower, over if last else max(over, 1e-3)
        null = advance(null, t[k], lower[k], upper[k], t[k + 1])
        alternative = advance(alternative, t[k], lower[k], upper[k], t[k + 1], drift)
    raise AssertionError("a plan has at least one look")


def _lower(running: Running, t: float, increment: float, drift: float) -> float:
    """Return the z below which `increment` of the running experiments fall at t."""
    mirror = Running(-running.points, running.mass, running.time)
    return -bound_for(mirror, t, increment) + drift * (t - running.time) / np.sqrt(t)


def _drift_at_power(t: np.ndarray, upper: np.ndarray, spent: np.ndarray, beta: float, alpha: float) -> float:
    """Return the drift that is missed with probability beta; power rises with it."""

    def score(drift: float) -> float:
        power = crossing(t, beta_bounds(t, upper, spent, drift), upper, drift)[0].sum()
        if np.isnan(power):  # the search for the bounds of very close looks overflows
            raise _check.fail("futility", "must have bounds that are found", f"{len(t)} looks", "Take fewer.")
        return float(ndtri(min(max(power, 1e-12), 1 - 1e-12)) + ndtri(beta))

    return rising_root(score, 0.0, 1.05 * float(-ndtri(alpha) - ndtri(beta)), rtol=1e-11)


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
