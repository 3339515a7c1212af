"""Panel: how many exposed users change their arm when a test grows, with one hash and with two?"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.assignment import assign, entry_edge, position
from abkit.explore.explorer import Control, Explorer
from abkit.plots.assignment_plots import plot_moved

USERS = 20_000


def moved(before: float, after: float, arms: int = 2, *, seed: int = 0) -> tuple[float, float, int]:
    """Return the share of exposed users that a ramp moves with one hash and with two, and how many were exposed.

    World: 20,000 ids, equal arms. One hash: a unit enters where its position lies below the share, and
    the arms are equal parts of that range. Two hashes: entry has one salt, the arm has another.

    >>> moved(0.5, 0.5)[:2]
    (0.0, 0.0)
    """
    _check.integer("arms", arms, low=2)
    low, high = entry_edge(before), entry_edge(after)
    if not 0 < low <= high:
        raise _check.fail(
            "after", "must not be below `before`, and both must be above 0", f"{before:g} to {after:g}"
        )
    one = _positions(seed)
    exposed = one < low
    switched = one[exposed] * arms // low != one[exposed] * arms // high
    first, then = (_arms(seed, share, arms) for share in (before, after))
    entered = first != np.array(None)
    return _mean(switched), _mean(first[entered] != then[entered]), int(exposed.sum())


def _mean(switched: np.ndarray) -> float:
    return float(switched.mean()) if len(switched) else 0.0


def _ids(seed: int) -> list[str]:
    return [f"{seed}-{i}" for i in range(USERS)]


@lru_cache(maxsize=4)
def _positions(seed: int) -> np.ndarray:
    return position(_ids(seed), "test")


@lru_cache(maxsize=8)
def _arms(seed: int, share: float, arms: int) -> np.ndarray:
    return assign(_ids(seed), {str(arm): 1 / arms for arm in range(arms)}, salt="test", share=share)


def draw(ax: Axes, *, seed: int, before: float, after: float, arms: int) -> str:
    """Draw the share moved by the ramp and return it.

    >>> from abkit.plots import style
    >>> draw(style.axes_or_new(None), seed=7, before=0.1, after=0.1, arms=2).split("; ")[1]
    'one hash moves 0 of them (0.0%), two hashes move 0.'
    """
    after = max(before, after)
    one, two, exposed = moved(before, after, arms, seed=seed)
    plot_moved({f"{before:.0%} to {after:.0%}": (one, two)}, ax=ax)
    ax.set_title(
        f"{arms} arms, {before:.0%} to {after:.0%}: one hash moves {one:.1%}",
        loc="left",
        fontsize=12,
        fontweight="bold",
    )
    return (
        f"{exposed:,} of {USERS:,} users exposed at {before:.0%}, then {after:.0%}; "
        f"one hash moves {round(one * exposed):,} of them ({one:.1%}), two hashes move {round(two * exposed):,}."
    )


def ramp(*, before: float = 0.1, after: float = 0.5, arms: int = 2, seed: int = 2) -> Explorer:
    """Return the panel: share before, share after (at least the share before), number of equal arms.

    >>> ramp(after=0.1).value().endswith("(0.0%), two hashes move 0.")
    True
    """
    controls = {
        "before": Control("share of users before", before, 0.05, 1.0, 0.05),
        "after": Control("share of users after", after, 0.05, 1.0, 0.05),
        "arms": Control("number of arms", arms, 2, 10, 1),
    }
    return Explorer(draw, controls, title="Ramp of a test", seed=seed)
