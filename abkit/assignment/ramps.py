"""How many exposed users change their arm when a test grows, with one hash and with two."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from abkit import _check
from abkit.assignment.arms import assign, entry_edge
from abkit.assignment.hashing import position

USERS = 20_000


def moved(before: float, after: float, arms: int = 2, *, seed: int = 0) -> tuple[float, float, int]:
    """Return the share of exposed users that a ramp moves with one hash and with two, and how many were
    exposed.

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
