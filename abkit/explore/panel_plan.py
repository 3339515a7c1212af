"""Panel: what your own traffic can see, week by week, and how long your own effect takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes

from abkit.explore.explorer import Control, Explorer
from abkit.planning.means import Plan, duration
from abkit.planning.rates import mde_proportions, power_proportions, sample_size_proportions
from abkit.plots.planning import plot_weeks

WEEKS = (2, 26)  # the shortest plan, and half a year
POINTS = 40  # of the curve


def draw(ax: Axes, *, seed: int, baseline: float, lift: float, traffic: int) -> str:
    """Draw the smallest lift against weeks, with the reader's lift, and return its users and days.

    Nothing is random: the seed changes nothing.

    >>> from abkit.plots import style
    >>> draw(style.axes_or_new(None), seed=0, baseline=0.05, lift=0.10, traffic=4_000).split(". ")[0]
    '31,234 users in each arm: 21 days, with power 0.90'
    """
    aim = duration(sample_size_proportions(baseline, lift=lift), traffic)
    seen = by_week(baseline, traffic)
    plot_weeks(seen, baseline=baseline, aim=aim, ax=ax)
    got = power_proportions(baseline, baseline * (1 + lift), aim.days * traffic / 2).power
    ends = [100 * e / baseline for e in (seen.effect[0], seen.effect[-1])]
    return (
        f"{aim.n_control:,} users in each arm: {aim.days:,} days, with power {got:.2f}. "
        f"The smallest lift is {ends[0]:.3g}% after {WEEKS[0]} weeks, {ends[1]:.3g}% after {WEEKS[1]}."
    )


def by_week(baseline: float, traffic: float) -> Plan:
    """Return the effects that two to 26 weeks detect, with the exact days of each: one row an effect.

    baseline: share in control; traffic: new users a day, in both arms together. The effects are chosen and
    their days computed, which is 20 times faster than the other way round.

    >>> by_week(0.05, 4_000).effect[[0, -1]].round(5).tolist()
    [0.00529, 0.00144]
    """
    ends = [mde_proportions(baseline, 7 * week * traffic / 2) for week in WEEKS]
    effect = np.geomspace(ends[0].effect, ends[1].effect, POINTS)
    n = np.array([sample_size_proportions(baseline, p_treatment=baseline + e).n_exact for e in effect])
    return replace(
        ends[0], effect=effect, n_control=n, n_treatment=n, n_exact=n, power=0.8, days=2 * n / traffic
    )


def plan(*, baseline: float = 0.05, lift: float = 0.10, traffic: int = 4_000) -> Explorer:
    """Return the panel: baseline share, lift to detect, and new users a day.

    traffic: new users a day.

    >>> plan(lift=0.05).value().split(". ")[0]
    '122,124 users in each arm: 63 days, with power 0.81'
    """
    controls = {
        "baseline": Control("share in control", baseline, 0.005, 0.60, 0.005),
        "lift": Control("lift to detect (share of the baseline)", lift, 0.01, 0.50, 0.01),
        "traffic": Control("new users a day", traffic, 100, 100_000, 100),
    }
    return Explorer(draw, controls, title="Plan", random=False)
