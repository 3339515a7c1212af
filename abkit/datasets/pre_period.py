"""Worlds with a pre-period: what users did before the test, and what it says about the test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from abkit import _check
from abkit.estimate import Effect
from abkit.inference.means import welch
from abkit.moments import Moments

if TYPE_CHECKING:
    import pandas as pd

MEAN, SD = 300.0, 80.0  # minutes a month of a listener


def pre_period_world(
    n: int = 200,
    *,
    slopes: float | Sequence[float] = 0.7,
    sd: float | Sequence[float] | None = None,
    effect: float = 0.0,
    allocation: float = 0.5,
) -> Callable[[np.random.Generator, int], tuple[Moments, Moments]]:
    """Return a world of users with a past: X ~ N(0, 1) before, Y = effect·w + slope_w·X + sd_w·e after, e
    ~ N(0, 1).

    w is 0 in control and 1 in treatment. slopes, sd: one number, or a pair (control, treatment); without
    `sd` it is √(1 − slope²), so that Y has variance 1 and its correlation with X is the slope. The truth
    is `effect`, in units of Y. `n` units in control, n·allocation/(1 − allocation) in treatment. Arms:
    `Moments` of (y, pre) with leading axis `size`; means and scatter are drawn (Bartlett 1933), so the
    law is exact and no user is drawn.

    With 10 per cent treated, slopes (1, 0) and sd 1, adjustment with one slope from all rows has 173/110
    of the variance of NO adjustment in large samples. Raises ValueError for slopes of size 1 or more
    without `sd`, and arms of fewer than three units.

    >>> control, treatment = pre_period_world(30, slopes=0.9)(np.random.default_rng(0), 2)
    >>> control.names, control.mean.shape
    (('y', 'pre'), (2, 2))
    """
    slope = _pair("slopes", slopes)
    if sd is None and max(map(abs, slope)) >= 1:
        raise _check.fail("slopes", "must lie between -1 and 1 where `sd` is not given", slopes)
    spread = tuple((1 - s**2) ** 0.5 for s in slope) if sd is None else _pair("sd", sd)
    share = _check.share("allocation", allocation)
    counts = _check.integer("n", n, low=3), round(n * share / (1 - share))
    if counts[1] < 3:
        raise _check.fail("n", "must leave at least three units in treatment", counts[1])
    shift = 0.0, _check.number("effect", effect)
    return partial(_draw, tuple(zip(counts, slope, spread, shift, strict=True)))


def listening(
    users: int = 2_000, *, effect: float = 6.0, correlation: float = 0.7, rng: Any = None
) -> pd.DataFrame:
    """Return one test of a podcast app, one row a user: minutes listened before, in the first week, and
    in the test's month.

    Columns: `user`; `arm` ("control" or "treatment", half each at random); `before`, minutes of the month
    before the start; `week1`, minutes of the test's first week; `after`, minutes of the test's month,
    which holds that week. before = 300 + 80·a, after = 300 + 80·(c·a + √(1 − c²)·b) + effect·w, week1 =
    after/4 + 10·d; a, b, d standard normal, c `correlation`, w 1 in treatment. So a quarter of the effect
    is in week 1. The truth is `effect`, in minutes a month. users: an even number. rng: the seed.

    >>> listening(4, rng=1).columns.tolist()
    ['user', 'arm', 'before', 'week1', 'after']
    """
    import pandas as pd

    rng, half = np.random.default_rng(rng), _check.integer("users", users, low=4) // 2
    c = _check.number("correlation", correlation)
    treated = rng.permutation(np.repeat([0, 1], half))
    a, b, d = rng.standard_normal((3, 2 * half))
    after = MEAN + SD * (c * a + np.sqrt(1 - c**2) * b) + _check.number("effect", effect) * treated
    minutes = {"before": MEAN + SD * a, "week1": after / 4 + 10 * d, "after": after}
    arm = np.where(treated == 1, "treatment", "control")
    return pd.DataFrame({"user": np.arange(1, 2 * half + 1), "arm": arm, **minutes}).round(1)


def listening_tests(
    users: int = 2_000, *, effect: float = 6.0, correlation: float = 0.7
) -> Callable[[np.random.Generator, int], tuple[Moments, Moments]]:
    """Return the world of `listening` as sufficient statistics: many tests at once, columns (after,
    before), in minutes.

    users: units in all, both arms; effect: the effect to detect, in the metric's own units; correlation:
    between any two metrics, 0 to 1.

    >>> control, treatment = listening_tests(1_000)(np.random.default_rng(0), 3)
    >>> control.names, control.n.tolist()
    (('after', 'before'), [500, 500, 500])
    """
    half = _check.integer("users", users, low=6) // 2
    draw = pre_period_world(half, slopes=correlation, effect=_check.number("effect", effect) / SD)
    return partial(_in_minutes, draw)


def centred_by_arm(control: Moments, treatment: Moments) -> Effect:
    """Return what the common FAULT gives: each arm's covariate is centred at that arm's own mean before
    it is taken out.

    Then the covariate's gap between the arms is always 0, so the effect is not adjusted at all, while its
    error shrinks as if it were: in large arms a true null is rejected with 2Φ(−z·√(1 − correlation²)),
    .39 at correlation .9 for z 1.96.

    control, treatment: `Moments` of the metric and one covariate, as `cuped` takes them.

    References: Deng, Xu, Kohavi and Walker (2013), WSDM, section 3: the mean of the covariate is one
    number for both arms.

    >>> arms = listening_tests(2_000, effect=0.0, correlation=0.9)(np.random.default_rng(1), 4_000)
    >>> bool((centred_by_arm(*arms).pvalue < 0.05).mean() > 0.3)
    True
    """
    rest = []
    for arm in (control, treatment):
        explained = arm.scatter[..., 0, 1] ** 2 / arm.scatter[..., 1, 1]
        left = (arm.scatter[..., 0, 0] - explained)[..., None, None]
        rest.append(Moments(arm.n, arm.mean[..., :1], left, arm.names[:1]))
    return welch(*rest)


def _in_minutes(draw: Any, rng: np.random.Generator, size: int) -> tuple[Moments, Moments]:
    control, treatment = (
        Moments(arm.n, MEAN + SD * arm.mean, SD**2 * arm.scatter, ("after", "before"))
        for arm in draw(rng, size)
    )
    return control, treatment


def _pair(name: str, value: Any) -> tuple[float, float]:
    values = [_check.number(name, v) for v in np.ravel(np.asarray(value))]
    if len(values) not in (1, 2):
        raise _check.fail(name, "must be one number or a pair (control, treatment)", value)
    return values[0], values[-1]


def _draw(arms: tuple[Any, ...], rng: np.random.Generator, size: int) -> tuple[Moments, Moments]:
    control, treatment = (_arm(rng, size, *arm) for arm in arms)
    return control, treatment


def _arm(rng: np.random.Generator, size: int, n: int, slope: float, sd: float, shift: float) -> Moments:
    """Moments of n users: those of (e, X), which are independent, turned into those of (Y, X)."""
    turn = np.array([[sd, slope], [0.0, 1.0]])
    root = np.zeros((size, 2, 2))
    root[:, 0, 0], root[:, 1, 1] = (np.sqrt(rng.chisquare(n - 1 - i, size)) for i in (0, 1))
    root[:, 1, 0] = rng.standard_normal(size)
    mean = rng.standard_normal((size, 2)) / np.sqrt(n)
    root = turn @ root
    return Moments(np.full(size, n), mean @ turn.T + [shift, 0.0], root @ root.swapaxes(-1, -2), ("y", "pre"))
