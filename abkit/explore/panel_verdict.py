"""Panel: the same effect, more or fewer people, another break-even: what does the rule say?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from abkit import _check
from abkit.decision import Rule, decide
from abkit.estimate import Effect
from abkit.explore.explorer import Control, Explorer
from abkit.inference import proportions
from abkit.moments import Moments
from abkit.plots import style

SMALLEST, LARGEST = 20, 5_000  # people an arm on the axis
GRID = np.unique(np.geomspace(SMALLEST, LARGEST, 60).round())
WORDS = {"ship": "ship", "stop": "stop", "inconclusive": "not decided"}


@dataclass(frozen=True)
class Verdict:
    """The score interval of two rates at each n, and what the rule says there; rates and break-even are shares."""

    n: np.ndarray
    effect: Effect
    actions: tuple[str, ...]


def verdicts(n: Iterable[float], base: float, effect: float, worth: float) -> Verdict:
    """Return interval and action for n people an arm who show rates of `base` and `base + effect`.

    Shares, not per cent. The rates stay as they are when n changes: only the interval does.
    Raises ValueError for rates outside 0 to 1 or a break-even below 0.

    >>> verdicts([30, 300], base=0.34, effect=0.20, worth=0.10).actions
    ('inconclusive', 'ship')
    """
    sizes = _check.array("n", list(n))
    base, gap, rule = _check.share("base", base), _check.number("effect", effect), Rule(worth=worth)
    _check.share("base + effect", base + gap)
    arms = [
        Moments(sizes, np.full((len(sizes), 1), p), (sizes * p * (1 - p))[:, None, None], ("y",))
        for p in (base, base + gap)
    ]
    found = proportions(arms[0], arms[1])
    single = (
        Effect("y", gap, 1.0, np.inf, low, high, 0.0) for low, high in zip(found.low, found.high, strict=True)
    )
    return Verdict(sizes, found, tuple(decide(e, rule=rule).action for e in single))


def verdict_table(
    sizes: Iterable[int], worths: Iterable[float], *, base: float = 0.34, effect: float = 0.45
) -> pd.DataFrame:
    """Return the interval at each n (rows, in percentage points) and the action at each break-even (columns).

    >>> verdict_table([100], [0.10, 0.45]).values.tolist()
    [[100, '32.0 to 56.4', 'ship', 'not decided']]
    """
    sizes, worths = list(sizes), list(worths)
    columns: dict[str, list] = {"n an arm": sizes}
    for worth in worths:
        found = verdicts(sizes, base, effect, worth)
        ends = zip(100 * np.asarray(found.effect.low), 100 * np.asarray(found.effect.high), strict=True)
        columns.setdefault("95% interval (points)", [f"{low:.1f} to {high:.1f}" for low, high in ends])
        columns[f"break-even {100 * worth:g}"] = [WORDS[action] for action in found.actions]
    return pd.DataFrame(columns)


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
    word = WORDS[here.actions[0]]
    _band(ax, curve, n, low, high, effect, worth)
    style.dress(
        ax,
        title=f"{n:,} an arm, break-even {worth:g} points: {word}",
        x="people in each arm (log scale)",
        y="effect (points)",
    )
    return (
        f"{n:,} people an arm, {base:g} against {base + effect:g} per cent: {effect:+g} points, 95% interval {low:.1f} to {high:.1f}; "
        f"break-even {worth:g}: {word}."
    )


def _band(ax: Axes, curve: Verdict, n: int, low: float, high: float, effect: float, worth: float) -> None:
    bottom, top = 100 * np.asarray(curve.effect.low), 100 * np.asarray(curve.effect.high)
    control, treatment = style.role("control"), style.role("treatment")
    ax.fill_between(curve.n, bottom, top, color=control["color"], alpha=0.15, linewidth=0)
    for edge in (bottom, top):
        ax.plot(curve.n, edge, color=control["color"], linewidth=style.LINE)
    ax.plot([n, n], [low, high], color=treatment["color"], linewidth=style.LINE)
    ax.plot([n], [effect], **treatment | {"linestyle": "none"})
    ax.axhline(worth, color="black", linestyle="--", linewidth=style.LINE)
    ax.text(1.05 * SMALLEST, worth, f"break-even {worth:g}", fontsize=style.FONT, va="bottom")
    ax.axhline(0, color="black", linestyle=":", linewidth=1)
    ax.set_xscale("log")
    ax.set_xlim(SMALLEST, LARGEST)
    ax.set_xticks([20, 100, 500, 2_000, 5_000], ["20", "100", "500", "2,000", "5,000"])
    ax.minorticks_off()
    ax.set_ylim(
        min(-20.0, worth - 10, float(bottom[len(bottom) // 4])), max(float(top[len(top) // 6]), worth + 10)
    )


def verdict(*, n: int = 100, effect: float = 45.0, worth: float = 35.0, base: float = 34.0) -> Explorer:
    """Return the panel: people an arm, the effect they show and the break-even, in points; base: control's rate, per cent.

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
