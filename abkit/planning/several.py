"""Plans with several comparisons: Dunnett's critical value, and the joint power of several metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from abkit import _check
from abkit.numeric.normal import factor_mean
from abkit.numeric.roots import rising_root
from abkit.planning.means import tail_of


def dunnett_critical(
    comparisons: int, *, alpha: float = 0.05, alternative: str = "two-sided", ratio: float = 1.0
) -> float:
    """Return the z that the largest of several comparisons with ONE control passes with chance alpha.

    ratio: units of a treatment arm over units of the control; the correlation is ratio/(1 + ratio).

    References: Dunnett (1955), with infinite df.

    >>> round(dunnett_critical(2), 4)
    2.2121
    """
    k = _check.integer("comparisons", comparisons)
    ratio, tail = _check.positive("ratio", ratio), tail_of(alpha, alternative)
    if k == 1:
        return float(-ndtri(tail))
    root, rest = (
        np.sqrt(ratio / (1 + ratio)),
        np.sqrt(1 / (1 + ratio)),
    )  # of the correlation, and what it leaves
    two = alternative == "two-sided"

    def excess(c: float) -> float:
        def outside(
            u: np.ndarray,
        ) -> Any:  # by its own tail: 1 minus the rest would lose the digits of a small alpha
            one = ndtr((-c - root * u) / rest) + (ndtr((root * u - c) / rest) if two else 0.0)
            return -np.expm1(k * np.log1p(-np.minimum(one, 1 - 1e-16)))

        return 1 - factor_mean(outside, np.array([-c, c]) / root, rest / root) / alpha

    return rising_root(excess, 0.0 if two else -5.0, -ndtri(tail / k) + 1)


def joint_power(powers: Sequence[float], *, correlation: float = 0.0) -> float:
    """Return the chance that ALL tests succeed: a ship rule that needs the goal and each guardrail.

    powers: of each test alone; correlation: the same between any two statistics, from 0 to 1.
    Nine guardrails of power .9 each pass together in 39 per cent of harmless tests.

    Raises ValueError: `powers` must be a list with the power of each test; `correlation` must lie between 0
    and 1.

    >>> round(joint_power([0.9] * 9), 3)
    0.387
    """
    listed = _check.array("powers", powers)
    if listed.ndim != 1 or not listed.size:
        raise _check.fail("powers", "must be a list with the power of each test", powers)
    q, rho = ndtri([_check.share("powers", p) for p in listed]), _check.number("correlation", correlation)
    if not 0 <= rho <= 1:
        raise _check.fail("correlation", "must lie between 0 and 1", f"{rho:g}")
    if rho == 1:
        return float(ndtr(q.min()))
    root, rest = max(np.sqrt(rho), 1e-9), np.sqrt(1 - rho)  # without correlation nothing depends on u
    return factor_mean(lambda u: ndtr((q[:, None] + np.sqrt(rho) * u) / rest).prod(0), -q / root, rest / root)
