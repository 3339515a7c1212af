"""Panel: how many weeks of a test does the users' past save?"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from abkit.explore.explorer import Control, Explorer
from abkit.planning.history import cuped_factor, history_correlation
from abkit.plots.history import plot_past

WEEKS = 4  # of the test without any past
LONGEST = 26  # weeks of history on the axis


def draw(ax: Axes, *, seed: int, week: float, new: float, history: int) -> str:
    """Draw the weeks of test against the weeks of history and return weeks and width. Nothing is random.

    >>> from abkit.plots import style
    >>> draw(style.axes_or_new(None), seed=0, week=0.3, new=0.2, history=4).split(": ")[1]
    '2.7 weeks instead of 4, or an interval 83% as wide.'
    """
    past = np.arange(LONGEST + 1)
    rho = np.asarray(history_correlation(week, past, window=WEEKS))
    left = np.asarray(cuped_factor(rho, new=new))
    plot_past(past, left, cuped_factor(rho), int(history), weeks=WEEKS, ax=ax)
    share, r = left[int(history)], f"{rho[int(history)]:.2f}".replace("0.", ".", 1)
    return (
        f"{int(history)} weeks of history correlate {r} with the test. {share:.0%} of the variance is left: "
        f"{WEEKS * share:.1f} weeks instead of {WEEKS}, or an interval {np.sqrt(share):.0%} as wide."
    )


def history(*, week: float = 0.3, new: float = 0.2, history: int = 4, seed: int = 0) -> Explorer:
    """Return the panel: correlation of two weeks of a user, share of new users, and weeks of history.

    week: correlation of two single weeks of a user; seed: fixes the draws; the same seed, the same picture.

    >>> print(history(new=0.9).value().split(": ")[1])
    3.8 weeks instead of 4, or an interval 98% as wide.
    """
    controls = {
        "week": Control("correlation of two weeks of a user", week, 0.0, 0.95, 0.05),
        "new": Control("share of new users", new, 0.0, 1.0, 0.05),
        "history": Control("weeks of history", history, 0, LONGEST, 1),
    }
    return Explorer(draw, controls, title="History", seed=seed, random=False)
