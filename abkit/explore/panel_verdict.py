"""Panel: the same effect, more or fewer people, another break-even: what does the rule say?"""

from __future__ import annotations

from functools import partial

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.explore.explorer import Control, Explorer
from abkit.plots import style
from abkit.reporting.verdicts import Verdict, verdicts

SMALLEST, LARGEST = 20, 5_000  # people an arm on the axis


GRID = np.unique(np.geomspace(SMALLEST, LARGEST, 60).round())


def draw(ax: Axes, *, seed: int, n: int, effect: float, worth: float, base: float = 34.0) -> str:
    """Draw how the interval narrows with n against the break-even; numbers are percentage points.

    >>> draw(style.axes_or_new(None), seed=0, n=300, effect=45, worth=10)[:55]
    '300 people an arm, 34 against 79 per cent: +45 points, '
    """
    if not 0 < base + effect < 100:
        ax.set_axis_off()
        return f"A rate of {base + effect:g} per cent is impossible: change the effect."
    curve = verdicts(GRID, base / 100, effect / 100, worth / 100)
    here = verdicts([n], base / 100, effect / 100, worth / 100)
    low, high = (100 * float(np.asarray(v)[0]) for v in (here.effect.low, here.effect.high))
    word = here.actions[0]
    _band(ax, curve, n, low, high, effect, worth)
    style.dress(
        ax,
        title=f"{n:,} an arm, break-even {worth:g} points: {word}",
        x="people in each arm (log scale)",
        y="effect (points)",
    )
    return (
        f"{n:,} people an arm, {base:g} against {base + effect:g} per cent: {effect:+g} points, 95% interval"
        f" {low:.1f} to {high:.1f}; break-even {worth:g}: {word}."
    )


def _band(ax: Axes, curve: Verdict, n: int, low: float, high: float, effect: float, worth: float) -> None:
    bottom, top = 100 * np.asarray(curve.effect.low), 100 * np.asarray(curve.effect.high)
    treatment = style.role("treatment")
    ax.fill_between(curve.n, bottom, top, color=treatment["color"], alpha=0.15, linewidth=0)
    for edge in (bottom, top):
        ax.plot(curve.n, edge, color=treatment["color"], linewidth=style.LINE)
    ax.plot([n, n], [low, high], color=treatment["color"], linewidth=style.LINE)
    ax.plot([n], [effect], **treatment | {"linestyle": "none"})
    ax.axhline(worth, color="black", linestyle="--", linewidth=style.LINE)
    ax.text(LARGEST / 1.05, worth, f"break-even {worth:g}", fontsize=style.FONT, ha="right", va="bottom")
    ax.axhline(0, color="black", linestyle=":", linewidth=1)
    ax.set_xscale("log")
    ax.set_xlim(SMALLEST, LARGEST)
    ax.set_xticks([20, 100, 500, 2_000, 5_000], ["20", "100", "500", "2,000", "5,000"])
    ax.minorticks_off()
    ax.set_ylim(
        min(-20.0, worth - 10, float(bottom[len(bottom) // 4])), max(float(top[len(top) // 6]), worth + 10)
    )


def verdict(*, n: int = 100, effect: float = 45.0, worth: float = 35.0, base: float = 34.0) -> Explorer:
    """Return the panel: people an arm, the effect they show and the break-even, in points; base: control's
    rate, per cent.

    n: units, a number or an array (...,).
    Raises ValueError: `base` must be a rate in per cent.

    >>> verdict(worth=10).value()[-20:]
    'break-even 10: ship.'
    """
    if 0 < base < 1:
        raise _check.fail("base", "must be a rate in per cent", f"{base:g}", f"Write {100 * base:g}.")
    controls = {
        "n": Control("people in each arm", n, SMALLEST, LARGEST, 20),
        "effect": Control("observed effect (points)", effect, -30.0, 60.0, 0.5),
        "worth": Control("break-even (points)", worth, 0.0, 60.0, 0.5),
    }
    return Explorer(
        partial(draw, base=base),
        controls,
        title=f"Interval against break-even, control {base:g} per cent",
        random=False,
    )
