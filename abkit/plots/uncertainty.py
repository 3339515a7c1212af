"""Figures of uncertainty: estimates, intervals and p-values of many experiments, coverage against n."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.estimate import Effect
from abkit.plots import style
from abkit.plots.showing import describe


def plot_draws(
    estimates: Any,
    truth: float,
    *,
    first: float | None = None,
    within: float | None = None,
    unit: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the estimates of repeated experiments as stacked points, with their usual distance from the truth.

    estimates: (experiments,), at most 400, in `unit`. truth: the true effect. first: an estimate to mark.
    The grey band reaches one standard deviation of the estimates to each side of the truth. within: a
    distance; the band reaches so far instead, and title and text count the estimates in it. The table names
    each value, or the middle of each pile where there are more than 28 values.

    Raises ValueError: `estimates` must hold 2 to 400 experiments; `within` must be positive.

    >>> plot_draws([-0.1, 0.2, 0.7, 0.9], 0.4, unit="euros").get_title(loc="left")
    '4 experiments, one truth: 1 shows a loss'
    """
    values, truth = _check.array("estimates", estimates).ravel(), _check.number("truth", truth)
    if not 2 <= values.size <= 400:
        raise _check.fail("estimates", "must hold 2 to 400 experiments", values.size)
    usual = float(values.std(ddof=1)) if within is None else _check.positive("within", within)
    ax = style.axes_or_new(ax, height=3.0)
    ax.axvspan(truth - usual, truth + usual, color="#E3E3E3", zorder=0)
    values = np.sort(values, kind="stable")
    place, height = _piles(values, apart=within is not None)
    for name, rows in (("control", values >= 0), ("treatment", values < 0)):
        mark = style.role(name)
        ax.plot(place[rows], 0.5 + height[rows], mark["marker"], color=mark["color"], markersize=7)
    top = height.max() + 1.0
    ax.axvline(truth, ymax=0.84, color="black", linewidth=style.LINE, zorder=1)
    ax.text(truth, 1.05 * top, f"truth {truth:g}", ha="center", va="bottom", fontsize=style.FONT)
    if first is not None:
        ax.plot(first, -0.45, "D", color="black", markersize=7, clip_on=False)
        style.note(ax, "the first", (first, -0.45), (-8, 0), ha="right", va="center")
    ax.axvline(0, ymax=0.84, color="black", linestyle=":", linewidth=style.LINE)
    ax.set(ylim=(-1.0, 1.25 * top), yticks=[])
    losses = int((values < 0).sum())
    title = f"{values.size} experiments, one truth: {losses} {'shows' if losses == 1 else 'show'} a loss"
    band = "usual distance"
    if within is not None:
        inside = int((np.abs(values - truth) <= usual + 1e-12).sum())
        title = f"{inside} of {values.size} draws lie within {usual:g} of the truth, {truth:g}"
        band = "distance at most"
    style.dress(ax, title=title, x=f"estimate{f' ({unit})' if unit else ''}; grey: {band} {usual:.2f}")
    alt = (
        f"Stacked points of {values.size} estimates around the truth {truth:g}, from {values[0]:.2f} to "
        f"{values[-1]:.2f}. "
    )
    if within is not None:
        found, counts = np.unique(np.round(place, 9) + 0.0, return_counts=True)  # + 0.0: no -0
        alt += f"{inside} lie in a grey band, at most {usual:g} from it."
        return describe(ax, alt=alt, table={"estimate": list(found), "draws": list(counts)})
    alt += f"A grey band marks their usual distance, {usual:.2f}. {losses} lie below zero."
    names = ("experiments", "below zero", "usual distance", "lowest", "highest")
    row = (values.size, losses, usual, values[0], values[-1])
    return describe(ax, alt=alt, table={name: [value] for name, value in zip(names, row, strict=True)})


def _piles(values: np.ndarray, *, apart: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return for each of the sorted values the place of its pile, and how many lie below it in the pile.

    Piles are as wide as a 28th of the range, and none holds both signs. apart: where there are at most 28
    values, each has a pile of its own.

    >>> [x.tolist() for x in _piles(np.array([1.0, 1.0, 2.0]), apart=True)]
    [[1.0, 1.0, 2.0], [0, 1, 0]]
    """
    own = np.round(values, 9)
    width = (np.ptp(values) or 1.0) / 28
    place = own if apart and np.unique(own).size <= 28 else width * (np.floor(values / width) + 0.5)
    return place, np.array([np.sum(place[:i] == here) for i, here in enumerate(place)])


def plot_extreme(gaps: Any, seen: float, *, unit: str = "", ax: Axes | None = None) -> Axes:
    """Draw the gaps of many worlds without an effect, and mark those at least as far from zero as one seen.

    gaps: (worlds,) in `unit`. seen: the gap of the experiment in question.
    Raises ValueError: `gaps` must hold at least two worlds; `seen` must be positive or negative, not 0.

    >>> plot_extreme([-0.4, -0.1, 0.1, 0.2], 0.3).get_title(loc="left")
    '25.0 of 100 no-effect worlds lie 0.30 or further from 0'
    """
    values, edge = _check.array("gaps", gaps).ravel(), abs(_check.number("seen", seen))
    if values.size < 2:
        raise _check.fail("gaps", "must hold at least two worlds", values.size)
    _check.positive("abs(seen)", edge)
    import seaborn  # loads pandas and scipy.stats: only where a distribution is drawn

    reach = max(1.05 * float(np.abs(values).max()), 1.1 * edge)
    ax = style.axes_or_new(ax, height=3.2)
    inside, outer = np.linspace(0, edge, 7), np.arange(edge, reach + edge / 6, edge / 6)
    half = np.concatenate([inside, outer[1:]])
    bins = np.concatenate([-half[:0:-1], half])
    seaborn.histplot(x=values, bins=list(bins), ax=ax, edgecolor="white", linewidth=1, alpha=1)
    for bar in ax.patches:
        outside = abs(bar.get_x() + bar.get_width() / 2) > edge  # type: ignore[attr-defined]
        bar.set_facecolor(style.role("treatment" if outside else "wrong")["color"])
        bar.set_hatch("//" if outside else "")
    share = 100 * float((np.abs(values) >= edge).mean())
    top = ax.get_ylim()[1]
    for side in (-edge, edge):
        ax.axvline(side, ymax=0.8, color="black", linestyle="--", linewidth=style.LINE)
        near = "right" if side < 0 else "left"
        ax.text(side, 1.03 * top, f"{side:+.2f} or beyond", ha=near, fontsize=style.FONT)
    ax.set(xlim=(-half[-1], half[-1]), ylim=(0, 1.16 * top))
    title = f"{share:.1f} of 100 no-effect worlds lie {edge:.2f} or further from 0"
    style.dress(ax, title=title, x=f"gap in a world without effect{f' ({unit})' if unit else ''}", y="worlds")
    counts = [int((values <= -edge).sum()), int((np.abs(values) < edge).sum()), int((values >= edge).sum())]
    alt = (
        f"Histogram of the gaps of {values.size:,} worlds without effect, a bell around 0. {share:.1f} of "
        f"100 lie {edge:.2f} or further from 0: {counts[0]:,} below, {counts[2]:,} above."
    )
    names = [f"-{edge:.2f} or less", "between", f"{edge:.2f} or more"]
    return describe(ax, alt=alt, table={"gap": names, "worlds": counts})


def plot_pvalues(pvalues: Any, *, bins: int = 20, guess: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw how many p-values fall into each of equally wide bins, and the number that no effect predicts.

    pvalues: shape (..., family). guess: how many of 100 tests the reader expects in the last bin.
    Raises ValueError: `pvalues` must hold numbers from 0 to 1.

    >>> ax = plot_pvalues([0.1, 0.3, 0.6, 0.8], bins=2)
    >>> [int(bar.get_height()) for bar in ax.patches]
    [2, 2]
    """
    values = _check.array("pvalues", pvalues).ravel()
    if values.size == 0 or (values < 0).any() or (values > 1).any():
        raise _check.fail("pvalues", "must hold numbers from 0 to 1", f"{values.size} values")
    import seaborn  # loads pandas and scipy.stats: only where a distribution is drawn

    counts, edges = np.histogram(values, _check.integer("bins", bins), (0.0, 1.0))
    ax = style.axes_or_new(ax)
    seaborn.histplot(x=values, bins=list(edges), ax=ax, edgecolor="white", linewidth=1, alpha=1)
    for bar, right in zip(ax.patches, edges[1:], strict=True):
        bar.set_facecolor(style.role("treatment" if right <= 0.05 + 1e-12 else "control")["color"])
    expected = values.size / bins
    ax.axhline(expected, color="black", linestyle=":", linewidth=style.LINE)
    style.note(ax, f"{expected:,.4g}\nexpected", (1, expected), (4, 0), va="center", annotation_clip=False)
    ax.set_xlim(0, 1)
    if guess is not None:
        level = _check.number("guess", guess) * values.size / 100
        ax.plot([1 - 1 / bins, 1], [level, level], color="black", linestyle="--", linewidth=3)
        style.note(ax, "your guess", (1, level), (0, 4), ha="right", va="bottom")
        ax.set_ylim(0, max(ax.get_ylim()[1], 1.2 * level))
    below = int(np.sum(values < 0.05))
    title = f"p below .05 in {100 * below / values.size:.1f} of 100 tests; 5 in sound A/A tests"
    style.dress(ax, title=title, x="p-value", y="tests in each bar")
    alt = (
        f"Histogram of {values.size:,} p-values in {bins} bins. Each holds {counts.min():,} to "
        f"{counts.max():,} tests, and sound A/A tests give {expected:,.4g}; {below:,} lie below .05."
    )
    names = [f"{low:.2f} to {high:.2f}" for low, high in zip(edges, edges[1:], strict=False)]
    return describe(ax, alt=alt, table={"p-value": names, "tests": counts})


def plot_intervals(
    effects: Effect,
    truth: float = 0.0,
    *,
    unit: str = "",
    ranked: bool = False,
    against: float | None = None,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the intervals of many experiments side by side against the truth; a miss has a square and a dashed
    line.

    effects: an `Effect` whose fields are arrays of one axis; truth: the true effect, in the same unit;
    ranked: sort by the lower end, so that the intervals that lie above a value stand together on the right.
    against: a second line, such as 0; the title says how many intervals lie wholly above it. guess: how many
    of them the reader expects; where intervals are ranked, a dashed line marks it.

    Raises ValueError: `effects` must hold several experiments on one axis.

    >>> from abkit import Moments, welch
    >>> rows = np.array([[0.0, 1.0, 2.0], [9.0, 9.1, 9.2]])
    >>> plot_intervals(welch(Moments.of(0 * rows + [0, 1, 2]), Moments.of(rows))).get_title(loc="left")
    '1 of 2 intervals hold the truth'
    """
    if np.ndim(effects.estimate) != 1:
        raise _check.fail(
            "effects", "must hold several experiments on one axis", f"{np.ndim(effects.estimate)} axes"
        )
    low, high, middle = (np.asarray(getattr(effects, k), float) for k in ("low", "high", "estimate"))
    if ranked:
        order = np.argsort(low, kind="stable")
        low, high, middle = low[order], high[order], middle[order]
    truth = _check.number("truth", truth)
    hit = (low <= truth) & (truth <= high)
    ax = style.axes_or_new(ax)
    for name, rows, size in (("control", hit, 3), ("treatment", ~hit, 5)):
        _standing(ax, 1 + np.flatnonzero(rows), low[rows], middle[rows], high[rows], name, size)
    ax.axhline(truth, color="black", linewidth=style.LINE)
    ax.set_xlim(0, len(hit) + 1)
    label = f"treatment − control ({unit})" if unit else "treatment − control"
    title, more = f"{hit.sum()} of {len(hit)} intervals hold the truth", ""
    table = {"hold the truth": hit, "lie above it": low > truth, "lie below it": high < truth}
    if against is not None:
        level = _check.number("against", against)
        ax.axhline(level, color="black", linestyle=":", linewidth=style.LINE)
        table[f"lie above {level:g}"] = low > level
        more = f", {(low > level).sum()} lie above {level:g}"
    if guess is not None and ranked:
        edge = len(hit) + 0.5 - _check.number("guess", guess)
        ax.axvline(edge, color="black", linestyle="--", linewidth=style.LINE)
        side, shift = ("left", 4) if edge < len(hit) / 2 else ("right", -4)
        style.note(ax, "your guess", (edge, low.min()), (shift, 0), ha=side, va="bottom")
    place = "experiment, sorted by its lower end" if ranked else "experiment"
    style.dress(ax, title=title + more, x=place, y=label)
    alt = (
        f"Intervals of {len(hit)} experiments side by side against the truth {truth:g}. {hit.sum()} hold it; "
        f"{np.sum(low > truth)} lie above and {np.sum(high < truth)} below{more}. Estimates run from "
        f"{middle.min():.3g} to {middle.max():.3g}."
    )
    return describe(
        ax, alt=alt, table={"intervals that": [*table], "number": [v.sum() for v in table.values()]}
    )


def _standing(
    ax: Axes, x: np.ndarray, low: np.ndarray, middle: np.ndarray, high: np.ndarray, role: str, size: int
) -> None:
    """Draw upright intervals with a mark at each estimate, in the look of a role."""
    look = style.role(role)
    ax.vlines(x, low, high, color=look["color"], linestyle=look["linestyle"], linewidth=1.2)
    ax.plot(x, middle, linestyle="none", color=look["color"], marker=look["marker"], markersize=size)


def plot_coverage(
    curves: Mapping[str, tuple[Any, Any, Any]], *, level: float = 0.95, ax: Axes | None = None
) -> Axes:
    """Draw coverage against the size of the smaller arm, one labelled curve each, with the promised level.

    curves: label → (units, coverage as shares, Monte-Carlo error); the bars reach two errors to each side.

    Raises ValueError: `curves` must hold at least one curve.

    >>> ax = plot_coverage({"normal": ([10, 100], [0.95, 0.95], [0.01, 0.01])})
    >>> ax.get_ylabel()
    'coverage (per cent)'
    """
    if not curves:
        raise _check.fail("curves", "must hold at least one curve", "none")
    level = _check.share("level", level)
    ax = style.axes_or_new(ax)
    ax.axhline(100 * level, color="black", linestyle=":", linewidth=style.LINE)
    for name, (label, (n, coverage, error)) in zip(
        ("control", "third", "treatment", "fourth"), curves.items(), strict=False
    ):
        y, bar = (100 * _check.array("curves", v) for v in (coverage, error))
        ax.errorbar(n, y, 2 * bar, capsize=4, **style.role(name), label=label)
    ax.set_xscale("log")
    ax.set_xticks(n, [f"{v:,}" for v in n])
    ax.minorticks_off()
    ax.legend(frameon=False, fontsize=style.FONT)
    rows = [
        (label, size, 100 * share, 100 * error)
        for label, curve in curves.items()
        for size, share, error in zip(*curve, strict=True)
    ]
    worst = min(rows, key=lambda row: row[2])
    title = f"Coverage falls to {worst[2]:.1f} per cent ({worst[0]}), not {100 * level:g}"
    if worst[2] >= 100 * level:
        title = f"Every curve covers at least {100 * level:g} per cent"
    style.dress(ax, title=title, x="users in the smaller arm (log scale)", y="coverage (per cent)")
    alt = (
        f"Lines of coverage against users in the smaller arm, {len(curves)} in all, beside {100 * level:g} "
        f"per cent. The lowest is {worst[0]} at {worst[1]:,} users: {worst[2]:.1f} per cent."
    )
    names = ("metric", "users", "coverage (%)", "Monte-Carlo error")
    return describe(ax, alt=alt, table=dict(zip(names, zip(*rows, strict=True), strict=True)))
