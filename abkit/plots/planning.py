"""Figures of planning: power against units, and the effect that each number of weeks detects."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.planning.means import Plan
from abkit.plots import style

ORDER = ("control", "treatment", "third", "fourth", "fifth", "sixth")


def plot_power(
    curves: Mapping[str, Plan], *, target: float = 0.8, log: bool = True, ax: Axes | None = None
) -> Axes:
    """Draw power against units per arm, one line a plan, with the wanted power as a dotted line.

    curves: label → Plan whose n_control and power are arrays, as `power` and `power_proportions` return them.

    >>> from abkit import power_proportions
    >>> ax = plot_power({"5 to 5.5%": power_proportions(0.05, 0.055, [10_000, 31_234, 60_000])})
    >>> round(float(ax.lines[0].get_ydata()[1]), 3)
    0.8
    """
    if not 1 <= len(curves) <= len(ORDER):
        raise _check.fail("curves", f"must hold one to {len(ORDER)} plans", len(curves))
    if any(np.ndim(plan.power) != 1 for plan in curves.values()):
        raise _check.fail("curves", "must hold plans with an array of units", "a single number")
    ax = style.axes_or_new(ax)
    for name, (label, plan) in zip(ORDER, curves.items(), strict=False):
        look = style.role(name)
        ax.plot(
            plan.n_control,
            plan.power,
            color=look["color"],
            linestyle=look["linestyle"],
            linewidth=style.LINE,
            label=label,
        )
    ax.axhline(target, color="black", linestyle=":", linewidth=1)
    if log:
        ax.set_xscale("log")
    ax.set_ylim(0, 1.02)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    style.dress(ax, x="users in each arm" + (" (log scale)" if log else ""), y="power")
    ax.legend(
        fontsize=style.FONT, framealpha=1, edgecolor="white", loc="upper left" if log else "lower right"
    )
    return ax


def plot_weeks(plan: Plan, *, baseline: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw the smallest effect that each number of weeks detects, from `mde_by_week`.

    baseline: if given, the effect is shown as a lift in per cent of it.

    >>> from abkit import mde_by_week
    >>> ax = plot_weeks(mde_by_week(4_000, p_control=0.10, weeks=[2, 8]), baseline=0.10)
    >>> ax.lines[0].get_ydata().round(2).tolist()
    [7.22, 3.58]
    """
    if np.ndim(plan.effect) != 1 or plan.days is None:
        raise _check.fail("plan", "must come from `mde_by_week`", "a single plan")
    scale = 1.0 if baseline is None else 100 / _check.positive("baseline", baseline)
    ax = style.axes_or_new(ax)
    weeks, effect = plan.days / 7, plan.effect * scale
    ax.plot(weeks, effect, **style.role("treatment"))
    for week, value in zip(weeks, effect, strict=True):
        ax.annotate(
            f"{value:.3g}", (week, value), (4, 9), textcoords="offset points", ha="left", fontsize=style.FONT
        )
    ax.set_ylim(0, 1.2 * effect.max())
    ax.set_xlim(0, weeks.max() + 1)
    name, unit = ("effect", "effect") if baseline is None else ("lift", "lift (per cent)")
    fall = (
        f"{effect[0]:.3g} to {effect[-1]:.3g}"
        if baseline is None
        else f"{effect[0]:.1f} to {effect[-1]:.1f}%"
    )
    return style.dress(
        ax,
        title=f"{weeks[-1]:g} weeks, not {weeks[0]:g}: the smallest {name} falls from {fall}",
        x="weeks",
        y=f"smallest {unit}",
    )
