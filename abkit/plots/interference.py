"""Figures of interference: whom the treatment reaches, and what tests by user and by city show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.datasets.interference import Redesigns, SpillCurve, WordOfMouth
from abkit.plots import style
from abkit.plots.showing import describe

LINES = {"by user": "wrong", "by city": "third"}  # a design keeps its colour in every figure


def plot_reached(world: WordOfMouth, assignments: Mapping[str, Any]) -> Axes:
    """Draw friends in their cities for each assignment; a control user with a treated friend has a ring.

    world: of few users, for each is a mark. assignments: name → arms of 0 and 1, shape (users,); one or two.
    Raises ValueError for none, or for more than two.

    >>> from abkit.datasets import word_of_mouth
    >>> small = word_of_mouth(cities=4, size=6, friends=2, rng=1)
    >>> plot_reached(small, {"by user": [0, 1] * 12}).get_title(loc="left")
    'by user: 12 of 12 reached'
    """
    if not 1 <= len(assignments) <= 2:
        raise _check.fail("assignments", "must hold one or two", len(assignments))
    axes = style.panels(len(assignments), height=4.4)
    place = _places(world)
    for ax, (name, treated) in zip(axes, assignments.items(), strict=True):
        _people(ax, world, place, name, np.asarray(treated).astype(bool))
    handles, labels = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(  # type: ignore[union-attr]
        handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=style.FONT
    )
    return axes[0]


def _people(ax: Axes, world: WordOfMouth, place: np.ndarray, name: str, treated: np.ndarray) -> None:
    """One assignment: links, then users by arm, then rings around the control users who were reached."""
    links = world.links.tocoo()
    for a, b in zip(links.row, links.col, strict=True):
        if a < b:
            ax.plot(*place[[a, b]].T, color="#BBBBBB", linewidth=1, zorder=1)
    reached = ~treated & (world.links @ treated.astype(int) > 0)
    kinds = (
        ("treated", treated, {"marker": "s", "color": "#D55E00"}),
        ("control, not reached", ~treated & ~reached, {"marker": "o", "color": "#0072B2"}),
        (
            "control, reached",
            reached,
            {"marker": "o", "color": "#0072B2", "markeredgecolor": "#D55E00", "markeredgewidth": 3},
        ),
    )
    for label, who, look in kinds:
        (points,) = ax.plot(*place[who].T, linestyle="none", label=label, **look)  # type: ignore[arg-type]
        points.set(markersize=11, zorder=2)
    ax.set_aspect("equal")
    ax.set_axis_off()
    found, control = int(reached.sum()), int((~treated).sum())
    style.dress(ax, title=f"{name}: {found} of {control} reached")
    alt = (
        f"Network of {len(treated)} users in {int(world.city.max()) + 1} cities, {name}: "
        f"{int(treated.sum())} treated squares and {control} control circles. "
        f"{found} control users have a treated friend and a thick ring."
    )
    table = {
        "kind of user": [label for label, _, _ in kinds],
        "users": [int(who.sum()) for _, who, _ in kinds],
    }
    describe(ax, alt=alt, table=table)


def _places(world: WordOfMouth) -> np.ndarray:
    """Cities on a grid, the users of each on a circle; shape (users, 2)."""
    cities = int(world.city.max()) + 1
    size = len(world.city) // cities
    angle = 2 * np.pi * np.arange(size) / size
    wide = int(np.ceil(np.sqrt(cities)))
    centre = 2.9 * np.c_[np.arange(cities) % wide, -(np.arange(cities) // wide)]
    return centre[world.city] + np.tile(np.c_[np.sin(angle), np.cos(angle)], (cities, 1))


def plot_redesigns(
    tests: Mapping[str, Redesigns],
    total: float,
    *,
    unit: str = "minutes",
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what many tests of the same people show, one heap a design, beside the total effect.

    tests: name → `Redesigns`, one or two; total: the effect of treating all, in `unit`; guess: in the same
    unit. Raises ValueError for none, or for more than two.

    >>> from abkit.datasets import redesigns, word_of_mouth
    >>> world = word_of_mouth(rng=1)
    >>> ax = plot_redesigns({"by user": redesigns(world, "users", rng=1)}, world.total)
    >>> " ".join(ax.get_title(loc="left").split())
    'On average tests by user show 2.0; the launch to all gives 5.0 minutes'
    """
    import seaborn

    if not 1 <= len(tests) <= 2:
        raise _check.fail("tests", "must hold one or two designs", len(tests))
    ax = style.axes_or_new(ax)
    every = np.concatenate([t.estimate for t in tests.values()])
    bins = np.histogram_bin_edges(every, bins=45)
    for name, found in tests.items():
        colour = style.role(LINES.get(name, "control"))["color"]
        seaborn.histplot(x=found.estimate, bins=bins, color=colour, alpha=0.7, edgecolor="white", ax=ax)
        top = np.histogram(found.estimate, bins)[0].max()
        middle = found.estimate.mean()
        side = _beside(middle, total, np.ptp([*every, total]))
        shift = {"center": 0, "left": 8, "right": -8}[side]
        style.note(ax, name, (middle, top), (shift, 4), ha=side, color=colour)
    ax.set_ylim(0, 1.25 * ax.get_ylim()[1])
    _truth(ax, total)
    shown = " and ".join(f"{name} show {_number(t.estimate.mean(), total)}" for name, t in tests.items())
    title = f"On average tests {shown}; the launch to all gives {_number(total, total)} {unit}"
    style.dress(ax, title=title, x=f"difference that one test shows ({unit})", y="tests")
    style.guess(ax, guess, vertical=True)
    reps = len(next(iter(tests.values())).estimate)
    alt = (
        f"Histogram of what {reps} tests show. {shown.capitalize()} on average; "
        f"the launch to all gives {total:.3g} {unit}."
    )
    table = {
        "design": [*tests, "launch to all"],
        f"mean ({unit})": [*(t.estimate.mean() for t in tests.values()), total],
        f"sd of the tests ({unit})": [*(t.estimate.std(ddof=1) for t in tests.values()), 0.0],
    }
    return describe(ax, alt=alt, table=table)


def _truth(ax: Axes, total: float) -> None:
    """The total effect as a black line, its name on the side that has more room."""
    left = total < np.mean(ax.get_xlim())
    ax.axvline(total, color="black", linewidth=style.LINE)
    place = (total, ax.get_ylim()[1])
    side = "left" if left else "right"
    style.note(ax, "launch to all", place, (5 if left else -5, -4), ha=side, va="top", bbox=style.ON_WHITE)


def _beside(middle: float, line: float, width: float) -> str:
    """Where a heap's name stands: above it, or on its side of a line that would cross the name."""
    if abs(middle - line) > 0.1 * width:
        return "center"
    return "left" if middle > line else "right"


def _number(value: float, total: float) -> str:
    """A number with one digit behind the point where the total is 1 or more, else with two."""
    return f"{value:.{1 if abs(total) >= 1 else 2}f}".replace("-", "\u2212")


def plot_spill(
    curve: SpillCurve,
    *,
    intervals: Mapping[str, tuple[float, float, float, float]] | None = None,
    unit: str = "minutes",
    ax: Axes | None = None,
) -> Axes:
    """Draw what tests by user and by city show on average over the spillover, beside the total effect.

    intervals: design ("by user", "by city") → (spill, estimate, low, high) of one test, drawn as a bar. unit:
    of y.

    curve: what `spill_curve` returned. Its title speaks of the largest spill.

    >>> from abkit.datasets import spill_curve, word_of_mouth
    >>> ax = plot_spill(spill_curve(word_of_mouth(rng=1), [0, 3]))
    >>> " ".join(ax.get_title(loc="left").split())
    'At a spillover of 3, a test by user misses 3.0 of 5.0 minutes, by city 0.3'
    """
    ax = style.axes_or_new(ax)
    ax.plot(curve.spill, curve.total, **style.role("truth") | {"marker": ""})
    for name, y, end, shift, side in (
        ("by user", curve.by_user, 0, (4, 6), "left"),
        ("by city", curve.by_city, -1, (-4, -30), "right"),
    ):
        look = style.role(LINES[name])
        ax.plot(curve.spill, y, **look | {"marker": ""})
        style.note(
            ax, name, (curve.spill[end], y[end]), shift, ha=side, color=look["color"], bbox=style.ON_WHITE
        )
    style.note(ax, "launch to all", (curve.spill[-1], curve.total[-1]), (-40, 2), ha="right")
    ax.axhline(0, color="black", linewidth=1)
    _bars(ax, intervals or {}, 0.012 * float(np.ptp(curve.spill)))
    worst = int(np.argmax(curve.spill))
    missed = [abs(y[worst] - curve.total[worst]) for y in (curve.by_user, curve.by_city)]
    title = (
        f"At a spillover of {curve.spill[worst]:g}, a test by user misses {missed[0]:.1f} of "
        f"{curve.total[worst]:.1f} {unit}, by city {missed[1]:.1f}"
    )
    style.dress(ax, title=title, x=f"spillover if all friends are treated ({unit})", y=f"effect ({unit})")
    alt = (
        f"Lines over the spillover, {curve.spill[0]:g} to {curve.spill[-1]:g} {unit}. The effect of a "
        f"launch to all rises to {curve.total[-1]:.3g}; tests by user show {curve.by_user[-1]:.3g} and "
        f"tests by city {curve.by_city[-1]:.3g}."
    )
    table = {
        f"spillover ({unit})": curve.spill,
        f"launch to all ({unit})": curve.total,
        f"by user ({unit})": curve.by_user,
        f"by city ({unit})": curve.by_city,
    }
    return describe(ax, alt=alt, table=table)


def _bars(ax: Axes, intervals: Mapping[str, tuple[float, float, float, float]], apart: float) -> None:
    """The interval of one test of each design, side by side."""
    for name, (at, estimate, low, high) in intervals.items():
        look = style.role(LINES[name])
        shift = apart * (1 if name == "by city" else -1)
        ax.errorbar(
            [at + shift],
            [estimate],
            [[estimate - low], [high - estimate]],
            fmt=look["marker"],
            color=look["color"],
            markersize=7,
            capsize=5,
            linewidth=style.LINE,
        )
