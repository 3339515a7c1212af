"""Panel: how often does a test end significant, and what does it then claim, under three stop rules?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from scipy.special import ndtri

from abkit import _check
from abkit.explore.explorer import Control, Explorer
from abkit.plots import style
from abkit.plots.peeking import plot_stops
from abkit.recursion import crossing
from abkit.sequential import group_sequential

USERS, SD = 3_000, 20.0  # users in each arm at the end, and the standard deviation of a user's minutes
STEPS, PATHS = 300, 2_000  # points of a path at which a look can fall; paths drawn
RULES = {1: "look once, at the end", 2: "stop at p < .05", 3: "group-sequential plan"}


@dataclass(frozen=True)
class Stops:
    """Exact rates of ending significant (in all, and for the better arm), and the simulated claims at the stop."""

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
    _check.one_of("rule", rule, tuple(RULES))  # type: ignore[arg-type]
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
    """Return how experiments end under a stop rule; rates are exact for a normal statistic, claims are simulated.

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


def draw(ax: Axes, *, seed: int, looks: int, lift: float, rule: int) -> str:
    """Draw the claims of the significant experiments and return rates, mean claim and mean users.

    >>> draw(style.axes_or_new(None), seed=7, looks=10, lift=0.0, rule=2).split(":")[1].split(";")[0]
    ' 19.3% false alarms'
    """
    found = stops(looks, lift, rule, seed=seed)
    plot_stops(found.users, found.claims, truth=lift, final=USERS, unit="minutes", ax=ax)
    reach = 1.1 * max(3.5, np.abs(found.claims).max(initial=0.0))
    ax.set_ylim(-reach, reach)
    what = "false alarms" if lift == 0 else "significant"
    rate = f"{100 * found.significant:.1f}% {what}"
    winners = found.claims[found.claims > 0]
    mean = winners.mean() if len(winners) else np.nan
    times = f", {mean / lift:.2f} times the truth" if lift > 0 else ""
    style.headline(ax, f"{rate}; a winner claims {mean:.1f} minutes")
    text = f"{looks} look{'' if looks == 1 else 's'}, {RULES[int(rule)]}: {rate}; a mean winner claims {mean:.2f} minutes{times}"
    return f"{text}; {found.ends.mean():,.0f} users in each arm on average."


def peeking(*, looks: int = 30, lift: float = 1.5, rule: int = 2, seed: int = 0) -> Explorer:
    """Return the panel: number of looks, true lift in minutes, and stop rule.

    >>> print(peeking(lift=0.0).value().split("; a mean")[0])
    30 looks, stop at p < .05: 28.0% false alarms
    """
    controls = {
        "looks": Control("number of looks", looks, 1, 100, 1),
        "lift": Control("true lift (minutes)", lift, 0.0, 3.0, 0.1),
        "rule": Control("rule: 1 end, 2 p < .05, 3 plan", rule, 1, 3, 1),
    }
    return Explorer(draw, controls, title="Peeking", seed=seed)
