"""Figures of many tests at once: the family-wise error by number of tests, and the errors of each correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.corrections import Discoveries, familywise_error
from abkit.plots import style

ROLES = ("control", "treatment", "third", "fourth")
RATES = {
    "any_false": ("control", "any false win"),
    "false_share": ("treatment", "share of false wins"),
    "found": ("third", "true effects found"),
}


def plot_familywise(k: int = 40, *, alpha: float = 0.05, correlations: Sequence[float] = (0.0, 0.5, 0.9),
                    ax: Axes | None = None) -> Axes:
    """Draw the chance of at least one false rejection among 1 to k true nulls, a line for each correlation.

    At most four correlations. The dotted line is alpha, the chance of one test.

    >>> ax = plot_familywise(20)
    >>> round(float(ax.lines[0].get_ydata()[-1]), 1)
    64.2
    """
    k, alpha = _check.integer("k", k, low=2), _check.share("alpha", alpha)
    if not 1 <= len(correlations) <= len(ROLES):
        raise _check.fail("correlations", f"must hold one to {len(ROLES)} values", len(correlations))
    ax = style.axes_or_new(ax)
    tests = np.arange(1, k + 1)
    for name, rho in zip(ROLES, correlations, strict=False):
        rate = [100 * familywise_error(int(m), alpha, rho) for m in tests]
        look = style.role(name)
        ax.plot(tests, rate, color=look["color"], linestyle=look["linestyle"], linewidth=style.LINE)
        label = f"correlation {rho:g}" if rho else "independent"
        ax.annotate(label, (k, rate[-1]), (6, 0), textcoords="offset points", va="center", fontsize=style.FONT,
                    color=look["color"], annotation_clip=False)
    ax.axhline(100 * alpha, color="black", linestyle=":", linewidth=style.LINE)
    ax.set_xlim(1, k)
    ax.set_ylim(0, 100)
    return style.dress(ax, x="metrics tested, none of them changed", y="experiments with a false win (%)")


def plot_discoveries(results: Mapping[str, Discoveries], *, alpha: float = 0.05, ax: Axes | None = None) -> Axes:
    """Draw the errors and the finds of each correction, a row each, with two standard errors either side.

    results: correction → `Discoveries` of the same experiments. The dotted line is alpha. Where no effect
    is real, the triangle of the true effects found is left out.

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
        rate, error = (np.array([100 * getattr(r, f) for r in results.values()], float) for f in (field, f"{field}_se"))
        if np.isnan(rate).all():
            continue
        look = style.role(name) | {"linestyle": "none"}
        ax.errorbar(rate, rows + 0.22 * (i - 1), xerr=2 * error, label=label, **look)
    ax.axvline(100 * _check.share("alpha", alpha), color="black", linestyle=":", linewidth=style.LINE)
    ax.set_xlim(0, 100)
    ax.set_yticks(rows, list(results))
    ax.set_ylim(len(results) - 0.4, -0.6)
    ax.legend(fontsize=style.FONT, frameon=False, loc="upper center", bbox_to_anchor=(0.45, -0.15), ncol=len(RATES))
    return style.dress(ax, x="per cent")
