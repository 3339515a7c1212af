"""Panel: what does it cost to look always? Width, power and users of the mSPRT beside one planned look."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from scipy.special import ndtri

from abkit.explore.explorer import Control, Explorer
from abkit.plots import style
from abkit.plots.always_valid import plot_price
from abkit.sequential.looking import ALPHA, half_width, price, se


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
        f"{found.factor:.2f} times as wide, power {found.power:.1%}; one planned look:"
        f" {found.fixed_power:.1%}",
    )
    text = f"tau {tau:g} points, {horizon:,} users in each arm: {found.factor:.2f} times as wide"
    return (
        f"{text}; lift {lift:g}: power {found.power:.1%} against {found.fixed_power:.1%} of one look, "
        f"{found.users:,.0f} users on average; false alarms {found.false_alarms:.2%}."
    )


def always(*, tau: float = 2.0, horizon: int = 10_000, lift: float = 2.0, seed: int = 0) -> Explorer:
    """Return the panel: tau, horizon and true lift; control converts at 10 per cent.

    seed: fixes the draws; the same seed, the same picture.

    >>> print(always(lift=0.0).value().split("; ")[0])
    tau 2 points, 10,000 users in each arm: 1.58 times as wide
    """
    controls = {
        "tau": Control("tau (percentage points)", tau, 0.1, 20.0, 0.1),
        "horizon": Control("users in each arm at the end", horizon, 1_000, 50_000, 1_000),
        "lift": Control("true lift (points)", lift, 0.0, 4.0, 0.1),
    }
    return Explorer(draw, controls, title="The price of looking always", seed=seed, random=False)
