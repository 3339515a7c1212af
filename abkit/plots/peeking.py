"""Figures of repeated looks: the error against the number of looks, p-values day by day, and where tests
stop.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.plots import style
from abkit.plots.showing import describe


def plot_peeking(
    looks: Any,
    exact: Any,
    *,
    simulated: Any = None,
    se: Any = None,
    alpha: float = 0.05,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the false-alarm rate against the number of looks, beside the dice formula 1 − (1 − alpha)^k.

    looks, exact: arrays (points,), rates as shares; simulated and se: optional points with bars of two
    standard errors. guess: a rate, drawn as a dashed line. Rates are drawn in per cent.

    >>> ax = plot_peeking([1, 10], [0.05, 0.193])
    >>> ax.lines[1].get_ydata().round(1).tolist()
    [5.0, 40.1]
    """
    k, rate = _check.array("looks", looks), _check.array("exact", exact)
    if k.ndim != 1 or k.shape != rate.shape or (k < 1).any():
        raise _check.fail("looks", "must be numbers of at least 1, as many as rates", k.shape)
    ax = style.axes_or_new(ax)
    dice = 100 * (1 - (1 - _check.share("alpha", alpha)) ** k)
    ax.plot(k, 100 * rate, **style.role("treatment") | {"marker": "", "linestyle": "-"})
    ax.plot(k, dice, **style.role("wrong") | {"marker": ""})
    ax.axhline(100 * alpha, color="black", linestyle=":", linewidth=1)
    if simulated is not None:
        bars = None if se is None else 200 * np.asarray(se)
        ax.errorbar(
            k, 100 * np.asarray(simulated), yerr=bars, fmt="s", color="#D55E00", markersize=6, capsize=4
        )
    style.note(ax, f"promise: {100 * alpha:g}", (k[-1], 100 * alpha), (0, 4), ha="right")
    ax.set_ylim(0, 105)
    middle = len(k) // 2
    style.note(ax, "dice formula (wrong)", (k[middle], dice[middle]), (9, -14), color="#767676")
    label = {"ha": "right", "color": "#D55E00", "bbox": style.ON_WHITE}
    style.note(ax, "exact", (k[-1], 100 * rate[-1]), (0, 12), **label)
    title = f"{k[-1]:g} looks: {100 * rate[-1]:.1f} per cent false alarms, not {100 * alpha:g}"
    style.dress(ax, title=title, x="number of looks", y="false alarms (per cent)")
    style.guess(ax, None if guess is None else 100 * guess)
    table = {"looks": k, "exact (%)": 100 * rate, "dice formula (%)": dice}
    if simulated is not None:
        table["simulated (%)"] = 100 * np.asarray(simulated, float)
    return _describe_peeking(ax, table)


def _describe_peeking(ax: Axes, table: dict[str, np.ndarray]) -> Axes:
    looks, exact, dice = (table[name] for name in ("looks", "exact (%)", "dice formula (%)"))
    alt = (
        f"Lines of the false-alarm rate against the number of looks. The exact rate rises from "
        f"{exact[0]:.1f} per cent at {looks[0]:g} to {exact[-1]:.1f} at {looks[-1]:g}; the dice formula, "
        f"which is wrong here, to {dice[-1]:.1f}."
    )
    return describe(ax, alt=alt, table=table)


def plot_looks(pvalue: Any, *, alpha: float = 0.05, ax: Axes | None = None) -> Axes:
    """Draw p-values look by look for up to four experiments; a square marks the first look below alpha.

    pvalue: shape (experiments, looks), or (looks,) for one experiment.

    >>> ax = plot_looks([[0.4, 0.04, 0.3]])
    >>> ax.lines[-1].get_xdata().tolist()
    [2]
    """
    p = np.atleast_2d(_check.array("pvalue", pvalue))
    if p.ndim != 2 or not 1 <= len(p) <= 4:
        raise _check.fail("pvalue", "must hold one to four experiments", p.shape)
    ax = style.axes_or_new(ax)
    ax.axhspan(0, _check.share("alpha", alpha), color="#D9D9D9")
    looks = np.arange(1, p.shape[1] + 1)
    for row, name in zip(p, ("control", "third", "fourth", "sixth"), strict=False):
        ax.plot(looks, row, **style.role(name) | {"marker": ""})
        first = np.flatnonzero(row < alpha)[:1]
        ax.plot(looks[first], row[first], "s", color="#D55E00", markersize=9, zorder=3)
    ax.set_ylim(0, 1)
    ax.set_xlim(0.5, p.shape[1] + 0.5)
    hit = p < alpha
    ever = int(hit.any(axis=1).sum())
    title = f"{ever} of {len(p)} tests have some p below {alpha:g}"
    if len(p) == 1 and ever:
        title = f"p falls below {alpha:g} at look {int(hit[0].argmax()) + 1} and ends at {p[0, -1]:.2f}"
    style.dress(ax, title=title, x="look", y="p-value")
    ends = "; ".join(
        f"test {i} "
        + (f"below at look {int(row.argmax()) + 1}" if row.any() else "never below")
        + f", ends at {end:.2f}"
        for i, (row, end) in enumerate(zip(hit, p[:, -1], strict=True), 1)
    )
    table = {"look": looks} | {f"p of test {i}": row for i, row in enumerate(p, 1)}
    return describe(
        ax, alt=f"Lines of p against {p.shape[1]} looks, grey below {alpha:g}: {ends}.", table=table
    )


def plot_stops(
    n: Any, estimate: Any, *, truth: float, final: float, unit: str = "", ax: Axes | None = None
) -> Axes:
    """Draw what significant experiments claim against the users they had, with the true effect as a black
    line.

    n, estimate: arrays (experiments,), users in each arm at the stop and the estimate there. final: the
    planned users in each arm. Early claims lie far from the truth: only a large estimate can be significant
    there.

    >>> ax = plot_stops([100, 900], [3.0, 1.2], truth=1.0, final=1_000)
    >>> round(float(ax.get_xlim()[1]))
    1050
    """
    users, claim = _check.array("n", n), _check.array("estimate", estimate)
    if users.shape != claim.shape:
        raise _check.fail("estimate", f"must have the shape of n, {users.shape}", claim.shape)
    ax = style.axes_or_new(ax)
    ax.plot(users, claim, linestyle="none", marker="s", markersize=4, color="#D55E00", alpha=0.35, zorder=2)
    ax.axhline(truth, color="black", linewidth=style.LINE)
    ax.annotate(
        "truth",
        (1.0, truth),
        (4, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        fontsize=style.FONT,
        annotation_clip=False,
    )
    ax.set_xlim(0, 1.05 * _check.positive("final", final))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    mean = claim.mean() if claim.size else np.nan
    title = f"{claim.size:,} significant tests claim {mean:.2f} on average; truth {truth:g}"
    label = f"estimated effect{f' ({unit})' if unit else ''}"
    style.dress(ax, title=title, x="users in each arm at the stop", y=label)
    return _describe_stops(ax, users, claim, truth, final)


def _describe_stops(ax: Axes, users: np.ndarray, claim: np.ndarray, truth: float, final: float) -> Axes:
    """Say the mean claim of early, middle and late stops: thirds of the planned users."""
    edges = final * np.arange(4) / 3
    parts = [claim[(users > low) & (users <= high)] for low, high in zip(edges, edges[1:], strict=False)]
    means = [part.mean() if part.size else np.nan for part in parts]
    alt = (
        f"Points of {claim.size:,} claims against users at the stop, truth {truth:g} as a line. Mean claim "
        f"of stops in the first, second and last third: {', '.join(f'{m:.2f}' for m in means)}."
    )
    table = {
        "users at the stop": [f"{a:,.0f} to {b:,.0f}" for a, b in zip(edges, edges[1:], strict=False)],
        "significant tests": [part.size for part in parts],
        "mean claim": means,
    }
    return describe(ax, alt=alt, table=table)
