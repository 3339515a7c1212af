"""Roots: bisection on arrays, a bracketed root of one number, and secants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def bisect(
    holds: Callable[[np.ndarray], Any], inside: Any, outside: Any, *, steps: int = 60
) -> tuple[np.ndarray, np.ndarray]:
    """Return, element by element, the last point found that holds and the first that does not.

    inside, outside: arrays (...,) of points where `holds` is True and False, in either order; between them it
    changes once. Each step halves the gap, so 60 steps leave no digit of a float between the two.

    >>> inside, outside = bisect(lambda x: x * x <= 2, 0.0, 2.0)
    >>> round(float(inside), 9)
    1.414213562
    """
    inside, outside = np.broadcast_arrays(np.asarray(inside, float), np.asarray(outside, float))
    for _ in range(steps):
        middle = (inside + outside) / 2
        keep = holds(middle)
        inside, outside = np.where(keep, middle, inside), np.where(keep, outside, middle)
    return inside, outside


def rising_root(f: Callable[[float], float], low: float, high: float) -> float:
    """Return where a rising function crosses 0 (`low` if it is above 0 there already); `high` is a first
    guess.

    Brent's method, to a share of 1e-14 of the root.

    >>> round(rising_root(lambda x: x**3 - 8, 0.0, 1.0), 9)
    2.0
    """
    from scipy.optimize import brentq

    if f(low) >= 0:
        return float(low)
    while f(high) < 0:
        high = 2 * high
    return float(brentq(f, low, high, xtol=1e-300, rtol=1e-14, maxiter=500))


def secant(score: Callable[[float], float], target: float, start: float, slope: float) -> float:
    """Solve score(x) = target by secants; on the normal-quantile scale the scores are almost straight lines.

    Raises ArithmeticError where 60 steps do not reach it.

    >>> round(secant(lambda x: 2 * x, 4.0, 0.0, 1.0), 6)
    2.0
    """
    x, y = start, score(start)
    for _ in range(60):
        move = (target - y) / slope
        if abs(move) < 1e-5:  # the next error is of the order of its square
            return x + move
        new = score(x + move)
        slope = (new - y) / move if new != y else slope
        x, y = x + move, new
    raise ArithmeticError("the bound did not converge")
