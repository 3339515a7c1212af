"""Figures of the sample-ratio check: p-value by segment, and the share of an arm beside the planned one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.special import ndtri

from abkit import _check
from abkit.estimate import Check
from abkit.plots import style
from abkit.plots.showing import describe

FLOOR = 1e-300


def plot_srm(checks: Mapping[Any, Check], *, alpha: float = 0.001, ax: Axes | None = None) -> Axes:
    """Draw the p-value of each segment on a log axis, with the threshold alpha / segments.

    checks: segment → Check, as `localise` returns them. A square is an alarm, a circle is none.

    Raises ValueError: `checks` must hold at least one segment.

    >>> from abkit import localise
    >>> ax = plot_srm(localise({"ios": [500, 500], "android": [500, 300]}, [0.5, 0.5]))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['android', 'ios']
    """
    if not checks:
        raise _check.fail("checks", "must hold at least one segment", "none")
    threshold = _check.share("alpha", alpha) / len(checks)
    ax = style.axes_or_new(ax)
    for row, check in enumerate(checks.values()):
        mark = style.role("control" if check.passed else "treatment") | {"linestyle": "none"}
        p = max(float(check.pvalue), FLOOR)
        ax.plot([p], [row], **mark)
        style.note(ax, f"p = {p:.2g}", (p, row), (0, 9), ha="center")
    ax.set_xscale("log")
    lowest = min(max(float(c.pvalue), FLOOR) for c in checks.values())
    ax.set_xlim(min(lowest, threshold) ** 1.15 / 10, 5)
    ax.axvline(threshold, color="black", linestyle=":", linewidth=style.LINE)
    style.note(ax, f"alarm below {threshold:.2g}", (threshold, -0.75), (-5, 0), ha="right", va="center")
    ax.set_yticks(range(len(checks)), [str(k) for k in checks])
    ax.set_ylim(len(checks) - 0.5, -1.1)
    alarms = sum(not c.passed for c in checks.values())
    style.dress(ax, title=f"{alarms} of {len(checks)} segments raise the alarm", x="p-value (log scale)")
    name, worst = min(checks.items(), key=lambda item: float(item[1].pvalue))
    alt = (
        f"Point for the p-value of the split in each segment, on a log axis. {alarms} of {len(checks)} lie "
        f"below the threshold {threshold:.2g}. The lowest is {name} with p = {worst.pvalue:.2g}."
    )
    table = {
        "segment": [str(k) for k in checks],
        "p-value": [c.pvalue for c in checks.values()],
        "alarm": ["no" if c.passed else "yes" for c in checks.values()],
    }
    return describe(ax, alt=alt, table=table)


def plot_shares(
    counts: Mapping[Any, Any], share: float, *, alpha: float | Sequence[float] = 0.001, ax: Axes | None = None
) -> Axes:
    """Draw the treatment's share minus the planned share, with the range that `srm` accepts at `alpha`.

    counts: row → (control, treatment) units; share: planned share of treatment; alpha: one for all rows, or
    one a row. The grey bar ends where the chi-square check of that row rejects, so a square outside its bar
    is an alarm.

    Raises ValueError: `counts` must hold (control, treatment) with at least one unit a row.

    >>> ax = plot_shares({"all": (821_588, 815_482)}, 0.5)
    >>> round(float(ax.lines[-1].get_xdata()[0]), 2)
    -0.19
    """
    share = _check.share("share", share)
    table = _check.array("counts", list(counts.values()))
    if table.ndim != 2 or table.shape[1] != 2 or (table.sum(1) <= 0).any():
        raise _check.fail(
            "counts", "must hold (control, treatment) with at least one unit a row", table.shape
        )
    ax = style.axes_or_new(ax)
    gap = 100 * (table[:, 1] / table.sum(1) - share)
    limits = _limits(alpha, len(table))
    half = -100 * ndtri(limits / 2) * np.sqrt(share * (1 - share) / table.sum(1))
    rows = np.arange(len(table))
    ax.barh(rows, 2 * half, left=-half, height=0.5, color="#D9D9D9")
    ax.axvline(0, color="black", linewidth=style.LINE)
    for row in rows:
        mark = style.role("control" if abs(gap[row]) <= half[row] else "treatment") | {"linestyle": "none"}
        ax.plot([gap[row]], [row], **mark)
    reach = 1.25 * max(np.abs(gap).max(), half.max())
    ax.set_xlim(-reach, reach)
    ax.set_yticks(rows, [str(k) for k in counts])
    ax.set_ylim(len(table) - 0.4, -0.6)
    level = f" at {limits[0]:g}" if (limits == limits[0]).all() else ""
    out = int(np.sum(np.abs(gap) > half))
    label = f"treatment minus plan (percentage points); grey: no alarm{level}"
    style.dress(ax, title=f"{out} of {len(table)} splits lie outside what chance allows", x=label)
    worst = int(np.argmax(np.abs(gap) / half))
    names = [str(k) for k in counts]
    alt = (
        f"Point for treatment's share minus the plan, a row each, in a grey bar that chance allows. {out} of "
        f"{len(table)} lie outside. Furthest out: {names[worst]}, {gap[worst]:+.2f} points, bar to "
        f"{half[worst]:.2f}."
    )
    columns = {"row": names, "treatment minus plan (points)": gap, "no alarm up to (points)": half}
    return describe(ax, alt=alt, table=columns)


def _limits(alpha: float | Sequence[float], rows: int) -> np.ndarray:
    given = [alpha] * rows if np.ndim(alpha) == 0 else list(alpha)  # type: ignore[arg-type]
    if len(given) != rows:
        raise _check.fail("alpha", "must be one number, or one for each row", f"{len(given)} for {rows} rows")
    return np.array([_check.share("alpha", value) for value in given])
