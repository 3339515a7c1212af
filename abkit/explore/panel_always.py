"""Panel: what does it cost to look always? Width, power and users of the mSPRT beside one planned look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from scipy.special import ndtr, ndtri

from abkit.explore.explorer import Control, Explorer
from abkit.plots import style
from abkit.plots.always_valid import plot_price
from abkit.recursion import crossing

RATE, ALPHA, LOOKS = 0.10, 0.05, 50  # conversion of control, error, looks at equal steps up to the horizon


@dataclass(frozen=True)
class Price:
    """The cost of looking always: factor of the width at the horizon, rates of stopping, and mean users an arm."""

    factor: float
    false_alarms: float
    power: float
    users: float
    fixed_power: float


def se(n: np.ndarray) -> np.ndarray:
    """Return the standard error of the difference of two rates of 10 per cent, in points, at n users in each arm.

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
    """Return the exact cost for a normal estimate: `looks` looks at equal steps up to `horizon` users in each arm.

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


def draw(ax: Axes, *, seed: int, tau: float, horizon: int, lift: float) -> str:
    """Draw the factor of the width against users, and return factor, power and mean users.

    >>> draw(style.axes_or_new(None), seed=0, tau=2.0, horizon=10_000, lift=2.0).split(";")[0]
    'tau 2 points, 10,000 users in each arm: 1.58 times as wide'
    """
    found = price(float(tau), int(horizon), float(lift))
    n = np.geomspace(horizon / 50, horizon, 200)
    plot_price(n, half_width(n, tau), -ndtri(ALPHA / 2) * se(n), log=False, ax=ax)
    style.headline(
        ax,
        f"{found.factor:.2f} times as wide, power {found.power:.1%}; one planned look: {found.fixed_power:.1%}",
    )
    text = f"tau {tau:g} points, {horizon:,} users in each arm: {found.factor:.2f} times as wide"
    return (
        f"{text}; lift {lift:g}: power {found.power:.1%} against {found.fixed_power:.1%} of one look, "
        f"{found.users:,.0f} users on average; false alarms {found.false_alarms:.2%}."
    )


def always(*, tau: float = 2.0, horizon: int = 10_000, lift: float = 2.0, seed: int = 0) -> Explorer:
    """Return the panel: tau, horizon and true lift; control converts at 10 per cent.

    >>> print(always(lift=0.0).value().split("; ")[0])
    tau 2 points, 10,000 users in each arm: 1.58 times as wide
    """
    controls = {
        "tau": Control("tau (percentage points)", tau, 0.1, 20.0, 0.1),
        "horizon": Control("users in each arm at the end", horizon, 1_000, 50_000, 1_000),
        "lift": Control("true lift (points)", lift, 0.0, 4.0, 0.1),
    }
    return Explorer(draw, controls, title="The price of looking always", seed=seed, random=False)
