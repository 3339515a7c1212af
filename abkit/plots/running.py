"""Figures of tests that run: one day of two arms, the gap day by day in its band, what early wins claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.datasets.running import RunningTests
from abkit.estimate import Effect
from abkit.plots import style
from abkit.plots.showing import describe
from abkit.sequential.stopping_early import StopRules

WIN: dict[str, Any] = {
    "color": "#D55E00",
    "marker": "^",
}  # a win points up, a loss down, in the colours of the arms
LOSS: dict[str, Any] = {"color": "#0072B2", "marker": "v"}
BAND, QUIET = "#E3E3E3", "#767676"
RULE_COLOURS = ("#0072B2", "#009E73", "#CC79A7", "#767676")


def plot_arms(control: Any, treatment: Any, *, unit: str, ax: Axes | None = None) -> Axes:
    """Draw the users of two arms as two clouds of points with their means, and say the gap in the title.

    control, treatment: (users,) values of the metric in `unit`. Raises ValueError for an arm below two users.

    >>> ax = plot_arms([1.0, 3.0], [2.0, 5.0], unit="minutes")
    >>> ax.get_title(loc="left")
    'One day: the means differ by +1.5 minutes'
    """
    arms = [_check.array(name, y) for name, y in (("control", control), ("treatment", treatment))]
    if min(map(len, arms)) < 2:
        raise _check.fail("control", "and treatment must hold at least two users", [len(y) for y in arms])
    ax = style.axes_or_new(ax, height=2.8)
    names, rng = ("control", "treatment"), np.random.default_rng(0)  # the height of a point says nothing
    for place, (y, colour) in enumerate(zip(arms, ("#0072B2", "#D55E00"), strict=True)):
        height = place + rng.uniform(-0.28, 0.28, len(y))
        ax.plot(y, height, "o", color=colour, markersize=4, alpha=0.45, markeredgewidth=0)
    ax.set_yticks((0, 1), names)
    means = [float(y.mean()) for y in arms]
    for place, mean in enumerate(means):
        ax.plot([mean, mean], [place - 0.36, place + 0.36], color="black", linewidth=3, zorder=5)
        style.note(ax, f"mean {mean:.1f}", (mean, place - 0.36), (4, 3))
    ax.set_ylim(1.5, -0.75)
    gap = means[1] - means[0]
    style.dress(ax, title=f"One day: the means differ by {gap:+.1f} {unit}", x=unit, y="")
    return describe(
        ax,
        alt=f"Two clouds of points, one a user, of {unit}. Means: control {means[0]:.1f}, treatment "
        f"{means[1]:.1f}, a gap of "
        f"{gap:+.1f}. The users of each arm spread from {min(map(np.min, arms)):.0f} to "
        f"{max(map(np.max, arms)):.0f}.",
        table={
            "arm": names,
            "users": [len(y) for y in arms],
            f"mean ({unit})": means,
            f"sd ({unit})": [float(y.std(ddof=1)) for y in arms],
        },
    )


def plot_chance(gaps: Any, band: float, *, unit: str, ax: Axes | None = None) -> Axes:
    """Draw the gaps of many useless changes on one day as a histogram, with the chance band and the share
    outside.

    gaps: (tests,) in `unit`. band: half of the chance band.

    >>> plot_chance(np.linspace(-3, 3, 61), 2.85, unit="minutes").get_title(loc="left")
    'Outside the band: 6.6 per cent of 61 useless changes'
    """
    import seaborn as sns

    gap, edge = _check.array("gaps", gaps), _check.positive("band", band)
    ax = style.axes_or_new(ax)
    ax.axvspan(-edge, edge, color=BAND, zorder=0)
    sns.histplot(x=gap, bins=np.linspace(-2 * edge, 2 * edge, 49), color=QUIET, edgecolor="white", ax=ax)
    out = 100 * float((np.abs(gap) > edge).mean())
    ax.axvline(0, ymax=0.85, color="black", linewidth=1)
    top = ax.get_ylim()[1]
    ax.text(0, 1.03 * top, "chance band: 95 of 100", ha="center", fontsize=style.FONT)
    for sign, name, look in ((1, "wins", WIN), (-1, "losses", LOSS)):
        share = 100 * float((sign * gap > edge).mean())
        ax.text(
            sign * 1.5 * edge,
            0.45 * top,
            f"{name}\n{share:.1f}%",
            ha="center",
            fontsize=style.FONT,
            color=look["color"],
        )
        ax.plot(sign * 1.5 * edge, 0.36 * top, marker=look["marker"], color=look["color"], markersize=10)
    ax.set(xlim=(-2 * edge, 2 * edge), ylim=(0, 1.16 * top))
    title = f"Outside the band: {out:.1f} per cent of {len(gap):,} useless changes"
    style.dress(ax, title=title, x=f"gap after one day ({unit})", y="tests")
    counts, edges = np.histogram(gap, bins=np.linspace(-2 * edge, 2 * edge, 13))
    return describe(
        ax,
        alt=f"Histogram of the gaps of {len(gap):,} useless changes after one day. A bell around 0; "
        f"{out:.1f} per cent lie outside "
        f"the chance band from {-edge:.2f} to {edge:.2f} {unit}, half on each side.",
        table={f"gap from ({unit})": edges[:-1], f"to ({unit})": edges[1:], "tests": counts},
    )


def plot_gap(
    effects: Effect,
    *,
    until: int | None = None,
    band: bool = True,
    unit: str = "minutes",
    ax: Axes | None = None,
) -> Axes:
    """Draw the gap of all users so far, day by day: a win points up, a loss down; the days after `until` are
    covered.

    effects: fields (days,), one look a day. band: draw the chance band, 95 of 100 gaps of a useless change on
    that day. unit: of the metric.

    >>> from abkit.datasets.running import audiobook_test
    >>> from abkit.reporting.planned_looks import effects_at_looks
    >>> daily = effects_at_looks(audiobook_test(9), looks=range(1, 31), metric="minutes")
    >>> plot_gap(daily, until=9).get_title(loc="left")
    'Day 9: better, and significant'
    """
    gap, edge, win = _days_of(effects)
    days = len(gap)
    last = days if until is None else min(_check.integer("until", until), days)
    day = np.arange(1, days + 1)
    ax = style.axes_or_new(ax)
    if band:
        ax.fill_between(day[:last], -edge[:last], edge[:last], color=BAND, linewidth=0)
    ax.axhline(0, color="black", linewidth=1)
    ax.plot(day[:last], gap[:last], color="black", linewidth=style.LINE)
    for side, look in ((1, WIN), (-1, LOSS)):
        at = np.flatnonzero(win[:last] == side)
        ax.plot(day[at], gap[at], linestyle="none", markersize=11, **look)
    reach = 1.1 * float(max(np.abs(gap[:last]).max(), edge[: 1 + last // 3].max() if band else 0.0, 2.0))
    ax.set(xlim=(0.5, days + 0.5), ylim=(-reach, reach))
    if last < days:
        ax.axvspan(last + 0.5, days + 0.5, facecolor="white", edgecolor="#BBBBBB", hatch="//", linewidth=0)
        ax.text(
            (last + days) / 2 + 0.5,
            0,
            "not known yet",
            ha="center",
            va="center",
            fontsize=style.FONT,
            bbox=style.ON_WHITE,
        )
    style.dress(ax, title=_gap_title(win, last, days), x="day", y=f"gap so far ({unit})")
    return describe(
        ax,
        alt=f"Line of the gap of all users so far, day 1 to {last} of {days}. It is "
        f"{gap[last - 1]:+.2f} {unit} on day {last}; "
        + _alarm_days(win[:last])
        + (" The chance band narrows." if band else ""),
        table={
            "day": day[:last],
            f"gap ({unit})": gap[:last],
            "significant": np.where(win[:last] > 0, "win", np.where(win[:last] < 0, "loss", "")),
        }
        | ({f"half of the band ({unit})": edge[:last]} if band else {}),
    )


def _days_of(effects: Effect) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return gap, half band and state of each day."""
    gap = np.atleast_1d(_check.array("effects", effects.estimate))
    edge = np.broadcast_to(np.asarray(effects.high) - np.asarray(effects.estimate), gap.shape)
    return gap, edge, np.sign(gap) * (np.abs(gap) > edge)


def _gap_title(win: np.ndarray, last: int, days: int) -> str:
    """Say what the last day shows, and which mornings were alarms when the whole test is seen."""
    words = {1: "better, and significant", -1: "worse, and significant", 0: "not significant"}
    if last < days:
        return f"Day {last}: {words[int(win[last - 1])]}"
    wins = np.flatnonzero(win > 0) + 1
    if not len(wins):
        return "The gap wanders in a narrowing band and never wins"
    end = "still one" if win[-1] > 0 else "none"
    return f"The gap wanders: a win on day {wins[0]}, {end} on day {days}"


def _alarm_days(win: np.ndarray) -> str:
    at = np.flatnonzero(win) + 1
    if not len(at):
        return "it never leaves the chance band."
    return f"it is significant on {len(at)} day{'s' * (len(at) > 1)}, first on day {at[0]}."


def plot_after_win(found: RunningTests, *, until: int = 40, ax: Axes | None = None) -> Axes:
    """Draw what became of tests after their first alarm was a win: each line runs from that day to the last
    one.

    found: many tests of a useless change. until: lines drawn at most; the title counts all. The gap is in
    half bands, so that 1 is the edge of the band on every day.

    Raises ValueError: `found` must hold a test whose first alarm is a win.

    >>> from abkit.datasets.running import running_tests
    >>> plot_after_win(running_tests(1_000, rng=7)).get_title(loc="left")[-27:]
    'are still winning on day 30'
    """
    won = np.flatnonzero(found.result > 0)
    days = found.gap.shape[1]
    if not len(won):
        raise _check.fail("found", "must hold a test whose first alarm is a win", "none")
    ax, score, kept = style.axes_or_new(ax), found.gap / found.band, found.state[won, -1] > 0
    ax.axhspan(-1, 1, color=BAND, linewidth=0)
    for row, still in list(zip(won, kept, strict=True))[: _check.integer("until", until)]:
        start = int(found.alarm[row]) - 1
        colour = WIN["color"] if still else QUIET
        ax.plot(
            np.arange(start, days) + 1,
            score[row, start:],
            color=colour,
            linewidth=1.6 if still else 0.7,
            zorder=3 if still else 2,
        )
        ax.plot(start + 1, score[row, start], "^", color=WIN["color"], markersize=6, zorder=4)
    share = 100 * float(kept.mean())
    ax.text(1, -0.9, "chance band", va="bottom", fontsize=style.FONT)
    ax.set(xlim=(0.5, days + 0.5), ylim=(-1.6, 2.4))
    title = f"Of 100 useless winners, {share:.0f} are still winning on day {days}"
    style.dress(ax, title=title, x="day", y="gap, in half bands")
    return describe(
        ax,
        alt=f"Lines of {min(until, len(won))} useless changes from their first win to day {days}, the "
        f"gap in half bands. Most fall back "
        f"inside the band: {share:.0f} of 100 are outside above on day {days}.",
        table={
            "useless changes that won": [len(won)],
            f"still a win on day {days}": [int(kept.sum())],
            "of 100": [share],
        },
    )


def plot_early_claims(
    found: RunningTests,
    *,
    early: int = 10,
    unit: str = "minutes",
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what wins claim against the day of the stop, with the mean of each five days, and the truth as a
    line.

    found: many tests with a true lift, read every day. early: the title is about wins up to this day. guess:
    a claim.

    unit: the unit of the values, written on the axis.

    >>> from abkit.datasets.running import running_tests
    >>> plot_early_claims(running_tests(2_000, lift=1.5, rng=7)).get_title(loc="left")[:35]
    'Wins of the first 10 days claim 3.6'
    """
    won = np.flatnonzero(found.result > 0)
    day, claim = found.alarm[won], found.claim[won]
    ax = style.axes_or_new(ax)
    few = slice(0, 250)
    ax.plot(day[few], claim[few], "^", color=WIN["color"], alpha=0.35, markersize=4, linestyle="none")
    ax.axhline(found.lift, color="black", linewidth=style.LINE)
    groups = [(a, min(a + 4, found.gap.shape[1])) for a in range(1, found.gap.shape[1] + 1, 5)]
    middle = [(a + b) / 2 for a, b in groups]
    wins, means = zip(*(_claims_of(day, claim, *group) for group in groups), strict=True)
    ax.plot(middle, means, "o-", color="black", markerfacecolor="white", markersize=9, linewidth=style.LINE)
    style.note(ax, "mean claim of five days", (middle[0], means[0]), (12, 4), bbox=style.ON_WHITE)
    style.at_right(ax, f"truth {found.lift:g}", found.lift)
    mean = _claims_of(day, claim, 1, early)[1]
    ax.set(xlim=(0.5, found.gap.shape[1] + 0.5), ylim=(0, 1.05 * float(claim[few].max())))
    style.dress(
        ax,
        title=f"Wins of the first {early} days claim {mean:.1f} {unit}; the truth is {found.lift:g}",
        x="day of the stop",
        y=f"claimed gap ({unit})",
    )
    style.guess(ax, guess)
    return describe(
        ax,
        alt=f"Points: the claim of each win against the day of the stop; the truth is {found.lift:g} "
        f"{unit}. Wins up to day {early} claim "
        f"{mean:.1f} on average; five-day means fall from {means[0]:.1f} to {means[-1]:.1f}.",
        table={
            "days": [f"{a} to {b}" for a, b in groups],
            "wins": wins,
            f"mean claim ({unit})": means,
        },
    )


def _claims_of(day: np.ndarray, claim: np.ndarray, first: int, last: int) -> tuple[int, float]:
    """Return the number of wins from the first to the last day, and their mean claim, nan without a win.

    >>> _claims_of(np.array([1, 2, 9]), np.array([4.0, 2.0, 1.0]), 1, 5)
    (2, 3.0)
    """
    inside = (day >= first) & (day <= last)
    return int(inside.sum()), float(claim[inside].mean()) if inside.any() else np.nan


def plot_bounds(effects: Effect, rules: StopRules, *, unit: str = "minutes", ax: Axes | None = None) -> Axes:
    """Draw one test's gap day by day with the bound of each stop rule; a rule without a look on a day has no
    mark there.

    effects: fields (days,). rules: from `stop_rules`, for as many days. Raises ValueError for another number.

    unit: the unit of the values, written on the axis.

    >>> from abkit.datasets.running import audiobook_test
    >>> from abkit.reporting.planned_looks import effects_at_looks
    >>> from abkit.sequential.stopping_early import stop_rules
    >>> daily = effects_at_looks(audiobook_test(9), looks=range(1, 31), metric="minutes")
    >>> plot_bounds(daily, stop_rules(2.9)).get_title(loc="left").splitlines()[0]
    'The same test: peek every day ends on day 9;'
    """
    gap, se = np.atleast_1d(effects.estimate), np.atleast_1d(effects.se)
    if rules.bound.shape[1] != len(gap):
        raise _check.fail("rules", f"must be for {len(gap)} days, as the effects are", rules.bound.shape[1])
    day = np.arange(1, len(gap) + 1)
    ax = style.axes_or_new(ax)
    ends = {}
    for (name, z), colour in zip(zip(rules.name, rules.bound, strict=True), RULE_COLOURS, strict=False):
        edge = z * se
        looks = np.isfinite(edge)
        marker = "" if looks.all() else "o" if looks.sum() == 1 else "_"
        line: dict[str, Any] = {
            "color": colour,
            "linestyle": "-" if looks.all() else "none",
            "marker": marker,
            "linewidth": style.LINE,
            "markersize": 14,
            "markeredgewidth": 3,
            "markerfacecolor": "none",
        }
        ax.plot(day[looks], edge[looks], **line)
        ax.plot(day[looks], -edge[looks], label=name, **line)
        crossed = np.flatnonzero(np.abs(gap) > edge)
        ends[name] = int(day[crossed[0]]) if len(crossed) else 0
    ax.plot(day, gap, color="black", linewidth=style.LINE)
    reach = 1.15 * float(np.abs(gap).max()) + 2 * float(np.median(se))
    ax.axhline(0, color="black", linewidth=1)
    ax.set(xlim=(0.5, len(gap) + 0.5), ylim=(-reach, reach))
    ax.legend(loc="lower right", fontsize=style.FONT, frameon=False, ncols=2)
    style.dress(ax, title=_ends_title(ends), x="day", y=f"gap so far ({unit})")
    said = ", ".join(f"{name} {'on day ' + str(at) if at else 'never'}" for name, at in ends.items())
    return describe(
        ax,
        alt=f"Line of one test's gap over {len(gap)} days with the bounds of {len(ends)} rules. The "
        f"gap leaves them: {said}.",
        table={"rule": list(ends), "first day outside its bound": [at or "none" for at in ends.values()]},
    )


def _ends_title(ends: Mapping[str, int]) -> str:
    named = [f"{name} ends on day {at}" for name, at in ends.items() if at]
    if len(named) == len(ends) and len(named) == 2:
        return f"The same test: {named[0]}, {named[1].replace(' ends', '')}"
    quiet = [name for name, at in ends.items() if not at]
    if not named:
        return "The same test: no rule finds a difference"
    return (
        f"The same test: {', '.join(named)};\nno alarm from {', '.join(quiet)}"
        if quiet
        else f"The same test: {', '.join(named)}"
    )
