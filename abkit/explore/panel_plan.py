"""Panel: units, days and power for your own baseline, lift and traffic, and what CUPED would save if users
have a past.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit.explore.explorer import Control, Explorer
from abkit.planning.means import cuped_factor, duration
from abkit.planning.rates import power_proportions, sample_size_proportions
from abkit.plots import style

CORRELATION = (
    0.5  # of the metric with its value before the test: modest, for returning users; a new user has no past
)
WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 1}


def draw(ax: Axes, *, seed: int, baseline: float, lift: float, traffic: int) -> str:
    """Draw power against weeks, with and without CUPED, and return units, days, and what could be saved.

    The panel draws no random number, so the seed changes nothing. The finding also gives a test of four arms.

    >>> draw(style.axes_or_new(None), seed=0, baseline=0.05, lift=0.10, traffic=4_000).split(". ")[0]
    '31,234 users an arm, 21 days with power 0.90'
    """
    plan = duration(sample_size_proportions(baseline, lift=lift), traffic)
    factor = float(cuped_factor(CORRELATION))
    saved = _days(2 * plan.n_exact * factor / traffic)
    four = duration(sample_size_proportions(baseline, lift=lift, arms=4), traffic)
    weeks = np.linspace(0.2, max(4.0, 2 * plan.n_exact / traffic / 7 * 1.6), 60)
    n = np.maximum(weeks * 7 * traffic / 2, 2)
    for name, units, label in (
        ("control", n, "as it is"),
        ("treatment", n / factor, "with CUPED, if users return"),
    ):
        look = style.role(name)
        curve = _power(baseline, lift, units)
        ax.plot(
            weeks, curve, color=look["color"], linestyle=look["linestyle"], linewidth=style.LINE, label=label
        )
    ax.axhline(0.8, color="black", linestyle=":", linewidth=1)
    reached = float(_power(baseline, lift, plan.days * traffic / 2))
    ax.axvline(plan.days / 7, color="black", linewidth=1)
    ax.annotate(
        f"{plan.days:,} days",
        (plan.days / 7, 0.32),
        (5, 0),
        textcoords="offset points",
        fontsize=style.FONT,
        bbox=WHITE,
    )
    ax.xaxis.set_major_formatter("{x:,g}")
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, max(weeks[-1], 1.15 * plan.days / 7))
    style.dress(ax, title=f"{plan.n_control:,} users an arm: {plan.days:,} days", x="weeks", y="power")
    ax.legend(fontsize=style.FONT, framealpha=1, edgecolor="white", loc="lower right")
    return (
        f"{plan.n_control:,} users an arm, {plan.days:,} days with power {reached:.2f}. Returning users, "
        f"CUPED (correlation {CORRELATION:g}): {saved:,} days. Four arms: {four.days:,} days."
    )


def _power(baseline: float, lift: float, units: Any) -> Any:
    return power_proportions(baseline, baseline * (1 + lift), units).power


def _days(days: float) -> int:
    return int(max(14, 7 * np.ceil(days / 7)))


def plan(*, baseline: float = 0.05, lift: float = 0.10, traffic: int = 4_000) -> Explorer:
    """Return the panel: baseline share, lift to detect, and new users a day.

    traffic: new users a day.

    >>> plan(lift=0.05).value().split(". ")[0]
    '122,124 users an arm, 63 days with power 0.81'
    """
    controls = {
        "baseline": Control("share in control", baseline, 0.005, 0.60, 0.005),
        "lift": Control("lift to detect (share of the baseline)", lift, 0.01, 0.50, 0.01),
        "traffic": Control("new users a day", traffic, 100, 100_000, 100),
    }
    return Explorer(draw, controls, title="Plan", random=False)
