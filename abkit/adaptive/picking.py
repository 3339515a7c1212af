"""How an arm is picked: from several that tie, from probabilities with a floor. Arms are on the last axis."""

from __future__ import annotations

import numpy as np


def over_arms(join: np.ufunc, values: np.ndarray) -> np.ndarray:
    """Return the maximum, or the sum, over the arms (..., 1); for few arms faster than a reduction.

    join: np.maximum or np.add. values: (..., arms).

    >>> over_arms(np.maximum, np.array([3.0, 5.0, 4.0]))
    array([5.])
    """
    out = values[..., :1]
    for k in range(1, values.shape[-1]):
        out = join(out, values[..., k : k + 1])
    return out


def pick(allowed: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Return one of the allowed arms, each as probable: that of the largest u; both (..., arms).

    >>> int(pick(np.array([True, False, True]), np.array([0.3, 0.9, 0.7])))
    2
    """
    return (allowed * u).argmax(-1)


def floored(probability: np.ndarray, floor: float) -> np.ndarray:
    """Return probabilities (..., arms) of at least the floor; what lies above it shares the rest.

    With two arms this is clipping to [floor, 1 − floor]; probabilities above the floor stay as they are.

    >>> floored(np.array([0.01, 0.99]), 0.05)
    array([0.05, 0.95])
    """
    above = np.maximum(probability - floor, 0.0)
    total = above.sum(-1, keepdims=True)
    even = 1 / probability.shape[-1]
    part = np.divide(above, total, out=np.full(probability.shape, even), where=total > 0)
    return floor + (1 - floor * probability.shape[-1]) * part
