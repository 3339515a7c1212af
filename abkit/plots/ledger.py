"""Figures of many tests: a memory that may choose, the ideas of a year, what the wins hold, and shrinkage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from abkit import _check
from abkit.bayes.shrinkage import Shrunk
from abkit.plots import style
from abkit.plots.showing import describe
from abkit.registry.learning import Ledger, win_ledger

KINDS = {  # what an idea was and became: colour, and a mark so that it is told without colour
    "good, found": ("#009E73", "✓"),
    "good, missed": ("#56B4E9", "–"),
    "no effect, called a win": ("#D55E00", "!"),
    "no effect, no win": ("#DDDDDD", ""),
}


def plot_memory(
    metrics: int = 20,
    *,
    mark: int = 5,
    alpha: float = 0.05,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many of 100 tests without any effect show a win, if the metric is chosen afterwards.

    Among 1 to `metrics` independent ones; a win is positive at two-sided alpha: 1 − (1 − alpha/2)^k. mark:
    the number that the title names.
    guess: of 100 tests, the reader's.

    >>> ax = plot_memory()
    >>> round(float(ax.lines[0].get_ydata()[4]), 1)
    11.9
    """
    last, at = _check.integer("metrics", metrics, low=2), _check.integer("mark", mark)
    k = np.arange(1, max(last, at) + 1)
    rate = 100 * (1 - (1 - _check.share("alpha", alpha) / 2) ** k)
    ax = style.axes_or_new(ax)
    ax.plot(k, rate, **style.role("treatment") | {"markersize": 5})
    ax.axhline(rate[0], color="black", linestyle=":", linewidth=style.LINE)
    style.note(ax, f"{rate[0]:.1f}: the metric that was promised", (k[-1], rate[0]), (0, 5), ha="right")
    ax.plot([at], [rate[at - 1]], color="black", marker="o", markersize=9)
    style.note(ax, f"{rate[at - 1]:.1f}", (at, rate[at - 1]), (-4, 8), ha="right")
    ax.set_xticks([1, *range(5, k[-1] + 1, 5)])
    ax.set_xlim(0.5, k[-1] + 0.5)
    ax.set_ylim(0, 1.1 * rate[-1])
    title = f"Best of {at} independent metrics: {rate[at - 1]:.0f} of 100 empty tests show a win"
    style.dress(ax, title=title, x="metrics to choose from afterwards", y="tests with a win (of 100)")
    style.guess(ax, guess)
    alt = (
        "Rising line: tests with a win, of 100 in which nothing works, by number of independent metrics. "
        f"One metric {rate[0]:.1f}, {at} metrics {rate[at - 1]:.1f}, {k[-1]} metrics {rate[-1]:.1f}."
    )
    return describe(ax, alt=alt, table={"metrics": k, "tests with a win (of 100)": rate})


def plot_ideas(ledger: Ledger, *, ax: Axes | None = None) -> Axes:
    """Draw 100 ideas as squares: good and found, good and missed, no effect and called a win, no effect.

    Expected counts, rounded to whole squares; the title and the table hold the exact ones.

    ledger: what `win_ledger` returned.

    >>> ax = plot_ideas(win_ledger())
    >>> ax.get_title(loc="left")
    '10.25 wins expected, 2.25 of them false'
    """
    scale = 100 / ledger.tests
    true, false, good = (
        scale * float(v) for v in (ledger.true_wins, ledger.false_wins, ledger.tests * ledger.good)
    )
    counts = dict(zip(KINDS, (true, good - true, false, 100 - good - false), strict=True))
    whole = [round(true), round(good) - round(true), round(false)]
    order = [*np.repeat(np.arange(3), whole), *[3] * (100 - sum(whole))]
    ax = style.axes_or_new(ax)
    styles = list(KINDS.values())
    for square, kind in enumerate(order):
        column, row = square % 20, square // 20
        colour, mark = styles[kind]
        ax.add_patch(_square(column, row, colour))
        ax.text(column + 0.45, 4 - row + 0.45, mark, ha="center", va="center", fontsize=style.FONT)
    for i, (label, (colour, mark)) in enumerate(KINDS.items()):
        x, y = 10 * (i % 2), -1.3 - 1.1 * (i // 2)
        ax.add_patch(_square(x, 4 - y, colour))
        ax.text(x + 0.45, y + 0.45, mark, ha="center", va="center", fontsize=style.FONT)
        ax.text(x + 1.2, y + 0.45, f"{label}: {counts[label]:.3g}", va="center", fontsize=style.FONT)
    ax.set_xlim(-0.2, 20.2)
    ax.set_ylim(-2.7, 5.2)
    ax.set_aspect("equal")
    style.headline(ax, f"{true + false:.4g} wins expected, {false:.3g} of them false")
    ax.set_axis_off()
    alt = f"One hundred squares, one an idea. {', '.join(f'{k}: {v:.3g}' for k, v in counts.items())}."
    return describe(ax, alt=alt, table={"what": list(counts), "ideas (of 100)": list(counts.values())})


def _square(column: float, row: float, colour: str) -> Rectangle:
    return Rectangle((column, 4 - row), 0.9, 0.9, facecolor=colour, edgecolor="white")


def plot_false_wins(
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    mark: float = 0.1,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many of 100 wins are false against the share of ideas that are good.

    power, alpha (two-sided): of the tests. mark: the share of good ideas that the title names. guess: of 100
    wins, the reader's.

    >>> ax = plot_false_wins()
    >>> ax.get_title(loc="left")
    '10 good ideas of 100, power 0.8: 22 of 100 wins are false'
    """
    good = np.round(np.arange(0.02, 0.505, 0.01), 2)
    curve, at = (
        win_ledger(good=good, power=power, alpha=alpha),
        win_ledger(good=mark, power=power, alpha=alpha),
    )
    false, here = 100 * curve.share_false, 100 * float(at.share_false)
    ax = style.axes_or_new(ax)
    ax.plot(100 * good, false, **style.role("treatment") | {"marker": ""})
    ax.plot([100 * mark], [here], color="black", marker="o", markersize=9)
    style.note(ax, f"{here:.0f}", (100 * mark, here), (8, 6))
    ax.set_xlim(0, 50)
    ax.set_ylim(0, 100)
    title = f"{100 * mark:.0f} good ideas of 100, power {power:g}: {here:.0f} of 100 wins are false"
    style.dress(ax, title=title, x="good ideas (of 100)", y="false wins (of 100 wins)")
    style.guess(ax, guess)
    alt = (
        f"Falling line: false wins of 100 wins, by the good ideas of 100, at power {power:g}. "
        f"{false[0]:.0f} at {100 * good[0]:.0f}, {here:.0f} at {100 * mark:.0f}, "
        f"{false[-1]:.0f} at {100 * good[-1]:.0f}."
    )
    return describe(ax, alt=alt, table={"good ideas (of 100)": 100 * good, "false wins (of 100)": false})


def plot_ledger(ledger: Ledger, *, ax: Axes | None = None) -> Axes:
    """Draw two bars of 100: the wins, true and false, and the claimed sum, what will come and what will not.

    ledger: what `win_ledger` returned.

    >>> ax = plot_ledger(win_ledger())
    >>> [round(float(bar.get_width())) for bar in ax.patches]
    [78, 74, 22, 26]
    """
    false = 100 * float(ledger.share_false)
    lost = 100 * (1 - float(ledger.true) / float(ledger.claimed))
    ax = style.axes_or_new(ax, height=2.8)
    names = ["100 wins", "100 euros claimed"]
    real, empty = np.array([100 - false, 100 - lost]), np.array([false, lost])
    ax.barh(names, real, color=style.ROLES["third"]["color"], edgecolor="white")
    ax.barh(names, empty, left=real, color=style.ROLES["treatment"]["color"], edgecolor="white", hatch="//")
    for i, (left, right, words) in enumerate(
        zip(real, empty, (("true", "false"), ("come", "do not")), strict=True)
    ):
        for x, value, word in ((left / 2, left, words[0]), (left + right / 2, right, words[1])):
            box = {"facecolor": "white", "edgecolor": "none", "pad": 2}
            ax.text(x, i, f"{value:.0f} {word}", ha="center", va="center", fontsize=style.FONT, bbox=box)
    ax.set_xlim(0, 100)
    ax.invert_yaxis()
    title = f"{false:.0f} of 100 wins are false, {lost:.0f} of 100 euros never come"
    style.dress(ax, title=title, x="of 100")
    alt = (
        f"Two stacked bars. Of 100 wins {100 - false:.0f} are true and {false:.0f} false. "
        f"Of 100 euros claimed {100 - lost:.0f} come and {lost:.0f} do not."
    )
    table = {"of 100": names, "true": real, "not true": empty}
    return describe(ax, alt=alt, table=table)


def plot_win_table(
    *,
    good: Sequence[float] = (0.05, 0.1, 0.2, 0.3),
    power: Sequence[float] = (0.3, 0.5, 0.8),
    alpha: float = 0.05,
    ax: Axes | None = None,
) -> Axes:
    """Draw false wins of 100 wins as a table: a row a share of good ideas, a column a power.

    alpha: two-sided.

    >>> ax = plot_win_table()
    >>> ax.get_title(loc="left")
    'False wins of 100 wins: from 7 to 61'
    """
    import seaborn

    share = 100 * win_ledger(good=np.array(good)[:, None], power=np.array(power), alpha=alpha).share_false
    ax = style.axes_or_new(ax)
    rows, columns = [f"{100 * g:g}" for g in good], [f"{p:g}" for p in power]
    seaborn.heatmap(
        share,
        ax=ax,
        annot=True,
        fmt=".0f",
        cmap="Oranges",
        cbar=False,
        linewidths=1,
        annot_kws={"fontsize": style.FONT},
        xticklabels=columns,
        yticklabels=rows,
    )
    ax.tick_params(axis="y", rotation=0)
    title = f"False wins of 100 wins: from {share.min():.0f} to {share.max():.0f}"
    style.dress(ax, title=title, x="power of a test of a good idea", y="good ideas (of 100)")
    alt = (
        f"Table of false wins of 100 wins. From {share.min():.0f} with {rows[-1]} good ideas of 100 and "
        f"power {columns[-1]} to {share.max():.0f} with {rows[0]} and power {columns[0]}."
    )
    table = {"good ideas (of 100)": [100 * g for g in good]}
    return describe(ax, alt=alt, table=table | {f"power {c}": share[:, i] for i, c in enumerate(columns)})


def plot_shrunk(found: Shrunk, *, truth: Sequence[float] | None = None, ax: Axes | None = None) -> Axes:
    """Draw each estimate, where shrinkage moves it, and its interval, sorted by estimate.

    found: what `shrink` returned for one set of tests. truth: the true effects, if known.

    >>> from abkit import Effect, shrink
    >>> ax = plot_shrunk(shrink([Effect.of(x, 1.0) for x in (4.0, 1.0, 0.5, 0.0, -0.5)]))
    >>> ax.get_title(loc="left")
    'The largest of 5 estimates shrinks from 4.00 to 3.17'
    """
    order = np.argsort(found.estimate)
    y = np.arange(1, len(order) + 1)
    ax = style.axes_or_new(ax)
    mean, low, high, raw = (np.asarray(getattr(found, k))[order] for k in ("mean", "low", "high", "estimate"))
    colour = style.ROLES["control"]["color"]
    ax.hlines(y, low, high, color=colour, linewidth=1)
    ax.plot(mean, y, color=colour, marker="o", linestyle="", label="after shrinkage, with interval")
    ax.plot(
        raw,
        y,
        color=style.ROLES["treatment"]["color"],
        marker="s",
        linestyle="",
        label="estimate",
        markersize=4,
    )
    if truth is not None:
        ax.plot(
            np.asarray(truth)[order], y, color="black", marker="|", linestyle="", label="truth", markersize=9
        )
    ax.axvline(0, color="black", linewidth=1)
    ax.set_ylim(0, 1.2 * len(y))
    ax.legend(fontsize=style.FONT, framealpha=1, edgecolor="white", loc="upper center", ncols=3)
    title = f"The largest of {len(y)} estimates shrinks from {raw[-1]:.2f} to {mean[-1]:.2f}"
    style.dress(ax, title=title, x="effect", y="tests, by estimate")
    alt = (
        f"Dots of {len(y)} tests: estimates, and their values after shrinkage. The largest moves "
        f"from {raw[-1]:.2f} to {mean[-1]:.2f}, the smallest from {raw[0]:.2f} to {mean[0]:.2f}."
    )
    table = {"estimate": raw, "after shrinkage": mean, "low": low, "high": high}
    return describe(ax, alt=alt, table=table)
