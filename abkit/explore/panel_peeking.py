"""Panel: how often does a test end significant, and what does it then claim, under three stop rules?"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from abkit.datasets.stopping import RULES, USERS, stops
from abkit.explore.explorer import Control, Explorer, Menu
from abkit.plots import style
from abkit.plots.peeking import plot_stops


def draw(ax: Axes, *, seed: int, looks: int, lift: float, rule: int) -> str:
    """Draw the claims of the significant experiments and return rates, mean claim and mean users.

    >>> draw(style.axes_or_new(None), seed=7, looks=10, lift=0.0, rule=2).split(":")[1].split(";")[0]
    ' 19.3% false alarms'
    """
    found = stops(looks, lift, rule, seed=seed)
    plot_stops(found.users, found.claims, truth=lift, final=USERS, unit="minutes", ax=ax)
    reach = 1.1 * max(3.5, np.abs(found.claims).max(initial=0.0))
    ax.set_ylim(-reach, reach)
    rate = f"{100 * found.significant:.1f}% false alarms" if lift == 0 else f"{100 * found.better:.1f}% win"
    winners = found.claims[found.claims > 0]
    mean = winners.mean() if len(winners) else np.nan
    times = f", {mean / lift:.2f} times the truth" if lift > 0 else ""
    style.headline(ax, f"{rate}; a winner claims {mean:.1f} minutes")
    text = (
        f"{looks} look{'' if looks == 1 else 's'}, {RULES[int(rule)]}: {rate}; a mean winner claims"
        f" {mean:.2f} minutes{times}"
    )
    return f"{text}; {found.ends.mean():,.0f} users in each arm on average."


def peeking(*, looks: int = 30, lift: float = 1.5, rule: int = 2, seed: int = 0) -> Explorer:
    """Return the panel: number of looks, true lift in minutes, and stop rule.

    seed: fixes the draws; the same seed, the same picture.

    >>> print(peeking(lift=0.0).value().split("; a mean")[0])
    30 looks, stop at p < .05: 28.0% false alarms
    """
    controls: dict[str, Control | Menu] = {
        "looks": Control("number of looks", looks, 1, 100, 1),
        "lift": Control("true lift (minutes)", lift, 0.0, 3.0, 0.1),
        "rule": Menu("when does the test end?", rule, RULES),
    }
    return Explorer(draw, controls, title="Peeking", seed=seed)
