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


def bracketed_root(f: Callable[[np.ndarray], Any], low: Any, high: Any) -> np.ndarray:
    """Return, element by element, where f changes its sign between low and high: some ten calls of f.

    low, high: arrays (...,) with values of f of opposite sign; an end where f is 0 is the root. Infinite
    values count as large ones. To the last digits of a float.

    References: Chandrupatla (1997), Advances in Engineering Software 28, 145-149 (inverse quadratic steps
    where the curve allows them, else halves).

    >>> bracketed_root(lambda x: x**3 - np.array([8.0, 27.0]), np.zeros(2), np.full(2, 9.0)).round(9).tolist()
    [2.0, 3.0]
    """

    def value(x: np.ndarray) -> np.ndarray:
        return np.clip(np.nan_to_num(np.asarray(f(x), float), nan=0.0), -1e6, 1e6)

    a, b = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float))
    fa, fb = value(a), value(b)
    c, fc, step = a, fa, np.full(a.shape, 0.5)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(80):
            x = a + step * (b - a)
            fx = value(x)
            same = np.sign(fx) == np.sign(fa)
            c, fc = np.where(same, a, b), np.where(same, fa, fb)
            b, fb = np.where(same, b, a), np.where(same, fb, fa)
            a, fa = x, fx
            best = np.where(np.abs(fa) < np.abs(fb), a, b)
            width = np.abs(b - a)
            least = 2e-16 * np.abs(best) + 1e-300
            if ((width <= 2 * least) | (fa == 0) | (fb == 0)).all():
                break
            xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
            smooth = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
            away = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
            edge = np.minimum(least / width, 0.5)
            step = np.clip(np.where(smooth & np.isfinite(away), away, 0.5), edge, 1 - edge)
    return best


def rising_root(f: Callable[[float], float], low: float, high: float, *, rtol: float = 1e-14) -> float:
    """Return where a rising function crosses 0 (`low` if it is above 0 there already); `high` is a first
    guess.

    Brent's method, to a share `rtol` of the root.

    >>> round(rising_root(lambda x: x**3 - 8, 0.0, 1.0), 9)
    2.0
    """
    from scipy.optimize import brentq

    if f(low) >= 0:
        return float(low)
    while f(high) < 0:
        high = 2 * high
    return float(brentq(f, low, high, xtol=1e-300, rtol=rtol, maxiter=500))


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
