"""Looking early without fooling oneself: group-sequential plans, and what naive peeking costs.

A plan is a `Boundary`: one z value a look. Any metric fits, for a plan needs only estimate and se.
The integration is in `abkit.recursion`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from abkit import _check
from abkit._table import Table
from abkit.estimate import Effect, Path
from abkit.recursion import SMALLEST_STEP, START, advance, bound_for, crossing

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


def group_sequential(
    fraction: Any, *, spending: str | Callable[[Any], Any] | None = None, design: str | None = None,
    parameter: float | None = None, alpha: float = 0.05, sides: int = 2,
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
    two sides spend alpha/2 each, and both bounds stop the experiment.

    References: Lan and DeMets (1983); Jennison and Turnbull (2000), ch. 2 and 7.

    >>> group_sequential(5).upper.round(3).tolist()
    [4.877, 3.357, 2.68, 2.29, 2.031]
    """
    alpha, t = _check.share("alpha", alpha), _looks(fraction, "fraction")
    if sides not in (1, 2):
        raise _check.fail("sides", "must be 1 or 2", repr(sides))
    if spending is not None and design is not None:
        raise _check.fail("spending and design", "must not both be given", f"{spending!r} and {design!r}")
    if design is not None:
        name = _check.one_of("design", design, DESIGNS)
        parameter = _parameter(name, parameter)
        upper, spent = _designed(t, name, parameter, alpha, sides)
        name += " design"
    else:
        rule = "obrien_fleming" if spending is None else spending
        name = getattr(rule, "__name__", "callable") if callable(rule) else _check.one_of("spending", rule, SPENDING)
        parameter = None if callable(rule) else _parameter(name, parameter)
        share = _custom(rule, t) if callable(rule) else _share_spent(t, name, parameter, alpha / sides)
        upper, spent = _spending_bounds(t, share * alpha / sides, sides), share * alpha
    lower = -upper if sides == 2 else np.full(len(t), -np.inf)
    return Boundary(t, upper, lower, spent, alpha, sides, name, parameter)


def monitor(effects_by_look: Effect | Sequence[Effect], boundary: Boundary) -> Path:
    """Compare each look with its bound; the intervals are valid at every look, whenever one stops.

    `low`, `high` are repeated confidence intervals, estimate ± bound × se: they hold together at level
    1 − alpha (one side: low only). `pvalue` is the plain one of that look: not to be compared with
    alpha. `crossed` says whether the bound of that look was crossed; stop at the first True.

    effects_by_look: the effects of the CUMULATIVE data at the first looks of the plan, in order, or
    one `Effect` whose last axis is the looks.

    References: Jennison and Turnbull (1989), JRSS B 51, 305-361.

    >>> looks = [Effect("y", 0.5, 0.2, np.inf, 0, 0, 0), Effect("y", 0.5, 0.14, np.inf, 0, 0, 0)]
    >>> monitor(looks, group_sequential(2)).crossed.tolist()
    [False, True]
    """
    estimate, se, n = _columns(effects_by_look)
    k = estimate.shape[-1]
    if k > len(boundary.upper):
        raise _check.fail("effects_by_look", f"must hold at most {len(boundary.upper)} looks, as planned", k)
    z, bound = estimate / se, boundary.upper[:k]
    crossed = (z >= bound) | (z <= boundary.lower[:k])
    low = estimate - bound * se
    high = estimate + bound * se if boundary.sides == 2 else np.full(estimate.shape, np.inf)
    pvalue = 2 * ndtr(-np.abs(z)) if boundary.sides == 2 else ndtr(-z)
    return Path(np.arange(1, k + 1), n, estimate, se, low, high, pvalue, crossed)


def inflation(boundary: Boundary, power: float = 0.8) -> float:
    """Return how many times the units of a test without looks the plan needs at most, for the same power.

    Power counts crossings in the direction of the effect. Most experiments with an effect stop earlier.

    References: Jennison and Turnbull (2000), table 2.2 (constants R_P).

    >>> round(inflation(group_sequential(5)), 4), round(inflation(group_sequential(5, design="pocock")), 4)
    (1.0247, 1.2286)
    """
    power = _check.share("power", power)
    fixed = -ndtri(boundary.alpha / boundary.sides) + ndtri(power)
    if fixed <= 0:
        raise _check.fail("power", "must exceed the error rate of one side", f"{power:g}")

    def score(drift: float) -> float:
        return float(ndtri(crossing(boundary.fraction, boundary.lower, boundary.upper, drift)[0].sum()))

    return float((_solve(score, float(ndtri(power)), fixed, 1.0) / fixed) ** 2)


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
        raise _check.fail(name, f"must grow by at least {SMALLEST_STEP:g} from look to look", f"{steps[1:].min():.2g}")
    return np.minimum(t, 1.0)


def _parameter(name: str, parameter: float | None) -> float | None:
    if parameter is None:
        if name in _NEEDS:
            raise _check.fail("parameter", f"must give the {_NEEDS[name]} of {name}", None)
        return _DEFAULT.get(name)
    if name not in _NEEDS and name not in _DEFAULT:
        raise _check.fail("parameter", f"is not used by {name}", f"{parameter:g}")
    return (_check.positive if name in ("kim_demets", "haybittle_peto") else _check.number)("parameter", parameter)


def _share_spent(t: np.ndarray, name: str, parameter: float | None, alpha: float) -> np.ndarray:
    if name == "obrien_fleming":  # Lan and DeMets (1983): 2 − 2Φ(z_{α/2} / √t), α of one side
        return 2 * ndtr(ndtri(alpha / 2) / np.sqrt(t)) / alpha
    if name == "pocock":  # Lan and DeMets (1983): α log(1 + (e − 1)t)
        return np.log1p((np.e - 1) * t)
    assert parameter is not None
    if name == "kim_demets":  # Kim and DeMets (1987): α t^ρ
        return t**parameter
    # Hwang, Shih and DeCani (1990): α (1 − exp(−γt)) / (1 − exp(−γ)), which is αt at γ = 0
    return t.copy() if parameter == 0 else np.expm1(-parameter * t) / np.expm1(-parameter)


def _custom(rule: Callable[[Any], Any], t: np.ndarray) -> np.ndarray:
    share = _check.array("spending", [float(rule(float(x))) for x in t])
    if (np.diff(share, prepend=0.0) < 0).any() or share[-1] > 1 + 1e-9 or (t[-1] == 1 and share[-1] < 1 - 1e-9):
        raise _check.fail("spending", "must give shares of alpha that never fall and end at 1", _check.shares_text(share))
    return np.minimum(share, 1.0)


def _spending_bounds(t: np.ndarray, spent: np.ndarray, sides: int) -> np.ndarray:
    """Return the z bound of each look from the alpha that ONE side has spent up to it."""
    upper, running = np.empty(len(t)), START
    for k, increment in enumerate(np.diff(spent, prepend=0.0)):
        upper[k] = bound_for(running, t[k], float(increment))
        if k + 1 < len(t):
            running = advance(running, t[k], -upper[k] if sides == 2 else -np.inf, upper[k], t[k + 1])
    return upper


def _designed(t: np.ndarray, name: str, parameter: float | None, alpha: float, sides: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of a classical design and the total alpha spent up to each look."""
    def stops(upper: np.ndarray) -> np.ndarray:
        lower = -upper if sides == 2 else np.full(len(upper), -np.inf)
        return np.cumsum(np.sum(crossing(t, lower, upper), axis=0))

    if name == "haybittle_peto":
        upper = _haybittle_peto(t, float(parameter or 3.0), alpha, sides, stops)
        return upper, stops(upper)
    power = {"obrien_fleming": 0.0, "pocock": 0.5}.get(name, parameter)
    assert power is not None
    shape = (t / t[-1]) ** (power - 0.5)  # Wang and Tsiatis (1987): z_k = C t_k^(Δ − 1/2)
    start = float(-ndtri(alpha / sides) / shape.min())  # one look alone would spend alpha: C is above this
    constant = _solve(lambda c: float(-ndtri(stops(c * shape)[-1] / sides)), float(-ndtri(alpha / sides)), start, shape.min())
    upper = constant * shape
    return upper, stops(upper)


def _haybittle_peto(t: np.ndarray, z: float, alpha: float, sides: int, stops: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    upper = np.full(len(t), z)
    left = alpha - (stops(upper)[-2] if len(t) > 1 else 0.0)
    if left <= 0:
        raise _check.fail("parameter", f"must leave some alpha for the last of {len(t)} looks", f"{z:g}", "Take a larger z.")
    running = START
    for k in range(len(t) - 1):
        running = advance(running, t[k], -z if sides == 2 else -np.inf, z, t[k + 1])
    upper[-1] = bound_for(running, t[-1], left / sides)
    return upper


def _solve(score: Callable[[float], float], target: float, start: float, slope: float) -> float:
    """Solve score(x) = target by secants; on the normal-quantile scale the scores are almost straight lines."""
    x, y = start, score(start)
    for _ in range(60):
        move = (target - y) / slope
        if abs(move) < 1e-5:  # the next error is of the order of its square
            return x + move
        new = score(x + move)
        slope = (new - y) / move if new != y else slope
        x, y = x + move, new
    raise ArithmeticError("the bound did not converge")


def _columns(effects: Effect | Sequence[Effect]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if isinstance(effects, Effect):
        estimate, se, n = effects.estimate, effects.se, _units(effects)
    else:
        if not len(effects):
            raise _check.fail("effects_by_look", "must hold at least one look", "none")
        estimate, se, n = (np.stack([np.asarray(f(e), float) for e in effects], -1)
                           for f in (lambda e: e.estimate, lambda e: e.se, _units))
    estimate, se, n = np.broadcast_arrays(np.atleast_1d(estimate), np.atleast_1d(se), np.atleast_1d(n))
    if not (se > 0).all():
        raise _check.fail("effects_by_look", "must have standard errors above 0", "0 or nan")
    return estimate, se, n


def _units(effect: Effect) -> Any:
    if effect.n_control is None or effect.n_treatment is None:
        return np.nan
    return np.add(effect.n_control, effect.n_treatment)
