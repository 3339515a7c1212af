"""Figures of planned looks: many tests in their bounds, and what a test may still become."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.datasets.running import first_alarm
from abkit.estimate import Path
from abkit.plots import style
from abkit.plots.showing import describe
from abkit.sequential.conditional import conditional_power, predictive_power
from abkit.sequential.plans import Boundary

UP, DOWN, QUIET = "#D55E00", "#0072B2", "#9A9A9A"
KINDS = (  # what is believed of the effect, its name beside the line, and its role
    ("estimate", "as large as it looks", "treatment"),
    ("planned", "as planned", "control"),
    ("predictive", "anything the gap allows", "third"),
    (0.0, "useless", "wrong"),
)


def plot_looks(
    z: Any, bounds: Any, *, what: str = "useless changes", until: int = 80, ax: Axes | None = None
) -> Axes:
    """Draw z of many tests from look to look, each up to the look at which it leaves the bounds.

    z: (tests, looks). bounds: one z for all looks, or (looks,); drawn above and below. what: the tests, in
    the title, which counts all of them. until: lines drawn at most.

    Raises ValueError for other than one bound or one a look.

    >>> ax = plot_looks([[0.5, 2.1], [1.0, 0.3]], 1.96)
    >>> ax.get_title(loc="left")
    '50.0 of 100 useless changes leave the bounds at some look'
    """
    score, edge = np.atleast_2d(_check.array("z", z)), _check.array("bounds", bounds)
    looks = score.shape[1]
    if edge.shape not in ((), (looks,)):
        raise _check.fail("bounds", f"must be one z or {looks}, one a look", edge.shape)
    edge = np.broadcast_to(edge, looks)
    alarm, result = first_alarm(np.sign(score) * (np.abs(score) > edge))
    ax, look = style.axes_or_new(ax, height=4.0), np.arange(1, looks + 1)
    shown = min(_check.integer("until", until), len(score))
    for row in range(shown):
        end = int(alarm[row]) or looks
        colour = {1: UP, -1: DOWN, 0: QUIET}[int(result[row])]
        path = np.append(0.0, score[row, :end])
        ax.plot(np.arange(end + 1), path, color=colour, linewidth=1.6 if alarm[row] else 0.6, zorder=2)
        if alarm[row]:
            ax.plot(end, path[-1], "^" if result[row] > 0 else "v", color=colour, markersize=8, zorder=4)
    for side in (1, -1):
        ax.plot(look, side * edge, color="black", marker="_", markersize=12, linewidth=1.5, zorder=3)
    reach = max(1.1 * float(edge.max()), 3.6)
    ax.set(xlim=(0, looks + 0.3), ylim=(-reach, reach))
    ax.set_xticks(np.arange(looks + 1))
    share = 100 * float((alarm > 0).mean())
    title = f"{share:.1f} of 100 {what} leave the bounds at some look"
    style.dress(ax, title=title, x="look", y="z of all users so far")
    by_look = [int((alarm == k).sum()) for k in look]
    return describe(
        ax,
        alt=f"Lines of z of {shown} of {len(score):,} {what} over {looks} looks. {share:.1f} of 100 leave "
        f"the bounds, which go from ±{edge[0]:.2f} to ±{edge[-1]:.2f}; a triangle up is better, down worse.",
        table={"look": look, "bound": edge, "tests that end here": by_look},
    )


def plot_chances(path: Path, boundary: Boundary, *, ax: Axes | None = None) -> Axes:
    """Draw the chance of a win yet against z of the last look, for four beliefs about the effect.

    path: the looks taken, none of which crossed a bound; boundary: the plan. The black line is the z seen.
    The beliefs: the estimate is the truth, the planned effect is, the change is useless, and any effect that
    the gap allows (`predictive_power`).

    Raises ValueError: `path` must have a look to come and no crossed bound.

    >>> from abkit import Effect, group_sequential, monitor
    >>> plan = group_sequential(2)
    >>> ax = plot_chances(monitor([Effect.of(2.0, 1.0)], plan), plan)
    >>> " ".join(ax.get_title(loc="left").split(";")[0].split())
    'At z 2.00 the estimate promises 89 wins in 100'
    """
    chances(path, boundary)  # refuses what is no path of this plan
    k = len(path.look)
    if bool(np.any(path.crossed)) or k == len(boundary.upper):
        raise _check.fail("path", "must have a look to come and no crossed bound", f"{k} looks")
    seen = float(path.estimate[-1] / path.se[-1])
    x = np.linspace(-0.5, float(boundary.upper[k - 1]) - 1e-6, 36)
    curves = 100 * np.array([chances(_moved(path, boundary, z), boundary) for z in x]).T
    now = 100 * np.array(chances(path, boundary))
    ax = style.axes_or_new(ax, height=4.0)
    for (_, name, role), y in zip(KINDS, curves, strict=True):
        look = style.role(role) | {"marker": ""}
        ax.plot(x, y, **look)
        at = {"treatment": 0.36, "control": 0.02, "third": 0.55, "wrong": 0.72}[role]
        place = int(at * (len(x) - 1))
        shift, ha = ((4, 8), "left") if role == "control" else ((6, -10), "left")
        style.note(ax, name, (x[place], y[place]), shift, ha=ha, color=look["color"], bbox=style.ON_WHITE)
    ax.axvline(seen, color="black", linewidth=1)
    ax.plot([seen] * len(now), now, "o", color="black", markersize=6, zorder=5)
    ax.set(xlim=(x[0], x[-1] + 0.15), ylim=(0, 105))
    title = (
        f"At z {seen:.2f} the estimate promises {now[0]:.0f} wins in 100; a useless change wins {now[3]:.0f}"
    )
    style.dress(ax, title=title, x=f"z at look {k}", y="wins in 100, by the last look")
    return describe(
        ax,
        alt=f"Four rising lines: wins in 100 against z at look {k}. At z {seen:.2f}: estimate {now[0]:.0f}, "
        f"as planned {now[1]:.0f}, any effect that the gap allows {now[2]:.0f}, useless {now[3]:.0f}.",
        table={f"z at look {k}": x} | {name: y for (_, name, _), y in zip(KINDS, curves, strict=True)},
    )


def chances(path: Path, boundary: Boundary) -> list[float]:
    """Return the chance of a win under each belief of `KINDS`.

    >>> from abkit import Effect, group_sequential, monitor
    >>> plan = group_sequential(2)
    >>> [round(c, 2) for c in chances(monitor([Effect.of(2.0, 1.0)], plan), plan)]
    [0.89, 0.89, 0.81, 0.22]
    """
    return [
        predictive_power(path, boundary)
        if belief == "predictive"
        else conditional_power(path, boundary, effect=belief)
        for belief, _, _ in KINDS
    ]


def _moved(path: Path, boundary: Boundary, z: float) -> Path:
    """Return the path with another z at its last look, and nothing before it: only the last one counts."""
    from dataclasses import replace

    estimate = np.zeros(len(path.look))
    estimate[-1] = z * path.se[-1]
    return replace(path, estimate=estimate, crossed=np.zeros(len(path.look), bool))
