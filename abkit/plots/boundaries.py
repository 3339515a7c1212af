"""Figures of group-sequential plans: the bounds against the information, and a path that meets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.special import ndtri

from abkit import _check
from abkit.plots import style
from abkit.plots.showing import describe
from abkit.sequential.plans import Boundary

ROLES = ("treatment", "control", "third", "fourth")


def plot_boundaries(
    plans: Mapping[str, Boundary], *, path: Any = None, guess: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the upper bound of one to four plans against the information fraction, each with its name.

    The dotted line is the bound of one look; a two-sided plan has its lower bounds below. path: z values of
    an experiment at the first looks of the first plan; guess: a z value, drawn as a dashed line. The futility
    bound of a single plan has a colour of its own, and both of its bounds say what a stop means; of several
    plans it is drawn thin, below the efficacy bound.

    Raises ValueError: `plans` must hold one to four plans.

    >>> from abkit import group_sequential
    >>> ax = plot_boundaries({"Pocock": group_sequential(5, design="pocock")})
    >>> ax.lines[0].get_ydata().round(3).tolist()
    [2.413, 2.413, 2.413, 2.413, 2.413]
    """
    if not 1 <= len(plans) <= len(ROLES):
        raise _check.fail("plans", "must hold one to four plans", len(plans))
    both = any(plan.sides == 2 for plan in plans.values())
    ax = style.axes_or_new(ax, height=4.4 if both else style.HEIGHT)
    _named(ax, plans)
    first = next(iter(plans.values()))
    if path is not None:
        z = _check.array("path", path)
        _bound(ax, first.fraction[: len(z)], z, "observed z", style.role("truth"))
    single = -float(ndtri(first.alpha / first.sides))
    ax.axhline(single, color="black", linestyle=":", linewidth=1)
    if both:
        _below(ax, plans, single)
    low_text = both and path is not None  # the path starts where the text would stand
    text = f"one look: ±{single:.2f}" if low_text else f"one look: {single:.2f}"
    style.note(ax, text, (0.02, -single if low_text else single), (0, -5), va="top", bbox=style.ON_WHITE)
    lowest, highest = ax.dataLim.y0, max(ax.dataLim.y1, 4.6)
    span = highest - lowest  # the names stand above the highest bound and below the lowest
    ax.set_ylim(min(1.5, lowest - 0.2 * span), highest + 0.15 * span)
    ax.set_xlim(0, 1.05)
    title = _title(plans, None if path is None else z)
    style.dress(ax, title=title, x="share of the information seen", y="z to stop")
    style.guess(ax, guess)
    bounds = "; ".join(
        f"{name} from {plan.upper[0]:.2f} to {plan.upper[-1]:.2f}" for name, plan in plans.items()
    )
    alt = f"Lines of the z that stops a test against the information seen: {bounds}; one look {single:.2f}."
    alt += " The lower bounds mirror them." if both else ""
    alt += "" if path is None else f" The test stands at z {z[-1]:.2f} at look {len(z)}."
    return describe(ax, alt=alt, table=_table(plans))


def _title(plans: Mapping[str, Boundary], z: np.ndarray | None) -> str:
    """Say what the first two plans ask for, or what the last look of a path means."""
    name, plan = next(iter(plans.items()))
    if z is None and len(plans) == 1:
        return f"{name}: the first look needs z {plan.upper[0]:.2f}, the last {plan.upper[-1]:.2f}"
    if z is None:
        return "; ".join(f"{name} {_asked(plan)}" for name, plan in plans.items())
    k = len(z)
    high, low = float(plan.upper[k - 1]), float(plan.lower[k - 1])
    if z[-1] >= high:
        return f"Look {k}: z {z[-1]:.2f} is above the bound {high:.2f}, stop"
    if z[-1] <= low:
        return f"Look {k}: z {z[-1]:.2f} is below the bound {low:.2f}, stop"
    return f"Look {k}: z {z[-1]:.2f} is below the bound {high:.2f}, " + (
        "the end" if k == len(plan.upper) else "go on"
    )


def _asked(plan: Boundary) -> str:
    """Say the first and the last bound, or the one of all looks."""
    first, last = float(plan.upper[0]), float(plan.upper[-1])
    return f"{first:.3f} each" if abs(first - last) < 5e-4 else f"{first:.2f} to {last:.3f}"


def _named(ax: Axes, plans: Mapping[str, Boundary]) -> None:
    """Draw the upper bound of each plan with its name, and the bound of giving up where it has one."""
    for (name, plan), role in zip(plans.items(), ROLES, strict=False):
        look, gives_up = style.role(role), plan.futility is not None
        alone = gives_up and len(plans) == 1
        _bound(ax, plan.fraction, plan.upper, "stop: it works" if alone else name, look)
        if gives_up:
            other = style.role("control") if alone else look | {"linewidth": 1, "markersize": 5}
            _bound(ax, plan.fraction, plan.lower, "stop: give up" if alone else "", other)


def _below(ax: Axes, plans: Mapping[str, Boundary], single: float) -> None:
    """Draw the lower bounds of two-sided plans, thin, and those of one look."""
    for plan, role in zip(plans.values(), ROLES, strict=False):
        if plan.sides == 2:
            ax.plot(plan.fraction, plan.lower, **(style.role(role) | {"linewidth": 1, "markersize": 5}))
    ax.axhline(-single, color="black", linestyle=":", linewidth=1)


def _table(plans: Mapping[str, Boundary]) -> dict[str, Any]:
    """One row a look of each plan; the bound of giving up where the plan has one."""
    looks = [(name, plan, i) for name, plan in plans.items() for i in range(len(plan.upper))]
    table: dict[str, Any] = {
        "plan": [name for name, _, _ in looks],
        "information": [plan.fraction[i] for _, plan, i in looks],
        "z to stop": [plan.upper[i] for _, plan, i in looks],
    }
    if any(plan.futility is not None for plan in plans.values()):
        table["z to give up"] = [plan.lower[i] if plan.futility is not None else None for _, plan, i in looks]
    return table


def _bound(ax: Axes, fraction: np.ndarray, z: np.ndarray, name: str, look: dict[str, Any]) -> None:
    """Draw one line of z values, and its name at the first: below a line that rises, above any other."""
    ax.plot(fraction, z, **look)
    side = "right" if fraction[0] > 0.6 else "left" if fraction[0] < 0.15 else "center"
    rises = z[-1] > z[0]
    style.note(
        ax,
        name,
        (fraction[0], z[0]),
        (0, -9 if rises else 9),
        ha=side,
        va="top" if rises else "bottom",
        color=look["color"],
        bbox=style.ON_WHITE if name else None,
    )
