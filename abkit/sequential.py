"""Looking early without fooling oneself: group-sequential plans, and what naive peeking costs.

A plan is a `Boundary`: one z value a look. Any metric fits, for a plan needs only estimate and se.
The integration is in `abkit.recursion`, the search for bounds in `abkit.bounds`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from abkit import _check
from abkit._table import Table
from abkit.anytime import require_growth, usable
from abkit.bounds import designed, solve, spending_bounds, stops
from abkit.estimate import Effect, Path, by_look
from abkit.futility import fixed_futility, with_beta
from abkit.recursion import SMALLEST_STEP, crossing

SPENDING = ("obrien_fleming", "pocock", "hsd", "kim_demets")
DESIGNS = ("obrien_fleming", "pocock", "wang_tsiatis", "haybittle_peto")
_DEFAULT = {"haybittle_peto": 3.0}  # Peto and others (1976): z = 3 at every interim look
_NEEDS = {"hsd": "gamma", "kim_demets": "rho", "wang_tsiatis": "delta"}


@dataclass(frozen=True, eq=False, repr=False)
class Boundary(Table):
    """Stop at a look when z is above `upper` or below `lower`; arrays over the looks, shape (looks,).

    `fraction`: information fractions; `spent`: alpha spent up to each look, both sides together;
    `spending`: the rule; `information`: 1/se² planned for fraction 1, where it is known.
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
    futility: str | None = None
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
    two sides spend alpha/2 each, and both bounds stop the experiment. `futility` (one side only): z values for
    all looks but the last, or a spending rule for beta = 1 − `power`: a name, (name, parameter), or a function.
    `binding`: the bound will be obeyed, and the efficacy bounds count on it.

    References: Lan and DeMets (1983); Jennison and Turnbull (2000), ch. 2 and 7.

    >>> group_sequential(5).upper.round(3).tolist()
    [4.877, 3.357, 2.68, 2.29, 2.031]
    """
    alpha, t = _check.share("alpha", alpha), _looks(fraction, "fraction")
    if sides not in (1, 2):
        raise _check.fail("sides", "must be 1 or 2", repr(sides))
    if spending is not None and design is not None:
        raise _check.fail("spending and design", "must not both be given", f"{spending!r} and {design!r}")
    rule = design if design is not None else "obrien_fleming" if spending is None else spending
    if design is not None or not callable(rule):
        kind, options = ("design", DESIGNS) if design is not None else ("spending", SPENDING)
        parameter = _parameter(_check.one_of(kind, rule, options), parameter)
    name = rule_name(rule) + (" design" if design is not None else "")
    if design is not None:

        def uppers(lower: np.ndarray | None) -> np.ndarray:
            return designed(t, design, parameter, alpha, lower)
    else:
        share = spent_share(rule, t, parameter, alpha / sides)

        def uppers(lower: np.ndarray | None) -> np.ndarray:
            return spending_bounds(t, share * alpha / sides, lower)

    upper, lower = _both(t, uppers, futility, sides, alpha, binding, power)
    obeyed = None if sides == 2 else lower if binding else np.full(len(t), -np.inf)
    spent = share * alpha if design is None else stops(t, upper, obeyed)
    named = None if futility is None else _futility_name(futility)
    return Boundary(t, upper, lower, spent, alpha, sides, name, parameter, futility=named, binding=binding)


def _both(
    t: np.ndarray,
    uppers: Callable[[Any], np.ndarray],
    futility: Any,
    sides: int,
    alpha: float,
    binding: bool,
    power: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return upper and lower bounds; binding futility enters the search for the upper ones."""
    none = np.full(len(t), -np.inf)
    if futility is None:
        upper = uppers(None if sides == 2 else none)
        return upper, -upper if sides == 2 else none
    if sides == 2:
        raise _check.fail("futility", "needs a plan with `sides=1`", "sides=2")
    if _is_rule(futility):
        if isinstance(futility, tuple) and len(futility) != 2:
            raise _check.fail(
                "futility", "must be a name, (name, parameter), a function or z values", futility
            )
        rule, parameter = futility if isinstance(futility, tuple) else (futility, None)
        beta = 1 - _check.share("power", power)
        if not callable(rule):
            parameter = _parameter(_check.one_of("futility", rule, SPENDING), parameter)
        share = spent_share(rule, t, parameter, beta)
        lower = with_beta(
            t, uppers if binding else lambda _: uppers(none), share, beta, alpha, binding=binding
        )
        return uppers(lower if binding else none), lower
    upper = uppers(none)
    lower = fixed_futility(futility, upper)
    upper = uppers(lower) if binding else upper
    return upper, fixed_futility(futility, upper)


def _is_rule(futility: Any) -> bool:
    return (
        callable(futility)
        or isinstance(futility, str)
        or (isinstance(futility, tuple) and isinstance(next(iter(futility), None), str))
    )


def _futility_name(futility: Any) -> str:
    rule = futility[0] if isinstance(futility, tuple) else futility
    return rule_name(rule) if _is_rule(futility) else "given z"


def rule_name(rule: Any) -> str:
    """Return the name of a spending rule, also of a function.

    >>> rule_name("pocock")
    'pocock'
    """
    return getattr(rule, "__name__", "callable") if callable(rule) else str(rule)


def spent_share(rule: Any, t: np.ndarray, parameter: float | None, alpha: float) -> np.ndarray:
    """Return the share of alpha (of one side) that a rule has spent up to each fraction.

    >>> spent_share("kim_demets", np.array([0.5, 1.0]), 2.0, 0.025).tolist()
    [0.25, 1.0]
    """
    return _custom(rule, t) if callable(rule) else _share_spent(t, rule, parameter, alpha)


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
    alpha; `stagewise` gives the one that is. `crossed` says whether a bound of that look was crossed, for success or
    futility (then `low` is not above 0); stop at the first True.

    effects_by_look: the effects of the CUMULATIVE data at the first looks of the plan, in order, or
    one `Effect` whose last axis is the looks. information: 1/se² planned for the end (or
    `boundary.information`); then the bounds are computed again from the 1/se² observed, see `replan`; `last`: no look follows.

    Raises ValueError for n that falls, an estimate that is not finite, an se of 0, or information that falls by more than
    chance explains (as in `msprt`). A batch gives nan for the looks or paths concerned.

    References: Jennison and Turnbull (1989), JRSS B 51, 305-361.

    >>> looks = [Effect("y", 0.5, 0.2, np.inf, 0, 0, 0), Effect("y", 0.5, 0.14, np.inf, 0, 0, 0)]
    >>> monitor(looks, group_sequential(2)).crossed.tolist()
    [False, True]
    """
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
    return Path(np.arange(1, k + 1), n, estimate, se, low, high, pvalue, crossed)


def replan(
    boundary: Boundary,
    fraction: Any,
    *,
    last: bool = False,
    spending_time: Any = None,
    spending: Callable[[Any], Any] | None = None,
) -> Boundary:
    """Return the bounds for the looks that really happened, with the spending rule of the plan (Lan-DeMets).

    `fraction`: observed 1/se² over the planned one, look by look, in steps of at least 1e-4; above 1 is allowed (more data than
    planned: no more than alpha is spent), up to 10. `last`: no look follows, so all alpha that is left is spent (fewer data than planned).
    `spending_time`: spend by another clock, such as calendar time, shares up to 1. `spending`: the function,
    where the plan used one. The looks may depend on the calendar, never on the effects seen. Futility bounds are left out.

    References: Lan and DeMets (1989), Biometrics 45, 1017-1020.

    >>> replan(group_sequential(3), [0.3, 0.7, 0.93], last=True).upper.round(3).tolist()
    [3.929, 2.439, 1.991]
    """
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
    none = np.full(len(t), -np.inf)
    upper = spending_bounds(t, share * boundary.alpha / boundary.sides, None if boundary.sides == 2 else none)
    return Boundary(
        t,
        upper,
        -upper if boundary.sides == 2 else none,
        share * boundary.alpha,
        boundary.alpha,
        boundary.sides,
        rule_name(rule),
        boundary.parameter,
        boundary.information,
    )


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


def inflation(boundary: Boundary, power: float = 0.8) -> float:
    """Return how many times the units of a test without looks the plan needs at most (at its last look), for the same power.

    Power counts crossings in the direction of the effect. Most experiments with an effect stop earlier.

    References: Jennison and Turnbull (2000), table 2.2 (constants R_P).

    >>> round(inflation(group_sequential(5)), 4), round(inflation(group_sequential(5, design="pocock")), 4)
    (1.0247, 1.2286)
    """
    return float((_drift(boundary, power) / _fixed(boundary, power)) ** 2 * boundary.fraction[-1])


def _fixed(boundary: Boundary, power: float) -> float:
    fixed = float(-ndtri(boundary.alpha / boundary.sides) + ndtri(_check.share("power", power)))
    if fixed <= 0:
        raise _check.fail("power", "must exceed the error rate of one side", f"{power:g}")
    return fixed


def _drift(boundary: Boundary, power: float) -> float:
    """Return the mean of Z at fraction 1 at which the plan has this power."""

    def score(drift: float) -> float:
        return float(ndtri(crossing(boundary.fraction, boundary.lower, boundary.upper, drift)[0].sum()))

    return solve(score, float(ndtri(power)), _fixed(boundary, power), 1.0)


def expected_size(boundary: Boundary, power: float = 0.8, *, effect: float = 1.0) -> float:
    """Return the expected units of the plan, in units of a test without looks that has the same power.

    `effect`: the true effect as a multiple of the planned one: 1 as planned, 0 none. Futility is obeyed.

    References: Jennison and Turnbull (2000), table 2.7.

    >>> plan = group_sequential(5, design="obrien_fleming")
    >>> [round(expected_size(plan, 0.9, effect=e), 3) for e in (0, 1)]
    [1.019, 0.75]
    """
    drift = _drift(boundary, power)
    up, down = crossing(
        boundary.fraction, boundary.lower, boundary.upper, drift * _check.number("effect", effect)
    )
    stopped = (up + down)[:-1]
    t = boundary.fraction
    return float((stopped @ t[:-1] + (1 - stopped.sum()) * t[-1]) * (drift / _fixed(boundary, power)) ** 2)


def peeking_error(looks: Any, alpha: float = 0.05) -> float:
    """Return the chance that a plain two-sided test at alpha is significant at one look or more, without any effect.

    Exact for a normal statistic: this is the error of whoever looks repeatedly and stops when p < alpha.
    `looks`: the number of equally spaced looks (1 to 1,000), or increasing information fractions
    (shares of the final n, the last at most 1).

    References: Armitage, McPherson and Rowe (1969), table 2.

    >>> [round(peeking_error(k), 3) for k in (1, 5, 10, 20)]
    [0.05, 0.142, 0.193, 0.248]
    """
    alpha = _check.share("alpha", alpha)
    fraction = _looks(looks)
    z = np.full(len(fraction), -ndtri(alpha / 2))
    up, down = crossing(fraction, -z, z)
    return float(up.sum() + down.sum())


def _looks(looks: Any, name: str = "looks") -> np.ndarray:
    if np.ndim(looks) > 0:
        return fractions(name, looks)
    count = _check.integer(name, looks)
    if count > 1000:
        raise _check.fail(name, "must be at most 1,000", f"{count:,}")
    return np.arange(1, count + 1) / count


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


def _parameter(name: str, parameter: float | None) -> float | None:
    if parameter is None:
        if name in _NEEDS:
            raise _check.fail("parameter", f"must give the {_NEEDS[name]} of {name}", None)
        return _DEFAULT.get(name)
    if name not in _NEEDS and name not in _DEFAULT:
        raise _check.fail("parameter", f"is not used by {name}", repr(parameter))
    return (_check.positive if name in ("kim_demets", "haybittle_peto") else _check.number)(
        "parameter", parameter
    )


def _share_spent(t: np.ndarray, name: str, parameter: float | None, alpha: float) -> np.ndarray:
    if name == "obrien_fleming":  # Lan and DeMets (1983): 2 − 2Φ(z_{α/2} / √t), α of one side
        return 2 * ndtr(ndtri(alpha / 2) / np.sqrt(t)) / alpha
    if name == "pocock":  # Lan and DeMets (1983): α log(1 + (e − 1)t)
        return np.log1p((np.e - 1) * t)
    assert parameter is not None
    if name == "kim_demets":  # Kim and DeMets (1987): α t^ρ
        return t**parameter
    # Hwang, Shih and DeCani (1990): α (1 − exp(−γt)) / (1 − exp(−γ)), which is αt at γ = 0
    if parameter < 0:  # the same, both terms times exp(γ): nothing grows beyond what a float holds
        return np.exp(parameter * (1 - t)) * np.expm1(parameter * t) / np.expm1(parameter)
    return t.copy() if parameter == 0 else np.expm1(-parameter * t) / np.expm1(-parameter)


def _custom(rule: Callable[[Any], Any], t: np.ndarray) -> np.ndarray:
    share = _check.array("spending", [float(rule(float(x))) for x in t])
    if (
        (np.diff(share, prepend=0.0) < 0).any()
        or share[-1] > 1 + 1e-9
        or (t[-1] == 1 and share[-1] < 1 - 1e-9)
    ):
        raise _check.fail(
            "spending", "must give shares of alpha that never fall and end at 1", _check.shares_text(share)
        )
    return np.minimum(share, 1.0)


def _columns(effects: Effect | Sequence[Effect]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    estimate, se, *arms = by_look(effects)
    require_growth(arms)
    se = usable(estimate, se, np.fmin(*arms))
    return estimate, se, np.broadcast_to(arms[0] + arms[1], estimate.shape)
