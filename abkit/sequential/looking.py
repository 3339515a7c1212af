"""What does it cost to look always? Width, power and users of the mSPRT beside one planned look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr, ndtri

from abkit.sequential.recursion import crossing

RATE, ALPHA, LOOKS = 0.10, 0.05, 50  # conversion of control, error, looks at equal steps up to the horizon


@dataclass(frozen=True)
class Price:
    """The cost of looking always: factor of the width at the horizon, rates of stopping, and mean users an
    arm.
    """

    factor: float
    false_alarms: float
    power: float
    users: float
    fixed_power: float


def se(n: np.ndarray) -> np.ndarray:
    """Return the standard error of the difference of two rates of 10 per cent, in points, at n users in each
    arm.

    >>> round(float(se(np.array(1_800))), 3)
    1.0
    """
    return 100 * np.sqrt(2 * RATE * (1 - RATE) / np.asarray(n, float))


def half_width(n: np.ndarray, tau: float) -> np.ndarray:
    """Return the half-width of the normal-mixture confidence sequence, in points.

    >>> round(float(half_width(np.array(1_800), 2.865)), 3)
    3.035
    """
    r = np.square(tau / se(n))
    return se(n) * np.sqrt((1 + r) / r * (np.log1p(r) - 2 * np.log(ALPHA)))


@lru_cache(maxsize=256)
def price(tau: float, horizon: int, lift: float, *, looks: int = LOOKS) -> Price:
    """Return the exact cost for a normal estimate: `looks` looks at equal steps up to `horizon` users in each
    arm.

    tau and lift in percentage points; mean users under that lift, with a stop at the first crossing.

    >>> found = price(2.0, 10_000, 2.0)
    >>> found.false_alarms < 0.05 < found.power < found.fixed_power
    True
    """
    n = horizon * np.arange(1, looks + 1) / looks
    z = half_width(n, tau) / se(n)
    drift = lift / float(se(np.array(horizon)))
    null, found = (np.sum(crossing(n / horizon, -z, z, d), axis=0) for d in (0.0, drift))
    users = n @ found + horizon * (1 - found.sum())
    c = -ndtri(ALPHA / 2)
    return Price(
        float(z[-1] / c),
        float(null.sum()),
        float(found.sum()),
        float(users),
        float(ndtr(drift - c) + ndtr(-drift - c)),
    )
