"""Figures of a hundred useless changes: who wins by which day, how often, and why looks are not dice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from abkit import _check
from abkit.datasets.running import RunningTests, states_so_far
from abkit.plots import style
from abkit.plots.running import LOSS, QUIET, WIN
from abkit.plots.showing import describe
from abkit.sequential.stopping_early import StopRules

EMPTY, ACROSS = "#DDDDDD", 20  # colour of a test without an alarm; squares in a row
SQUARE = Path.unit_rectangle().transformed(Affine2D().translate(-0.5, -0.5).scale(0.86))


def plot_grid(
    found: RunningTests, *, day: int, every_day: bool = True, across: int = ACROSS, ax: Axes | None = None
) -> Axes:
    """Draw each test as a square: a win points up, a loss down, grey is neither.

    found: tests, best a hundred. day: of the last look. every_day: the first alarm up to that day counts;
    else only the look on that day. across: squares in a row.

    >>> from abkit.datasets.running import running_tests
    >>> plot_grid(running_tests(100, rng=7), day=30, every_day=False).get_title(loc="left")[:20]
    'One look, on day 30:'
    """
    state = states_so_far(found, day, every_day=every_day)
    ax = style.axes_or_new(ax, height=2.2)
    _squares(ax, state, _check.integer("across", across), size=180 / across)
    wins, losses = int((state > 0).sum()), int((state < 0).sum())
    look = f"A look every day up to day {day}" if every_day else f"One look, on day {day}"
    world = "a useless change" if found.lift == 0 else f"a change with a true lift of {found.lift:g}"
    kind = "wins" if wins != 1 else "win"
    style.headline(ax, f"{look}: {wins} {kind}, {losses} loss{'es' * (losses != 1)} in {len(state)}")
    return describe(
        ax,
        alt=f"Grid of {len(state)} squares, one a test of {world}. {look}: {wins} show a win "
        f"(triangle up), {losses} a loss "
        f"(triangle down), {len(state) - wins - losses} neither.",
        table={"rule": [look], "wins": [wins], "losses": [losses], "neither": [len(state) - wins - losses]},
    )


def _squares(ax: Axes, state: np.ndarray, across: int, size: float) -> None:
    """Draw the squares row by row and take the axes away."""
    at = np.arange(len(state))
    x, y = at % across, -(at // across)
    rows = -int(y.min()) + 1
    ax.set(xlim=(-0.6, across - 0.4), ylim=(-rows + 0.4, 0.6), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    for side, colour in ((0, EMPTY), (1, WIN["color"]), (-1, LOSS["color"])):
        squares = [
            SQUARE.transformed(Affine2D().translate(*c))
            for c in zip(x[state == side], y[state == side], strict=True)
        ]
        if squares:  # one path for all of a colour keeps the file small
            ax.add_patch(PathPatch(Path.make_compound_path(*squares), facecolor=colour, linewidth=0))
    for side, look in ((1, WIN), (-1, LOSS)):
        ax.plot(x[state == side], y[state == side], look["marker"], color="white", markersize=size)


def plot_filling(
    found: RunningTests, *, days: Sequence[int] = (1, 5, 15, 30), ax: Axes | None = None
) -> Axes:
    """Draw the grid of the same tests at several days, each with a look every day up to then.

    found: tests, best a hundred. days: increasing, two to four. ax: not taken; the panels make their own
    figure.

    Raises ValueError: `ax` must be None: this figure has several panels.

    >>> from abkit.datasets.running import running_tests
    >>> ax = plot_filling(running_tests(100, rng=7)); len(ax.figure.axes)
    4
    """
    style.no_axes(ax, "several panels")
    axes = style.panels(len(days), height=2.3)
    states = [states_so_far(found, d) for d in days]
    counts = [(int((s > 0).sum()), int((s < 0).sum())) for s in states]
    for panel, state, d, (wins, losses) in zip(axes, states, days, counts, strict=True):
        _squares(panel, state, 10, size=5.5)
        style.dress(panel, title=f"Day {d}", x=f"{wins} won, {losses} lost")
        panel.spines[:].set_visible(False)
    shown = "; ".join(f"day {d}: {w} won, {x} lost" for d, (w, x) in zip(days, counts, strict=True))
    return describe(
        axes[0],
        alt=f"{len(days)} grids of the same {len(found.alarm)} useless changes, a look every day. "
        f"{shown}. Squares never turn back.",
        table={"day": list(days), "wins": [w for w, _ in counts], "losses": [x for _, x in counts]},
    )


def plot_strip(once: float, daily: float, *, guess: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw one scale from 0 to 100 tests with the wins of one look, of a look every day, and the reader's
    guess.

    once, daily, guess: wins in 100 tests.

    >>> plot_strip(2.5, 14.0).get_title(loc="left")
    'A look every day: 14.0 useless wins in 100, not 2.5'
    """
    ax = style.axes_or_new(ax, height=1.9)
    ax.axhline(0, color=QUIET, linewidth=1, zorder=1)
    for value, name, colour, marker, up in (
        (once, "one look", "#0072B2", "o", -27),
        (daily, "every day", "#D55E00", "^", 14),
    ):
        ax.plot(value, 0, marker, color=colour, markersize=13, zorder=3)
        style.note(
            ax, f"{name}: {value:.1f}", (value, 0), (0, up), color=colour, ha="right" if up > 0 else "left"
        )
    ax.set(xlim=(-2, max(45.0, 1.1 * (guess or 0.0))), ylim=(-1, 1.4), yticks=[])
    style.dress(
        ax,
        title=f"A look every day: {daily:.1f} useless wins in 100, not {once:.1f}",
        x="wins in 100 useless changes",
    )
    ax.spines["left"].set_visible(False)
    style.guess(ax, guess, vertical=True)
    said = "" if guess is None else f" Your guess is {guess:g}."
    return describe(
        ax,
        alt=f"A scale of wins in 100 useless changes: one look {once:.1f}, a look every day for 30 "
        f"days {daily:.1f}.{said}",
        table={"rule": ["one look", "a look every day"], "wins in 100": [once, daily]},
    )


def plot_wins(
    looks: Any,
    wins: Any,
    *,
    counted: Any = None,
    guess: float | None = None,
    at: int = 30,
    ax: Axes | None = None,
) -> Axes:
    """Draw exact wins and alarms in 100 useless changes against the number of looks, with counted points.

    looks: (points,); wins: (points,) in 100, of the first alarm; alarms are twice as many. counted: wins
    counted by simulation at the same looks. guess: wins in 100. at: number of looks that the title names.

    Raises ValueError: `looks` must be as many as wins and hold ….

    >>> plot_wins([1, 30], [2.5, 14.0]).get_title(loc="left")
    '30 looks: 14.0 wins and 28.0 alarms in 100 useless changes'
    """
    k, won = _check.array("looks", looks), _check.array("wins", wins)
    if k.ndim != 1 or k.shape != won.shape or at not in k:
        raise _check.fail("looks", f"must be as many as wins and hold {at}", k.shape)
    ax = style.axes_or_new(ax)
    ax.plot(k, 2 * won, color="black", linestyle="-.", linewidth=style.LINE)
    ax.plot(k, won, color=WIN["color"], linewidth=style.LINE)
    if counted is not None:
        ax.plot(k, np.asarray(counted, float), "^", color=WIN["color"], markersize=9)
    ax.axhline(2.5, color="black", linestyle=":", linewidth=1)
    for y, text, colour in (
        (2 * won, "alarms: wins and losses", "black"),
        (won, "wins", WIN["color"]),
        (2.5, "wins promised: 2.5", QUIET),
    ):
        place = (k[-1], float(np.max(y)))
        style.note(ax, text, place, (0, 6), ha="right", color=colour)
    ax.set(xlim=(0, 1.03 * k[-1]), ylim=(0, 2.3 * won.max()))
    here = float(won[k == at][0])
    style.dress(
        ax,
        title=f"{at} looks: {here:.1f} wins and {2 * here:.1f} alarms in 100 useless changes",
        x="number of looks",
        y="in 100 useless changes",
    )
    style.guess(ax, guess)
    points = {} if counted is None else {"wins counted": np.asarray(counted, float)}
    return describe(
        ax,
        alt=f"Lines against the number of looks, 1 to {k[-1]:g}. Wins rise from {won[0]:.1f} to "
        f"{won[-1]:.1f} in 100 useless changes, alarms from "
        f"{2 * won[0]:.1f} to {2 * won[-1]:.1f}; at {at} looks {here:.1f} and {2 * here:.1f}.",
        table={"looks": k, "wins (exact)": won, "alarms (exact)": 2 * won, **points},
    )


def plot_not_dice(found: RunningTests, *, day: int = 9, seed: int = 7, ax: Axes | None = None) -> Axes:
    """Draw each test on two days, and beside it the same as if every look threw a die: new alarms are
    squares.

    found: tests of a useless change, read on `day` and the day after. seed: of the dice. ax: not taken; two
    panels.

    Raises ValueError: `ax` must be None: this figure has two panels.

    >>> from abkit.datasets.running import running_tests
    >>> ax = plot_not_dice(running_tests(400, rng=7)); len(ax.figure.axes)
    2
    """
    style.no_axes(ax, "two panels")
    score = found.gap / found.band
    before, after = score[:, day - 1], score[:, day]
    dice = np.random.default_rng(seed).permutation(after)
    axes = style.panels(2, height=3.7)
    counts = []
    for panel, y, name in zip(axes, (after, dice), ("Looks", "Dice"), strict=True):
        new = (np.abs(before) <= 1) & (np.abs(y) > 1)
        panel.axvspan(-1, 1, color="#F0F0F0", linewidth=0)
        panel.plot(before[~new], y[~new], ".", color=QUIET, markersize=4, alpha=0.7)
        panel.plot(before[new], y[new], "s", color="black", markersize=6)
        panel.set(xlim=(-2, 2), ylim=(-2, 2))
        counts.append(int(new.sum()))
        style.dress(
            panel, title=f"{name}: {counts[-1]} new alarms in {len(y)}", x=f"gap on day {day} (half bands)"
        )
    axes[0].set_ylabel(f"gap on day {day + 1} (half bands)", fontsize=style.FONT)
    return describe(
        axes[0],
        alt=f"Two scatter plots of {len(after)} useless changes, in half bands. Looks: points lie on "
        f"the diagonal, {counts[0]} new alarms on day "
        f"{day + 1}. Dice: a round cloud, {counts[1]} new alarms.",
        table={
            "": [f"day {day + 1} after day {day}", "dice"],
            "new alarms": counts,
            "tests": [len(after)] * 2,
        },
    )


def plot_rules(rules: StopRules, *, lift: str = "the lift", ax: Axes | None = None) -> Axes:
    """Draw false wins, power and mean days of each stop rule as bars in three panels; the rule that breaks
    its promise is grey.

    rules: from `stop_rules`. lift: the true lift in words, for the labels. ax: not taken; three panels.

    Raises ValueError: `ax` must be None: this figure has three panels.

    >>> from abkit.sequential.stopping_early import stop_rules
    >>> [t.get_text() for t in plot_rules(stop_rules(2.905)).texts]
    ['2.5', '2.5', '0.6', '14.0']
    """
    style.no_axes(ax, "three panels")
    axes = style.panels(3, height=2.6, widths=(1.0, 1.3, 1.0))
    place = np.arange(len(rules.name))[::-1]
    colours = np.where(rules.false_wins > 0.0251, "#9A9A9A", "#0072B2")
    columns = (
        ("False wins\nin 100", 100 * rules.false_wins, ".1f"),
        (f"Finds {lift}\nin 100", 100 * rules.power, ".0f"),
        (f"Days, at\n{lift}", rules.days, ".0f"),
    )
    for panel, (title, values, form) in zip(axes, columns, strict=True):
        panel.barh(place, values, color=colours, height=0.62)
        for y, v in zip(place, values, strict=True):
            style.note(panel, f"{v:{form}}", (v, y), (4, 0), va="center")
        panel.set(
            yticks=place,
            yticklabels=rules.name if panel is axes[0] else [""] * len(place),
            xlim=(0, 1.3 * values.max()),
            xticks=[],
        )
        style.dress(panel, title=title)
        panel.spines["bottom"].set_visible(False)
    worst = int(np.argmax(rules.false_wins))
    return describe(
        axes[0],
        alt=f"Bars of {len(place)} stop rules. False wins in 100: "
        + ", ".join(f"{n} {100 * v:.1f}" for n, v in zip(rules.name, rules.false_wins, strict=True))
        + f". {rules.name[worst]} finds {lift} in {100 * rules.power[worst]:.0f} of 100, after "
        f"{rules.days[worst]:.0f} days.",
        table={
            "rule": rules.name,
            "false wins in 100": 100 * rules.false_wins,
            f"finds {lift}, in 100": 100 * rules.power,
            "mean days": rules.days,
            "mean days, useless change": rules.days_useless,
        },
    )
