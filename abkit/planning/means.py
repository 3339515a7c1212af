"""How many units, how long, and what can be seen: planning before the first user is assigned.

One rule everywhere: power counts rejections in the direction of the effect only. `power`,
`sample_size` and `mde` solve one equation for its three unknowns, so they are inverse to each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import chdtrc, nctdtr, ndtr, ndtri, stdtrit

from abkit import _check
from abkit._table import Table
from abkit.estimate import ratio_estimate
from abkit.moments import Moments
from abkit.numeric.roots import rising_root
from abkit.planning.history import left_of

LARGEST = 2.0**62  # units or days; more are no plan, and no whole number of the computer


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Table):
    """What is planned: units per arm (rounded up), power, alpha, the sd used, and days where known.

    n_exact: unrounded units of the control arm. effect and sd: units of the metric (a difference of
    shares for proportions). n_treatment: units of EACH treatment arm; `arms` counts the control too.
    """

    effect: Any
    n_control: Any
    n_treatment: Any
    n_exact: Any
    power: Any
    alpha: float
    alternative: str
    sd: Any
    days: Any = None
    arms: int = 2


def power(
    effect: Any,
    n: Any,
    *,
    sd: Any,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    allocation: float = 0.5,
    normal: bool = False,
) -> Plan:
    """Return the power of a t-test of two means for `n` units in the control arm.

    effect, n: numbers or arrays that broadcast. sd: per unit, one number, or (control, treatment) for
    Welch's test. allocation: the treatment's share of the two arms. normal: z instead of noncentral t.
    Two-sided power counts rejections in the effect's direction only: a significant result the wrong way round
    is no find. Do not put an OBSERVED effect in: that power is only another way to write the p-value.

    alpha: the error rate, strictly between 0 and 1; alternative: "two-sided", "greater" or "less", about
    treatment − control.
    Raises ValueError: `n` must leave at least 2 units in each arm.

    >>> round(power(0.5, 64, sd=1.0).power, 4)
    0.8015
    """
    _check.flag("normal", normal)
    sds, ratio, tail = _settings(sd, alpha, alternative, allocation)
    effect, n = _check.together(effect=_check.array("effect", effect), n=_check.array("n", n))
    if not n.size:
        raise _check.fail("effect and n", "must hold at least one value", "none")
    if (n < 2).any() or (n * ratio < 2).any():
        raise _check.fail("n", "must leave at least 2 units in each arm", n.min())
    signed = np.abs(effect) if alternative == "two-sided" else effect * (-1 if alternative == "less" else 1)
    got = _power(signed, n, sds, tail, ratio, normal)
    return Plan(
        effect,
        n,
        tidy(n * ratio),
        n_exact=n.astype(float),
        power=got,
        alpha=alpha,
        alternative=alternative,
        sd=sds if np.ndim(sd) else sd,
    )


def sample_size(
    effect: Any,
    *,
    sd: Any,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    allocation: float = 0.5,
    normal: bool = False,
    factor: float = 1.0,
) -> Plan:
    """Return the units each arm needs to detect `effect` (in the metric's own units) by a t-test.

    Plan for the smallest effect that would change the decision, not for the one you hope for.
    Parameters as in `power`. factor: the share of the variance that is left after adjustment for the past
    (`cuped_factor` of a cautious correlation); the plan's sd is then what is left of it.

    alpha: the error rate, strictly between 0 and 1; alternative: "two-sided", "greater" or "less", about
    treatment − control; allocation: the treatment's share of all units; normal: z quantiles in place of
    Student's t.
    Raises ValueError: `effect` must not be 0 and must lie in the direction of ….

    >>> from abkit.planning.history import cuped_factor
    >>> sample_size(0.5, sd=1.0).n_control, sample_size(0.5, sd=1.0, factor=cuped_factor(0.7)).n_control
    (64, 34)
    """
    _check.flag("normal", normal)
    if _check.number("factor", factor) != 1:
        _settings(sd, alpha, alternative, allocation)
        sd = tuple(np.atleast_1d(sd) * left_of(factor)) if np.ndim(sd) else sd * left_of(factor)
    sds, ratio, tail = _settings(sd, alpha, alternative, allocation)
    beta = target(power, tail)
    size = _check.array("effect", effect)
    sign = {"greater": 1, "less": -1}.get(alternative)
    if (size == 0).any() or (sign and (size * sign < 0).any()):
        raise _check.fail("effect", f"must not be 0 and must lie in the direction of {alternative!r}", effect)
    n = np.vectorize(lambda d: _units(abs(d), sds, tail, beta, ratio, normal), otypes=[float])(size)
    return Plan(
        size,
        round_up(n),
        round_up(n * ratio),
        n_exact=n,
        power=power,
        alpha=alpha,
        alternative=alternative,
        sd=sds if np.ndim(sd) else sd,
    )


def mde(
    n: Any,
    *,
    sd: Any,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    allocation: float = 0.5,
    normal: bool = False,
) -> Plan:
    """Return the smallest effect (absolute) that `n` control units detect with this power.

    Negative for alternative "less". Parameters as in `power`.

    alpha: the error rate, strictly between 0 and 1; allocation: the treatment's share of all units; normal: z
    quantiles in place of Student's t.
    Raises ValueError: `n` must leave at least 2 units in each arm.

    >>> round(mde(64, sd=1.0).effect, 3)
    0.499
    """
    _check.flag("normal", normal)
    sds, ratio, tail = _settings(sd, alpha, alternative, allocation)
    beta = target(power, tail)
    size = _check.array("n", n)
    if (size < 2).any() or (size * ratio < 2).any():
        raise _check.fail("n", "must leave at least 2 units in each arm", size.min())

    def solve(m: float) -> float:
        start = (ndtri(beta) - ndtri(tail)) * _se(m, sds, ratio)
        return (
            start
            if normal
            else rising_root(lambda d: _power(d, m, sds, tail, ratio, False) - beta, 0.0, 2 * start)
        )

    effect = np.vectorize(solve, otypes=[float])(size) * (-1 if alternative == "less" else 1)
    return Plan(
        effect,
        size,
        tidy(size * ratio),
        n_exact=size.astype(float),
        power=power,
        alpha=alpha,
        alternative=alternative,
        sd=sds if np.ndim(sd) else sd,
    )


def sample_size_non_inferiority(
    margin: float,
    *,
    sd: Any,
    effect: float = 0.0,
    power: float = 0.8,
    alpha: float = 0.05,
    allocation: float = 0.5,
    normal: bool = False,
) -> Plan:
    """Return the units to show that the treatment is not worse by `margin` (above 0; higher is better).

    effect: the true difference one plans for, mostly 0. One-sided at alpha.

    >>> sample_size_non_inferiority(1.0, sd=5.0, alpha=0.025).n_control
    394
    """
    gap = _check.positive("margin", margin) + _check.number("effect", effect)
    if gap <= 0:
        raise _check.fail("effect", "must lie above −margin", effect)
    plan = sample_size(
        gap, sd=sd, power=power, alpha=alpha, alternative="greater", allocation=allocation, normal=normal
    )
    return replace(plan, effect=float(effect))


def sample_size_ratio(
    moments: Moments,
    *,
    lift: float,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    allocation: float = 0.5,
) -> Plan:
    """Return the units for a relative `lift` of a ratio metric, from past Moments (numerator, denominator).

    The sd of a unit comes from the delta method; taking denominators (page views) as units is the usual
    error.

    >>> past = Moments.of([1.0, 0.0, 2.0, 1.0], views=[4.0, 5.0, 6.0, 5.0])
    >>> sample_size_ratio(past, lift=0.10).n_control
    880
    """
    past = ratio_estimate(moments)
    sd = float(past.se * np.sqrt(moments.n))
    change = _check.number("lift", lift) * float(past.value)
    return sample_size(
        change, sd=sd, power=power, alpha=alpha, alternative=alternative, allocation=allocation, normal=True
    )


def duration(plan: Plan, arrivals: Any, *, share: float = 1.0, whole_weeks: bool = True) -> Plan:
    """Return the plan with its days: how long until all arms have their units.

    arrivals: NEW units a day, one number, or a curve with one number for each day (daily active users are
    not new units: most of them were there yesterday). share: the part that enters. Weeks are rounded
    up and at least two, so that each weekday counts equally.

    whole_weeks: round the days up to whole weeks, at least two.
    Raises ValueError: `share` must lie above 0 and at most at 1; `arrivals` must be above 0; `arrivals` must
    be more: no test lasts so long; `arrivals` must bring the … units of the plan.

    >>> duration(sample_size(0.1, sd=1.0), 100).days
    35
    """
    _check.instance("plan", plan, Plan)
    _check.flag("whole_weeks", whole_weeks)
    entering = _check.array("arrivals", arrivals) * _check.number("share", share)
    if not 0 < share <= 1:
        raise _check.fail("share", "must lie above 0 and at most at 1", share)
    if (entering < 0).any() or entering.sum() <= 0:
        raise _check.fail("arrivals", "must be above 0", arrivals)
    need = np.asarray(plan.n_control, float) + (plan.arms - 1) * np.asarray(plan.n_treatment, float)
    if entering.ndim == 0:
        days = np.ceil(need / entering - 1e-9)
    else:
        reached = entering.cumsum()
        if need.max() > reached[-1] * (1 + 1e-12):
            got = f"{reached[-1]:,.0f} by day {len(reached)}"
            raise _check.fail(
                "arrivals", f"must bring the {need.max():,.0f} units of the plan", got, "Give a longer curve."
            )
        days = np.searchsorted(reached, need * (1 - 1e-12)) + 1.0
    if (days > LARGEST).any():
        raise _check.fail("arrivals", "must be more: no test lasts so long", f"{days.max():.2g} days")
    if whole_weeks:
        days = np.maximum(14, 7 * np.ceil(days / 7))
    return replace(plan, days=days.astype(int))


def tail_of(alpha: float, alternative: str) -> float:
    """Return the false alarms on one side of the test.

    >>> tail_of(0.05, "two-sided")
    0.025
    """
    _check.one_of("alternative", alternative, _check.ALTERNATIVES)
    return _check.share("alpha", alpha) / (2 if alternative == "two-sided" else 1)


def _settings(
    sd: Any, alpha: float, alternative: str, allocation: float
) -> tuple[tuple[float, float], float, float]:
    need = "must be one number or (control, treatment)"
    listed = isinstance(sd, (tuple, list)) or (isinstance(sd, np.ndarray) and sd.ndim > 0)
    pair = tuple(_check.several("sd", sd, need)) if listed else (sd, sd)
    if len(pair) != 2:
        raise _check.fail("sd", need, sd)
    sds = _check.scale("sd", pair[0]), _check.scale("sd", pair[1])
    return sds, odds(allocation), tail_of(alpha, alternative)


def odds(allocation: float) -> float:
    """Return the units of a treatment arm for each unit of the control.

    >>> odds(0.5)
    1.0
    """
    share = _check.share("allocation", allocation)
    if not 1e-9 < share < 1 - 1e-9:
        raise _check.fail("allocation", "must leave both arms at least 1e-9 of the units", f"{share:g}")
    return share / (1 - share)


def target(power: float, tail: float) -> float:
    """Return the wanted power if it is above the false alarms of its side.

    >>> target(0.8, 0.025)
    0.8
    """
    power = _check.wanted_power(power)
    if power <= tail:
        raise _check.fail("power", f"must be above the false alarms of its side, {tail:g}", power)
    return power


def _se(n: Any, sds: tuple[float, float], ratio: float) -> Any:
    return np.sqrt(sds[0] ** 2 / n + sds[1] ** 2 / (ratio * n))


def _power(effect: Any, n: Any, sds: tuple[float, float], tail: float, ratio: float, normal: bool) -> Any:
    shift = effect / _se(n, sds, ratio)
    if normal:
        return ndtr(shift + ndtri(tail))
    if sds[0] == sds[1]:
        df = n * (1 + ratio) - 2
    else:  # Welch's df; it needs no more than the two variances of a mean
        a, b = sds[0] ** 2 / n, sds[1] ** 2 / (ratio * n)
        df = (a + b) ** 2 / (a**2 / (n - 1) + b**2 / (ratio * n - 1))
    critical = -stdtrit(df, tail)
    got = 1 - nctdtr(df, shift, critical)
    with np.errstate(over="ignore", invalid="ignore"):  # so large a shift that only the sd can hide it
        hidden = chdtrc(df, df * np.square(shift / critical))
    return np.where(np.isnan(got) & (shift > 0), 1 - hidden, got)


def _units(
    effect: float, sds: tuple[float, float], tail: float, beta: float, ratio: float, normal: bool
) -> float:
    with np.errstate(over="ignore"):  # infinite for the tiniest effects, and then refused
        start = ((ndtri(beta) - ndtri(tail)) * _se(1.0, sds, ratio) / effect) ** 2
    low = 2 / min(1, ratio)  # two units in the smaller arm
    if normal or start > LARGEST:
        return float(max(start, low))
    return rising_root(
        lambda n: _power(effect, n, sds, tail, ratio, False) - beta, low, max(2 * start, low + 1)
    )


def round_up(n: Any) -> Any:
    """Return whole units; a rounding error of the computer adds no unit.

    Raises ValueError for more than 2⁶² units.

    >>> int(round_up(63.77))
    64
    """
    n = np.asarray(n)
    if not (n <= LARGEST).all():
        raise _check.fail(
            "effect", "must be larger: no test has so many units", f"a size of {n.max():.2g} units an arm"
        )
    return np.ceil(n - 1e-9).astype(int)


def tidy(n: Any) -> Any:
    """Return whole numbers as integers, anything else unchanged.

    >>> int(tidy(64.0))
    64
    """
    whole = np.round(n)
    return whole.astype(int) if np.max(whole) <= LARGEST and np.allclose(n, whole, rtol=0, atol=1e-9) else n
