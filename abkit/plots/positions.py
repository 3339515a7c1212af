"""Figures of one idea: each user is a position on a line, coloured by arm; a second purpose needs a second
line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.plots import style
from abkit.plots.showing import describe

ARMS = {"control": ("#0072B2", "o"), "treatment": ("#D55E00", "s")}
QUIET, NEW = "#BDBDBD", "#DDDDDD"
CUTS = 6  # with more changes of colour along the line, no cut between arms is drawn


def plot_positions(
    position: Any,
    weeks: Mapping[str, Any],
    *,
    users: int = 400,
    x: str = "position of the learner",
    ax: Axes | None = None,
) -> Axes:
    """Draw users as points on a line from 0 to 1, coloured by arm, a row a week; rings mark who changes arm.

    position: (n,) from 0 to 1. weeks: name of the row → arm of each user, "control", "treatment" or anything
    else for not in the test. users: how many are drawn, the first ones; the title counts all. x: label of the
    axis. Raises ValueError for fewer than two weeks, or arms that are not as many as positions.

    >>> arms = {"week 1": ["control", "treatment", "out"], "week 2": ["control", "control", "treatment"]}
    >>> " ".join(plot_positions([0.01, 0.07, 0.4], arms).get_title(loc="left").split())
    'From week 1 to week 2, 50% of the users in the test change their arm'
    """
    where = _check.rows("position", position)
    rows = {name: _known(arm) for name, arm in weeks.items()}
    if len(rows) < 2:
        raise _check.fail("weeks", "must hold two weeks or more", len(rows))
    for arm in rows.values():
        if arm.shape != where.shape:
            raise _check.fail("weeks", "must hold one arm a position", arm.shape)
    (first, before), (last, after) = next(iter(rows.items())), list(rows.items())[-1]
    inside = np.isin(before, list(ARMS))
    moved = inside & (before != after)
    ax = style.axes_or_new(ax, height=4.0)
    for place, arm in enumerate(rows.values()):
        _row(ax, where, arm, moved, place, _check.integer("users", users))
    _keys(ax)
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(ylim=(len(rows) - 0.5, -0.55), xlim=(-0.01, 1.01))
    ax.set_xticks([0, 0.1, 0.25, 0.5, 0.75, 1], ["0", ".1", ".25", ".5", ".75", "1"])
    part = 100 * float(moved.sum() / max(inside.sum(), 1))
    title = f"From {first} to {last}, {part:.0f}% of the users in the test change their arm"
    style.dress(ax, title=title, x=x)
    counts = {name: [int((arm == a).sum()) for a in ARMS] for name, arm in rows.items()}
    return describe(
        ax,
        alt=f"Users as points on a line from 0 to 1, coloured by arm, a row each for {', '.join(rows)}. "
        f"Rings mark who changes arm: {int(moved.sum()):,} of the {int(inside.sum()):,} in the test in "
        f"{first}, {part:.0f} per cent.",
        table={
            "row": list(rows),
            "control": [c[0] for c in counts.values()],
            "treatment": [c[1] for c in counts.values()],
            "not in the test": [len(where) - sum(c) for c in counts.values()],
        },
    )


def _known(arms: Any) -> np.ndarray:
    """Return the arms as an array, with "out" for everything that is no arm."""
    given = np.asarray(arms, object)
    return np.where(np.isin(given, list(ARMS)), given, "out")


def _row(ax: Axes, where: np.ndarray, arm: np.ndarray, moved: np.ndarray, place: int, users: int) -> None:
    """Draw one week: the points at any height, rings for the movers, and the cuts between the arms."""
    height = place + np.random.default_rng(0).uniform(-0.3, 0.3, len(where))  # the height says nothing
    shown = np.arange(len(where)) < users
    out = shown & ~np.isin(arm, list(ARMS))
    ax.plot(where[out], height[out], ".", color=QUIET, markersize=4)
    for name, (colour, marker) in ARMS.items():
        mine = shown & (arm == name)
        ax.plot(where[mine], height[mine], marker, color=colour, markersize=5, markeredgewidth=0)
    ring = shown & moved
    ax.plot(where[ring], height[ring], "o", markerfacecolor="none", markeredgecolor="black", markersize=8)
    order = np.argsort(where, kind="stable")
    cuts = np.flatnonzero(arm[order][1:] != arm[order][:-1])
    for cut in cuts if len(cuts) < CUTS else ():
        edge = where[order][cut : cut + 2].mean()
        ax.plot([edge, edge], [place - 0.38, place + 0.38], color="black", linewidth=1)


def _keys(ax: Axes) -> None:
    looks: list[tuple[str, dict[str, Any]]] = [
        (name, {"color": colour, "marker": marker, "markersize": 7})
        for name, (colour, marker) in ARMS.items()
    ]
    looks.append(("not in the test", {"color": QUIET, "marker": ".", "markersize": 9}))
    ring = {"markerfacecolor": "none", "markeredgecolor": "black", "marker": "o", "markersize": 9}
    for name, look in [*looks, ("changes arm", ring)]:
        ax.plot([], [], linestyle="none", label=name, **look)
    ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=4, frameon=False, fontsize=style.FONT,
        handletextpad=0.1, columnspacing=1.2,
    )  # fmt: skip


def plot_origins(before: Any, after: Any, *, ax: Axes | None = None) -> Axes:
    """Draw where the users of each arm come from: a bar an arm, cut by the arm in which they were before.

    before, after: (n,) arms, "control", "treatment" or anything else for not in the test. Raises ValueError
    for lists that are not of one length, and for an arm without users.

    >>> ax = plot_origins(["treatment", "out"], ["control", "treatment"])
    >>> " ".join(ax.get_title(loc="left").split())
    '100% of control was in treatment before, 0% of treatment in control'
    """
    was, now = np.asarray(before, object), np.asarray(after, object)
    if was.shape != now.shape:
        raise _check.fail("after", "must be as long as before", now.shape)
    counts = {
        arm: [int(((now == arm) & (was == name)).sum()) for name in ARMS]
        + [int(((now == arm) & ~np.isin(was, list(ARMS))).sum())]
        for arm in ARMS
    }
    if not all(map(sum, counts.values())):
        raise _check.fail("after", "must hold users of both arms", counts)
    ax = style.axes_or_new(ax, height=3.2)
    words = ("control before", "treatment before", "new")
    looks = ("#0072B2", "white"), ("#D55E00", "black"), (NEW, "black")
    for place, sizes in enumerate(counts.values()):
        left = 0
        for size, word, (colour, ink) in zip(sizes, words, looks, strict=True):
            if size:
                hatch: dict[str, Any] = (
                    {"hatch": "//", "edgecolor": "white"} if word == "treatment before" else {}
                )
                ax.barh(place, size, 0.6, left=left, color=colour, **hatch)
                _inside(ax, left + size / 2, place, f"{word.replace(' ', chr(10))}\n{size:,}", ink)
            left += size
    ax.set_yticks(range(len(ARMS)), [f"{arm} now" for arm in ARMS])
    ax.set_ylim(1.5, -0.5)
    ax.xaxis.set_major_formatter("{x:,.0f}")
    mixed = [100 * counts["control"][1] / sum(counts["control"])]
    mixed.append(100 * counts["treatment"][0] / sum(counts["treatment"]))
    title = f"{mixed[0]:.0f}% of control was in treatment before, {mixed[1]:.0f}% of treatment in control"
    style.dress(ax, title=title, x="users")
    return describe(
        ax,
        alt=f"A bar an arm, cut by the arm before. Control now: {counts['control'][0]:,} control, "
        f"{counts['control'][1]:,} treatment, {counts['control'][2]:,} new. Treatment now: "
        f"{counts['treatment'][0]:,}, {counts['treatment'][1]:,}, {counts['treatment'][2]:,}.",
        table={"arm now": list(ARMS)} | {w: [c[i] for c in counts.values()] for i, w in enumerate(words)},
    )


def _inside(ax: Axes, at: float, place: float, text: str, ink: str) -> None:
    box = {"facecolor": "#D55E00", "edgecolor": "none", "pad": 1} if text.startswith("treatment") else None
    ax.text(at, place, text, ha="center", va="center", fontsize=style.FONT - 1, color=ink, bbox=box)


def plot_readings(
    readings: Any, *, truth: float, worth: float, unit: str = "minutes", ax: Axes | None = None
) -> Axes:
    """Draw the effects that ways of reading find in many repeated tests, a row a way, beside truth and worth.

    readings: data frame or mapping, way → (tests,) effects in `unit`. truth: the true effect. worth: the
    smallest effect that pays. Raises ValueError for fewer than two ways.

    >>> ax = plot_readings({"all": [3.7, 3.9], "new": [2.9, 3.1]}, truth=3.0, worth=3.5)
    >>> ax.get_title(loc="left")
    'The truth is 3.0 minutes: all finds 3.8 on average, new 3.0'
    """
    rows = {name: _check.rows(name, readings[name]) for name in readings}
    if len(rows) < 2:
        raise _check.fail("readings", "must hold two ways or more", len(rows))
    ax = style.axes_or_new(ax, height=3.2)
    rng = np.random.default_rng(0)  # the height of a point says nothing
    for place, (values, look) in enumerate(zip(rows.values(), ("wrong", "third", "fourth"), strict=False)):
        height = place + rng.uniform(-0.25, 0.25, len(values))
        drawn = style.role(look)
        ax.plot(values, height, drawn["marker"], color=drawn["color"], markersize=5, alpha=0.6)
    ax.axvline(_check.number("truth", truth), color="black", linewidth=style.LINE)
    ax.axvline(_check.number("worth", worth), color="black", linestyle=":", linewidth=style.LINE)
    for value, text in ((truth, "truth"), (worth, "pays from here")):
        style.note(ax, text, (value, -0.62), (4, 0), va="center")
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set_ylim(len(rows) - 0.6, -0.8)
    means = {name: float(values.mean()) for name, values in rows.items()}
    said = ", ".join(f"{name} {'finds ' * (not i)}{m:.1f}" + " on average" * (not i)
                     for i, (name, m) in enumerate(means.items()))  # fmt: skip
    style.dress(ax, title=f"The truth is {truth:.1f} {unit}: {said}", x=f"effect found in a test ({unit})")
    return describe(
        ax,
        alt=f"Points, one a repeated test, a row each for {', '.join(rows)}; truth {truth:g}, worth "
        f"{worth:g} {unit}. Means: " + ", ".join(f"{name} {m:.2f}" for name, m in means.items()) + ".",
        table={
            "reading": list(rows),
            f"mean ({unit})": list(means.values()),
            f"spread ({unit})": [float(v.std()) for v in rows.values()],
            "share at or above worth": [float((v >= worth).mean()) for v in rows.values()],
        },
    )


def plot_squares(
    pairs: Mapping[str, tuple[Any, Any]], *, names: tuple[str, str], users: int = 400, ax: Axes | None = None
) -> Axes:
    """Draw users by their positions in two tests, a panel for each way of salting; half of a line is an arm.

    pairs: name of the panel → (positions in the first test, positions in the second), (n,) from 0 to 1; two
    panels, or one on a given `ax`. names: of the two tests. users: how many are drawn; titles count all.
    Raises ValueError for more panels than fit.

    >>> line = np.linspace(0, 0.99, 50)
    >>> ax = plot_squares({"one salt": (line, line)}, names=("reminder", "colour"))
    >>> ax.get_title(loc="left").replace("\\n", " ")
    'one salt: 100% of the colour arm has the reminder'
    """
    if not 1 <= len(pairs) <= (2 if ax is None else 1):
        raise _check.fail("pairs", "must hold one or two panels", len(pairs))
    axes = style.panels(len(pairs), height=4.3) if ax is None else [ax]
    for one, (name, (x, y)) in zip(axes, pairs.items(), strict=True):
        _square(one, name, _check.rows("pairs", x), _check.rows("pairs", y), names, users)
    return axes[0]


def _square(ax: Axes, name: str, x: np.ndarray, y: np.ndarray, names: tuple[str, str], users: int) -> None:
    first, second = names
    for arm, (colour, marker) in zip((False, True), ARMS.values(), strict=True):
        mine = (np.arange(len(x)) < users) & ((x >= 0.5) == arm)
        ax.plot(x[mine], y[mine], marker, color=colour, markersize=4, markeredgewidth=0, alpha=0.8)
    ax.axhline(0.5, color="black", linewidth=1)
    ax.axvline(0.5, color="black", linewidth=1)
    parts = {}
    for right in (False, True):
        for up in (False, True):
            share = float((((x >= 0.5) == right) & ((y >= 0.5) == up)).mean())
            parts[right, up] = share
            ax.text(
                0.62 if right else 0.12, 0.92 if up else 0.42, f"{100 * share:.0f}%", ha="center",
                va="center", fontsize=style.FONT + 2, fontweight="bold", bbox=style.ON_WHITE,
            )  # fmt: skip
    ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    ax.set_xticks([0.25, 0.75], [f"no {first}", first])
    ax.set_yticks([0.25, 0.75], [f"no {second}", second], rotation=90, va="center")
    both = 100 * parts[True, True] / max(parts[True, True] + parts[False, True], 1e-12)
    style.dress(ax, title=f"{name}: {both:.0f}% of the {second} arm has the {first}")
    describe(
        ax,
        alt=f"{name}: users by their positions in two tests. {both:.0f} per cent of the {second} arm has the "
        f"{first}.",
        table={
            "test 1": [f"no {first}", f"no {first}", first, first],
            "test 2": [f"no {second}", second] * 2,
            "users (%)": [100 * share for share in parts.values()],
        },
    )


def plot_together(
    first: Any,
    second: Any,
    values: Any,
    *,
    names: tuple[str, str],
    unit: str = "minutes",
    ax: Axes | None = None,
) -> Axes:
    """Draw the mean of the four groups of two tests: a line for each arm of the second, with 95 per cent
    intervals.

    first, second: (n,) True for treatment of that test. values: (n,) metric in `unit`. names: of the tests.
    Lines that are not parallel are an interaction. Raises ValueError for a group below two users.

    >>> ax = plot_together([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1] * 2, [1, 2, 3, 4, 2, 3, 1, 2],
    ...     names=("reminder", "colour"))
    >>> ax.get_title(loc="left")
    'The colour adds +2.0 minutes without the reminder, −1.0 with it'
    """
    y = _check.array("values", values)
    a, b = (np.asarray(arm).astype(bool) for arm in (first, second))
    if not a.shape == b.shape == y.shape:
        raise _check.fail("values", "must be as long as both arms", y.shape)
    groups = {(i, j): y[(a == i) & (b == j)] for j in (False, True) for i in (False, True)}
    if min(map(len, groups.values())) < 2:
        raise _check.fail("values", "must hold two users or more in each group", [*map(len, groups.values())])
    mean = {key: float(v.mean()) for key, v in groups.items()}
    half = {key: 1.96 * float(v.std(ddof=1)) / len(v) ** 0.5 for key, v in groups.items()}
    ax = style.axes_or_new(ax)
    for j, look, text in ((False, "control", f"no {names[1]}"), (True, "treatment", names[1])):
        means, bars = [mean[i, j] for i in (False, True)], [half[i, j] for i in (False, True)]
        ax.errorbar([0, 1], means, bars, capsize=6, **style.role(look))
        style.note(ax, text, (1, means[1]), (12, 0), va="center", color=style.role(look)["color"])
    ax.set_xticks([0, 1], [f"no {names[0]}", names[0]])
    ax.set_xlim(-0.25, 1.6)
    ax.margins(y=0.15)
    alone, with_it = (mean[i, True] - mean[i, False] for i in (False, True))
    said = [f"{gap:+.1f}".replace("-", "−") for gap in (alone, with_it)]
    title = f"The {names[1]} adds {said[0]} {unit} without the {names[0]}, {said[1]} with it"
    style.dress(ax, title=title, y=f"mean ({unit})")
    return describe(
        ax,
        alt=f"Two lines of means of four groups with intervals. The {names[1]} adds {said[0]} {unit} without "
        f"the {names[0]} and {said[1]} with it; parallel lines would mean no interaction.",
        table={
            names[0]: ["yes" if i else "no" for i, _ in groups],
            names[1]: ["yes" if j else "no" for _, j in groups],
            "users": [len(v) for v in groups.values()],
            f"mean ({unit})": list(mean.values()),
            f"half of the interval ({unit})": list(half.values()),
        },
    )
