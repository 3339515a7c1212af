"""Panel: how many readers see a worse headline, under four ways to show them?"""

from __future__ import annotations

from matplotlib.axes import Axes

from abkit.datasets.headlines import POLICIES, headline_runs
from abkit.explore.explorer import Control, Explorer, Menu
from abkit.plots import style
from abkit.plots.bandits import plot_regret


def draw(ax: Axes, *, seed: int, headlines: int, readers: int, policy: int) -> str:
    """Draw the readers who saw a worse headline in 40 runs and return the mean and the spread.

    >>> draw(style.axes_or_new(None), seed=7, headlines=2, readers=1_000, policy=1).split(":")[0]
    '2 headlines, 1,000 readers, even split'
    """
    run = headline_runs(int(headlines), int(readers), int(policy), seed=seed)
    plot_regret(run, users="readers", arm="a worse headline", ax=ax)
    found = run.summary()
    worse = float((run.arm != headlines - 1).sum(1).mean())
    share = 100 * worse / readers
    style.headline(ax, f"{POLICIES[int(policy)]}: {share:.0f} per cent of the readers see a worse headline")
    lines = (
        f"{headlines} headlines, {readers:,} readers, {POLICIES[int(policy)]}: {worse:,.0f} readers "
        f"({share:.1f} per cent) see a worse headline on average"
    )
    return f"{lines}; the best one is named in {100 * found.named_best:.0f} of 100 runs."


def bandit(*, headlines: int = 2, readers: int = 3_000, policy: int = 4, seed: int = 0) -> Explorer:
    """Return the panel: number of headlines, readers, and policy.

    seed: fixes the draws; the same seed, the same picture.

    >>> print(bandit(policy=1).value().split(":")[0])
    2 headlines, 3,000 readers, even split
    """
    controls: dict[str, Control | Menu] = {
        "headlines": Control("headlines", headlines, 2, 5, 1),
        "readers": Control("readers", readers, 500, 5_000, 500),
        "policy": Menu("policy", policy, POLICIES),
    }
    return Explorer(draw, controls, title="Bandit", seed=seed)
