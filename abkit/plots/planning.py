"""Figures of planning: heaps of tests, power against units, and what each effect and each week costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.planning.means import Plan
from abkit.plots import style
from abkit.plots.showing import describe

MOST_MARKED = 8  # durations of a figure whose numbers stand beside their points
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


def plot_weeks(
    plan: Plan, *, baseline: float | None = None, aim: Plan | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the smallest effect that each number of weeks detects, from `mde_by_week`.

    baseline: if given, the effect is shown as a lift in per cent of it.
    aim: a plan with its days, from `duration`: its effect is a line, its whole weeks a dot.

    plan: what a planning call returned. More than eight durations are drawn as a line without numbers.
    Raises ValueError: `plan` must come from `mde_by_week`; `aim` must come from `duration`.

    >>> from abkit import mde_by_week
    >>> ax = plot_weeks(mde_by_week(4_000, p_control=0.10, weeks=[2, 8]), baseline=0.10)
    >>> ax.lines[0].get_ydata().round(2).tolist()
    [7.22, 3.58]
    """
    if np.ndim(plan.effect) != 1 or plan.days is None:
        raise _check.fail("plan", "must come from `mde_by_week`", "a single plan")
    if aim is not None and (aim.days is None or np.ndim(aim.days) or np.ndim(aim.effect)):
        raise _check.fail("aim", "must come from `duration`", "a plan without one number of days")
    scale = 1.0 if baseline is None else 100 / _check.positive("baseline", baseline)
    ax = style.axes_or_new(ax)
    weeks, effect = np.asarray(plan.days) / 7, plan.effect * scale
    few = len(weeks) <= MOST_MARKED
    ax.plot(weeks, effect, **{**style.role("treatment"), **({} if few else {"marker": ""})})
    dot, wanted = (np.nan, 0.0) if aim is None else (aim.days / 7, aim.effect * scale)
    for week, value in zip(weeks, effect, strict=True) if few else ():
        if not abs(week - dot) < 0.5:  # the dot has a label of its own
            style.note(ax, f"{value:.3g}", (week, value), (4, 9 if value > wanted else -20))
    ax.set_ylim(0, 1.2 * effect.max())
    ax.set_xlim(0, weeks.max() + 1)
    name, unit = ("effect", "effect") if baseline is None else ("lift", "lift (per cent)")
    sign = "" if baseline is None else "%"
    fall = f"{effect[0]:.3g} to {effect[-1]:.3g}" if not sign else f"{effect[0]:.1f} to {effect[-1]:.1f}%"
    title = f"{weeks[-1]:.3g} weeks, not {weeks[0]:.3g}: the smallest {name} falls from {fall}"
    if aim is not None:
        title = _aimed(ax, aim, aim.effect * scale, f"{name} of {aim.effect * scale:.3g}{sign}", weeks.max())
    style.dress(ax, title=title, x="weeks", y=f"smallest {unit}")
    alt = (
        f"Line of the smallest {unit} that a test detects against its weeks. It falls from {fall} between "
        f"{weeks[0]:.3g} and {weeks[-1]:.3g} weeks."
    )
    alt += f" {title}." if aim is not None else ""
    return describe(ax, alt=alt, table={"weeks": weeks, f"smallest {unit}": effect})


def _aimed(ax: Axes, aim: Plan, height: float, name: str, last: float) -> str:
    """Draw the effect that a plan aims at, a dot at its weeks if the axis has them, and return the title."""
    ax.axhline(height, color="black", linestyle=":", linewidth=style.LINE)
    ax.set_ylim(0, max(ax.get_ylim()[1], 1.25 * height))
    weeks = round(aim.days / 7)
    if weeks > last:
        return f"A {name} takes {weeks:,} weeks: more than {last:.0f}"
    ax.plot([weeks], [height], color="black", marker="o", markersize=9)
    late = weeks > 0.8 * last  # then the room is below the curve
    shift = (-2.0, -22.0) if late else (7.0, 8.0)
    style.note(ax, f"{aim.days} days", (weeks, height), shift, ha="right" if late else "left")
    return f"A {name} takes {weeks} weeks"


def plot_heaps(
    without: Any,
    effect: Any = None,
    *,
    line: float,
    names: tuple[str, str] = ("no effect", "the effect"),
    unit: str = "percentage points",
    ax: Axes | None = None,
) -> Axes:
    """Draw the gaps of many simulated tests as one heap, or two, with the line of decision through them.

    without, effect: (tests,) gaps of tests without and with the effect; the second heap may wait. line: in
    `unit`; gaps beyond it are filled. names: what the heaps hold. The title counts the last heap's gaps
    beyond the line, in 100 tests: that share is the power if the heap holds the effect.

    Raises ValueError for fewer than two tests.

    >>> ax = plot_heaps([-0.2, 0.0, 0.1, 0.4], [0.1, 0.5, 0.6, 0.8], line=0.3)
    >>> ax.get_title(loc="left")
    'Beyond the line: 75 of 100 tests with the effect'
    """
    heaps = {names[0]: _check.rows("without", without)}
    if effect is not None:
        heaps[names[1]] = _check.rows("effect", effect)
    if (tests := min(map(len, heaps.values()))) < 2:
        raise _check.fail("without and effect", "must hold two or more tests", tests)
    ax = style.axes_or_new(ax)
    gaps = np.concatenate(list(heaps.values()))
    edges, past = _edges(gaps, float(_check.number("line", line)))
    beyond = {name: 100 * float((v > line).mean()) for name, v in heaps.items()}
    for role, (name, values) in zip(("control", "treatment"), heaps.items(), strict=False):
        look, counts = style.role(role), np.histogram(values, edges)[0]
        ax.stairs(counts, edges, color=look["color"], linestyle=look["linestyle"], linewidth=style.LINE,
                  label=f"{name}: {_count(beyond[name])} of 100 beyond")  # fmt: skip
        ax.stairs(np.where(past, counts, 0), edges, fill=True, color=look["color"], alpha=0.5)
    top = ax.get_ylim()[1]
    ax.plot([line, line], [0, 1.08 * top], color="black", linewidth=style.LINE)
    ax.set_ylim(0, 1.5 * top)
    style.note(ax, f"line: {line:.2f}", (line, 1.01 * top), (5, 0), bbox=style.ON_WHITE)
    ax.yaxis.set_major_formatter("{x:,.0f}")
    last = list(heaps)[-1]
    title = f"Beyond the line: {_count(beyond[last])} of 100 tests with {last}"
    style.dress(ax, title=title, x=f"gap, treatment minus control ({unit})", y="tests")
    ax.legend(fontsize=style.FONT, framealpha=1, edgecolor="white", loc="upper left")
    said = "; ".join(
        f"{name}: centre {values.mean():.2f}, spread {values.std():.2f}, {_count(beyond[name])} of 100 beyond"
        for name, values in heaps.items()
    )
    table = {
        "heap": list(heaps),
        f"centre ({unit})": [float(v.mean()) for v in heaps.values()],
        f"spread ({unit})": [float(v.std()) for v in heaps.values()],
        "beyond the line, of 100 tests": list(beyond.values()),
    }
    return describe(ax, alt=f"Histograms of gaps, with a line at {line:.2f} {unit}. {said}.", table=table)


def _count(share: float) -> str:
    """Write a number of 100 tests: one digit after the point below 10, none above."""
    return f"{share:.1f}" if share < 9.95 else f"{share:.0f}"


def _edges(gaps: np.ndarray, line: float) -> tuple[np.ndarray, np.ndarray]:
    """Return about fifty edges, each as many steps of the gaps apart, and which bins lie beyond the line.

    Gaps of counts stand on a lattice: edges lie halfway between its points, one of them next to the line.
    """
    steps = np.diff(np.unique(gaps.round(9)))
    step = float(steps.min()) if steps.size else 1.0
    low, high = min(float(gaps.min()), line), max(float(gaps.max()), line)
    width = step * max(1.0, np.round((high - low) / 50 / step))
    first = float(gaps[gaps > line].min(initial=high + step)) - step / 2
    bins = np.arange(-np.ceil((first - low) / width) - 1, np.ceil((high - first) / width) + 2)
    return first + width * bins, bins[:-1] >= 0


def plot_users(
    effect: Any, users: Any, *, mark: tuple[float, float], guess: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the users in each arm that each effect needs, with two effects marked.

    effect: (sizes,) in percentage points; users: (sizes,) in each arm, as `sample_size_proportions` plans
    them. mark: two of the effects, the larger first. guess: users for the smaller one.

    Raises ValueError: `mark` must hold two of the effects.

    >>> ax = plot_users([0.5, 0.25], [31_234, 122_124], mark=(0.5, 0.25))
    >>> ax.get_title(loc="left")
    '0.25 points take 3.9 times the users of 0.5 points'
    """
    effect, users = _check.together(effect=_check.array("effect", effect), users=_check.array("users", users))
    places = [np.flatnonzero(np.isclose(effect, size)) for size in mark]
    if len(places) != 2 or not all(at.size for at in places):
        raise _check.fail("mark", "must hold two of the effects", mark)
    large, small = (float(users[at[0]]) for at in places)
    ax = style.axes_or_new(ax)
    ax.plot(effect, users, **{**style.role("treatment"), "marker": ""})
    for size, n in zip(mark, (large, small), strict=True):
        ax.plot([size], [n], color="black", marker="o", markersize=9)
        style.note(ax, f"{size:g} points: {n:,.0f}", (size, n), (10, 4))
    ax.margins(x=0.1)
    ax.set_ylim(0, 1.08 * users.max())
    ax.yaxis.set_major_formatter("{x:,.0f}")
    title = f"{mark[1]:g} points take {small / large:.1f} times the users of {mark[0]:g} points"
    style.dress(ax, title=title, x="effect (percentage points)", y="users in each arm")
    style.guess(ax, guess)
    alt = (
        f"Falling curve of users in each arm against the effect. {mark[0]:g} points need {large:,.0f}, "
        f"{mark[1]:g} points {small:,.0f}: {small / large:.1f} times as many."
    )
    return describe(ax, alt=alt, table={"effect (points)": effect, "users in each arm": users})
