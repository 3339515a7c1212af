"""Worlds with a pre-period: what users did before the test, and what it says about the test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from abkit import _check
from abkit.moments import Moments


def pre_period_world(
    n: int = 200,
    *,
    slopes: float | Sequence[float] = 0.7,
    sd: float | Sequence[float] | None = None,
    effect: float = 0.0,
    allocation: float = 0.5,
) -> Callable[[np.random.Generator, int], tuple[Moments, Moments]]:
    """Return a world of users with a past: X ~ N(0, 1) before, Y = effect·w + slope_w·X + sd_w·e after, e ~ N(0, 1).

    w is 0 in control and 1 in treatment. slopes, sd: one number, or a pair (control, treatment); without `sd` it is
    √(1 − slope²), so that Y has variance 1 and its correlation with X is the slope. The truth is `effect`, in
    units of Y. `n` units in control, n·allocation/(1 − allocation) in treatment. Arms: `Moments` of (y, pre) with
    leading axis `size`; means and scatter are drawn (Bartlett 1933), so the law is exact and no user is drawn.

    With 10 per cent treated, slopes (1, 0) and sd 1, adjustment with one slope from all rows has 173/110 of the
    variance of NO adjustment in large samples.
    Raises ValueError for slopes of size 1 or more without `sd`, and arms of fewer than three units.

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
