"""Figures of planning: power against units, and the effect that each number of weeks detects."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.planning.means import Plan
from abkit.plots import style
from abkit.plots.showing import describe

ORDER = ("control", "treatment", "third", "fourth", "fifth", "sixth")


def plot_power(
    curves: Mapping[str, Plan],
    *,
    target: float = 0.8,
    log: bool = True,
    mark: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw power against units per arm, one line a plan, with the wanted power as a dotted line.

    curves: label → Plan whose n_control and power are arrays, as `power` and `power_proportions` return them.
    mark: users of the first curve, one of its numbers, that a dot and the title name.

    target: the value to reach, drawn as a line; log: a logarithmic axis.
    Raises ValueError: `curves` must hold one to … plans; `curves` must hold plans with an array of units.

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
        style.log_axis(ax)
    else:
        ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.set_ylim(0, 1.02)
    title = f"{next(iter(curves))}: " + _reached(next(iter(curves.values())), target)
    marked = "" if mark is None else _marked(ax, next(iter(curves.values())), mark)
    title = title.replace(" users reach", " in each arm reach") + marked if marked else title
    style.dress(ax, title=title, x="users in each arm" + (" (log scale)" if log else ""), y="power")
    ax.legend(
        fontsize=style.FONT, framealpha=1, edgecolor="white", loc="upper left" if log else "lower right"
    )
    found = "; ".join(f"{label}: {_reached(plan, target)}" for label, plan in curves.items())
    table = {"users in each arm": next(iter(curves.values())).n_control}
    if all(np.array_equal(plan.n_control, table["users in each arm"]) for plan in curves.values()):
        table |= {f"power, {label}": plan.power for label, plan in curves.items()}
    else:
        table = {"plan": list(curves), "result": [_reached(plan, target) for plan in curves.values()]}
    return describe(ax, alt=f"Lines of power against users in each arm. {found}{marked}.", table=table)


def _marked(ax: Axes, plan: Plan, users: int) -> str:
    """Draw the dot of this number of users, and say its power for the title."""
    at = np.flatnonzero(np.asarray(plan.n_control) == users)
    if not at.size:
        raise _check.fail("mark", "must be among the users of the first curve", users)
    reached = float(np.asarray(plan.power)[at[0]])
    ax.plot([users], [reached], color="black", marker="o", markersize=9)
    style.note(ax, f"{users:,}: {reached:.0%}", (users, reached), (8, -14))
    return f", {users:,} reach {reached:.0%}"


def _reached(plan: Plan, target: float) -> str:
    """Say the smallest number of users on the curve that has the wanted power."""
    enough = np.asarray(plan.n_control)[np.asarray(plan.power) >= target - 1e-9]
    best = float(np.max(plan.power))
    return f"{enough.min():,.0f} users reach {target:.0%}" if enough.size else f"power {best:.0%} at most"


def plot_weeks(plan: Plan, *, baseline: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw the smallest effect that each number of weeks detects, from `mde_by_week`.

    baseline: if given, the effect is shown as a lift in per cent of it.

    plan: what a planning call returned.
    Raises ValueError: `plan` must come from `mde_by_week`.

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
    title = f"{weeks[-1]:g} weeks, not {weeks[0]:g}: the smallest {name} falls from {fall}"
    style.dress(ax, title=title, x="weeks", y=f"smallest {unit}")
    alt = (
        f"Line of the smallest {unit} that a test detects against its weeks. It falls from {fall} between "
        f"{weeks[0]:g} and {weeks[-1]:g} weeks."
    )
    return describe(ax, alt=alt, table={"weeks": weeks, f"smallest {unit}": effect})
