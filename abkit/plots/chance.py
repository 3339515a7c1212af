"""Figures of chance alone: the gaps of many useless changes beside the gap that was seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.plots import style
from abkit.plots.showing import describe

RARE, USUAL, BINS = "#D55E00", "#767676", 48


def plot_by_chance(gaps: Any, seen: float, *, unit: str = "points", ax: Axes | None = None) -> Axes:
    r"""Draw the gaps of many useless pages, coloured where they are at least as large as the one seen.

    gaps: (changes,) in `unit`. seen: the gap of the test, in the same unit; its size counts, not its sign.
    Raises ValueError for fewer than two gaps and for a seen gap of 0.

    >>> ax = plot_by_chance([-2.0, -1.0, 0.0, 0.5, 1.0], 1.5)
    >>> ax.get_title(loc="left").replace("\n", " ")
    '20.0 of 100 useless pages show a gap of 1.50 points or more, up or down'
    """
    gap, edge = _check.array("gaps", gaps), abs(_check.number("seen", seen))
    if gap.ndim != 1 or len(gap) < 2:
        raise _check.fail("gaps", "must be a list of at least two gaps", f"shape {gap.shape}")
    if edge == 0:
        raise _check.fail("seen", "must not be 0: every gap is at least as large", seen)
    ax = style.axes_or_new(ax)
    far = np.abs(gap) >= edge
    reach = 1.1 * max(edge, float(np.abs(gap).max()))
    inside = max(1, round(BINS * edge / reach / 2))  # bins end exactly at the seen gap
    step = edge / inside
    bins = step * np.arange(-int(np.ceil(reach / step)), int(np.ceil(reach / step)) + 1)
    for part, colour, hatch in ((gap[~far], USUAL, ""), (gap[far], RARE, "///")):
        ax.hist(part, bins=bins.tolist(), color=colour, edgecolor="white", hatch=hatch)
    top = float(ax.get_ylim()[1])
    for side in (-edge, edge):
        ax.plot([side, side], [0, 0.8 * top], color="black", linewidth=style.LINE)
    style.note(ax, f"seen: {edge:.2f}", (edge, 0.8 * top), (2, 4))
    share = 100 * float(far.mean())
    title = f"{share:.1f} of 100 useless pages show a gap of {edge:.2f} {unit} or more, up or down"
    style.dress(ax, title=title, x=f"gap between the two pages ({unit})", y="useless pages")
    low, high = (100 * float((sign * gap >= edge).mean()) for sign in (-1, 1))
    return describe(
        ax,
        alt=f"Histogram of the gaps of {len(gap):,} useless pages: a bell around 0. {share:.1f} of 100 lie"
        f" at or beyond the gap seen, {edge:.2f} {unit}: {low:.2f} on the left, {high:.2f} on the right.",
        table={
            f"gap ({unit})": [f"-{edge:.2f} or less", "between", f"{edge:.2f} or more"],
            "of 100 useless pages": [low, 100 - share, high],
        },
    )


def plot_rarity(
    visitors: Any, shares: Any, *, gap: float, mark: float | None = None, ax: Axes | None = None
) -> Axes:
    r"""Draw how often useless pages show a gap of this size, against the visitors on each page.

    visitors: (points,) on each page, at least two. shares: (points,) of 100 useless pages, as
    `datasets.rarity` gives them. gap: in percentage points. mark: a number of visitors to point at.
    Raises ValueError for fewer than two points.

    >>> ax = plot_rarity([5_000, 10_000, 20_000], [26.2, 11.3, 2.5], gap=0.5)
    >>> ax.get_title(loc="left").replace("\n", " ")
    'Chance shows 0.5 points or more, up or down, in 26.2 of 100 tests with 5,000 a page, in 2.5 with 20,000'
    """
    x, y = _check.together(visitors=_check.array("visitors", visitors), shares=_check.array("shares", shares))
    if x.ndim != 1 or len(x) < 2:
        raise _check.fail("visitors", "must be a list of at least two numbers", f"shape {x.shape}")
    ax = style.axes_or_new(ax)
    points = "o" if len(x) < 12 else "None"
    ax.plot(x, y, color=RARE, linewidth=style.LINE, marker=points)
    ax.axhline(5, color="black", linestyle="--", linewidth=1)
    style.note(ax, "5 of 100", (x[-1], 5), (0, 4), ha="right")
    ax.set_ylim(0, max(10.0, 1.1 * float(y.max())))
    ax.set_xlim(0, 1.05 * float(x[-1]))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    if mark is not None:
        at = float(np.interp(_check.number("mark", mark), x, y))
        ax.plot([mark], [at], "s", color="black", markersize=9)
    title = (
        f"Chance shows {gap:g} points or more, up or down, in {y[0]:.1f} of 100 tests with {x[0]:,.0f} a"
        f" page, in {y[-1]:.1f} with {x[-1]:,.0f}"
    )
    style.dress(ax, title=title, x="visitors on each page", y="of 100 useless pages")
    return describe(
        ax,
        alt=f"Line chart of how often useless pages show {gap:g} points or more, up or down, against"
        f" visitors on each page. It falls from {y[0]:.1f} of 100 at {x[0]:,.0f} to {y[-1]:.1f} at"
        f" {x[-1]:,.0f}; a dashed line at 5.",
        table={"visitors on each page": x, "of 100 useless pages": y},
    )
