"""Figures of uncertainty: p-values of many tests, intervals of many experiments, coverage against n."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.estimate import Effect
from abkit.plots import style
from abkit.plots.showing import describe


def plot_pvalues(pvalues: Any, *, bins: int = 20, ax: Axes | None = None) -> Axes:
    """Draw how many p-values fall into each of equally wide bins, and the number that no effect predicts.

    pvalues: shape (..., family).
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
    ax.annotate(
        f"{expected:,.4g}\nexpected",
        (1, expected),
        (4, 0),
        textcoords="offset points",
        va="center",
        fontsize=style.FONT,
        annotation_clip=False,
    )
    ax.set_xlim(0, 1)
    title = f"{values.size:,} tests: {counts.min():,} to {counts.max():,} p-values in each of {bins} bins"
    style.dress(ax, title=title, x="p-value", y="tests in the bin")
    below = int(np.sum(values < 0.05))
    alt = (
        f"Histogram of {values.size:,} p-values in {bins} bins. Each holds {counts.min():,} to "
        f"{counts.max():,} tests, and no effect predicts {expected:,.4g}; {below:,} lie below .05."
    )
    names = [f"{low:.2f} to {high:.2f}" for low, high in zip(edges, edges[1:], strict=False)]
    return describe(ax, alt=alt, table={"p-value": names, "tests": counts})


def plot_intervals(
    effects: Effect, truth: float = 0.0, *, unit: str = "", ranked: bool = False, ax: Axes | None = None
) -> Axes:
    """Draw the intervals of many experiments side by side against the truth; a miss has a square and a dashed
    line.

    effects: an `Effect` whose fields are arrays of one axis; truth: the true effect, in the same unit;
    ranked: sort by the lower end, so that the intervals that lie above a value stand together on the right.

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
    x = np.arange(1, len(hit) + 1)
    for name, rows in (("control", hit), ("treatment", ~hit)):
        mark = style.role(name)
        ax.vlines(
            x[rows], low[rows], high[rows], color=mark["color"], linestyle=mark["linestyle"], linewidth=1.2
        )
        ax.plot(
            x[rows],
            middle[rows],
            linestyle="none",
            color=mark["color"],
            marker=mark["marker"],
            markersize=3 if name == "control" else 5,
        )
    ax.axhline(truth, color="black", linewidth=style.LINE)
    ax.set_xlim(0, len(hit) + 1)
    label = f"treatment − control ({unit})" if unit else "treatment − control"
    style.dress(ax, title=f"{hit.sum()} of {len(hit)} intervals hold the truth", x="experiment", y=label)
    alt = (
        f"Intervals of {len(hit)} experiments side by side against the truth {truth:g}. {hit.sum()} hold it; "
        f"{np.sum(low > truth)} lie above and {np.sum(high < truth)} below. Estimates run from "
        f"{middle.min():.3g} to {middle.max():.3g}."
    )
    where = {"hold the truth": hit, "lie above": low > truth, "lie below": high < truth}
    return describe(
        ax, alt=alt, table={"intervals that": [*where], "number": [v.sum() for v in where.values()]}
    )


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
