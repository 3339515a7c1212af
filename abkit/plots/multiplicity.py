"""Figures of many tests at once: the family-wise error by number of tests, and the errors of each
correction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.estimate import Effect
from abkit.inference.families import Discoveries, familywise_error
from abkit.plots import style
from abkit.plots.showing import describe

ROLES = ("control", "treatment", "third", "fourth")
BESIDE: dict[str, Any] = {"va": "center", "annotation_clip": False}  # a label to the right of the axes
RATES = {
    "any_false": ("control", "any false win"),
    "false_share": ("treatment", "share of false wins"),
    "found": ("third", "true effects found"),
}


def plot_familywise(
    k: int = 40,
    *,
    alpha: float = 0.05,
    correlations: Sequence[float] = (0.0, 0.5, 0.9),
    mark: int | None = None,
    guess: float | None = None,
    sides: int = 2,
    ax: Axes | None = None,
) -> Axes:
    """Draw the chance of at least one false rejection among 1 to k true nulls, a line for each correlation.

    At most four correlations. sides: 2 counts alarms, up or down; 1 counts false wins, half of alpha on the
    upper side. The dotted line is the chance at one test. `mark` writes the chances
    at one number of tests beside the lines; `guess`, in per cent, is the reader's, a dashed line.

    Raises ValueError: `correlations` must hold one to … values.

    >>> ax = plot_familywise(20)
    >>> round(float(ax.lines[0].get_ydata()[-1]), 1)
    64.2
    """
    k, alpha = _check.integer("k", k, low=2), _check.share("alpha", alpha)
    if not 1 <= len(correlations) <= len(ROLES):
        raise _check.fail("correlations", f"must hold one to {len(ROLES)} values", len(correlations))
    ax = style.axes_or_new(ax)
    tests, table = np.arange(1, k + 1), dict[str, list[float]]()
    what, one = ("an alarm", alpha) if _check.sides(sides) == 2 else ("a false win", alpha / 2)
    for name, rho in zip(ROLES, correlations, strict=False):
        rate = [100 * familywise_error(int(m), one, rho, sides=sides) for m in tests]
        look = style.role(name)
        ax.plot(tests, rate, color=look["color"], linestyle=look["linestyle"], linewidth=style.LINE)
        label = f"correlation {rho:g}" if rho else "independent"
        style.note(ax, label, (k, rate[-1]), (6, 0), color=look["color"], **BESIDE)
        table[f"{label} (%)"] = rate
        if mark is not None:
            at = rate[_check.integer("mark", mark) - 1]
            ax.plot([mark], [at], color="black", marker="o")
            style.note(ax, f"{at:.1f}%", (mark, at), (0, 8), ha="center")
    ax.axhline(100 * one, color="black", linestyle=":", linewidth=style.LINE)
    style.note(ax, f"{100 * one:g}%: one test", (k, 100 * one), (6, -4 * (one < 0.04)), **BESIDE)
    ax.set_xlim(1, k)
    ax.set_ylim(0, 100)
    at = k if mark is None else mark
    chance = {label: rate[at - 1] for label, rate in table.items()}
    title = f"{at} metrics, none changed: {what} in {' / '.join(f'{v:.1f}' for v in chance.values())} of 100"
    style.dress(ax, title=title, x="metrics tested, none of them changed", y=f"experiments with {what} (%)")
    style.guess(ax, guess)
    ends = "; ".join(f"{label.removesuffix(' (%)')} {value:.1f}" for label, value in chance.items())
    alt = f"Lines of the per cent of experiments with {what} against metrics. At {at} metrics: {ends}."
    return describe(ax, alt=alt, table={"metrics": tests} | table)


def plot_discoveries(
    results: Mapping[str, Discoveries], *, alpha: float = 0.05, ax: Axes | None = None
) -> Axes:
    """Draw the errors and the finds of each correction, a row each, with two standard errors either side.

    results: correction → `Discoveries` of the same experiments. The dotted line is alpha. Where no effect
    is real, the triangle of the true effects found is left out.

    Raises ValueError: `results` must hold at least one correction.

    >>> from abkit import discoveries
    >>> ax = plot_discoveries({"none": discoveries([[True, False], [False, True]], [False, True])})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['none']
    """
    if not results:
        raise _check.fail("results", "must hold at least one correction", "none")
    ax = style.axes_or_new(ax, height=1.6 + 0.36 * len(results))
    rows = np.arange(len(results))
    for i, (field, (name, label)) in enumerate(RATES.items()):
        rate, error = (
            np.array([100 * getattr(r, f) for r in results.values()], float) for f in (field, f"{field}_se")
        )
        if np.isnan(rate).all():
            continue
        look = style.role(name) | {"linestyle": "none", "clip_on": False}
        ax.errorbar(rate, rows + 0.22 * (i - 1), xerr=2 * error, label=label, **look)
    ax.axvline(100 * _check.share("alpha", alpha), color="black", linestyle=":", linewidth=style.LINE)
    style.note(ax, f"{100 * alpha:g}%", (100 * alpha, len(results) - 0.2), (4, 2))
    ax.set_xlim(0, 100)
    ax.set_yticks(rows, list(results))
    ax.set_ylim(len(results) - 0.2, -0.6)
    below: dict[str, Any] = {
        "loc": "upper center",
        "bbox_to_anchor": (0.45, 0),
        "borderaxespad": 3.4,
    }  # under the axis label
    ax.legend(fontsize=style.FONT, frameon=False, ncol=len(RATES), **below)
    return _describe_discoveries(style.dress(ax, title=_finding(results), x="per cent"), results)


def _finding(results: Mapping[str, Discoveries]) -> str:
    names = [*results]
    ends = [names[0], names[-1]][: len(names)]
    text = "Any false win: " + ", ".join(f"{name} {results[name].any_false:.0%}" for name in ends)
    if np.isnan([results[name].found for name in ends]).any():
        return text
    return text + "; found: " + ", ".join(f"{name} {results[name].found:.0%}" for name in ends)


def _describe_discoveries(ax: Axes, results: Mapping[str, Discoveries]) -> Axes:
    """Say any false win of each correction, and put all three rates into the table."""
    ends = ", ".join(f"{name} {r.any_false:.1%}" for name, r in results.items())
    alt = f"Points for three rates of each correction, bars of two errors. Any false win: {ends}."
    table = {"correction": [*results]} | {
        f"{label} (%)": [100 * getattr(r, field) for r in results.values()]
        for field, (_, label) in RATES.items()
        if not all(np.isnan(getattr(r, field)) for r in results.values())
    }
    return describe(ax, alt=alt, table=table)


def plot_family(
    plain: Effect, together: Effect, *, truth: float | None = None, unit: str = "", ax: Axes | None = None
) -> Axes:
    """Draw a family of effects in the order of their size, with plain and with simultaneous intervals.

    plain, together: one `Effect` each with the family on its only axis, as `simultaneous` takes and
    returns it. The dotted line is zero; `truth`, where it is known and the same for all, a solid one.

    unit: the unit of the values, written on the axis.
    Raises ValueError: `plain and together` must hold the same family on one axis.

    >>> from abkit import Moments, simultaneous, z_test
    >>> plain = z_test(Moments.summary([50, 50], 1.0, 1.0), Moments.summary([50, 50], [1.5, 1.1], 1.0))
    >>> plot_family(plain, simultaneous(plain)).get_xticks().tolist()
    [1, 2]
    """
    if np.ndim(plain.estimate) != 1 or np.shape(plain.estimate) != np.shape(together.estimate):
        raise _check.fail(
            "plain and together", "must hold the same family on one axis", np.shape(plain.estimate)
        )
    ax = style.axes_or_new(ax)
    k, order = len(plain.estimate), np.argsort(plain.estimate)
    for name, group, label, wide in (
        ("wrong", together, f"all {k} hold together", 2),
        ("treatment", plain, "each alone", 4),
    ):
        look = style.role(name) | {"linestyle": "none", "markersize": 6, "elinewidth": wide}
        low, middle, high = (np.asarray(getattr(group, f))[order] for f in ("low", "estimate", "high"))
        ax.errorbar(np.arange(1, k + 1), middle, yerr=[middle - low, high - middle], label=label, **look)
    ax.axhline(0, color="black", linestyle=":", linewidth=style.LINE)
    if truth is not None:
        ax.axhline(truth, color="black", linewidth=style.LINE)
        style.note(ax, "truth", (k + 0.8, truth), (0, 3))
    ax.set_xlim(0.2, k + 0.6 + k / 8)
    ax.set_xticks(sorted({1, k} | set(range(5, k, 5))))
    ax.legend(frameon=False, fontsize=style.FONT, loc="upper left")
    clear, sure = (int(np.sum((np.asarray(g.low) > 0) | (np.asarray(g.high) < 0))) for g in (plain, together))
    title = f"Alone {clear} of {k} intervals exclude zero, together {sure}"
    style.dress(
        ax, title=title, x="members of the family, by effect", y=f"effect ({unit})" if unit else "effect"
    )
    alt = (
        f"Intervals of {k} effects in the order of their size, each alone and all together. Alone {clear} "
        f"exclude zero, together {sure}; effects run from {np.min(plain.estimate):.3g} to "
        f"{np.max(plain.estimate):.3g}."
    )
    table = {"member": np.arange(1, k + 1), "effect": np.asarray(plain.estimate)[order]}
    for name, group in (("alone", plain), ("together", together)):
        table |= {f"{end}, {name}": np.asarray(getattr(group, end))[order] for end in ("low", "high")}
    return describe(ax, alt=alt, table=table)
