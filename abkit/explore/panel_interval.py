"""Panel: do 95 of 100 intervals hold the truth, for my n, my skewness and my split?"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from abkit.datasets.skewed import LARGEST, RATIOS, REPS, covered, outcomes
from abkit.estimate import Effect
from abkit.explore.explorer import Control, Explorer
from abkit.plots import style
from abkit.plots.uncertainty import plot_intervals


def draw(ax: Axes, *, seed: int, n: int, skew: float, ratio: int) -> str:
    """Draw the first 100 intervals and return the coverage of all with its Monte-Carlo error.

    >>> draw(style.axes_or_new(None), seed=7, n=100, skew=0.0, ratio=1)[:39]
    '100 against 100 users, skewness 0: 94.5'
    """
    effects = outcomes(n, skew, ratio, seed=seed)
    share = covered(effects)
    error = np.sqrt(share * (1 - share) / REPS)
    first = Effect(
        "y", effects.estimate[:100], 0, df=0, low=effects.low[:100], high=effects.high[:100], pvalue=0
    )
    plot_intervals(first, unit="standard deviations of a user", ax=ax)
    style.dress(
        ax,
        title=f"{n:,} against {ratio * n:,} users, skewness {skew:g}: {share:.1%} of {REPS} cover",
        x="first 100 experiments",
        y="effect (sd of a user)",
    )
    ax.set_ylim(-1.6, 1.6)
    half = float(np.median(effects.high - effects.low)) / 2
    return (
        f"{n:,} against {ratio * n:,} users, skewness {skew:g}: {100 * share:.1f} ± {100 * error:.1f} per"
        f" cent of {REPS} intervals hold the truth; median half-width {half:.2f} sd."
    )


def interval(*, n: int = 30, skew: float = 2.0, ratio: int = 9, seed: int = 7) -> Explorer:
    """Return the panel: users in control, skewness of the metric, treatment users for each control user.

    seed: fixes the draws; the same seed, the same picture.

    >>> interval(n=100, skew=0.0, ratio=1).value()[:40]
    '100 against 100 users, skewness 0: 94.5 '
    """
    controls = {
        "n": Control("users in control", n, 5, LARGEST, 5),
        "skew": Control("skewness of the metric", skew, 0.0, 10.0, 0.5),
        "ratio": Control("treatment users per control user", ratio, 1, RATIOS, 1),
    }
    return Explorer(draw, controls, title="Intervals and coverage", seed=seed)
