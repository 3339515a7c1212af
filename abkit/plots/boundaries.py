"""Figures of group-sequential plans: the bounds against the information, and a path that meets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.plots import style
from abkit.sequential import Boundary

ROLES = ("treatment", "control", "third", "fourth")


def plot_boundaries(plans: Mapping[str, Boundary], *, path: Any = None, guess: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw the upper bound of one to four plans against the information fraction.

    path: z values of an experiment at the first looks of the first plan; guess: a z value, drawn as a dashed line.
    A futility bound is drawn thin, below its efficacy bound.

    >>> from abkit import group_sequential
    >>> ax = plot_boundaries({"Pocock": group_sequential(5, design="pocock")})
    >>> ax.lines[0].get_ydata().round(3).tolist()
    [2.413, 2.413, 2.413, 2.413, 2.413]
    """
    if not 1 <= len(plans) <= len(ROLES):
        raise _check.fail("plans", "must hold one to four plans", len(plans))
    ax = style.axes_or_new(ax)
    for (name, plan), role in zip(plans.items(), ROLES, strict=False):
        look = style.role(role)
        ax.plot(plan.fraction, plan.upper, label=name, **look)
        if plan.futility is not None:
            ax.plot(plan.fraction, plan.lower, **look | {"linewidth": 1, "markersize": 5})
    if path is not None:
        first = next(iter(plans.values())).fraction
        z = _check.array("path", path)
        ax.plot(first[: len(z)], z, **style.role("truth"), label="observed z")
    if guess is not None:
        ax.axhline(guess, color="#767676", linestyle="--", linewidth=style.LINE, label="your guess")
    ax.axhline(1.96, color="black", linestyle=":", linewidth=1)
    ax.set_ylim(top=max(5.2, 0.2 + max(float(np.max(p.upper)) for p in plans.values())))
    ax.set_xlim(0, 1.05)
    ax.legend(frameon=False, fontsize=style.FONT, loc="upper right")
    return style.dress(ax, x="share of the information seen", y="z to stop")
