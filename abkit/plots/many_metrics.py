"""Figures of many metrics: a dashboard, the best of many, the limits of each procedure, limits by
correlation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.special import ndtri

from abkit import _check
from abkit.datasets.many_metrics import largest_limits
from abkit.plots import style
from abkit.plots.showing import describe

C = float(-ndtri(0.025))
WIN: dict[str, Any] = {"color": "#D55E00", "marker": "^"}
LOSS: dict[str, Any] = {"color": "#0072B2", "marker": "v"}
BAND, QUIET = "#E3E3E3", "#767676"
PROCEDURES = {"Bonferroni": "control", "Holm": "third", "BH": "treatment"}


def plot_dashboard(
    names: Sequence[str], scores: Any, *, limit: float = C, label: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the gap of each metric in standard errors, a row each, in the chance band of one test.

    names, scores: (metrics,). limit: half of the band, in standard errors. label: what the band is, for the
    title. A win points up, a loss down.

    Raises ValueError: `names` must name every score.

    >>> plot_dashboard(["lessons", "sharing"], [0.3, 2.5]).get_title(loc="left")
    '1 of 2 metrics wins: sharing'
    """
    z, limit = _check.array("scores", scores), _check.positive("limit", limit)
    named = [str(n) for n in names]
    if z.ndim != 1 or len(named) != len(z) or not named:
        raise _check.fail("names", "must name every score", f"{len(named)} names, shape {z.shape}")
    ax = style.axes_or_new(ax, height=1.2 + 0.24 * len(z))
    ax.axvspan(-limit, limit, color=BAND, zorder=0)
    ax.axvline(0, color="black", linewidth=1)
    rows = np.arange(len(z))
    states = ((np.abs(z) <= limit, {"color": QUIET, "marker": "o"}), (z > limit, WIN), (z < -limit, LOSS))
    for chosen, look in states:
        ax.plot(z[chosen], rows[chosen], linestyle="none", markersize=8, **look)
    ax.set_yticks(rows, named)
    ax.set_ylim(len(z) - 0.4, -0.6)
    reach = 1.15 * max(limit, float(np.abs(z).max()), 3.0)
    ax.set_xlim(-reach, reach)
    wins, losses = ([named[i] for i in np.flatnonzero(c)] for c in (z > limit, z < -limit))
    title = f"{len(wins)} of {len(z)} metrics {'wins' if len(wins) == 1 else 'win'}"
    title += f": {', '.join(wins)}" if 0 < len(wins) < 4 else ""
    title += f", {label}" if label else ""
    style.dress(ax, title=title, x="gap, in its standard errors", y="")
    alt = (
        f"A point for each of {len(z)} metrics: its gap in standard errors. Band to ±{limit:.2f}: "
        f"{len(wins)} above it, {len(losses)} below. Largest {z.max():+.2f}, smallest {z.min():+.2f}."
    )
    return describe(ax, alt=alt, table={"metric": named, "gap (standard errors)": z})


def plot_best(scores: Any, *, limit: float = C, both: bool = False, ax: Axes | None = None) -> Axes:
    """Draw the best metric of many useless changes as a heap, beside the heap of one metric alone.

    scores: (tests, metrics), gaps in standard errors. limit: where a win begins. both: take the largest
    distance from 0, up or down, instead of the best.

    Raises ValueError: `scores` must have shape (tests, metrics).

    >>> z = np.array([[0.1, 2.2], [0.3, -1.0], [-0.5, 0.4], [1.0, 0.2]])
    >>> plot_best(z).get_title(loc="left")
    'Best of 2: beyond 1.96 in 25.0 of 100 useless changes'
    """
    z, limit = _check.array("scores", scores), _check.number("limit", limit)
    if z.ndim != 2 or z.shape[0] < 2 or z.shape[1] < 1:
        raise _check.fail("scores", "must have shape (tests, metrics)", z.shape)
    score, k = (np.abs(z) if both else z), z.shape[1]
    best, edges = score.max(1), np.linspace(0 if both else -4, 5, 46)
    heaps = [("one metric", score[:, 0], QUIET)] + (
        [(f"the {'largest' if both else 'best'} of {k}", best, "#D55E00")] if k > 1 else []
    )
    ax = style.axes_or_new(ax)
    table: dict[str, Any] = {"from (standard errors)": edges[:-1], "to": edges[1:]}
    for name, values, colour in heaps:
        counts, _ = np.histogram(values, bins=edges)
        share = 100 * counts / len(z)
        ax.stairs(share, edges, fill=True, color=colour, alpha=0.45)
        ax.stairs(share, edges, color=colour, linewidth=style.LINE, label=name)
        table[f"{name} (% of tests)"] = share
    ax.set_ylim(0, 1.25 * ax.dataLim.y1)
    if k > 1:
        ax.legend(frameon=False, fontsize=style.FONT, loc="center right" if both else "upper left")
    ax.axvline(limit, color="black", linewidth=style.LINE)
    beyond = 100 * float((best > limit).mean())
    style.note(ax, f"beyond {limit:.2f}:\n{beyond:.1f} of 100", (limit, ax.get_ylim()[1]), (6, -2), va="top")
    what = "One metric" if k == 1 else f"{'Largest' if both else 'Best'} of {k}"
    style.dress(
        ax,
        title=f"{what}: beyond {limit:.2f} in {beyond:.1f} of 100 useless changes",
        x="distance from 0, in standard errors" if both else "gap, in standard errors",
        y="tests (%)",
    )
    alt = (
        f"Heaps of {len(z):,} useless changes by gap in standard errors. {what}: mean {best.mean():.2f}, "
        f"{beyond:.1f} of 100 beyond {limit:.2f}; one metric alone {100 * (score[:, 0] > limit).mean():.1f}."
    )
    return describe(ax, alt=alt, table=table)


def procedure_limits(k: int, alpha: float = 0.05) -> dict[str, np.ndarray]:
    """Return what the smallest, the second, … p-value of k is compared with in each procedure; (k,) each.

    >>> {name: limit.round(4).tolist() for name, limit in procedure_limits(2).items()}
    {'Bonferroni': [0.025, 0.025], 'Holm': [0.025, 0.05], 'BH': [0.025, 0.05]}
    """
    rank = np.arange(1, k + 1)
    return {"Bonferroni": np.full(k, alpha / k), "Holm": alpha / (k - rank + 1), "BH": alpha * rank / k}


def plot_procedures(pvalues: Any, *, alpha: float = 0.05, ax: Axes | None = None) -> Axes:
    """Draw sorted p-values and the limits of Bonferroni, Holm and BH; the title counts what each keeps.

    pvalues: (tests,), at least two. alpha: the level that each procedure promises. P-values above three times
    alpha are left out of the picture, not of the table.

    Raises ValueError: `pvalues` must hold at least two numbers from 0 to 1.

    >>> plot_procedures([0.001, 0.02, 0.9]).get_title(loc="left")
    'Kept of 3: Bonferroni 1, Holm 2, BH 2'
    """
    p, alpha = np.sort(_check.array("pvalues", pvalues)), _check.share("alpha", alpha)
    if p.ndim != 1 or len(p) < 2 or p[0] < 0 or p[-1] > 1:
        raise _check.fail("pvalues", "must hold at least two numbers from 0 to 1", _check.short(pvalues))
    limits, rank = procedure_limits(len(p), alpha), np.arange(1, len(p) + 1)
    kept = {
        "Bonferroni": int((p <= limits["Bonferroni"]).sum()),
        "Holm": int(np.logical_and.accumulate(p <= limits["Holm"]).sum()),
        "BH": int(rank[p <= limits["BH"]].max(initial=0)),
    }
    ax = style.axes_or_new(ax)
    top = 1.15 * alpha
    for name, role in PROCEDURES.items():
        look = style.role(role) | {"marker": ""}
        ax.plot(rank, limits[name], label=f"limit of {name}", **look)
    seen = p <= top
    ax.plot(rank[seen], p[seen], "o", color="black", markersize=8, zorder=5, label="p-value")
    ax.set_ylim(0, top)
    ax.set_xlim(0.6, len(p) + 0.4)
    ax.set_xticks(rank)
    ax.legend(frameon=False, fontsize=style.FONT, loc="upper left")
    title = f"Kept of {len(p)}: " + ", ".join(f"{name} {n}" for name, n in kept.items())
    style.dress(ax, title=title, x="rank of the p-value, smallest first", y="p-value")
    alt = (
        f"Sorted p-values as points, {int(seen.sum())} of {len(p)} in the picture, and three limits: flat "
        f"(Bonferroni), bending up (Holm), a straight rise (BH). {title}."
    )
    return describe(
        ax, alt=alt, table={"rank": rank, "p-value": p} | {f"limit, {n}": v for n, v in limits.items()}
    )


def plot_limits(k: int = 20, *, at: float = 0.5, alpha: float = 0.05, ax: Axes | None = None) -> Axes:
    """Draw how far a gap must reach beside k metrics, by their correlation: Bonferroni, max-t, one test.

    k: metrics in the family. at: the correlation that is marked, 0 to .98. alpha: the chance of any alarm.

    Raises ValueError: `at` must lie from 0 to .98.

    >>> plot_limits(20).get_title(loc="left")
    'Limit of 20 metrics: Bonferroni 3.02, max-t 2.91 at correlation .5'
    """
    k, alpha, at = _check.integer("k", k, low=2), _check.share("alpha", alpha), _check.number("at", at)
    if not 0 <= at <= 0.98:
        raise _check.fail("at", "must lie from 0 to .98", f"{at:g}")
    rho = np.r_[np.linspace(0, 0.9, 19), 0.92, 0.94, 0.96, 0.98]
    line = [float(largest_limits(k, r, alpha=alpha)[-1]) for r in rho]
    here, flat, one = float(largest_limits(k, at, alpha=alpha)[-1]), -ndtri(alpha / 2 / k), -ndtri(alpha / 2)
    ax = style.axes_or_new(ax)
    for name, values, role in (
        ("Bonferroni", np.full(len(rho), flat), "control"),
        ("max-t", np.array(line), "treatment"),
        ("one test", np.full(len(rho), one), "wrong"),
    ):
        look = style.role(role) | {"marker": ""}
        ax.plot(rho, values, **look)
        style.note(
            ax, name, (rho[-1], values[-1]), (6, 0), va="center", color=look["color"], annotation_clip=False
        )
    ax.plot([at], [here], **(style.role("treatment") | {"linestyle": "none"}))
    style.note(ax, f"{here:.2f}", (at, here), (0, -8), ha="center", va="top")
    ax.set_xlim(0, 1)
    ax.set_ylim(1.5, 3.5)
    short = f"{at:g}".removeprefix("0") or "0"
    title = f"Limit of {k} metrics: Bonferroni {flat:.2f}, max-t {here:.2f} at correlation {short}"
    style.dress(ax, title=title, x="correlation of every two metrics", y="limit (standard errors)")
    alt = (
        f"Limits of {k} metrics by their correlation. Bonferroni: {flat:.2f} standard errors everywhere; "
        f"max-t falls from {line[0]:.2f} at 0 to {line[-1]:.2f} at .98; one test needs {one:.2f}."
    )
    return describe(
        ax, alt=alt, table={"correlation": rho, "max-t": line, "Bonferroni": np.full(len(rho), flat)}
    )
