"""Panel: what does one test by user, and one by city, show of an effect that friends pass on?"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from abkit.datasets.interference import redesigns, spill_curve, word_of_mouth
from abkit.explore.explorer import Control, Explorer
from abkit.plots import style
from abkit.plots.interference import plot_spill

LOW, HIGH = -3.0, 6.0  # minutes of spillover on the axis


def draw(ax: Axes, *, seed: int, spill: float, away: float, cities: int) -> str:
    """Draw both designs over the spillover, with the interval of one test each at the chosen one.

    >>> draw(style.axes_or_new(None), seed=1, spill=3.0, away=0.1, cities=40)
    'Launch to all: 5.0 minutes. One test by user 2.2 [1.7, 2.7], one by city 4.5 [3.9, 5.1].'
    """
    world = word_of_mouth(cities=int(cities), away=away, spill=spill, rng=seed)
    tests = {
        name: redesigns(world, design, reps=1, rng=seed)
        for name, design in (("by user", "users"), ("by city", "cities"))
    }
    bars = {k: (spill, float(t.estimate[0]), float(t.low[0]), float(t.high[0])) for k, t in tests.items()}
    plot_spill(spill_curve(world, np.linspace(LOW, HIGH, 10)), intervals=bars, ax=ax)
    ax.set_ylim(-6, 12)
    (_, a, b, c), (_, d, e, f) = bars["by user"], bars["by city"]
    missed = [abs(world.total - world.expected(k)) for k in ("users", "cities")]
    title = f"On average by user misses {missed[0]:.1f} minutes, by city {missed[1]:.1f}"
    style.dress(ax, title=title, x=ax.get_xlabel(), y=ax.get_ylabel())
    return (
        f"Launch to all: {world.total:.1f} minutes. One test by user {a:.1f} [{b:.1f}, {c:.1f}], "
        f"one by city {d:.1f} [{e:.1f}, {f:.1f}]."
    )


def spillover(*, spill: float = 3.0, away: float = 0.1, cities: int = 40, seed: int = 1) -> Explorer:
    """Return the panel: spillover in minutes, share of friends in other cities, number of cities of 25 users.

    spill, away, cities: where the sliders start; seed: of the people and of the coins.

    >>> print(spillover(away=1.0).value().split(". ")[0])
    Launch to all: 5.0 minutes
    """
    controls = {
        "spill": Control("spillover if all friends have it (minutes)", spill, LOW, HIGH, 0.5),
        "away": Control("share of friends in other cities", away, 0.0, 1.0, 0.05),
        "cities": Control("cities of 25 users", cities, 4, 80, 2),
    }
    return Explorer(draw, controls, title="Tests by user and by city", seed=seed)
