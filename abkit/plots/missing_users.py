"""Figures of notebook 03: what missing users do to a rate, what chance does to counts, who notices."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.special import betaln, ndtri

from abkit import _check
from abkit.assignment.sample_ratio import srm_power
from abkit.plots import style
from abkit.plots.showing import describe

BAND, QUIET, LOST = "#E3E3E3", "#767676", "#B0B0B0"
LEAKY_SHARE, SEGMENTS = 0.40, 3  # android's users, and the segments that are checked, in `leaky_tests`
ALPHA = 0.001  # of the check of all users, and of all segments together
BLUE, RED = style.ROLES["control"]["color"], style.ROLES["treatment"]["color"]


def plot_missing(*, users: int = 100, booked: int = 20, missing: int = 10, ax: Axes | None = None) -> Axes:
    """Draw two arms of `users` that both book `booked` times; `missing` of treatment's others are not in
    the log.

    One point a user: filled booked, hollow did not, a grey cross is missing.

    Raises ValueError: `missing` must leave a user in the log: at most `users` − `booked`.

    >>> plot_missing().get_title(loc="left")
    'The same 20 bookings: 20.0 per cent of 100 users, 22.2 of 90'
    """
    n, yes = _check.integer("users", users), _check.integer("booked", booked, low=0)
    gone = _check.integer("missing", missing, low=0)
    if yes + gone > n or gone == n:
        raise _check.fail("missing", "must leave a user in the log: at most `users` − `booked`", gone)
    ax = style.axes_or_new(ax, height=3.4)
    wide = int(np.ceil(np.sqrt(n)))
    at = np.arange(n)
    for place, (colour, lost) in enumerate(((BLUE, 0), (RED, gone))):
        x, y = at % wide + place * (wide + 3), at // wide
        marker = "os"[place]
        ax.plot(x[:yes], y[:yes], marker, color=colour, markersize=9)
        ax.plot(x[yes : n - lost], y[yes : n - lost], marker, color=colour, markersize=8, fillstyle="none")
        ax.plot(x[n - lost :], y[n - lost :], "x", color=QUIET, markersize=9, markeredgewidth=2)
        text = f"{'control' if place == 0 else 'treatment'}: {yes} of {n - lost} book"
        ax.text(x.min() - 0.3, -1.3, text, fontsize=style.FONT, color=colour, va="center")
    ax.set(xlim=(-1, 2 * wide + 3), ylim=(wide - 0.3, -2))
    ax.set_xticks([])
    ax.set_yticks([])
    rates = [100 * yes / n, 100 * yes / (n - gone)]
    ax.spines[["left", "bottom"]].set_visible(False)
    title = f"The same {yes} bookings: {rates[0]:.1f} per cent of {n} users, {rates[1]:.1f} of {n - gone}"
    style.dress(ax, title=title, x="filled: booked; hollow: did not; cross: missing")
    return describe(
        ax,
        alt=f"Two blocks of points, one a user. In each arm {yes} book. Control shows {n} "
        f"users, {rates[0]:.1f} per "
        f"cent; treatment shows {n - gone}, {rates[1]:.1f} per cent, for {gone} who did not "
        f"book are missing.",
        table={
            "arm": ["control", "treatment"],
            "users assigned": [n, n],
            "in the log": [n, n - gone],
            "bookings": [yes, yes],
            "rate in the log (per cent)": rates,
        },
    )


def plot_count_gap(
    gaps: Any, gap: float, *, users: int, guess: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the gaps between the arms of many sound tests as a histogram, with one observed gap beside them.

    gaps: (tests,) treatment minus control, in users, planned half and half. gap: the observed one. users:
    of both arms. The grey band ends where `srm` raises the alarm at .001. guess: a gap of the reader, in
    users.

    >>> gaps = 2 * np.random.default_rng(1).binomial(10_000, 0.5, 1_000) - 10_000
    >>> plot_count_gap(gaps, -500, users=10_000).get_title(loc="left")
    'A gap of −500 users lies beyond the ±329 of chance'
    """
    import seaborn as sns

    many, n = _check.array("gaps", gaps), _check.integer("users", users)
    seen = _check.number("gap", gap)
    one, edge = np.sqrt(n), -ndtri(ALPHA / 2) * np.sqrt(n)
    reach = 1.25 * max(abs(seen), edge)
    ax = style.axes_or_new(ax)
    ax.axvspan(-edge, edge, color=BAND, zorder=0)
    sns.histplot(x=many, bins=np.linspace(-4 * one, 4 * one, 49), color=QUIET, edgecolor="white", ax=ax)
    top = ax.get_ylim()[1]
    ax.set(xlim=(-reach, reach), ylim=(0, 1.3 * top))
    ax.text(0, 1.13 * top, "999 of 1,000 sound tests", ha="center", va="center", fontsize=style.FONT)
    ax.axvline(seen, ymax=0.6, color=RED, linewidth=style.LINE, linestyle="--")
    side, shift = ("left", 5) if seen < 0 else ("right", -5)
    style.note(ax, f"seen:\n{_signed(seen)}", (seen, 0.5 * top), (shift, 0), ha=side, color=RED)
    if guess is not None:
        style.guess(ax, -abs(guess), vertical=True)
    ax.xaxis.set_major_formatter("{x:,.0f}")
    out = "beyond" if abs(seen) > edge else "within"
    title = f"A gap of {_signed(seen)} users lies {out} the ±{edge:,.0f} of chance"
    style.dress(ax, title=title, x="treatment minus control (users)", y="sound tests")
    far = int((np.abs(many) > edge).sum())
    counts, edges = np.histogram(many, bins=np.linspace(-4 * one, 4 * one, 9))
    return describe(
        ax,
        alt=f"Histogram of the gaps between the arms in {len(many):,} sound tests, a bell "
        f"around 0. {far} lie outside "
        f"the band of ±{edge:,.0f} users. The observed gap of {_signed(seen)} lies {out} it.",
        table={"gap from (users)": edges[:-1], "to (users)": edges[1:], "sound tests": counts},
    )


def _signed(value: float) -> str:
    return f"{value:+,.0f}".replace("-", "−")


def plot_who_sees(counts: Any, *, shown: int = 300, ax: Axes | None = None) -> Axes:
    """Draw many tests that lose users in android: how far its counts, and those of all users, lie from the
    plan.

    counts: (tests, segments, 2), planned half and half, as `leaky_tests` gives them, android first. shown:
    tests that are drawn; the shares count all of them. A distance is in standard deviations; a red square
    is an alarm: all users at .001, android at .001 / segments.

    Raises ValueError: `counts` must have the shape (tests, segments, 2).

    >>> from abkit.datasets.lost_users import leaky_tests
    >>> ax = plot_who_sees(leaky_tests(500, 20_000, loss=0.0, rng=1)); ax.get_title(loc="left")
    'Alarms in 100 such tests: all users 0, android 0'
    """
    table = _check.array("counts", counts)
    if table.ndim != 3 or table.shape[-1] != 2:
        raise _check.fail("counts", "must have the shape (tests, segments, 2)", table.shape)
    both = np.stack([table.sum(1), table[:, 0]])
    distance = (both[..., 1] - both[..., 0]) / np.sqrt(both.sum(-1))
    limits = -ndtri(ALPHA / 2 / np.array([1, table.shape[1]]))
    ax, rng = (
        style.axes_or_new(ax, height=3.2),
        np.random.default_rng(0),
    )  # the height of a point says nothing
    rates = []
    for row, (z, limit) in enumerate(zip(distance, limits, strict=True)):
        hit, height = np.abs(z) > limit, row + rng.uniform(-0.28, 0.28, len(z))
        rates.append(100 * float(hit.mean()))
        some = np.arange(len(z)) < shown
        ax.plot(z[some & ~hit], height[some & ~hit], "o", color=BLUE, markersize=4, alpha=0.5)
        ax.plot(z[some & hit], height[some & hit], "s", color=RED, markersize=4, alpha=0.7)
        ax.plot([-limit] * 2, [row - 0.4, row + 0.4], color="black", linewidth=style.LINE)
        ax.plot([limit] * 2, [row - 0.4, row + 0.4], color="black", linewidth=style.LINE)
        at = ax.get_yaxis_transform()
        ax.text(0.99, row - 0.33, f"{rates[-1]:.0f} in 100", transform=at, ha="right", fontsize=style.FONT)
    ax.set_yticks((0, 1), ("all users", "android"))
    ax.set(ylim=(1.5, -0.6), xlim=(min(-9.0, float(distance.min()) - 0.5), 7.5))
    title = f"Alarms in 100 such tests: all users {rates[0]:.0f}, android {rates[1]:.0f}"
    style.dress(ax, title=title, x="distance from the plan (standard deviations); lines: alarm")
    return describe(
        ax,
        alt=f"Two clouds of points, one a test that loses users in android: distance from "
        f"the plan. Beyond its line lie "
        f"{rates[0]:.0f} in 100 for all users (line at {limits[0]:.2f}), {rates[1]:.0f} for "
        f"android ({limits[1]:.2f}).",
        table={
            "check": ["all users", "android"],
            "alarm from (standard deviations)": limits,
            "alarms in 100": rates,
            "mean distance": distance.mean(1),
        },
    )


def noticed_rates(n: Any, loss: float, share: float) -> tuple[Any, Any]:
    """Return alarms in 100 tests of the check of all users, and of android alone at a third of .001.

    n: users of the test; loss: share of android's treatment users lost; share: planned share of treatment.

    >>> [round(rate) for rate in noticed_rates(20_000, 0.1, 0.5)]
    [33, 84]
    """
    users = np.asarray(n, float)
    whole = srm_power(users, LEAKY_SHARE * loss, share=share, alpha=ALPHA)
    return 100 * whole, 100 * srm_power(LEAKY_SHARE * users, loss, share=share, alpha=ALPHA / SEGMENTS)


def plot_noticed(
    *, loss: float = 0.1, share: float = 0.5, mark: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw in how many of 100 tests each check raises the alarm, against the users of the test.

    loss: share of android's treatment users lost; android holds 40 of 100 users. share: planned share of
    treatment. mark: users at which the curves are read.

    >>> plot_noticed(mark=20_000).get_title(loc="left")
    '20,000 users, 10% of android lost: all users 33, android 84 of 100'
    """
    ax = style.axes_or_new(ax)
    users = np.geomspace(1_000, 200_000, 80)
    at = 20_000 if mark is None else _check.integer("mark", mark)
    curves, points = noticed_rates(users, loss, share), noticed_rates(at, loss, share)
    for name, key, y, point in zip(
        ("all users", "android"), ("control", "treatment"), curves, points, strict=True
    ):
        look = style.role(key)
        ax.plot(users, y, color=look["color"], linestyle=look["linestyle"], linewidth=style.LINE, label=name)
        ax.plot([at], [point], linestyle="none", marker=look["marker"], color=look["color"], markersize=8)
    ax.axhline(50, color="black", linestyle=":", linewidth=1)
    ax.axvline(at, color="black", linewidth=1)
    style.log_axis(ax)
    ax.set(ylim=(0, 104), xlim=(950, 210_000))
    ax.legend(fontsize=style.FONT, framealpha=1, edgecolor="white", loc="upper left")
    title = (
        f"{at:,} users, {loss:.0%} of android lost: all users {points[0]:.0f}, android {points[1]:.0f} of 100"
    )
    style.dress(ax, title=title, x="users in the test (log scale)", y="alarms in 100 tests")
    return describe(
        ax,
        alt=f"Two rising curves: alarms in 100 tests against users, when {loss:.0%} of "
        f"android's treatment users are lost. "
        f"At {at:,} users the check of all users finds {points[0]:.0f}, that of android {points[1]:.0f}.",
        table={
            "users": [5_000, 20_000, 80_000, 200_000],
            "all users: alarms in 100": noticed_rates([5_000, 20_000, 80_000, 200_000], loss, share)[0],
            "android: alarms in 100": noticed_rates([5_000, 20_000, 80_000, 200_000], loss, share)[1],
        },
    )


def plot_daily_counts(
    sound: Any, leaking: Any, *, fixed: float = 0.001, sequential: float = 0.01, ax: Axes | None = None
) -> Axes:
    """Draw the gap between the arms day by day, in sound tests and in tests that lose users, with two
    limits.

    sound, leaking: (tests, days, 2) counts so far, planned half and half; 40 of each are drawn, all are
    counted. fixed: threshold of `srm` on each day; sequential: alpha of `sequential_srm` for all days
    together. ax: not taken; two panels.

    Raises ValueError: `ax` must be None: this figure has two panels.

    >>> from abkit.datasets.lost_users import daily_counts
    >>> ax = plot_daily_counts(daily_counts(50, loss=0.0, rng=1), daily_counts(50, loss=0.05, rng=2))
    >>> len(ax.figure.axes)
    2
    """
    style.no_axes(ax, "two panels")
    axes, rows = style.panels(2, height=3.7), []
    for panel, counts, name in zip(axes, (sound, leaking), ("Sound", "Leaking"), strict=True):
        table = _check.array("sound" if name == "Sound" else "leaking", counts)
        gap, n, day = table[..., 1] - table[..., 0], table.sum(-1), np.arange(1, table.shape[1] + 1)
        mean = n.mean(0)
        limits = {
            f"srm at {fixed:g}": -ndtri(fixed / 2) * np.sqrt(mean),
            "sequential": sequential_gap(mean, sequential),
        }
        panel.plot(day, gap[:40].T, color=QUIET, linewidth=0.7, alpha=0.6)
        for (label, limit), (colour, dash) in zip(limits.items(), ((BLUE, "-"), (RED, "--")), strict=True):
            hit = np.abs(gap) > limit * np.sqrt(n / mean)
            first = np.where(hit.any(1), hit.argmax(1) + 1, np.inf)
            rows.append((name, label, 100 * float(hit.any(1).mean()), float(np.median(first))))
            for side in (-1, 1):
                panel.plot(day, side * limit, color=colour, linestyle=dash, linewidth=style.LINE)
        panel.set(xlim=(1, day[-1]))
        panel.yaxis.set_major_formatter("{x:,.0f}")
        style.dress(panel, title=_daily_title(name, rows[-2:]), x="day")
    reach = max(abs(v) for panel in axes for v in panel.get_ylim())
    for panel in axes:
        panel.set_ylim(-reach, reach)
    style.note(axes[0], "sequential", (1, 0.72 * reach), (6, 0), color=RED)
    style.note(axes[0], f"srm at {fixed:g}", (1, 0.55 * reach), (6, 0), color=BLUE)
    axes[0].set_ylabel("treatment minus control (users)", fontsize=style.FONT)
    return describe(
        axes[0],
        alt=f"Two panels of 40 paths of the gap between the arms by day, with two limits. {_daily_alt(rows)}",
        table={
            "tests": [row[0] for row in rows],
            "limit": [row[1] for row in rows],
            "alarms in 100": [row[2] for row in rows],
            "median day of the alarm": [row[3] if np.isfinite(row[3]) else "none" for row in rows],
        },
    )


def sequential_gap(n: Any, alpha: float) -> np.ndarray:
    """Return the gap, in units, from which `sequential_srm` raises the alarm at n units in two equal arms.

    Solves log BF = −log alpha by bisection, with the Beta(1, 1) mixture of `sequential_srm`.

    >>> sequential_gap(np.array([10_000.0]), 0.05).round().tolist()
    [384.0]
    """
    units = np.asarray(n, float)
    low, high = np.zeros_like(units), units.copy()
    for _ in range(60):
        gap = (low + high) / 2
        over = betaln(1 + (units - gap) / 2, 1 + (units + gap) / 2) + units * np.log(2) > -np.log(alpha)
        low, high = np.where(over, low, gap), np.where(over, gap, high)
    return high


def _daily_title(name: str, rows: list[tuple[str, str, float, float]]) -> str:
    (_, _, daily, first), (_, _, sequential, later) = rows
    if name == "Sound":
        return f"Sound, false alarms in 100: solid {daily:.1f}, dashed {sequential:.1f}"
    days = [f"{d:.0f}" if np.isfinite(d) else "none" for d in (first, later)]
    return f"Leaking, half found by day: solid {days[0]}, dashed {days[1]}"


def _daily_alt(rows: list[tuple[str, str, float, float]]) -> str:
    sound, leaking = rows[:2], rows[2:]
    return (
        f"Sound: {sound[0][2]:.1f} of 100 cross the solid limit of srm, {sound[1][2]:.1f} the dashed one. "
        f"Leaking: {leaking[0][2]:.0f} and {leaking[1][2]:.0f} of 100."
    )
