"""Looking early without fooling oneself: group-sequential plans, and what naive peeking costs.

A plan is a `Boundary`: one z value a look. Any metric fits, for a plan needs only estimate and se.
The integration is in `abkit.sequential.recursion`, the search for bounds in `abkit.sequential.bounds`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from abkit import _check
from abkit._table import Table
from abkit.sequential.bounds import designed, spending_bounds, stops
from abkit.sequential.futility import Futility, both_spending, fixed_futility, with_beta
from abkit.sequential.recursion import SMALLEST_STEP
from abkit.sequential.spending import SPENDING, parameter_of, rule_name, spent_share

DESIGNS = ("obrien_fleming", "pocock", "wang_tsiatis", "haybittle_peto")


@dataclass(frozen=True, eq=False, repr=False)
class Boundary(Table):
    """Stop at a look when z is above `upper` or below `lower`; arrays over the looks, shape (looks,).

    `fraction`: information fractions; `spent`: alpha spent up to each look, both sides together;
    `spending`: the rule; `information`: 1/se² planned for fraction 1, where it is known; `futility`: how the
    plan gives up, and `binding` whether the upper bounds count on it.
    """

    fraction: Any
    upper: Any
    lower: Any
    spent: Any
    alpha: float
    sides: int
    spending: str
    parameter: float | None = None
    information: float | None = None
    futility: Futility | None = None
    binding: bool = False


def group_sequential(
    fraction: Any,
    *,
    spending: str | Callable[[Any], Any] | None = None,
    design: str | None = None,
    parameter: float | None = None,
    alpha: float = 0.05,
    sides: int = 2,
    futility: Any = None,
    binding: bool = False,
    power: float = 0.8,
) -> Boundary:
    """Plan the looks: z bounds that keep the chance of ANY false alarm at alpha over all looks.

    `spending` (Lan-DeMets) needs no fixed number of looks: each bound depends on the looks so far
    only, so a look may be added or moved, but not because of what the data show. `design` gives the
    classical bounds, for which all looks are fixed beforehand. Neither: O'Brien-Fleming spending.

    Parameters: fraction, a number of equal looks or increasing information fractions (information is
    1/se², for most metrics the share of the planned units); `spending` "obrien_fleming", "pocock",
    "hsd", "kim_demets" or a function of the fraction that gives the SHARE of alpha spent, 0 to 1;
    `design` "obrien_fleming", "pocock", "wang_tsiatis" or "haybittle_peto"; `parameter` gamma of hsd,
    rho of kim_demets, delta of wang_tsiatis, interim z of haybittle_peto (3.0). `alpha` is the total;
    two sides spend alpha/2 each, and both bounds stop the experiment. `futility` (one side only): z values
    for all looks but the last, or a spending rule for beta = 1 − `power`: a name, (name, parameter), or a
    function. `binding`: the bound will be obeyed, and the efficacy bounds count on it.

    Raises ValueError: `spending and design` must not both be given.

    References: Lan and DeMets (1983); Jennison and Turnbull (2000), ch. 2 and 7.

    >>> group_sequential(5).upper.round(3).tolist()
    [4.877, 3.357, 2.68, 2.29, 2.031]
    """
    _check.flag("binding", binding)
    alpha, t = _check.share("alpha", alpha), looks_as_fractions(fraction, "fraction")
    sides = _check.sides(sides)
    if spending is not None and design is not None:
        raise _check.fail("spending and design", "must not both be given", f"{spending!r} and {design!r}")
    rule = design if design is not None else "obrien_fleming" if spending is None else spending
    if design is not None or not callable(rule):
        kind, options = ("design", DESIGNS) if design is not None else ("spending", SPENDING)
        parameter = parameter_of(_check.one_of(kind, rule, options), parameter)
    name = rule_name(rule) + (" design" if design is not None else "")
    if design is not None:

        def uppers(lower: np.ndarray | None) -> np.ndarray:
            return designed(t, design, parameter, alpha, lower)

    else:
        share = spent_share(rule, t, parameter, alpha / sides)

        def uppers(lower: np.ndarray | None) -> np.ndarray:
            return spending_bounds(t, share * alpha / sides, lower)

    upper, lower, named = _both(
        t, uppers, futility, sides, alpha, binding, power, None if design else share * alpha / sides
    )
    obeyed = None if sides == 2 else lower if binding else np.full(len(t), -np.inf)
    spent = share * alpha if design is None else stops(t, upper, obeyed)
    return Boundary(
        t,
        upper,
        lower,
        spent=spent,
        alpha=alpha,
        sides=sides,
        spending=name,
        parameter=parameter,
        futility=named,
        binding=binding,
    )


def _both(
    t: np.ndarray,
    uppers: Callable[[Any], np.ndarray],
    futility: Any,
    sides: int,
    alpha: float,
    binding: bool,
    power: float,
    spent: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, Futility | None]:
    """Return upper and lower bounds, and how it gives up; binding futility enters the search for the upper
    ones.
    """
    none = np.full(len(t), -np.inf)
    if futility is None:
        upper = uppers(None if sides == 2 else none)
        return upper, -upper if sides == 2 else none, None
    if sides == 2:
        raise _check.fail("futility", "needs a plan with `sides=1`", "sides=2")
    if _is_rule(futility):
        if isinstance(futility, tuple) and len(futility) != 2:
            raise _check.fail(
                "futility", "must be a name, (name, parameter), a function or z values", futility
            )
        rule, parameter = futility if isinstance(futility, tuple) else (futility, None)
        beta = 1 - _check.wanted_power(power)
        if not callable(rule):
            parameter = parameter_of(_check.one_of("futility", rule, SPENDING), parameter)
        share = spent_share(rule, t, parameter, beta)
        if binding and spent is not None:
            start = 1.05 * float(-ndtri(alpha) - ndtri(beta))
            upper, lower, drift = both_spending(t, spent, share * beta, start)
            return upper, lower, Futility(rule, parameter, beta, drift)
        lower, drift = with_beta(
            t, uppers if binding else lambda _: uppers(none), share, beta, alpha, binding=binding
        )
        return uppers(lower if binding else none), lower, Futility(rule, parameter, beta, drift)
    upper = uppers(none)
    lower = fixed_futility(futility, upper)
    upper = uppers(lower) if binding else upper
    return upper, fixed_futility(futility, upper), Futility(None)


def _is_rule(futility: Any) -> bool:
    return (
        callable(futility)
        or isinstance(futility, str)
        or (isinstance(futility, tuple) and isinstance(next(iter(futility), None), str))
    )


def fractions(name: str, value: Any) -> np.ndarray:
    """Return information fractions: above 0, increasing, at most 1.

    >>> fractions("fraction", [0.5, 1])
    array([0.5, 1. ])
    """
    t = _check.array(name, value)
    if t.ndim != 1 or t.size == 0:
        raise _check.fail(name, "must be a list of information fractions", repr(value))
    if t.size > 1000:
        raise _check.fail(name, "must hold at most 1,000 looks", f"{t.size:,}")
    steps = np.diff(t, prepend=0.0)
    if (steps <= 0).any():
        raise _check.fail(name, "must be above 0 and increase from look to look", _check.shares_text(t))
    if t[-1] > 1 + 1e-12:
        slip = "Divide by the planned final n." if t[-1] > 2 else ""
        raise _check.fail(name, "must not exceed 1", f"{t[-1]:g}", slip)
    if (steps[1:] < SMALLEST_STEP * 0.999).any():
        raise _check.fail(
            name, f"must grow by at least {SMALLEST_STEP:g} from look to look", f"{steps[1:].min():.2g}"
        )
    return np.minimum(t, 1.0)


def looks_as_fractions(looks: Any, name: str = "looks") -> np.ndarray:
    """Return the information fractions (looks,) of a number of equal looks, or those that are given.

    Raises ValueError, naming `name`, for fractions that do not grow to at most 1, or more than 1,000 looks.

    >>> looks_as_fractions(4), looks_as_fractions([0.3, 1.0])
    (array([0.25, 0.5 , 0.75, 1.  ]), array([0.3, 1. ]))
    """
    if not isinstance(looks, (int, np.integer)) and np.ndim(_check.array(name, looks)) > 0:
        return fractions(name, looks)
    count = _check.integer(name, looks)
    if count > 1000:
        raise _check.fail(name, "must be at most 1,000", f"{count:,}")
    return np.arange(1, count + 1) / count
