"""Figures of effects that differ: segments, the luck of the best, learners, calibration, gain."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.causal.held_out import Calibrated, Curve
from abkit.datasets.unequal_worlds import Hunt
from abkit.estimate import Effect
from abkit.plots import style
from abkit.plots.showing import describe


def plot_repeats(values: Any, truth: float, *, unit: str = "", ax: Axes | None = None) -> Axes:
    """Draw what one segment shows when the same test is repeated: a heap around the truth, and its spread.

    values: (repeats,) results, in `unit`. truth: the true effect. The title gives the standard deviation,
    which is the standard error. Raises ValueError for fewer than two values.

    >>> plot_repeats([1.0, 2.0, 3.0], 2.0, unit="euros").get_title(loc="left")
    'The same test 3 times: typical distance 1.0 from 2'
    """
    values = _check.array("values", values)
    if values.ndim != 1 or values.size < 2:
        raise _check.fail("values", "must hold two results or more", f"shape {values.shape}")
    ax = style.axes_or_new(ax)
    _heap(ax, values, "control")
    ax.axvline(truth, **_line("truth"))
    sd = values.std(ddof=1)
    for edge in (truth - sd, truth + sd):
        ax.axvline(edge, color="black", linestyle=":", linewidth=style.LINE)
    title = f"The same test {len(values):,} times: typical distance {sd:.1f} from {truth:g}"
    style.dress(ax, title=title, x=_label("what the segment shows", unit), y="tests")
    inside = np.mean(np.abs(values - truth) <= sd)
    alt = (
        f"Histogram of {len(values):,} results of one segment. They heap around the true effect "
        f"{truth:g}; the "
        f"standard deviation is {sd:.2f}, and {inside:.0%} lie within one of it."
    )
    return describe(ax, alt=alt, table=_histogram_table(values, unit))


def plot_segments(
    effects: Effect,
    *,
    worth: float | None = None,
    truth: float | None = None,
    unit: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the effects of segments with their intervals, largest at the right; the best is a square.

    effects: an `Effect` with the segments on its only axis (`welch`, `gates`). worth: the smallest effect
    that pays, a dotted line. truth: the true effect, where it is the same for all and known, a black line.

    Raises ValueError for effects of more than one axis.

    unit: the unit of the values, written on the axis.

    >>> from abkit.causal.unequal_effects import gates
    >>> plot_segments(gates([0.0, 1.0, 2.0, 4.0], ["b", "b", "a", "a"]), worth=1.0).get_xticks().tolist()
    [1, 2]
    """
    if np.ndim(effects.estimate) != 1:
        raise _check.fail(
            "effects", "must hold the segments on one axis", f"{np.ndim(effects.estimate)} axes"
        )
    order = np.argsort(effects.estimate, kind="stable")
    low, middle, high = (np.asarray(getattr(effects, f), float)[order] for f in ("low", "estimate", "high"))
    place = np.arange(1, len(order) + 1)
    ax = style.axes_or_new(ax)
    for name, at in (("control", place[:-1] - 1), ("treatment", place[-1:] - 1)):
        look = style.role(name) | {"linestyle": "none", "markersize": 6}
        bars = [middle[at] - low[at], high[at] - middle[at]]
        ax.errorbar(place[at], middle[at], yerr=bars, elinewidth=1.5, **look)
    _reference(ax, worth, truth, len(order))
    ax.set_xlim(0.2, len(order) + 0.8)
    ax.set_xticks(sorted({1, len(order)} | set(range(5, len(order), 5))))
    pays = "" if worth is None else f"; {int((middle > worth).sum())} of {len(order)} above {worth:g}"
    title = f"The best of {len(order)} segments shows {middle[-1]:.1f}{pays}"
    style.dress(ax, title=title, x="segments, smallest result first", y=_label("effect", unit))
    alt = (
        f"Effects of {len(order)} segments with their intervals, sorted. They go from {middle[0]:.1f} to "
        f"{middle[-1]:.1f}; the interval of the best is {low[-1]:.1f} to {high[-1]:.1f}"
        + (f", what pays is {worth:g}." if worth else ".")
    )
    return describe(
        ax, alt=alt, table={"place": place, _label("effect", unit): middle, "low": low, "high": high}
    )


def plot_hunt(
    hunt: Hunt, *, again: bool = False, guess: float | None = None, unit: str = "", ax: Axes | None = None
) -> Axes:
    """Draw what the best segment shows in many experiments, and with `again` what a second test of it shows.

    hunt: from `best_of_segments`. guess: the reader's, on the axis of results.

    unit: the unit of the values, written on the axis.

    >>> from abkit.datasets import best_of_segments
    >>> ax = plot_hunt(best_of_segments(20, se=1.0, reps=2_000, rng=0))
    >>> ax.get_title(loc="left")
    'The best shows 3.9 on average; its true effect is 2.0'
    """
    ax = style.axes_or_new(ax)
    found, truth = float(np.mean(hunt.found)), float(np.mean(hunt.truth))
    shown = np.r_[hunt.found, hunt.again] if again else np.asarray(hunt.found)
    edges = np.linspace(*_ends(shown), 51)
    _heap(ax, hunt.found, "treatment", edges)
    style.note(
        ax, "the best, first test", (found, 0.92), (0, 0), xycoords=ax.get_xaxis_transform(), **_orange()
    )
    title = f"The best shows {found:.1f} on average; its true effect is {truth:.1f}"
    if again:
        second = float(np.mean(hunt.again))
        _heap(ax, hunt.again, "control", edges)
        blue = {"ha": "right", "color": style.role("control")["color"]}
        style.note(
            ax, "the same one, again", (truth, 0.82), (-5, 0), xycoords=ax.get_xaxis_transform(), **blue
        )
        title = f"First test {found:.1f} on average, second test {second:.1f}"
    ax.axvline(truth, **_line("truth"))
    side: dict[str, Any] = {"ha": "right"} if again else {"ha": "left"}
    shift = (-5 if again else 5, 0)
    style.note(ax, f"truth {truth:g}", (truth, 0.94), shift, xycoords=ax.get_xaxis_transform(), **side)
    style.dress(ax, title=title, x=_label("effect that is shown", unit), y="experiments")
    style.guess(ax, guess, vertical=True)
    alt = (
        f"Histogram of what the best segment shows in {len(hunt.found):,} experiments: {found:.2f} on "
        f"average, "
        f"where its true effect is {truth:.2f}"
        + (f". A second test of it shows {np.mean(hunt.again):.2f}." if again else ".")
    )
    table = _histogram_table(hunt.found, unit, shown)
    if again:
        table["experiments, second test"] = np.histogram(hunt.again, np.linspace(*_ends(shown), 16))[0]
    return describe(ax, alt=alt, table=table)


def plot_difference_test(statistic: float, by_luck: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the statistic of `heterogeneity` among those of worlds in which nothing differs.

    statistic: of the experiment. by_luck: (worlds,) the same statistic where all true effects are equal.

    >>> plot_difference_test(30.0, [10.0, 20.0, 40.0, 15.0]).get_title(loc="left")
    'Luck alone differs as much in 25 of 100 worlds'
    """
    values, statistic = _check.array("by_luck", by_luck), _check.number("statistic", statistic)
    ax = style.axes_or_new(ax)
    _heap(ax, values, "control")
    ax.axvline(statistic, color=style.role("treatment")["color"], linestyle="--", linewidth=style.LINE)
    style.note(
        ax,
        "this test",
        (statistic, 0.9),
        (5, 0),
        xycoords=ax.get_xaxis_transform(),
        **(_orange() | {"ha": "left"}),
    )
    share = float(np.mean(values >= statistic))
    style.dress(
        ax,
        title=f"Luck alone differs as much in {100 * share:.0f} of 100 worlds",
        x="how much the segments differ (Q)",
        y="worlds without a difference",
    )
    alt = (
        f"Histogram of Q in {values.size:,} worlds where all segments are alike, mean "
        f"{values.mean():.1f}. This "
        f"test has Q = {statistic:.1f}; {100 * share:.0f} per cent of the worlds have more."
    )
    return describe(ax, alt=alt, table=_histogram_table(values, ""))


def plot_learner(
    column: Any,
    truth: Any,
    estimated: Any,
    *,
    name: str = "learner",
    error: float | None = None,
    x: str = "",
    unit: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw estimated effects, a dot a customer, against one column, and the true effects as a black line.

    column, truth, estimated: (rows,). At most 150 customers are drawn, evenly spaced in the column. The
    title gives the typical error: the root mean squared distance of dot and line, over all rows.

    Raises ValueError for shapes that differ.

    x: the horizontal values; unit: the unit of the values, written on the axis.

    >>> plot_learner([1.0, 2.0], [0.0, 0.0], [3.0, 4.0], name="T").get_title(loc="left")
    'T: typical error 3.5'
    """
    column, truth, estimated = _check.together(
        column=_check.array("column", column),
        truth=_check.array("truth", truth),
        estimated=_check.array("estimated", estimated),
    )
    error = float(np.sqrt(np.mean((estimated - truth) ** 2))) if error is None else error
    order = np.argsort(column, kind="stable")
    few = order[np.unique(np.linspace(0, len(order) - 1, min(len(order), 150)).round().astype(int))]
    ax = style.axes_or_new(ax)
    dots = style.role("treatment") | {"linestyle": "none", "markersize": 4, "alpha": 0.6}
    ax.plot(column[few], estimated[few], label="estimate, one a customer", **dots)
    ax.plot(column[order], truth[order], label="true effect", **_line("truth"))
    ax.legend(frameon=False, fontsize=style.FONT, loc="upper left")
    pad = 0.35 * max(np.ptp(np.r_[truth, estimated[few]]), 1e-9)  # the legend's place
    ax.set_ylim(top=max(truth.max(), estimated[few].max()) + pad)
    euros = f" {unit}" if unit else ""
    style.dress(ax, title=f"{name}: typical error {error:.1f}{euros}", x=x, y=_label("effect", unit))
    alt = (
        f"Scatter of estimated effects by the {name} against {x or 'a column'}, with the line of true "
        f"effects. "
        f"Estimates go from {estimated.min():.1f} to {estimated.max():.1f}, true effects from "
        f"{truth.min():.1f} "
        f"to {truth.max():.1f}."
    )
    table = {x or "column": column[few], "true effect": truth[few], "estimate": estimated[few]}
    return describe(ax, alt=alt, table=table)


def plot_calibrated(
    both: Calibrated, *, worth: float | None = None, unit: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the effect found in each group against the predicted one; on the black line both are equal.

    both: from `predicted_and_found`. worth: the smallest effect that pays, a dotted line.

    unit: the unit of the values, written on the axis.

    >>> from abkit.causal.held_out import predicted_and_found
    >>> ax = plot_calibrated(predicted_and_found([0.0, 1.0, 2.0, 4.0], [0.1, 0.1, 3.0, 3.1], groups=2))
    >>> ax.get_title(loc="left")
    'Best group of 2: predicted 3.0, found 3.0'
    """
    ax = style.axes_or_new(ax)
    predicted, found = np.asarray(both.predicted), np.asarray(both.found)
    ends = [float(f(np.r_[predicted, both.low, both.high])) for f in (np.min, np.max)]
    ax.plot(ends, ends, **_line("truth"))
    style.note(ax, "found = predicted", (ends[1], ends[1]), (-14, 0), ha="right", va="center")
    look = style.role("treatment") | {"linestyle": "none", "elinewidth": 2}
    ax.errorbar(predicted, found, yerr=[found - both.low, both.high - found], **look)
    if worth is not None:
        beside = {"xycoords": ax.get_yaxis_transform(), "annotation_clip": False}
        ax.axhline(worth, color="black", linestyle=":", linewidth=style.LINE)
        style.note(ax, f"pays from {worth:g}", (1, worth), (4, 0), va="center", **beside)
    title = f"Best group of {len(found)}: predicted {predicted[-1]:.1f}, found {found[-1]:.1f}"
    style.dress(
        ax, title=title, x=_label("predicted effect, mean of the group", unit), y=_label("effect found", unit)
    )
    alt = (
        f"Effects found in {len(found)} groups against predicted ones, with intervals and the line of "
        f"equality. "
        f"The lowest group: predicted {predicted[0]:.1f}, found {found[0]:.1f}; the best: "
        f"{predicted[-1]:.1f} and "
        f"{found[-1]:.1f}."
    )
    table = {"predicted": predicted, "found": found, "low": both.low, "high": both.high}
    return describe(ax, alt=alt, table=table)


def plot_promises(grid: Any, *, unit: str = "euros", ax: Axes | None = None) -> Axes:
    """Draw what the best fifth of each learner is promised beside what it gets, in one world at one size.

    grid: rows of `learner_grid`, a data frame with the columns learner, world, n, promised and kept.

    Raises ValueError for rows of several worlds or sizes.

    unit: the unit of the values, written on the axis.

    >>> from abkit.datasets import learner_grid
    >>> grid = learner_grid()
    >>> plot_promises(grid[(grid.world == "flat") & (grid.n == 500)]).get_yticklabels()[1].get_text()
    'T'
    """
    if len(grid) == 0 or len(set(zip(grid.world, grid.n, strict=True))) > 1:
        raise _check.fail("grid", "must hold the rows of one world and one size", f"{len(grid)} rows")
    rows, promised, kept = np.arange(len(grid)), grid.promised.to_numpy(), grid.kept.to_numpy()
    ax = style.axes_or_new(ax)
    ax.hlines(rows, kept, promised, color=style.role("wrong")["color"], linewidth=style.LINE)
    ax.plot(promised, rows, label="promised", **style.role("treatment") | {"linestyle": "none"})
    ax.plot(kept, rows, label="true", **style.role("truth") | {"linestyle": "none"})
    ax.set_yticks(rows, list(grid.learner))
    ax.set_ylim(len(grid) - 0.5, -0.9)
    ax.set_xlim(left=min(0.0, float(kept.min())))
    ax.legend(frameon=False, fontsize=style.FONT, loc="upper right", ncol=2)
    worst = int(np.argmax(promised - kept))
    world, n, name = grid.world.iloc[0], grid.n.iloc[0], grid.learner.iloc[worst]
    worst_case = f"{name} promises {promised[worst]:.1f}, true {kept[worst]:.1f}"
    title = f"{world.capitalize()} world, {n:,} customers: {worst_case}"
    style.dress(ax, title=title, x=_label("mean effect in the best fifth", unit), y="learner")
    alt = (
        f"Promised and true effects of the best fifth by learner, {world} world, {n:,} customers. "
        + "; ".join(f"{k} {a:.1f} and {b:.1f}" for k, a, b in zip(grid.learner, promised, kept, strict=True))
        + "."
    )
    return describe(ax, alt=alt, table={"learner": list(grid.learner), "promised": promised, "true": kept})


def plot_gain(curve: Curve, *, unit: str = "", ax: Axes | None = None) -> Axes:
    """Draw the gain of treating the best first against the share that is treated, with its pointwise band.

    curve: from `qini`. The straight line is a ranking by lot.

    unit: the unit of the values, written on the axis.

    >>> from abkit.causal.held_out import qini
    >>> plot_gain(qini([3.0, 2.0, 1.0, 0.0], [1, 0, 0, 0], [1, 0, 1, 0])).get_xlabel()
    'customers treated, best first (%)'
    """
    ax = style.axes_or_new(ax)
    share, gain = 100 * np.asarray(curve.share), np.asarray(curve.gain)
    ax.fill_between(
        share, curve.low, curve.high, color=style.role("treatment")["color"], alpha=0.15, linewidth=0
    )
    ax.plot(share, gain, **_line("treatment") | {"linestyle": "-"})
    ax.plot([0, 100], [0, gain[-1]], **_line("truth") | {"linestyle": ":"})
    half = float(np.interp(50, share, gain))
    style.note(ax, "by lot", (50, gain[-1] / 2), (6, -14))
    title = f"Gain per customer: {half:.2f} if the better half is treated, {gain[-1]:.2f} if all"
    style.dress(
        ax,
        title=title,
        x="customers treated, best first (%)",
        y=_label("gain per customer of the list", unit),
    )
    ax.set_xlim(0, 100)
    alt = (
        f"Line of the gain per customer against the share treated, best first, with a band. At 50 per "
        f"cent it is "
        f"{half:.2f}, at 100 {gain[-1]:.2f}; the area between it and the line by lot is "
        f"{curve.auuc - curve.random:.3f}."
    )
    return describe(
        ax, alt=alt, table={"treated (%)": share, "gain": gain, "low": curve.low, "high": curve.high}
    )


def _heap(ax: Axes, values: Any, role: str, edges: Any = 40) -> None:
    """A histogram in the colour of a role."""
    import seaborn

    look = {"color": style.role(role)["color"], "alpha": 0.5, "edgecolor": "white", "linewidth": 0.3}
    seaborn.histplot(x=np.asarray(values), bins=edges, ax=ax, **look)


def _line(role: str) -> dict[str, Any]:
    return style.role(role) | {"marker": ""}


def _orange() -> dict[str, Any]:
    return {"ha": "center", "color": style.role("treatment")["color"], "bbox": style.ON_WHITE}


def _label(text: str, unit: str) -> str:
    return f"{text} ({unit})" if unit else text


def _ends(values: Any) -> tuple[float, float]:
    return float(np.min(values)), float(np.max(values))


def _histogram_table(values: Any, unit: str, every: Any = None) -> dict[str, Any]:
    """Fifteen bins over the range of `every` as a table: the middle of each, and its number of values."""
    count, edges = np.histogram(values, np.linspace(*_ends(values if every is None else every), 16))
    return {_label("middle of the bin", unit): (edges[1:] + edges[:-1]) / 2, "count": count}


def _reference(ax: Axes, worth: float | None, truth: float | None, k: int) -> None:
    for value, text, style_of in ((worth, "pays from", ":"), (truth, "truth", "-")):
        if value is not None:
            ax.axhline(value, color="black", linestyle=style_of, linewidth=style.LINE)
            style.note(ax, f"{text} {value:g}", (k + 0.8, value), (4, 0), va="center", annotation_clip=False)
