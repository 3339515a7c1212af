"""Figures of a sharper effect: the cloud of past and present, the spread that is left, what it saves, and
how it lies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.estimate import Effect
from abkit.plots import style
from abkit.plots.effects import plot_effects
from abkit.plots.showing import describe

SHOWN = 600  # points of a cloud that are drawn: more hide each other


def plot_cloud(
    before: Any,
    after: Any,
    *,
    unit: str = "minutes",
    names: tuple[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each user as a point, the past across and the present up, with the line that CUPED uses.

    before, after: (users,), in one unit. The title has the correlation of all users; at most
    600 are drawn. The line is that of least squares. names: what the two are, if not before and after.

    Raises ValueError: `before and after` must be two rows of the same users, at least 3.

    >>> ax = plot_cloud([1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0])
    >>> ax.get_title(loc="left")
    'More minutes before, more in the test: correlation .80'
    """
    x, y = _check.rows("before", before), _check.rows("after", after)
    if x.ndim != 1 or x.shape != y.shape or len(x) < 3:
        raise _check.fail(
            "before and after", "must be two rows of the same users, at least 3", f"{x.shape} and {y.shape}"
        )
    rho = float(np.corrcoef(x, y)[0, 1])
    slope = rho * y.std() / x.std()
    ax = style.axes_or_new(ax)
    step = -(-len(x) // SHOWN)
    ax.plot(x[::step], y[::step], "o", color=style.role("control")["color"], markersize=3, alpha=0.5)
    ends = np.array([x.min(), x.max()])
    ax.plot(ends, y.mean() + slope * (ends - x.mean()), color="black", linewidth=style.LINE)
    now = "more" if rho > 0 else "less"
    first, second = names or (f"{unit} before", f"{unit} in the test")
    labels = names or ("before the start", "in the test")
    told = f"More {names[0]}, {now} {names[1]}" if names else f"More {unit} before, {now} in the test"
    title = f"{told}: correlation {_short(rho)}"
    style.dress(ax, title=title, x=f"{labels[0]} ({unit})", y=f"{labels[1]} ({unit})")
    alt = (
        f"Cloud of {len(x[::step])} users: {first} across, {second} up. It "
        f"{'rises' if rho > 0 else 'falls'}: slope {slope:.2f}, correlation {rho:.2f}."
    )
    grid = np.linspace(ends[0], ends[1], 5)
    near = [y[np.abs(x - g) <= (ends[1] - ends[0]) / 8] for g in grid]
    table = {
        f"{names[0] if names else 'before'} ({unit})": grid,
        f"line ({unit})": y.mean() + slope * (grid - x.mean()),
        "users near": [len(v) for v in near],
    }
    return describe(ax, alt=alt, table=table)


def plot_spreads(
    spreads: Mapping[str, Any], truth: float, *, unit: str = "minutes", ax: Axes | None = None
) -> Axes:
    """Draw the estimates of many tests, one row a way of estimating, as points in bins, with the true
    effect as a line.

    spreads: label → estimates (tests,), two or more; the first is the one to beat. The title has the
    spread (standard deviation) of the first and of the last.

    truth: the true effect, drawn as a line; unit: the unit of the values, written on the axis.
    Raises ValueError: `spreads` must hold two or more ways.

    >>> ax = plot_spreads({"raw": [1.0, 3.0, 5.0], "sharp": [2.0, 3.0, 4.0]}, 3.0)
    >>> ax.get_title(loc="left")
    'The spread of 3 effects falls from 2.0 to 1.0 minutes'
    """
    rows = {label: _check.rows(label, values) for label, values in spreads.items()}
    if len(rows) < 2:
        raise _check.fail("spreads", "must hold two or more ways", len(rows))
    ax = style.axes_or_new(ax)
    ends = min(v.min() for v in rows.values()), max(v.max() for v in rows.values())
    edges = np.linspace(ends[0], ends[1], 60)
    for row, (name, values) in enumerate(zip(("control", "treatment", "third"), rows.values(), strict=False)):
        counts, _ = np.histogram(values, edges)
        ax.bar(edges[:-1], 0.8 * counts / max(counts.max(), 1), np.diff(edges), bottom=len(rows) - 1 - row,
               align="edge", color=style.role(name)["color"])  # fmt: skip
    ax.axvline(truth, color="black", linewidth=style.LINE)
    ax.set_yticks([len(rows) - 1 - i + 0.3 for i in range(len(rows))], list(rows))
    ax.tick_params(axis="y", length=0)
    sds = {label: float(values.std(ddof=1)) for label, values in rows.items()}
    first, *_, last = sds.values()
    tests = len(next(iter(rows.values())))
    turn = "falls" if last < first else "goes"
    style.dress(
        ax,
        title=f"The spread of {tests:,} effects {turn} from {first:.1f} to {last:.1f} {unit}",
        x=f"estimated effect ({unit}); the line is the true effect, {truth:g}",
    )
    said = ", ".join(f"{label} {sd:.2f}" for label, sd in sds.items())
    alt = (
        f"Histograms of the estimates of {tests:,} tests, one above the other, around the true effect "
        f"{truth:g}. Standard deviation in {unit}: {said}."
    )
    table = {
        "estimate": list(rows),
        f"mean ({unit})": [float(v.mean()) for v in rows.values()],
        f"standard deviation ({unit})": list(sds.values()),
    }
    return describe(ax, alt=alt, table=table)


def plot_weeks_left(
    correlation: Any, weeks: float, at: float, *, guess: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the weeks that a test needs with its past, against the correlation: weeks·(1 − correlation²).

    correlation: a grid (points,). weeks: what the test needs without the past. at: the correlation to mark.
    guess: in weeks.

    >>> ax = plot_weeks_left(np.linspace(0, 1, 5), 4, 0.7)
    >>> ax.get_title(loc="left")
    'A correlation of .7: 2.0 of 4 weeks are enough'
    """
    rho, plan = _check.array("correlation", correlation), _check.positive("weeks", weeks)
    ax = style.axes_or_new(ax)
    left = plan * (1 - rho**2)
    ax.plot(rho, left, color=style.role("treatment")["color"], linewidth=style.LINE)
    need = plan * (1 - _check.number("at", at) ** 2)
    ax.plot([at, at, 0], [0, need, need], color="black", linestyle=":", linewidth=style.LINE)
    ax.plot([at], [need], "o", color="black", markersize=8)
    style.note(ax, f"{need:.1f} weeks", (at, need), (10, 8))
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.08 * plan)
    title = f"A correlation of {_short(at, '.2g')}: {need:.1f} of {plan:g} weeks are enough"
    style.dress(ax, title=title, x="correlation of before and after", y="weeks for the same width")
    style.guess(ax, guess)
    alt = (
        f"Falling curve of the weeks that a test needs against the correlation, from {plan:g} at 0 to 0 at "
        f"1, slow at first. At {_short(at, '.2g')} it is {need:.2f} weeks."
    )
    return describe(
        ax, alt=alt, table={"correlation": rho, "variance left (%)": 100 * (1 - rho**2), "weeks": left}
    )


def plot_centres(
    correlation: Any,
    right: Any,
    wrong: Any,
    *,
    promised: float = 0.05,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw false alarms against the correlation: adjusted around one centre, and each arm around its own.

    correlation: (points,). right, wrong: rates as shares (points,). guess: of 100 tests, at the last
    correlation.

    promised: the frozen plan.
    Raises ValueError: `right and wrong` must have one rate for each correlation.

    >>> ax = plot_centres([0.5, 0.9], [0.05, 0.05], [0.09, 0.39])
    >>> ax.get_title(loc="left")
    'A centre for each arm: 39 false alarms of 100 at correlation .9'
    """
    rho, good, bad = (
        _check.array(n, v) for n, v in (("correlation", correlation), ("right", right), ("wrong", wrong))
    )
    if not rho.shape == good.shape == bad.shape:
        raise _check.fail(
            "right and wrong", "must have one rate for each correlation", f"{good.shape} and {bad.shape}"
        )
    ax = style.axes_or_new(ax)
    ax.plot(rho, 100 * good, label="one centre for both arms", **style.role("treatment"))
    ax.plot(rho, 100 * bad, label="a centre for each arm (wrong)", **style.role("wrong"))
    ax.axhline(100 * promised, color="black", linestyle=":", linewidth=1)
    ax.set_ylim(0, max(45.0, 115 * bad.max()))
    worst = _short(rho[bad.argmax()], "g")
    title = f"A centre for each arm: {100 * bad.max():.0f} false alarms of 100 at correlation {worst}"
    style.dress(ax, title=title, x="correlation of before and after", y="false alarms (of 100 tests)")
    ax.legend(fontsize=style.FONT, framealpha=1, edgecolor="white", loc="upper left")
    style.guess(ax, guess)
    alt = (
        f"Two lines of false alarms against the correlation. One centre: {100 * good[0]:.1f} to "
        f"{100 * good[-1]:.1f} of 100, near the promised {100 * promised:g}. A centre for each arm: from "
        f"{100 * bad[0]:.0f} to {100 * bad[-1]:.0f}."
    )
    table = {"correlation": rho, "one centre (of 100)": 100 * good, "centre of each arm (of 100)": 100 * bad}
    return describe(ax, alt=alt, table=table)


def plot_sources(
    effects: Mapping[str, Effect], truth: float, *, unit: str = "minutes", ax: Axes | None = None
) -> Axes:
    """Draw the effect of one test under several covariates, with the true effect as a line: who tells the
    truth?

    effects: label → scalar effect; the label says what was taken out. The title has the last interval.

    unit: the unit of the values, written on the axis.

    >>> from abkit.inference.means import welch
    >>> ax = plot_sources({"nothing": welch([1.0, 2.0, 3.0], [2.0, 3.0, 5.0])}, 1.0)
    >>> ax.get_title(loc="left")
    'Adjusted by nothing: 1 minutes become -1.8 to 4.5'
    """
    rows = [replace(e, label=label) for label, e in effects.items()]
    ax = plot_effects(rows, unit=unit, marks={"truth": truth}, ax=ax)
    last = rows[-1]
    style.headline(ax, f"Adjusted by {last.label}: {truth:g} {unit} become {last.low:.1f} to {last.high:.1f}")
    said = "; ".join(f"{e.label} {e.estimate:.1f}, from {e.low:.1f} to {e.high:.1f}" for e in rows)
    table = {
        "adjusted by": [e.label for e in rows],
        f"effect ({unit})": [float(e.estimate) for e in rows],
        "low": [float(e.low) for e in rows],
        "high": [float(e.high) for e in rows],
    }
    alt = f"Intervals of one effect under several covariates; a line marks the truth, {truth:g} {unit}."
    return describe(ax, alt=f"{alt} {said}.", table=table)


def plot_gains(pairs: Mapping[str, tuple[Effect, Effect]], *, ax: Axes | None = None) -> Axes:
    """Draw how wide the adjusted interval is, in per cent of the plain one, one bar a trial.

    pairs: label → (plain effect, adjusted effect), both scalar.

    Raises ValueError: `pairs` must hold at least one trial.

    >>> from abkit.inference.means import welch
    >>> plain = welch([1.0, 2.0, 3.0], [2.0, 3.0, 5.0])
    >>> plot_gains({"a": (plain, plain)}).get_title(loc="left")
    'Adjusted intervals are 100% as wide'
    """
    if not pairs:
        raise _check.fail("pairs", "must hold at least one trial", "none")
    width = {k: 100 * float((b.high - b.low) / (a.high - a.low)) for k, (a, b) in pairs.items()}
    ax = style.axes_or_new(ax, height=1.4 + 0.55 * len(pairs))
    ax.barh(list(width), list(width.values()), color=style.role("treatment")["color"], height=0.6)
    for row, value in enumerate(width.values()):
        ax.text(value + 1, row, f"{value:.0f}%", va="center", fontsize=style.FONT)
    ax.axvline(100, color="black", linestyle=":", linewidth=style.LINE)
    ax.set_xlim(0, 115)
    ax.invert_yaxis()
    low, high = min(width.values()), max(width.values())
    span = f"{low:.0f}%" if len(width) == 1 else f"{low:.0f} to {high:.0f}%"
    style.dress(
        ax,
        title=f"Adjusted intervals are {span} as wide",
        x="width (per cent of the plain interval)",
    )
    said = ", ".join(f"{k} {v:.0f}" for k, v in width.items())
    alt = (
        f"Bars: width of the adjusted interval in per cent of the plain one, the dotted line at 100: {said}."
    )
    table = {
        "trial": list(pairs),
        "plain effect": [float(a.estimate) for a, _ in pairs.values()],
        "plain error": [float(a.se) for a, _ in pairs.values()],
        "adjusted effect": [float(b.estimate) for _, b in pairs.values()],
        "adjusted error": [float(b.se) for _, b in pairs.values()],
        "width (%)": list(width.values()),
    }
    return describe(ax, alt=alt, table=table)


def plot_past(
    history: Any, left: Any, everyone: Any, at: int, *, weeks: float = 4.0, ax: Axes | None = None
) -> Axes:
    """Draw the weeks that a test needs against the weeks of history: with these new users, and if
    everyone had a past.

    history: weeks (points,). left, everyone: shares of the variance that are left (points,). at: the
    index to mark. weeks: what the test needs without any past.

    Raises ValueError: `at` must be an index of the points.

    >>> ax = plot_past([0, 4], [1.0, 0.68], [1.0, 0.6], 1)
    >>> ax.get_title(loc="left")
    '4 weeks of history: 4 weeks of test become 2.7'
    """
    past, some, all_ = (np.asarray(v, float) for v in (history, left, everyone))
    if not _check.integer("at", at, low=0) < len(past):
        raise _check.fail("at", f"must be an index below {len(past)}, the number of points", at)
    ax = style.axes_or_new(ax)
    ax.plot(past, weeks * all_, label="if everyone had a past", **style.role("control") | {"marker": ""})
    ax.plot(past, weeks * some, label="with your new users", **style.role("treatment") | {"marker": ""})
    ax.plot(past[at], weeks * some[at], **style.role("treatment"))
    ax.axhline(weeks, color="black", linestyle=":", linewidth=1)
    ax.set_ylim(0, 1.25 * weeks)
    ax.set_xlim(0, past.max())
    ax.legend(fontsize=style.FONT, framealpha=1, edgecolor="white", loc="lower left")
    width = np.sqrt(some[at])
    style.dress(
        ax,
        title=f"{past[at]:g} weeks of history: {weeks:g} weeks of test become {weeks * some[at]:.1f}",
        x="weeks of history",
        y="weeks of test",
    )
    alt = (
        f"Two falling curves of the weeks of test against the weeks of history. At {past[at]:g}: "
        f"{weeks * some[at]:.1f} weeks with the new users, {weeks * all_[at]:.1f} if everyone had a past. "
        f"In {weeks:g} weeks the interval is {width:.0%} as wide."
    )
    table = {
        "weeks of history": past,
        "weeks of test": weeks * some,
        "if everyone had a past": weeks * all_,
        "width (%)": 100 * np.sqrt(some),
    }
    return describe(ax, alt=alt, table=table)


def _short(value: float, digits: str = ".2f") -> str:
    """A correlation without its leading 0."""
    return f"{value:{digits}}".replace("0.", ".", 1)
