"""After an experiment has stopped: p-value, interval and estimate that take the looks into account.

All three come from one ordering of the outcomes, the stagewise one: to stop earlier for success is stronger
evidence, and at the same look a larger z is. So they never contradict each other, nor the bound that was
crossed.

References: Tsiatis, Rosner and Mehta (1984), Biometrics 40, 797-803; Jennison and Turnbull (2000), ch. 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit._table import Table
from abkit.estimate import Path
from abkit.numeric.roots import secant
from abkit.sequential.plans import Boundary
from abkit.sequential.recursion import START, above, advance, below


@dataclass(frozen=True, repr=False)
class Stopped(Table):
    """The result at the stop. `estimate` is median-unbiased; `plain` is the usual one, too large after an
    early stop.

    `low` and `high` each miss the truth with probability alpha of one side; `level` is their joint coverage.
    `ordering` says whether a futility bound was obeyed when the estimate was taken.
    """

    look: int
    z: float
    pvalue: float
    estimate: float
    low: float
    high: float
    plain: float
    level: float
    ordering: str = "stagewise"


def stagewise(looks: Path | Any, boundary: Boundary) -> Stopped:
    """Return the p-value, interval and median-unbiased estimate of an experiment that has stopped.

    looks: the `Path` of `monitor`, read up to its first crossing, or the z values up to the stop, shape
    (looks,); then estimates are on the scale of the drift, effect × √(information at fraction 1). The last
    planned look may end without a crossing. Looks after a non-binding futility bound was passed mean that it
    was ignored; then the stop is the first success or the last look. Such a bound is left out of the ordering
    for the p-value and `low`, and is in it for `high`: each side then errs at most its alpha whether the
    bound was obeyed or ignored. The estimate takes the ordering with the bound, or without if a look had
    passed it. boundary: with the fractions at which the looks were TAKEN. After `monitor(…,
    information=…)` it is `replan(boundary, 1 / (se**2 * information))`, not the plan.
    The misuse: the plain p-value of the look of the stop, called adjusted.

    Raises: ValueError where no bound was crossed and looks remain, and where se² × fraction is not the same
    at all looks of a `Path`, within a tenth (then the looks were taken at other fractions).

    References: Tsiatis, Rosner and Mehta (1984), Biometrics 40, 797-803.

    >>> from abkit import group_sequential
    >>> result = stagewise([1.1, 1.9, 3.4], group_sequential(5, design="obrien_fleming"))
    >>> round(result.pvalue, 4), round(result.low, 3), round(result.high, 3)
    (0.0017, 1.655, 6.852)
    """
    _check.instance("boundary", boundary, Boundary)
    z, unit, k = _stop(looks, boundary)
    t, none = np.asarray(boundary.fraction, float)[: k + 1], np.full(len(boundary.upper), -np.inf)
    fixed = boundary.sides == 2 or boundary.binding
    without, obeyed = (boundary.lower if fixed else none), boundary.lower
    passed = bool((z[:k] <= boundary.lower[:k]).any())
    middle = without if passed else obeyed

    def drift_at(probability: float, lower: np.ndarray) -> float:
        def score(drift: float) -> float:
            up, down = _tails(
                t, lower, boundary.upper, float(z[k]), drift
            )  # the smaller tail keeps its digits
            value = ndtri(up) if up < 0.5 else -ndtri(down)
            return float(np.clip(value, -37, 37))

        root = np.sqrt(t[-1])
        start = float((z[k] + ndtri(probability)) / root)
        return secant(score, float(ndtri(probability)), start, float(root)) * unit

    up, down = _tails(t, without, boundary.upper, float(z[k]), 0.0)
    side = boundary.alpha / boundary.sides
    return Stopped(
        look=k + 1,
        z=float(z[k]),
        pvalue=min(1.0, 2 * min(up, down)) if boundary.sides == 2 else up,
        estimate=drift_at(0.5, middle),
        low=drift_at(side, without),
        high=drift_at(1 - side, obeyed),
        plain=float(z[k] / np.sqrt(t[-1]) * unit),
        level=1 - 2 * side,
        ordering=_ordering(boundary, passed),
    )


def _ordering(boundary: Boundary, passed: bool) -> str:
    if boundary.futility is None:
        return "stagewise"
    if boundary.binding:
        return "stagewise, futility bound obeyed"
    return "stagewise, futility bound " + ("ignored" if passed else "obeyed so far")


def _stop(looks: Any, boundary: Boundary) -> tuple[np.ndarray, float, int]:
    """Return z look by look, the effect of one unit of drift, and the index of the stop."""
    if isinstance(looks, Path):
        estimate, se = np.asarray(looks.estimate, float), np.asarray(looks.se, float)
        if estimate.ndim != 1:
            raise _check.fail("looks", "must hold one experiment", estimate.shape)
        z = estimate / se
        require_fractions(se, boundary)
    else:
        z, se = _check.array("looks", looks), None
    if z.ndim != 1 or not 1 <= z.size <= len(boundary.upper):
        raise _check.fail("looks", f"must hold 1 to {len(boundary.upper)} looks, as planned", z.shape)
    crossed = z >= boundary.upper[: z.size]
    below = z <= boundary.lower[: z.size]
    if boundary.sides == 2 or boundary.binding or boundary.futility is None:
        crossed |= below
    elif not crossed.any() and below[-1]:
        crossed[-1] = True  # given up here; looks after an earlier passing show that it was ignored then
    if not crossed.any() and z.size < len(boundary.upper):
        raise _check.fail(
            "looks",
            "must end with a crossed bound or at the last look",
            f"{z.size} looks without a crossing",
            "Until then use the repeated intervals of `monitor`.",
        )
    k = int(np.argmax(crossed)) if crossed.any() else z.size - 1
    unit = 1.0 if se is None else float(se[k] * np.sqrt(boundary.fraction[k]))
    return z, unit, k


def require_fractions(se: np.ndarray, boundary: Boundary) -> None:
    """Refuse looks taken at other fractions: se² × fraction is one number; an estimated variance may wobble
    by a tenth.

    >>> from abkit.sequential.plans import group_sequential
    >>> require_fractions(np.array([0.2, 0.1414]), group_sequential(2))
    """
    planned = np.asarray(boundary.fraction, float)[: len(se)]
    unit = se[: len(planned)] ** 2 * planned
    if not unit.max() <= 1.1 * unit.min():
        seen = se[0] ** 2 / se[: len(planned)] ** 2 * planned[0]
        raise _check.fail(
            "boundary",
            "must have the fractions at which the looks were taken",
            f"{_check.shares_text(planned)} for information that grew as {_check.shares_text(seen)}",
            "Give `replan(boundary, 1 / (se**2 * information))`; for a classical design give the z values.",
        )


def _tails(
    t: np.ndarray, lower: np.ndarray, upper: np.ndarray, z: float, drift: float
) -> tuple[float, float]:
    """Return the chances of an outcome at least as high, and at least as low, as a stop at the last of t with
    this z.
    """
    up = down = 0.0
    running = START
    for k in range(len(t) - 1):
        up += above(running, t[k], upper[k], drift)
        down += below(running, t[k], lower[k], drift) if np.isfinite(lower[k]) else 0.0
        running = advance(running, t[k], lower[k], upper[k], t[k + 1], drift)
    high, low = up + above(running, t[-1], z, drift), down + below(running, t[-1], z, drift)
    return high, low
