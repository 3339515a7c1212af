"""Panel: when does a sample-ratio check notice that one segment loses treatment users?"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from abkit.assignment.sample_ratio import localise, srm as check_srm
from abkit.datasets.lost_users import LEAKY, planted_counts
from abkit.explore.explorer import Control, Explorer
from abkit.plots import style
from abkit.plots.sample_ratio import plot_shares

ALPHA = 0.001  # of the check of all users, and of the three segments together


def draw(ax: Axes, *, seed: int, n: int, share: float, loss: float) -> str:
    """Draw each segment's share beside the planned share and return the verdict of the whole and of the
    segments.

    >>> draw(style.axes_or_new(None), seed=7, n=20_000, share=0.5, loss=0.0).split("; ")[1]
    'segments with an alarm: none.'
    """
    counts = planted_counts(n, share, loss, seed=seed)
    whole = tuple(int(v) for v in np.sum(list(counts.values()), axis=0))
    plan = [1 - share, share]
    check, segments = check_srm(whole, plan, alpha=ALPHA), localise(counts, plan, alpha=ALPHA)
    plot_shares({"all": whole, **counts}, share, alpha=[ALPHA, *[ALPHA / len(counts)] * len(counts)], ax=ax)
    verdict = "no alarm" if check.passed else "alarm"
    alarms = [name for name, found in segments.items() if not found.passed]
    style.dress(
        ax, title=f"{loss:.0%} loss on {LEAKY}: total p = {check.pvalue:.3g}, {verdict}", x=ax.get_xlabel()
    )
    text = f"{whole[0]:,} control and {whole[1]:,} treatment users: p = {check.pvalue:.3g}, {verdict}"
    return f"{text}; segments with an alarm: {', '.join(alarms) or 'none'}."


def srm(*, n: int = 20_000, share: float = 0.5, loss: float = 0.1, seed: int = 2) -> Explorer:
    """Return the panel: users, planned share of treatment, and loss in one segment.

    n: units, a number or an array (...,); seed: fixes the draws; the same seed, the same picture.

    >>> print(srm(loss=0.0).value())
    10,019 control and 9,981 treatment users: p = 0.788, no alarm; segments with an alarm: none.
    """
    controls = {
        "n": Control("users in the experiment", n, 1_000, 200_000, 1_000),
        "share": Control("planned share of treatment", share, 0.05, 0.95, 0.05),
        "loss": Control("share of android treatment lost", loss, 0.0, 0.5, 0.01),
    }
    return Explorer(draw, controls, title="Sample-ratio mismatch", seed=seed)
