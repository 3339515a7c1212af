"""Panel: a hundred tests as squares; who has won by which day, under three rules?"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from abkit.datasets.running import DAYS, PER_DAY, SD, RunningTests, running_tests
from abkit.explore.explorer import Control, Explorer, Menu
from abkit.plots import style
from abkit.plots.useless_changes import plot_grid
from abkit.sequential.stopping_early import stop_bounds

RULES = {1: "one look, on that day", 2: "a look every day", 3: "five planned looks"}
PLANNED_LIFT = 1.5  # minutes; the rules of the panel are planned for it


@lru_cache(maxsize=32)
def hundred(seed: int, lift: float, rule: int) -> RunningTests:
    """Return the hundred tests of a seed; every lift and rule reads the same luck.

    >>> hundred(0, 0.0, 2).gap.shape
    (100, 30)
    """
    drift = PLANNED_LIFT / (SD * np.sqrt(2 / (PER_DAY * DAYS)))
    bounds = stop_bounds(DAYS, drift)
    return running_tests(
        100, lift=lift, bound=bounds["five planned looks" if rule == 3 else "peek every day"], rng=seed
    )


def draw(ax: Axes, *, seed: int, day: int, lift: float, rule: int) -> str:
    """Draw the hundred tests by the evening of a day and return wins and losses.

    >>> draw(style.axes_or_new(None), seed=0, day=30, lift=0.0, rule=2).split(":")[0]
    'Day 30, a look every day, true lift 0 minutes'
    """
    found = hundred(seed, float(lift), int(rule))
    plot_grid(found, day=int(day), every_day=int(rule) != 1, ax=ax)
    text = ax.get_title(loc="left").split(": ")[1]
    style.headline(ax, f"Day {day:.0f}, {RULES[int(rule)]}: {text}")
    return f"Day {day:.0f}, {RULES[int(rule)]}, true lift {lift:g} minutes: {text}."


def useless(*, day: int = 9, lift: float = 0.0, rule: int = 2, seed: int = 0) -> Explorer:
    """Return the panel: day of the last look, true lift in minutes (0: a useless change), and the rule.

    seed: fixes the draws; the same seed, the same picture.

    >>> print(useless(day=30).value().split(":")[0])
    Day 30, a look every day, true lift 0 minutes
    """
    controls: dict[str, Control | Menu] = {
        "day": Control("day", day, 1, DAYS, 1),
        "lift": Control("true lift (minutes)", lift, 0.0, 3.0, 0.1),
        "rule": Menu("who looks when?", rule, RULES),
    }
    return Explorer(draw, controls, title="A hundred tests", seed=seed, height=2.2)
