"""Worlds of many tests: one empty test with many metrics, and a year of ideas of which few are good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from abkit import _check

if TYPE_CHECKING:
    import pandas as pd

SE = 0.5  # of every test of the year, in per cent of sales


def search_box(*, users: int = 38_400, rng: int | np.random.Generator | None = None) -> pd.DataFrame:
    """Return a made-up test of a search box that changes NOTHING: one row a user, five independent metrics.

    user: number; arm: control or new, half each; clicked: 0 or 1, rate .25; searches: Poisson with mean 3;
    minutes: exponential with mean 8; spent: euros, exponential with mean 20; rating: normal with mean 4, sd
    .5, cut at 5.

    >>> search_box(users=4, rng=1).columns.tolist()
    ['user', 'arm', 'clicked', 'searches', 'minutes', 'spent', 'rating']
    """
    import pandas as pd

    rng = np.random.default_rng(rng)
    n = _check.integer("users", users, low=4)
    arms = rng.permutation(np.arange(n) % 2)
    return pd.DataFrame(
        {
            "user": np.arange(n),
            "arm": np.where(arms == 1, "new", "control"),
            "clicked": (rng.random(n) < 0.25).astype(int),
            "searches": rng.poisson(3, n),
            "minutes": rng.exponential(8, n).round(1),
            "spent": rng.exponential(20, n).round(2),
            "rating": rng.normal(4, 0.5, n).round(1).clip(max=5),
        }
    )


def year_of_tests(
    *,
    tests: int = 100,
    good: float = 0.1,
    power: float = 0.8,
    alpha: float = 0.05,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Return a year of tests with known truth: a share of the ideas is good, the others do exactly nothing.

    test: number; good: True or False; effect: the truth, estimate, se: in per cent of sales; won: the
    estimate is above 0 and significant at two-sided alpha. A good idea has the effect that its test finds
    with this power; all have one se. good: share; round(good · tests) ideas are good. Raises ValueError for
    shares outside 0 and 1.

    >>> year_of_tests(rng=1).good.sum()
    np.int64(10)
    """
    import pandas as pd

    rng = np.random.default_rng(rng)
    n, z = _check.integer("tests", tests), -ndtri(_check.share("alpha", alpha) / 2)
    if _check.share("power", power) <= alpha / 2:
        raise _check.fail("power", "must be above alpha / 2", f"{power:g}")
    real = rng.permutation(np.arange(n) < round(_check.share("good", good) * n))
    effect = np.where(real, (z + ndtri(power)) * SE, 0.0)
    estimate = effect + SE * rng.normal(size=n)
    return pd.DataFrame(
        {
            "test": np.arange(1, n + 1),
            "good": real,
            "effect": effect,
            "estimate": estimate,
            "se": SE,
            "won": estimate > z * SE,
        }
    )
