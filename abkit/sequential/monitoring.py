"""A plan meets data: effects look by look, and new bounds for the information that came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import ndtr

from abkit import _check
from abkit.estimate import Effect, Path, by_look
from abkit.sequential.bounds import spending_bounds
from abkit.sequential.futility import TURNS, beta_bounds
from abkit.sequential.path import require_growth, usable
from abkit.sequential.plans import Boundary, fractions
from abkit.sequential.recursion import SMALLEST_STEP
from abkit.sequential.spending import SPENDING, rule_name, spent_share


def monitor(
    effects_by_look: Effect | Sequence[Effect],
    boundary: Boundary,
    *,
    information: float | None = None,
    last: bool = False,
) -> Path:
    """Compare each look with its bound; the intervals are valid at every look, whenever one stops.

    `low`, `high` are repeated confidence intervals, estimate ± bound × se: they hold together at level
    1 − alpha (one side: low only). `pvalue` is the plain one of that look: not to be compared with
    alpha; `stagewise` gives the one that is. `crossed` says whether a bound of that look was crossed, for
    success or futility (then `low` is not above 0); stop at the first True.

    effects_by_look: the effects of the CUMULATIVE data at the first looks of the plan, in order, or
    one `Effect` whose last axis is the looks. information: 1/se² planned for the end (or
    `boundary.information`); then the bounds are computed again from the 1/se² observed, see `replan`; `last`:
    no look follows.

    Raises ValueError for n that falls, an estimate that is not finite, an se of 0, or information that falls
    by more than chance explains (as in `msprt`). A batch gives nan for the looks or paths concerned.

    References: Jennison and Turnbull (1989), JRSS B 51, 305-361.

    >>> from abkit import group_sequential
    >>> looks = [Effect.of(0.5, 0.2), Effect.of(0.5, 0.14)]
    >>> monitor(looks, group_sequential(2)).crossed.tolist()
    [False, True]
    """
    _check.instance("boundary", boundary, Boundary)
    _check.flag("last", last)
    estimate, se, n = _columns(effects_by_look)
    information = boundary.information if information is None else _check.positive("information", information)
    if information is not None:
        if se.ndim > 1:
            raise _check.fail(
                "effects_by_look", "must hold one experiment when `information` is given", se.shape
            )
        boundary = replan(boundary, 1 / (se**2 * information), last=last)
    k = estimate.shape[-1]
    if k > len(boundary.upper):
        raise _check.fail("effects_by_look", f"must hold at most {len(boundary.upper)} looks, as planned", k)
    z, bound = estimate / se, boundary.upper[:k]
    crossed = (z >= bound) | (z <= boundary.lower[:k])
    low = estimate - bound * se
    high = estimate + bound * se if boundary.sides == 2 else np.full(estimate.shape, np.inf)
    pvalue = 2 * ndtr(-np.abs(z)) if boundary.sides == 2 else ndtr(-z)
    return Path(np.arange(1, k + 1), n, estimate, se=se, low=low, high=high, pvalue=pvalue, crossed=crossed)


def replan(
    boundary: Boundary,
    fraction: Any,
    *,
    last: bool = False,
    spending_time: Any = None,
    spending: Callable[[Any], Any] | None = None,
) -> Boundary:
    """Return the bounds for the looks that really happened, with the spending rule of the plan (Lan-DeMets).

    `fraction`: observed 1/se² over the planned one, look by look, in steps of at least 1e-4; above 1 is
    allowed (more data than planned: no more than alpha is spent), up to 10. `last`: no look follows, so all
    alpha that is left is spent (fewer data than planned). `spending_time`: spend by another clock, such as
    calendar time, shares up to 1. `spending`: the function, where the plan used one. The looks may depend on
    the calendar, never on the effects seen. A futility bound spends beta at the same clock, information;
    given z values stay with the number of the look.

    boundary: the plan of looks.
    Raises ValueError: `boundary` must come from a spending rule, for a classical design fixes its looks;
    `spending_time` must hold … shares, one a look.

    References: Lan and DeMets (1989), Biometrics 45, 1017-1020.

    >>> from abkit import group_sequential
    >>> replan(group_sequential(3), [0.3, 0.7, 0.93], last=True).upper.round(3).tolist()
    [3.929, 2.439, 1.991]
    """
    _check.instance("boundary", boundary, Boundary)
    _check.flag("last", last)
    rule = boundary.spending if spending is None else spending
    if not callable(rule) and rule not in SPENDING:
        raise _check.fail(
            "boundary", "must come from a spending rule, for a classical design fixes its looks", rule
        )
    t = _observed(fraction)
    clock = np.minimum(t, 1.0) if spending_time is None else fractions("spending_time", spending_time)
    if clock.shape != t.shape:
        raise _check.fail("spending_time", f"must hold {t.size} shares, one a look", clock.size)
    share = spent_share(rule, clock, boundary.parameter, boundary.alpha / boundary.sides)
    share[-1] = 1.0 if last else share[-1]
    spent = share * boundary.alpha / boundary.sides
    if boundary.sides == 2:
        upper = spending_bounds(t, spent)
        lower = -upper
    else:
        upper, lower = _one_side(boundary, t, spent, final=last or t[-1] >= 1)
    return replace(
        boundary,
        fraction=t,
        upper=upper,
        lower=lower,
        spent=share * boundary.alpha,
        spending=rule_name(rule),
    )


def _one_side(
    boundary: Boundary, t: np.ndarray, spent: np.ndarray, *, final: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return upper and lower bounds at new fractions; beta is spent at the drift of the plan."""
    none = np.full(len(t), -np.inf)
    upper = spending_bounds(t, spent, none)
    if boundary.futility is None:
        return upper, none
    lower = _giving_up(boundary, t, upper, final=final)
    for _ in range(TURNS if boundary.binding else 0):
        upper = spending_bounds(t, spent, lower)
        before, lower = lower, _giving_up(boundary, t, upper, final=final)
        if np.abs(lower - before).max() < 1e-9:
            break
    return upper, lower


def _giving_up(boundary: Boundary, t: np.ndarray, upper: np.ndarray, *, final: bool) -> np.ndarray:
    """Return the futility bound at each look; the final one equals the upper bound.

    Given z values belong to the looks by number; a look that was not planned has none.
    """
    futility = boundary.futility
    assert futility is not None
    if futility.rule is None:
        given = np.append(boundary.lower[:-1], np.full(len(t), -np.inf))[: len(t)]
        lower = np.minimum(given, upper)
    else:
        shares = spent_share(futility.rule, np.minimum(t, 1.0), futility.parameter, futility.beta or 0.0)
        times = t if final else np.append(t, max(1.0, t[-1] + 1))  # a look that is yet to come
        pad = len(times) - len(t)
        beta = float(futility.beta or 0) * np.append(shares, np.ones(pad))
        bound = np.append(upper, np.full(pad, upper[-1]))
        lower = beta_bounds(times, bound, beta, float(futility.drift or 0))[: len(t)]
    if final:
        lower[-1] = upper[-1]
    return lower


def _observed(fraction: Any) -> np.ndarray:
    """Observed information fractions: they may pass 1, and are no per cent."""
    t = _check.array("fraction", fraction)
    steps = np.diff(t, prepend=0.0) if t.ndim == 1 else np.zeros(1)
    if t.size == 0 or (steps <= 0).any():
        raise _check.fail(
            "fraction",
            "must be above 0 and increase from look to look",
            _check.shares_text(t.ravel()),
            "A look with less information than the last: were users removed, or did the variance rise?",
        )
    if t[-1] > 10:
        raise _check.fail(
            "fraction",
            "must be shares of the planned information, not above 10",
            f"{t[-1]:g}",
            "Are these per cent or units? Divide by what was planned for the end.",
        )
    if (steps[1:] < SMALLEST_STEP * 0.999).any():
        raise _check.fail(
            "fraction",
            f"must grow by at least {SMALLEST_STEP:g} from look to look",
            f"{steps[1:].min():.2g}",
            "Leave out a look that brought nothing new.",
        )
    return t


def _columns(effects: Effect | Sequence[Effect]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    estimate, se, *arms = by_look(effects)
    require_growth(arms)
    se = usable(estimate, se, np.fmin(*arms))
    return estimate, se, np.broadcast_to(arms[0] + arms[1], estimate.shape)
