"""Three rules that keep their promise, and one that does not: false wins, power and days, exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit._table import Table
from abkit.sequential.plans import group_sequential
from abkit.sequential.recursion import crossing

PLANNED = 5  # equally spaced looks of the plan


@dataclass(frozen=True, eq=False, repr=False)
class StopRules(Table):
    """What each rule costs and finds; every array has one element a rule.

    name: of the rule. false_wins: share of tests of a useless change that end as a win. power: share of tests
    with the lift that end as a win. days, days_useless: mean days until the test ends, with the lift and
    without. bound: (rules, days), the z that ends the test on each day, inf where the rule does not look.
    """

    name: np.ndarray
    false_wins: np.ndarray
    power: np.ndarray
    days: np.ndarray
    days_useless: np.ndarray
    bound: np.ndarray


def stop_bounds(days: int, drift: float) -> dict[str, np.ndarray]:
    """Return the z that ends a test on each day, rule by rule, for a test of `days` days.

    drift: the planned lift in standard errors of the last day; the always-valid rule is tuned to it (tau =
    lift). Bounds: one look; O'Brien-Fleming spending (Lan and DeMets 1983); the mSPRT (Johari and others
    2022, eq. 8).

    >>> stop_bounds(30, 2.9)["five planned looks"][[5, 29]].round(2).tolist()
    [4.88, 2.03]
    """
    days, drift = _check.integer("days", days, low=PLANNED), _check.scale("drift", drift)
    day, c = np.arange(1, days + 1), -ndtri(0.025)
    once, planned = np.full(days, np.inf), np.full(days, np.inf)
    once[-1] = c
    looks = np.round(days * np.arange(1, PLANNED + 1) / PLANNED).astype(int)
    planned[looks - 1] = group_sequential(looks / days).upper
    r = drift**2 * day / days  # tau² over the variance of the day
    always = np.sqrt((1 + r) / r * (np.log1p(r) - 2 * np.log(0.05)))
    return {
        "look once": once,
        "five planned looks": planned,
        "always valid": always,
        "peek every day": np.full(days, c),
    }


def stop_rules(drift: float, *, days: int = 30) -> StopRules:
    """Return false wins, power and mean days of four rules, exact for a normal estimate read daily.

    drift: the true lift in standard errors of the last day, positive. days: of the plan; each brings as many
    users. A test ends at its first alarm, a win or a loss, or on the last day. Raises ValueError for fewer
    than five days. References: Armitage, McPherson and Rowe (1969): the recursion.

    >>> stop_rules(2.905).false_wins.round(4).tolist()
    [0.025, 0.025, 0.0062, 0.1401]
    """
    drift = _check.scale("drift", drift)
    bounds = stop_bounds(days, drift)
    rows = [(*_ends(z, 0.0), *_ends(z, drift)) for z in bounds.values()]
    false_wins, days_useless, power, mean_days = np.array(rows).T
    return StopRules(
        name=np.array(list(bounds)),
        false_wins=false_wins,
        power=power,
        days=mean_days,
        days_useless=days_useless,
        bound=np.array(list(bounds.values())),
    )


def _ends(z: np.ndarray, drift: float) -> tuple[float, float]:
    """Return the share of tests that end as a win, and the mean day of the end."""
    day = np.flatnonzero(np.isfinite(z)) + 1
    up, down = crossing(day / len(z), -z[day - 1], z[day - 1], drift)
    ended = up + down
    return float(up.sum()), float(day @ ended + len(z) * (1 - ended.sum()))
