"""Numerics of the bounds: one z a look, from the alpha to spend or from the shape of a classical design.

`lower` is None for a symmetric two-sided plan; else it holds the lower bound of each look, −∞ for none.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit.numeric.roots import secant
from abkit.sequential.recursion import START, advance, bound_for, crossing


def spending_bounds(t: np.ndarray, spent: np.ndarray, lower: np.ndarray | None = None) -> np.ndarray:
    """Return the z bound of each look from the alpha that ONE side has spent up to it.

    >>> spending_bounds(np.array([1.0]), np.array([0.025])).round(3).tolist()
    [1.96]
    """
    upper, running = np.empty(len(t)), START
    for k, increment in enumerate(np.diff(spent, prepend=0.0)):
        upper[k] = bound_for(running, t[k], float(increment))
        if k + 1 < len(t):
            low = -upper[k] if lower is None else min(lower[k], upper[k])
            running = advance(running, t[k], low, upper[k], t[k + 1])
    return upper


def stops(t: np.ndarray, upper: np.ndarray, lower: np.ndarray | None = None) -> np.ndarray:
    """Return the alpha spent up to each look: both sides together if the plan is symmetric, else the upper
    side.

    >>> stops(np.array([1.0]), np.array([1.96])).round(3).tolist()
    [0.05]
    """
    up, down = crossing(t, -upper if lower is None else np.minimum(lower, upper), upper)
    return np.cumsum(up + down if lower is None else up)


def designed(
    t: np.ndarray, name: str, parameter: float | None, alpha: float, lower: np.ndarray | None = None
) -> np.ndarray:
    """Return the bounds of a classical design; alpha is the total of both sides if the plan is symmetric.

    >>> designed(np.array([0.5, 1.0]), "pocock", None, 0.05).round(3).tolist()
    [2.178, 2.178]
    """
    sides = 2 if lower is None else 1
    if name == "haybittle_peto":
        return _haybittle_peto(t, float(parameter or 3.0), alpha, lower)
    power = {"obrien_fleming": 0.0, "pocock": 0.5}.get(name, parameter)
    assert power is not None
    shape = (t / t[-1]) ** (power - 0.5)  # Wang and Tsiatis (1987): z_k = C t_k^(Δ − 1/2)
    target = float(-ndtri(alpha / sides))

    def score(constant: float) -> float:
        return float(-ndtri(stops(t, constant * shape, lower)[-1] / sides))

    start = target / shape.min()  # one look alone would spend alpha: the constant is above this
    return secant(score, target, start, float(shape.min())) * shape


def _haybittle_peto(t: np.ndarray, z: float, alpha: float, lower: np.ndarray | None) -> np.ndarray:
    upper = np.full(len(t), z)
    left = alpha - (stops(t, upper, lower)[-2] if len(t) > 1 else 0.0)
    if left <= 0:
        raise _check.fail(
            "parameter", f"must leave some alpha for the last of {len(t)} looks", f"{z:g}", "Take a larger z."
        )
    running = START
    for k in range(len(t) - 1):
        running = advance(running, t[k], -z if lower is None else lower[k], z, t[k + 1])
    upper[-1] = bound_for(running, t[-1], left / (2 if lower is None else 1))
    return upper
