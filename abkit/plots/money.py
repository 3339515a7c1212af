"""Figures of a bet against "no effect": its two bells, its money day by day, and how wide to spread it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import norm

from abkit import _check
from abkit.plots import style
from abkit.plots.showing import describe
from abkit.sequential.looking import price

RICH, QUIET, NARROW = "#D55E00", "#9A9A9A", "#0072B2"
RATIO = 1.15  # neighbours on the axis of tau


def plot_bet(
    gap: float, error: float, tau: float, *, unit: str = "points", draws: Any = None, ax: Axes | None = None
) -> Axes:
    """Draw the two bells of a bet at one look, and their heights at the gap: the money is high over low.

    gap: all users so far. error: its standard error; the narrow bell is "no effect". tau: how far an effect
    usually lies from 0; the wide bell holds chance and effect. All in `unit`. draws: a pair of lists of gaps,
    of changes without and with an effect, drawn as bars behind the bells.

    Raises ValueError for an error or a tau that is not above 0.

    >>> [float(line.get_ydata()[0].round(1)) for line in plot_bet(3.0, 1.9, 2.0).lines[-2:]]
    [6.0, 8.0]
    """
    seen, narrow = _check.number("gap", gap), _check.positive("error", error)
    wide = float(np.hypot(narrow, _check.positive("tau", tau)))
    ax = style.axes_or_new(ax, height=4.0)
    reach = max(3.6 * wide, 1.2 * abs(seen))
    _bells(ax, np.linspace(-reach, reach, 401), narrow, wide, () if draws is None else draws)
    low, high = (100 * float(norm.pdf(seen, 0, w)) for w in (narrow, wide))
    ax.plot([seen, seen], [0, max(low, high)], color="black", linewidth=1)
    ax.plot([seen], [low], "o", color=NARROW, markersize=9)
    ax.plot([seen], [high], "s", color=RICH, markersize=9)
    at = 1.1 * narrow
    style.note(
        ax, "no effect", (-at, 100 * float(norm.pdf(at, 0, narrow))), (-8, 4), color=NARROW, ha="right"
    )
    at, text = 1.3 * wide, f"effects of about {tau:g},\nup or down"
    style.note(ax, text, (at, 100 * float(norm.pdf(at, 0, wide))), (14, 8), color=RICH)
    ax.set(xlim=(-reach, reach), ylim=(0, 112 * float(norm.pdf(0, 0, narrow))))
    money = high / low if low > 0 else float("inf")
    title = f"At a gap of {seen:+.2f} {unit} the wide bell is {money:.3g} times as high"
    style.dress(ax, title=title, x=f"gap so far ({unit})", y=f"of 100, per {unit.removesuffix('s')}")
    return describe(
        ax,
        alt=f"Two bells around 0 against the gap in {unit}: a narrow one for no effect, a wide one for "
        f"effects of about {tau:g}, up or down. At {seen:+.2f} their heights are {low:.3g} and {high:.3g}, a "
        f"ratio of {money:.3g}.",
        table={
            "bell": ["narrow", "wide"],
            f"width ({unit})": [narrow, wide],
            "height at the gap": [low, high],
        },
    )


def _bells(ax: Axes, x: np.ndarray, narrow: float, wide: float, draws: Any) -> None:
    """Draw both bells of 100 changes each, and bars of what was drawn behind them."""
    bins = np.linspace(x[0], x[-1], 41)
    for gaps, colour in zip(draws, (NARROW, RICH), strict=False):
        share = np.full(len(gaps), 100 / len(gaps) / (bins[1] - bins[0]))
        ax.hist(gaps, bins=bins.tolist(), weights=share, color=colour, alpha=0.25)
    ax.plot(x, 100 * norm.pdf(x, 0, narrow), color=NARROW, linewidth=style.LINE)
    ax.plot(x, 100 * norm.pdf(x, 0, wide), color=RICH, linewidth=style.LINE, linestyle="--")


def plot_money(
    money: Any,
    *,
    limit: float = 20.0,
    what: str = "useless tests",
    guess: float | None = None,
    until: int = 100,
    ax: Axes | None = None,
) -> Axes:
    """Draw the money of many bets day by day, each up to the day on which it reaches the limit.

    money: (tests, days) in euros, above 0. limit: euros, the black line. what: the tests, in the title,
    which counts all of them. guess: of 100 tests, said in a label. until: lines drawn at most.

    Raises ValueError for money that is not above 0.

    >>> plot_money([[0.9, 25.0], [0.8, 0.5]], what="bets").get_title(loc="left")
    '50.0 of 100 bets reach 20 euros on some day'
    """
    euros, line = np.atleast_2d(_check.array("money", money)), _check.positive("limit", limit)
    if euros.ndim != 2 or not (euros > 0).all():
        raise _check.fail("money", "must be (tests, days) of euros above 0", euros.shape)
    reached = np.asarray(euros >= line)
    ever, first = np.asarray(reached.any(axis=1)), reached.argmax(axis=1)
    share, days = 100 * float(ever.mean()), euros.shape[1]
    ax = style.axes_or_new(ax, height=4.0)
    shown = min(_check.integer("until", until), len(euros))
    for path, won, day in zip(euros[:shown], ever, first, strict=False):
        _path(ax, path, int(day) + 1 if won else None)
    ax.axhline(line, color="black", linewidth=style.LINE)
    low = max(0.01, float(euros[:shown].min()) / 2)
    ax.set(yscale="log", xlim=(0, days), ylim=(low, 5 * line))
    ax.yaxis.set_major_formatter("{x:,g}")
    ax.minorticks_off()
    notes = [(f"{line:g} euros", 5), *([] if guess is None else [(f"your guess: {guess:g} of 100", 24)])]
    for text, up in notes:
        style.note(ax, text, (days, line), (-4, up), ha="right", bbox=style.ON_WHITE, zorder=6)
    style.dress(
        ax, title=f"{share:.1f} of 100 {what} reach {line:g} euros on some day", x="day", y="money (euros)"
    )
    marks = np.unique(np.linspace(1, days, 8).astype(int))
    return describe(
        ax,
        alt=f"Lines of the money of {shown} of {len(euros):,} {what} over {days} days, log axis. "
        f"{share:.1f} of 100 reach {line:g} euros, where a line ends in a triangle. At the end the median is "
        f"{float(np.median(euros[:, -1])):.2g} euros.",
        table={
            "day": marks,
            "median (euros)": [float(np.median(euros[:, k - 1])) for k in marks],
            f"reached {line:g} so far (of 100)": [100 * float((ever & (first < k)).mean()) for k in marks],
        },
    )


def _path(ax: Axes, euros: np.ndarray, end: int | None) -> None:
    """Draw the money of one bet from its first euro on: to the day of its win, or quietly to the last day."""
    money = np.append(1.0, euros[:end])
    colour, width, layer = (QUIET, 0.6, 2) if end is None else (RICH, 1.6, 3)
    ax.plot(np.arange(len(money)), money, color=colour, linewidth=width, zorder=layer)
    if end is not None:
        ax.plot(end, money[-1], "^", color=RICH, markersize=9, zorder=4)


def plot_tau(
    lift: float,
    users: int,
    *,
    looks: int = 50,
    far: float = 100.0,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many of 100 real effects a bet finds, against tau: how far it spreads over effects.

    Control converts at 10 per cent. lift: the true effect, in points. users: in each arm at the end. looks:
    at equal steps up to it. far: the tau that the title compares with tau = lift. guess: of 100 tests.

    Raises ValueError: `lift` and `users` must be above 0.

    >>> plot_tau(2.0, 10_000, looks=20).get_title(loc="left")
    'Tau of 2 points finds 96 of 100, tau of 100 points 77'
    """
    true, n = _check.positive("lift", lift), _check.integer("users", users)
    steps = int(np.ceil(np.log(max(far, 20 * true) / (true / 10)) / np.log(RATIO)))
    tau = true / 10 * RATIO ** np.arange(steps + 1)
    found = np.array([100 * price(float(t), n, true, looks=looks).power for t in tau])
    good, wrong = (100 * price(float(t), n, true, looks=looks).power for t in (true, far))
    once = 100 * price(true, n, true, looks=looks).fixed_power
    ax = style.axes_or_new(ax)
    ax.plot(tau, found, color=RICH, linewidth=style.LINE)
    ax.axhline(once, color=NARROW, linewidth=style.LINE)
    style.note(ax, "one planned look", (tau[-1], once), (-4, 5), ha="right", color=NARROW)
    for at, power, marker in ((true, good, "s"), (far, wrong, "X")):
        ax.plot([at], [power], marker, color=RICH, markersize=10)
        style.note(ax, f"{power:.0f}", (at, power), (0, -20), ha="center")
    ax.set_ylim(0, 112)
    style.log_axis(ax)
    ax.xaxis.set_major_formatter("{x:,g}")
    title = f"Tau of {true:g} points finds {good:.0f} of 100, tau of {far:g} points {wrong:.0f}"
    style.dress(ax, title=title, x="tau (percentage points)", y="found (of 100 tests)")
    style.guess(ax, guess)
    return describe(
        ax,
        alt=f"Line of the tests of 100 that find {true:g} points with {n:,} users in each arm, against tau. "
        f"{good:.0f} at tau {true:g}, {wrong:.0f} at {far:g}, {found[0]:.0f} at {tau[0]:.2g}; one look "
        f"finds {once:.1f}.",
        table={"tau (points)": tau, "found (of 100)": found},
    )
