"""Figures of always-valid inference: the confidence sequence look by look, and its price against one planned
look.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from abkit import _check
from abkit.estimate import Path
from abkit.plots import style
from abkit.plots.showing import describe


def plot_sequence(
    path: Path,
    *,
    truth: float | None = None,
    worth: float | None = None,
    unit: str = "",
    scale: float = 1.0,
    by: str = "users",
    ax: Axes | None = None,
) -> Axes:
    """Draw the confidence sequence of one experiment against users or looks, with zero and, if given, the
    truth.

    path: one experiment, shape (looks,), as `msprt`, `confidence_sequence` or `monitor` returns it. scale:
    factor of the metric's values, such as 100 for points. by: "users" of both arms, "look", or "day" (a look
    a day), 1, 2, …; without users in the path "look" for "users". A square marks the first look that crosses.

    worth: the smallest effect that pays, in the unit of the metric: a dashed line, a triangle at the first
    interval above it, and the title holds the last interval against it. unit: the unit of the values,
    written on the axis.
    Raises ValueError: `path` must hold one experiment.

    >>> from abkit import Effect, msprt
    >>> found = msprt(Effect.of([0.5, 0.4], [0.5, 0.4], n_control=[50, 99], n_treatment=[50, 99]), tau=0.3)
    >>> plot_sequence(found, truth=0.0).lines[0].get_xdata().tolist()
    [100.0, 198.0]
    """
    if np.ndim(path.estimate) != 1:
        raise _check.fail("path", "must hold one experiment", np.shape(path.estimate))
    ax = style.axes_or_new(ax)
    if _check.one_of("by", by, ("users", "look", "day")) == "users" and not np.isfinite(path.n).all():
        by = "look"
    n = np.asarray(path.n if by == "users" else path.look)
    finite = np.isfinite(path.low) & np.isfinite(path.high)
    ax.plot(n, scale * path.estimate, **style.role("treatment") | {"marker": "", "linestyle": "-"})
    ax.fill_between(
        n, scale * path.low, scale * path.high, where=finite, color="#D55E00", alpha=0.2, linewidth=0
    )
    ax.axhline(0, color="black", linestyle=":", linewidth=1)
    if truth is not None:
        ax.axhline(scale * truth, color="black", linewidth=style.LINE)
        style.at_right(ax, "truth", scale * truth, color="black")
    if worth is not None:
        ax.axhline(scale * worth, color="#009E73", linestyle="--", linewidth=style.LINE)
        style.at_right(ax, "pays", scale * worth, color="#009E73")
        _mark_the_first_above(ax, n, scale * path.low, scale * worth, by)
    first = np.flatnonzero(path.crossed)[:1]
    ax.plot(n[first], scale * path.estimate[first], "s", color="#D55E00", markersize=10, zorder=3)
    ax.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    axis = "users in both arms" if by == "users" else by
    where = "" if not len(first) else f"{n[first[0]]:,.0f} users" if by == "users" else f"{by} {n[first[0]]}"
    title = f"The interval leaves zero at {where}" if len(first) else "No interval leaves zero at any look"
    title += "" if worth is None else _beside_worth(path, scale, worth, unit)
    style.dress(ax, title=title, x=axis, y=f"effect{f' ({unit})' if unit else ''}")
    return _describe_sequence(ax, n, axis, path, scale, worth)


def _mark_the_first_above(ax: Axes, n: np.ndarray, low: np.ndarray, level: float, by: str) -> None:
    """Set a triangle at the first low end above a level, and say where it is."""
    above = np.flatnonzero(low > level)[:1]
    if len(above):
        ax.plot(n[above], low[above], "^", color="#009E73", markersize=10, zorder=3)
        where = f"{n[above[0]]:,.0f} users" if by == "users" else f"{by} {n[above[0]]}"
        style.note(ax, where, (n[above[0]], low[above[0]]), (0, -24), ha="center", color="#009E73")


def _beside_worth(path: Path, scale: float, worth: float, unit: str) -> str:
    """Say what the last interval says about the smallest effect that pays."""
    where = f"{scale * worth:g} {unit.removesuffix('s') if scale * worth == 1 else unit}".strip()
    if path.low[-1] > worth:
        return f"; at the end it lies above {where}"
    return f"; at the end {where} is " + ("above it" if path.high[-1] < worth else "inside")


def _describe_sequence(
    ax: Axes, n: np.ndarray, axis: str, path: Path, scale: float, worth: float | None
) -> Axes:
    estimate, low, high = (scale * np.asarray(getattr(path, k)) for k in ("estimate", "low", "high"))
    alt = (
        f"Line of the estimate against {axis}, with its always-valid interval as a band. At the end it is "
        f"{estimate[-1]:.3g}, from {low[-1]:.3g} to {high[-1]:.3g}; "
        f"{int(np.sum(path.crossed))} of {len(n)} looks exclude zero."
    )
    if worth is not None and (path.low > worth).any():
        alt += f" A triangle at {n[np.argmax(path.low > worth)]:,.0f}: the first above what pays."
    return describe(ax, alt=alt, table={axis: n, "estimate": estimate, "low": low, "high": high})


def plot_price(
    n: Any,
    always: Any,
    fixed: Any,
    *,
    guess: float | None = None,
    log: bool = True,
    by: str = "users in each arm",
    ax: Axes | None = None,
) -> Axes:
    """Draw how many times as wide an always-valid interval is as the interval of one planned look.

    n: users, or what `by` says, shape (points,). always, fixed: half-widths at each n. A square marks the
    cheapest n. guess: a factor, drawn as a dashed line.

    log: a logarithmic axis. by: what n counts, the text at its axis.
    Raises ValueError: `always` must be half-widths above 0, as many as n.

    >>> ax = plot_price([100, 200, 400], [4.0, 3.0, 3.2], [2.0, 2.0, 2.0])
    >>> ax.lines[-1].get_xdata().tolist(), ax.lines[-1].get_ydata().tolist()
    ([200.0], [1.5])
    """
    users, wide, narrow = (_check.array(k, v) for k, v in (("n", n), ("always", always), ("fixed", fixed)))
    if users.ndim != 1 or not users.shape == wide.shape == narrow.shape or (narrow <= 0).any():
        raise _check.fail("always", "must be half-widths above 0, as many as n", wide.shape)
    ax = style.axes_or_new(ax)
    factor = wide / narrow
    ax.plot(users, factor, **style.role("treatment") | {"marker": "", "linestyle": "-"})
    ax.axhline(1, color="#0072B2", linewidth=style.LINE)
    style.note(ax, "one planned look", (users[-1], 1), (0, 5), ha="right", color="#0072B2")
    best = int(np.argmin(factor))
    if log:
        style.log_axis(ax)
    else:
        ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.set_ylim(0, 1.15 * factor.max())
    style.note(ax, f"{factor[best]:.2f}", (users[best], factor[best]), (0, 9), ha="center")
    ax.plot([users[best]], [factor[best]], "s", color="#D55E00", markersize=9)
    title = f"Looking always: at best {factor[best]:.2f} times as wide as one look"
    style.dress(ax, title=title, x=by, y="times as wide")
    style.guess(ax, guess)
    alt = (
        f"Line of how many times as wide an always-valid interval is, against {by}. It is "
        f"{factor[0]:.2f} at {users[0]:,.0f}, lowest at {users[best]:,.0f} with {factor[best]:.2f}, and "
        f"{factor[-1]:.2f} at {users[-1]:,.0f}."
    )
    return describe(ax, alt=alt, table={by: users, "times as wide": factor})
