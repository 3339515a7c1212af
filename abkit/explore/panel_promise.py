"""Panel: one experiment after the other, each with its interval; how many of them hold the truth?"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from scipy.special import stdtrit

from abkit.datasets.commerce import repeated_shop
from abkit.estimate import Effect
from abkit.explore.explorer import Control, Explorer, Menu
from abkit.plots import style
from abkit.plots.uncertainty import plot_intervals

TRUTH, MOST = 0.425, 100  # euros a user; experiments
SIZES = {1_250: "1,250", 5_000: "5,000", 20_000: "20,000"}


@lru_cache(maxsize=16)
def repeated(seed: int, users: int) -> Effect:
    """Return a hundred experiments of the shop, so many users in each arm; the same seed, the same hundred.

    >>> repeated(0, 1_250).estimate.shape
    (100,)
    """
    return repeated_shop(MOST, gain=TRUTH, users=users, rng=seed)


def draw(ax: Axes, *, seed: int, run: int, level: int, users: int) -> str:
    """Draw the intervals of the experiments run so far and return how many hold the truth, and their width.

    >>> draw(style.axes_or_new(None), seed=0, run=1, level=95, users=5_000).split(":")[0]
    '1 experiment run, level 95, 5,000 users in each arm'
    """
    every, run = repeated(seed, int(users)), int(run)
    estimate, se = every.estimate[:run], every.se[:run]
    reach = stdtrit(every.df[:run], 0.5 + level / 200) * se
    shown = Effect(
        "y", estimate, se, df=every.df[:run], low=estimate - reach, high=estimate + reach, pvalue=0.0
    )
    hold, width = int((np.abs(estimate - TRUTH) <= reach).sum()), 2 * float(np.median(reach))
    plot_intervals(shown, TRUTH, unit="euros", ax=ax)
    many = "experiment" if run == 1 else "experiments"
    style.headline(ax, f"{hold} of {run} intervals hold the truth; one is {width:.2f} euros wide")
    ax.set(xlim=(0, MOST + 1), ylim=(-2.4, 3.25))
    return (
        f"{run} {many} run, level {level:g}, {users:,} users in each arm: {hold} of {run} intervals hold the"
        f" truth of {TRUTH:g} euros; one is {width:.2f} euros wide."
    )


def promise(*, run: int = 1, level: int = 95, users: int = 5_000, seed: int = 0) -> Explorer:
    """Return the panel: experiments run so far, level of the interval (per cent), users in each arm.

    seed: fixes the draws; the same seed, the same hundred experiments.

    >>> promise(run=100).value().split(":")[0]
    '100 experiments run, level 95, 5,000 users in each arm'
    """
    controls: dict[str, Control | Menu] = {
        "run": Control("experiments run", run, 1, MOST, 1),
        "level": Control("level (per cent)", level, 50, 99, 1),
        "users": Menu("users in each arm", users, SIZES),
    }
    return Explorer(draw, controls, title="Another draw, another interval", seed=seed)
