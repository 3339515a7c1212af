"""Coverage of Welch's interval for skewed users in unequal arms, from one set of draws."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import pandas as pd

from abkit import _check
from abkit.estimate import Effect
from abkit.inference.means import welch

LARGEST, RATIOS, REPS = 300, 9, 400


def outcomes(n: int, skew: float, ratio: int, *, seed: int = 0, reps: int = REPS) -> Effect:
    """Return Welch's interval of `reps` A/A experiments of `n` control and `ratio`·n treatment users.

    World: Y is lognormal with the stated skewness (0 means normal), shifted and scaled to mean 0 and
    standard deviation 1 in both arms; the true effect is 0. The luck is fixed by the seed: smaller
    experiments are the first users of larger ones, and skewness bends the same normal draws.

    >>> outcomes(20, 2.0, 1, reps=5).estimate.shape
    (5,)
    """
    n, ratio = _check.integer("n", n, low=2), _check.integer("ratio", ratio)
    if n > LARGEST or ratio > RATIOS:
        raise _check.fail(
            "n", f"must be at most {LARGEST}, with a ratio of at most {RATIOS}", f"{n} and {ratio}"
        )
    control, treatment = _luck(_check.integer("seed", seed, low=0), _check.integer("reps", reps))
    return welch(bent(control[:, :n], skew), bent(treatment[:, : ratio * n], skew))


def bent(z: np.ndarray, skew: float) -> np.ndarray:
    """Turn standard normal draws into lognormal ones of mean 0, standard deviation 1 and this skewness.

    >>> bent(np.array([0.0, 1.0]), 0.0).tolist()
    [0.0, 1.0]
    """
    if _check.number("skew", skew) < 0:
        raise _check.fail("skew", "must be at least 0", skew)
    if skew == 0:
        return z
    roots = np.roots([1.0, 3.0, 0.0, -4.0 - skew**2])  # (w + 2)²·(w − 1) = skew², with w = exp(sigma²)
    w = float(roots[np.abs(roots.imag) < 1e-9].real.max())
    return (np.exp(np.sqrt(np.log(w)) * z) / np.sqrt(w) - 1) / np.sqrt(w - 1)


def coverage_table(
    sizes: Iterable[int], skews: Iterable[float], ratio: int, *, seed: int = 0, reps: int = REPS
) -> pd.DataFrame:
    """Return the coverage of the panel's world on a grid, one row a setting, with its Monte-Carlo error.

    sizes: users in control; skews: skewness of the metric; ratio: treatment users for each control user.
    seed, reps: fix the draws, and say how many experiments a setting gets.

    >>> coverage_table([20], [0.0], 1, reps=50).columns.tolist()
    ['skew', 'n', 'coverage', 'error']
    """
    rows = []
    for skew in skews:
        for n in sizes:
            share = covered(outcomes(n, skew, ratio, seed=seed, reps=reps))
            rows.append((skew, n, share, np.sqrt(share * (1 - share) / reps)))
    return pd.DataFrame(rows, columns=["skew", "n", "coverage", "error"])


def covered(effects: Effect) -> float:
    """Return the share of intervals that hold 0, the truth of an A/A test.

    >>> covered(outcomes(20, 0.0, 1, reps=50)) > 0.5
    True
    """
    return float(((effects.low <= 0) & (effects.high >= 0)).mean())


@lru_cache(maxsize=2)
def _luck(seed: int, reps: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((reps, LARGEST)), rng.standard_normal((reps, RATIOS * LARGEST))
