"""What looks cost: users at most and on average, and the error of looking without a plan."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit.numeric.roots import secant
from abkit.sequential.plans import Boundary, looks_as_fractions
from abkit.sequential.recursion import crossing


def inflation(boundary: Boundary, power: float = 0.8) -> float:
    """Return how many times the units of a test without looks the plan needs at most (at its last look), for
    the same power.

    Power counts crossings in the direction of the effect. Most experiments with an effect stop earlier.

    boundary: the plan of looks.

    References: Jennison and Turnbull (2000), table 2.2 (constants R_P).

    >>> from abkit import group_sequential
    >>> round(inflation(group_sequential(5)), 4), round(inflation(group_sequential(5, design="pocock")), 4)
    (1.0247, 1.2286)
    """
    _check.instance("boundary", boundary, Boundary)
    power = _check.wanted_power(power)
    return float((planned_drift(boundary, power) / _fixed(boundary, power)) ** 2 * boundary.fraction[-1])


def _fixed(boundary: Boundary, power: float) -> float:
    fixed = float(-ndtri(boundary.alpha / boundary.sides) + ndtri(power))
    if fixed <= 0:
        raise _check.fail("power", "must exceed the error rate of one side", f"{power:g}")
    return fixed


def planned_drift(boundary: Boundary, power: float) -> float:
    """Return the mean of Z at fraction 1 at which the plan has this power.

    >>> from abkit.sequential.plans import group_sequential
    >>> round(planned_drift(group_sequential(1), 0.8), 4)  # 1.96 + 0.84
    2.8016
    """

    def score(drift: float) -> float:
        return float(ndtri(crossing(boundary.fraction, boundary.lower, boundary.upper, drift)[0].sum()))

    return secant(score, float(ndtri(power)), _fixed(boundary, power), 1.0)


def expected_size(boundary: Boundary, power: float = 0.8, *, effect: float = 1.0) -> float:
    """Return the expected units of the plan, in units of a test without looks that has the same power.

    `effect`: the true effect as a multiple of the planned one: 1 as planned, 0 none. Futility is obeyed.

    boundary: the plan of looks.

    References: Jennison and Turnbull (2000), table 2.7.

    >>> from abkit import group_sequential
    >>> plan = group_sequential(5, design="obrien_fleming")
    >>> [round(expected_size(plan, 0.9, effect=e), 3) for e in (0, 1)]
    [1.019, 0.75]
    """
    _check.instance("boundary", boundary, Boundary)
    power = _check.wanted_power(power)
    drift = planned_drift(boundary, power)
    up, down = crossing(
        boundary.fraction, boundary.lower, boundary.upper, drift * _check.number("effect", effect)
    )
    stopped = (up + down)[:-1]
    t = boundary.fraction
    return float((stopped @ t[:-1] + (1 - stopped.sum()) * t[-1]) * (drift / _fixed(boundary, power)) ** 2)


def peeking_error(looks: Any, alpha: float = 0.05) -> float:
    """Return the chance that a plain two-sided test at alpha is significant at one look or more, without any
    effect.

    Exact for a normal statistic: this is the error of whoever looks repeatedly and stops when p < alpha.
    `looks`: the number of equally spaced looks (1 to 1,000), or increasing information fractions
    (shares of the final n, the last at most 1).

    References: Armitage, McPherson and Rowe (1969), table 2.

    >>> [round(peeking_error(k), 3) for k in (1, 5, 10, 20)]
    [0.05, 0.142, 0.193, 0.248]
    """
    alpha = _check.share("alpha", alpha)
    fraction = looks_as_fractions(looks)
    z = np.full(len(fraction), -ndtri(alpha / 2))
    up, down = crossing(fraction, -z, z)
    return float(up.sum() + down.sum())
