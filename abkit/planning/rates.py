"""How many units tell two shares apart, and the exact power of the test that will read them.

The default is the pooled normal formula, which belongs to the score test of `proportions`. `exact_power`
adds up binomial tables instead: use it for rare events, where the formula is off.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from scipy.special import bdtr, ndtr, ndtri

from abkit import _check
from abkit.planning.history import left_of
from abkit.planning.means import Plan, mde, odds, round_up, tail_of, target, tidy
from abkit.planning.several import dunnett_critical

METHODS = ("pooled", "unpooled", "arcsine", "continuity", "baseline")


def sample_size_proportions(
    p_control: float,
    *,
    lift: float | None = None,
    p_treatment: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    arms: int = 2,
    correction: str = "bonferroni",
    method: str = "pooled",
    alternative: str = "two-sided",
    allocation: float = 0.5,
    factor: float = 1.0,
) -> Plan:
    """Return the units each arm needs to tell two shares apart; give `lift` (relative) or `p_treatment`.

    arms: with the control; each of arms − 1 comparisons is made at alpha/(arms − 1), or at Dunnett's
    critical value (`correction="dunnett"`), or at alpha ("none"). method: "pooled" under the null (the
    score test), "unpooled", "arcsine", "continuity" (for Fisher's test and Yates' correction), or "baseline"
    (the control's variance under the null, as some web calculators do; it misses the planned power a little).
    allocation: the treatment's share of one pair of arms. factor: the share of the variance that is left
    after adjustment for the past (`cuped_factor`): the units shrink by it.

    p_control: the control's rate, a share; alternative: "two-sided", "greater" or "less", about treatment −
    control.
    Raises ValueError: `p_treatment` must not be p_control and must lie in the direction of ….

    References: Fleiss, Levin and Paik (2003), eq. 4.14 and 4.19; Cohen (1988), ch. 6 for arcsine.

    >>> sample_size_proportions(0.10, lift=0.10).n_control
    14751
    """
    p1, p2 = _shares(p_control, lift, p_treatment)
    _check.one_of("method", method, METHODS)
    ratio = odds(allocation)
    tail = _family_tail(alpha, alternative, _check.integer("arms", arms, low=2) - 1, correction, ratio)
    if (p2 - p1) * {"greater": 1, "less": -1}.get(alternative, p2 - p1) <= 0:
        need = f"must not be p_control and must lie in the direction of {alternative!r}"
        raise _check.fail("p_treatment", need, p2)
    n = _units_proportions(p1, p2, -ndtri(tail), ndtri(target(power, tail)), ratio, method)
    n = n * left_of(factor) ** 2
    return Plan(
        p2 - p1,
        round_up(n),
        round_up(n * ratio),
        n_exact=n,
        power=power,
        alpha=alpha,
        alternative=alternative,
        sd=_sd_pair(p1, p2),
        arms=arms,
    )


def power_proportions(
    p_control: float,
    p_treatment: float,
    n: Any,
    *,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    allocation: float = 0.5,
) -> Plan:
    """Return the power of the pooled z-test of two shares, by the normal approximation, for `n` control
    units. Two-sided power counts rejections in the effect's direction only.

    p_control: the control's rate, a share; p_treatment: the treatment's rate, a share; alpha: the error rate,
    strictly between 0 and 1; alternative: "two-sided", "greater" or "less", about treatment − control;
    allocation: the treatment's share of all units.
    Raises ValueError: `n` must leave at least 1 unit in each arm.

    >>> round(power_proportions(0.10, 0.11, 14_751).power, 3)
    0.8
    """
    p1, p2 = _shares(p_control, None, p_treatment)
    ratio, tail = odds(allocation), tail_of(alpha, alternative)
    n = _check.array("n", n)
    if not n.size or (n < 1).any() or (n * ratio < 1).any():
        raise _check.fail("n", "must leave at least 1 unit in each arm", f"{n.min(initial=np.inf):g}")
    gap = abs(p2 - p1) if alternative == "two-sided" else (p2 - p1) * (-1 if alternative == "less" else 1)
    null, alt = _deviations(p1, p2, ratio)
    got = ndtr((gap * np.sqrt(n) + ndtri(tail) * null) / alt)
    return Plan(
        p2 - p1,
        n,
        tidy(n * ratio),
        n_exact=n.astype(float),
        power=got,
        alpha=alpha,
        alternative=alternative,
        sd=_sd_pair(p1, p2),
    )


def mde_proportions(
    p_control: float,
    n: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    allocation: float = 0.5,
) -> Plan:
    """Return the smallest increase of a share (absolute; a decrease for "less") that `n` control units
    detect.

    p_control: the control's rate, a share; power: the chance to find the effect; alpha: the error rate,
    strictly between 0 and 1; alternative: "two-sided", "greater" or "less", about treatment − control;
    allocation: the treatment's share of all units.
    Raises ValueError: `n` must be large enough to detect some share.

    >>> round(mde_proportions(0.10, 14_751).effect, 4)
    0.01
    """
    p1, n = _check.share("p_control", p_control), _check.positive("n", n)
    target(power, tail_of(alpha, alternative))
    room = (0.0 if alternative == "less" else 1.0) - p1
    plan = partial(power_proportions, alpha=alpha, alternative=alternative, allocation=allocation)

    def short(way: float) -> float:
        return plan(p1, p1 + room * way, n).power - power

    ways = np.concatenate([np.geomspace(1e-12, 0.1, 60), np.linspace(0.1, 1 - 1e-12, 200)[1:]])
    enough = next((i for i, way in enumerate(ways) if short(way) >= -1e-12), None)
    if enough is None:
        raise _check.fail("n", "must be large enough to detect some share", n)
    from scipy.optimize import brentq

    way = ways[0] if enough == 0 else brentq(short, ways[enough - 1], ways[enough], xtol=1e-300, rtol=1e-14)
    return replace(plan(p1, p1 + room * way, n), power=power)


def mde_by_week(
    arrivals: float,
    *,
    p_control: float | None = None,
    sd: float | None = None,
    weeks: Any = (2, 3, 4, 6, 8),
    power: float = 0.8,
    alpha: float = 0.05,
    arms: int = 2,
    share: float = 1.0,
    factor: float = 1.0,
) -> Plan:
    """Return the smallest effect that each number of weeks detects: one row a duration.

    Give `p_control` for a share or `sd` for a mean. arrivals: NEW units a day; share: the part that enters.
    All arms are equal, and each of arms − 1 comparisons is made at alpha/(arms − 1). factor: as in
    `sample_size_proportions`.

    power: the chance to find the effect.
    Raises ValueError: `p_control` or `sd` must be given, and only one of them; `weeks` must be a list of
    whole weeks; `share` must lie above 0 and at most at 1.

    >>> plan = mde_by_week(4_000, p_control=0.10, weeks=[2, 8])
    >>> plan.days.tolist(), plan.effect.round(4).tolist()
    ([14, 56], [0.0072, 0.0036])
    """
    if (p_control is None) == (sd is None):
        raise _check.fail("p_control", "or `sd` must be given, and only one of them", f"{p_control} and {sd}")
    listed = _check.array("weeks", weeks)
    if listed.ndim != 1 or (listed < 1).any() or (listed % 1 != 0).any():
        raise _check.fail("weeks", "must be a list of whole weeks", weeks)
    days = 7 * listed.astype(int)
    entering = _check.positive("arrivals", arrivals) * _check.positive("share", share)
    if share > 1:
        raise _check.fail("share", "must lie above 0 and at most at 1", share)
    n = np.floor(days * entering / _check.integer("arms", arms, low=2) + 1e-9)
    each, left = _check.share("alpha", alpha) / (arms - 1), left_of(factor)
    if p_control is None:
        sd = _check.positive("sd", sd) * left
        effect = np.atleast_1d(mde(n, sd=sd, power=power, alpha=each).effect)
    else:
        worth = n / left**2  # so many units without the past tell as much
        effect = np.array(
            [mde_proportions(p_control, float(m), power=power, alpha=each).effect for m in worth]
        )
        sd = float(np.sqrt(p_control * (1 - p_control)))
    return Plan(
        effect,
        n.astype(int),
        n.astype(int),
        n_exact=n,
        power=power,
        alpha=alpha,
        alternative="two-sided",
        sd=sd,
        days=days,
        arms=arms,
    )


def exact_power(
    p_control: float,
    p_treatment: float,
    n_control: int,
    n_treatment: int,
    *,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    method: str = "score",
) -> float:
    """Return the exact power of a test of two shares: the binomial tables that reject, added up.

    method "score": the (N − 1) chi-square, as in `proportions`; "pooled": the z-test with N. Only rejections
    in the effect's direction count (upwards if the shares are equal: then it is the size of that side).
    Use it for small or rare counts, where the normal formula is off. Work grows with n_control.

    p_control: the control's rate, a share; p_treatment: the treatment's rate, a share; n_treatment: units in
    the treatment arm; alpha: the error rate, strictly between 0 and 1; alternative: "two-sided", "greater" or
    "less", about treatment − control.
    Raises ValueError: `alpha` must lie below 0.5 for one side.

    >>> round(exact_power(0.10, 0.30, 50, 50), 4)
    0.7236
    """
    p1, p2 = _check.share("p_control", p_control), _check.share("p_treatment", p_treatment)
    n1, n2 = _check.integer("n_control", n_control), _check.integer("n_treatment", n_treatment)
    _check.one_of("method", method, ("score", "pooled"))
    tail = tail_of(alpha, alternative)
    if tail >= 0.5:
        raise _check.fail("alpha", "must lie below 0.5 for one side", f"{alpha:g}")
    down = p2 < p1 if alternative == "two-sided" else alternative == "less"
    if down:  # count non-events instead: the same test, upwards
        p1, p2 = 1 - p1, 1 - p2
    factor = (n1 + n2 - 1) / (n1 + n2) if method == "score" else 1.0
    limit = ndtri(tail) ** 2
    x = np.arange(n1 + 1)
    chance = np.diff(bdtr(x, n1, p1), prepend=0)
    total = 0.0
    for i in x[chance > 1e-18]:
        y = _first_rejection(int(i), n1, n2, limit, factor)
        total += chance[i] * (1 - bdtr(y - 1, n2, p2) if y > 0 else 1.0)
    return float(total)


def _family_tail(alpha: float, alternative: str, comparisons: int, correction: str, ratio: float) -> float:
    tail = tail_of(alpha, alternative)
    if _check.one_of("correction", correction, ("bonferroni", "dunnett", "none")) == "dunnett":
        return float(ndtr(-dunnett_critical(comparisons, alpha=alpha, alternative=alternative, ratio=ratio)))
    return tail / comparisons if correction == "bonferroni" else tail


def _shares(p_control: float, lift: float | None, p_treatment: float | None) -> tuple[float, float]:
    p1 = _check.share("p_control", p_control)
    if (lift is None) == (p_treatment is None):
        raise _check.fail(
            "lift", "or `p_treatment` must be given, and only one of them", f"{lift} and {p_treatment}"
        )
    p2 = p_treatment if lift is None else p1 * (1 + _check.number("lift", lift))
    return p1, _check.share("p_treatment", p2)


def _sd_pair(p1: float, p2: float) -> tuple[float, float]:
    return float(np.sqrt(p1 * (1 - p1))), float(np.sqrt(p2 * (1 - p2)))


def _deviations(p1: float, p2: float, ratio: float) -> tuple[float, float]:
    """Return √n times the se of the difference, under the null (pooled) and under the plan."""
    p = (p1 + ratio * p2) / (1 + ratio)
    return float(np.sqrt(p * (1 - p) * (1 + 1 / ratio))), float(
        np.sqrt(p1 * (1 - p1) + p2 * (1 - p2) / ratio)
    )


def _units_proportions(p1: float, p2: float, za: float, zb: float, ratio: float, method: str) -> float:
    null, alt = _deviations(p1, p2, ratio)
    gap = abs(p2 - p1)
    if method == "baseline":
        null = float(np.sqrt(p1 * (1 - p1) * (1 + 1 / ratio)))
    if method == "arcsine":
        h = 2 * np.arcsin(np.sqrt(p2)) - 2 * np.arcsin(np.sqrt(p1))
        return float((za + zb) ** 2 * (1 + 1 / ratio) / h**2)
    if method == "unpooled":
        return float(((za + zb) * alt / gap) ** 2)
    n = float(((za * null + zb * alt) / gap) ** 2)
    if method in ("pooled", "baseline"):
        return n
    return float(n / 4 * (1 + np.sqrt(1 + 2 * (1 + ratio) / (n * ratio * gap))) ** 2)


def _first_rejection(x: int, n1: int, n2: int, limit: float, factor: float) -> int:
    """Return the smallest treatment count that rejects upwards beside x of n1; n2 + 1 if none does."""
    y = np.arange(n2 + 1)
    gap, p = y / n2 - x / n1, (x + y) / (n1 + n2)
    rejects = (gap > 0) & (gap**2 * factor > limit * p * (1 - p) * (1 / n1 + 1 / n2))
    return int(rejects.argmax()) if rejects.any() else n2 + 1
