"""The figure of the panel on peeking: what a stopped test claims, and how many users it had."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.plots import style
from abkit.plots.showing import describe


def plot_stops(
    n: Any, estimate: Any, *, truth: float, final: float, unit: str = "", ax: Axes | None = None
) -> Axes:
    """Draw what significant experiments claim against the users they had, with the true effect as a black
    line.

    n, estimate: arrays (experiments,), users in each arm at the stop and the estimate there. final: the
    planned users in each arm. Early claims lie far from the truth: only a large estimate can be significant
    there.

    unit: the unit of the values, written on the axis.
    Raises ValueError: `estimate` must have the shape of n, ….

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
    style.at_right(ax, "truth", truth)
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
        f"of stops in the first, second and last third: "
        f"{', '.join('none' if np.isnan(m) else f'{m:.2f}' for m in means)}."
    )
    table = {
        "users at the stop": [f"{a:,.0f} to {b:,.0f}" for a, b in zip(edges, edges[1:], strict=False)],
        "significant tests": [part.size for part in parts],
        "mean claim": means,
    }
    return describe(ax, alt=alt, table=table)
