"""Will this test still win? The chance of a win at a later look, given the looks so far.

Given B = z√t at the last look, the rest of the path is Brownian motion that starts anew from there, so the
recursion that plans the looks also gives what is left of them. A win is a stop above the upper bound.

References: Lan and Wittes (1988), Biometrics 44, 579-585; Spiegelhalter, Freedman and Blackburn (1986),
Controlled Clinical Trials 7, 8-17; Jennison and Turnbull (2000), ch. 10.
"""

from __future__ import annotations

import numpy as np

from abkit import _check
from abkit.estimate import Path
from abkit.sequential.cost import planned_drift
from abkit.sequential.plans import Boundary
from abkit.sequential.recursion import crossing
from abkit.sequential.stagewise_order import require_fractions

EFFECTS = ("planned", "estimate")


def conditional_power(
    path: Path, boundary: Boundary, *, effect: str | float = "planned", obeyed: bool = True
) -> float:
    """Return the chance that a test ends as a win, given its looks so far and a true effect.

    A win is a stop above the upper bound; where a fall of the metric is good, turn the sign of the effects.
    After a stop it is 1 (above) or 0 (below), and after the last look too. Exact for a normal estimate.

    `effect="estimate"` is optimistic after a good start: luck stands in the gap so far, and is then taken
    for the truth of all that follows. Useless changes to which it promises much mostly fail (notebook
    10). It is no reason to ship, to extend or to give up. `predictive_power` counts the error of the
    estimate.

    path: the `Path` of `monitor` of ONE experiment, one row a look that was taken. boundary: the plan, with
    looks taken and looks to come. After `monitor(…, information=…)` it is `replan(boundary, shares)`, the
    observed shares of the information first, then those still planned. effect: "planned", the effect that
    the plan finds with power .8 (with futility by beta: the effect that it was planned for), "estimate", the
    one of the last look, or a number in the units of the metric. obeyed: a futility bound that was passed,
    or will be, ends the test; with False it is ignored. Both bounds of a two-sided plan always end it.

    Raises ValueError for more than one experiment, more looks than planned, or se² × fraction that is not
    the same at all looks, within a tenth.

    References: Lan and Wittes (1988), one look left; Jennison and Turnbull (2000), chapter 10.

    >>> from abkit import Effect, group_sequential, monitor
    >>> plan = group_sequential(2)
    >>> path = monitor([Effect.of(2.0, 1.0)], plan)
    >>> [round(conditional_power(path, plan, effect=e), 3) for e in ("planned", "estimate", 0.0)]
    [0.885, 0.888, 0.217]
    """
    _check.flag("obeyed", obeyed)
    z, unit = _seen(path, boundary)
    t = boundary.fraction
    if isinstance(effect, str):
        named = _check.one_of("effect", effect, EFFECTS)
        root = float(np.sqrt(t[len(z) - 1]))
        drift = _planned(boundary) if named == "planned" else float(z[-1]) / root
    else:
        drift = _check.number("effect", effect) / unit
    stopped = _outcome(z, boundary, obeyed)
    if stopped is not None:
        return stopped
    k = len(z)
    start, t_0 = z[-1] * np.sqrt(t[k - 1]), t[k - 1]
    left = t[k:] - t_0
    low, high = ((bound * np.sqrt(t[k:]) - start) / np.sqrt(left) for bound in _ahead(boundary, k, obeyed))
    return float(crossing(left, low, high, drift)[0].sum())


def predictive_power(path: Path, boundary: Boundary, *, obeyed: bool = True) -> float:
    """Return the chance that a test ends as a win, averaged over the effects that its looks leave possible.

    The average of `conditional_power` over a normal law around the last estimate, with its standard error: a
    flat prior, so no effect counts as unlikely beforehand. Where most ideas fail, this is too hopeful.

    path: the `Path` of `monitor` of ONE experiment. boundary: the plan, with looks taken and looks to come.
    obeyed: a futility bound ends the test; with False it is ignored.

    Raises ValueError as `conditional_power`.

    References: Spiegelhalter, Freedman and Blackburn (1986), Controlled Clinical Trials 7, 8-17.

    >>> from abkit import Effect, group_sequential, monitor
    >>> plan = group_sequential(2)
    >>> round(predictive_power(monitor([Effect.of(2.0, 1.0)], plan), plan), 3)
    0.805
    """
    _check.flag("obeyed", obeyed)
    z, _ = _seen(path, boundary)
    stopped = _outcome(z, boundary, obeyed)
    if stopped is not None:
        return stopped
    t, k = boundary.fraction, len(z)
    # the mean of the posterior, B/t, is Brownian motion in the variance that the data have taken away
    taken, now = 1 / t[k - 1] - 1 / t[k:], z[-1] / np.sqrt(t[k - 1])
    low, high = ((bound / np.sqrt(t[k:]) - now) / np.sqrt(taken) for bound in _ahead(boundary, k, obeyed))
    return float(crossing(taken, low, high)[0].sum())


def _seen(path: Path, boundary: Boundary) -> tuple[np.ndarray, float]:
    """Return z of the looks taken, and the effect of one unit of drift."""
    _check.instance("path", path, Path)
    _check.instance("boundary", boundary, Boundary)
    estimate, se = np.asarray(path.estimate, float), np.asarray(path.se, float)
    if estimate.ndim != 1 or not estimate.size:
        raise _check.fail("path", "must hold one experiment with at least one look", estimate.shape)
    if estimate.size > len(boundary.upper):
        raise _check.fail("path", f"must hold at most {len(boundary.upper)} looks, as planned", estimate.size)
    require_fractions(se, boundary)
    return estimate / se, float(se[-1] * np.sqrt(boundary.fraction[len(se) - 1]))


def _outcome(z: np.ndarray, boundary: Boundary, obeyed: bool) -> float | None:
    """Return 1 for a win, 0 for another end, None while looks are left."""
    k = len(z)
    above = z >= boundary.upper[:k]
    ended = above | ((z <= boundary.lower[:k]) & (obeyed or boundary.sides == 2))
    if ended.any():
        return float(above[np.argmax(ended)])
    return 0.0 if k == len(boundary.upper) else None


def _ahead(boundary: Boundary, k: int, obeyed: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper bounds of the looks after the k-th."""
    upper = boundary.upper[k:]
    lower = boundary.lower[k:] if obeyed or boundary.sides == 2 else np.full(len(upper), -np.inf)
    return np.minimum(lower, upper), upper


def _planned(boundary: Boundary) -> float:
    """Return the mean of Z at fraction 1 for which the plan was made."""
    drift = None if boundary.futility is None else boundary.futility.drift
    return planned_drift(boundary, 0.8) if drift is None else float(drift)
