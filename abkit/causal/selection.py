"""The luck of the best: how far the largest of several equally good results lies above the truth."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from abkit import _check


def luck_of_best(k: int) -> float:
    """Return how many standard errors the best of k equal results lies above the truth on average.

    The mean of the largest of k independent standard normal numbers: 0 for one, .564 for two, 1.867 for
    twenty. For results of overlapping users it is smaller. k: results that were looked at. Exact to 1e-9.

    Raises ValueError for k that is no whole number of at least 1.

    References: Tippett (1925), Biometrika 17, 364-387, table of the mean largest value.

    >>> round(luck_of_best(20), 4)
    1.8675
    """
    k = _check.integer("k", k)
    # E[max] = ∫ 0..∞ of 1 − F^k minus ∫ −∞..0 of F^k: both ends are flat, so a fine trapezoid is exact.
    x = np.linspace(0.0, 12.0, 4_001)
    return float(np.trapezoid(1 - ndtr(x) ** k - ndtr(-x) ** k, x)) if k > 1 else 0.0
