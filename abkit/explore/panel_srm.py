"""Panel: when does a sample-ratio check notice that one segment loses treatment users?"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from abkit.explore.explorer import Control, Explorer
from abkit.plots import style
from abkit.plots.srm import plot_shares
from abkit.sample_ratio import localise
from abkit.sample_ratio import srm as check_srm

SEGMENTS = {"android": 0.40, "ios": 0.35, "web": 0.25}
LEAKY = "android"
ALPHA = 0.001  # of the check of all users, and of the three segments together


def planted_counts(n: int, share: float, loss: float, *, seed: int = 0) -> dict[str, tuple[int, int]]:
    """Return (control, treatment) counts by segment when `loss` of android's treatment users are never logged.

    World: n users, segments 40, 35 and 25 per cent, treatment with probability `share`; then each
    android user in treatment is lost with probability `loss`. The luck is fixed by the seed: each count is
    the same quantile of its binomial for every n, share and loss, so that only the slider moves the picture.

    >>> planted_counts(1000, 0.5, 1.0)["android"][1]
    0
    """
    from scipy.stats import binom

    luck = np.random.default_rng(seed).random(4)
    android, ios = round(n * SEGMENTS["android"]), round(n * SEGMENTS["ios"])
    sizes = np.array([android, ios, n - android - ios])
    treated = binom.ppf(luck[:3], sizes, share)
    kept = treated - np.array([binom.ppf(luck[3], treated[0], loss), 0, 0])
    return {name: (int(s - t), int(k)) for name, s, t, k in zip(SEGMENTS, sizes, treated, kept, strict=True)}


def draw(ax: Axes, *, seed: int, n: int, share: float, loss: float) -> str:
    """Draw each segment's share beside the planned share and return the verdict of the whole and of the segments.

    >>> draw(style.axes_or_new(None), seed=7, n=20_000, share=0.5, loss=0.0).endswith("no alarm; segments with an alarm: none.")
    True
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

    >>> print(srm(loss=0.0).value())
    10,019 control and 9,981 treatment users: p = 0.788, no alarm; segments with an alarm: none.
    """
    controls = {
        "n": Control("users in the experiment", n, 1_000, 200_000, 1_000),
        "share": Control("planned share of treatment", share, 0.05, 0.95, 0.05),
        "loss": Control("share of android treatment lost", loss, 0.0, 0.5, 0.01),
    }
    return Explorer(draw, controls, title="Sample-ratio mismatch", seed=seed)
