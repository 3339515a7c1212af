"""How experiments end under three stop rules: exact rates, and simulated claims at the stop."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit.sequential.plans import group_sequential
from abkit.sequential.recursion import crossing

USERS, SD = 3_000, 20.0  # users in each arm at the end, and the standard deviation of a user's minutes


STEPS, PATHS = 300, 2_000  # points of a path at which a look can fall; paths drawn


RULES = {1: "look once, at the end", 2: "stop at p < .05", 3: "group-sequential plan"}


@dataclass(frozen=True)
class Stops:
    """Exact rates of ending significant (in all, and for the better arm), and the simulated claims at the
    stop.
    """

    significant: float
    better: float
    users: np.ndarray
    claims: np.ndarray
    ends: np.ndarray


@lru_cache(maxsize=64)
def bounds(looks: int, rule: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the times of the looks (shares of the users) and the z that stops the test at each.

    >>> bounds(2, 1)[1].round(2).tolist()
    [inf, 1.96]
    """
    if rule not in RULES:
        raise _check.fail("rule", "must be one of " + ", ".join(map(str, RULES)), rule)
    time = np.round(STEPS * np.arange(1, looks + 1) / looks) / STEPS
    if rule == 3:
        return time, group_sequential(time).upper
    z = np.full(looks, -ndtri(0.025))
    if rule == 1:
        z[:-1] = np.inf
    return time, z


@lru_cache(maxsize=4)
def _luck(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(PATHS, STEPS)).cumsum(1) / np.sqrt(STEPS)


def stops(looks: int, lift: float, rule: int, *, seed: int = 0) -> Stops:
    """Return how experiments end under a stop rule; rates are exact for a normal statistic, claims are
    simulated.

    World: 3,000 users in each arm at the end, sd 20, true difference `lift`. The paths are fixed by the seed,
    and every number of looks reads the same paths, so that only the slider changes the picture.

    >>> round(stops(10, 0.0, 2).significant, 3)
    0.193
    """
    time, z = bounds(int(looks), int(rule))
    se = SD * np.sqrt(2 / USERS)
    used = np.isfinite(z)
    up, down = crossing(time[used], -z[used], z[used], lift / se)
    path = _luck(seed)[:, np.rint(time * STEPS).astype(int) - 1] + lift / se * time
    crossed = np.abs(path) >= z * np.sqrt(time)
    ended, first = crossed.any(1), crossed.argmax(1)
    at = np.where(ended, time[first], 1.0)
    claim = np.where(ended, se * path[np.arange(PATHS), first] / at, np.nan)
    return Stops(float(up.sum() + down.sum()), float(up.sum()), USERS * at[ended], claim[ended], USERS * at)
