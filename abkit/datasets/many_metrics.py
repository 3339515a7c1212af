"""Many metrics of the same users: one test with twenty of them, and the errors of every correction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from abkit import _check
from abkit.datasets.worlds import correlated_metrics
from abkit.inference.families import Discoveries, adjust_pvalues, discoveries

if TYPE_CHECKING:
    import pandas as pd

ALPHA, EFFECT = 0.05, 3.0
PARTS = (
    *("lessons", "speaking", "listening", "reading", "writing", "grammar", "words", "quizzes", "stories"),
    *("songs", "videos", "games", "chat", "friends", "search", "streak", "notes", "sharing", "shop", "help"),
)
NAMES = ("none", "Bonferroni", "Holm", "max-t", "BH")


def language_test(users: int = 2_000, *, correlation: float = 0.5, seed: int = 128) -> pd.DataFrame:
    """Return a test of a language app that changes nothing: one row a user, minutes in twenty parts of it.

    Y_j ~ N(40, 10²), rounded to .1; every two parts have the same correlation, for some users are eager.
    Columns: user, arm ("old", "new"; half each), and the parts. users: an even number, at least 4. The
    default seed is picked: one part of twenty rises with p = .012, as in the story of notebook 08.

    Raises ValueError: `correlation` must lie from 0 to below 1.

    >>> table = language_test()
    >>> table.shape, table.columns[:4].tolist()
    ((2000, 22), ['user', 'arm', 'lessons', 'speaking'])
    """
    import pandas as pd

    users = _check.integer("users", users, low=4)
    if users % 2:
        raise _check.fail("users", "must be even: half in each arm", users)
    if not 0 <= _check.number("correlation", correlation) < 1:
        raise _check.fail("correlation", "must lie from 0 to below 1", correlation)
    rng = np.random.default_rng(_check.integer("seed", seed, low=0))
    eager, own = rng.standard_normal((users, 1)), rng.standard_normal((users, len(PARTS)))
    minutes = np.round(40 + 10 * (np.sqrt(correlation) * eager + np.sqrt(1 - correlation) * own), 1)
    arm = np.repeat(["old", "new"], users // 2)
    table = pd.DataFrame({"user": np.arange(1, users + 1), "arm": arm})
    return table.join(pd.DataFrame(minutes, columns=list(PARTS)))


def error_rates(
    metrics: int, correlation: float, share: float, *, reps: int = 1_000, seed: int = 0
) -> dict[str, Discoveries]:
    """Return the false wins and the finds of no correction and of four corrections in the same experiments.

    World: `correlated_metrics` with true effects of 3 standard errors in round(share · metrics) metrics,
    two-sided z tests, alpha .05. A win is upward only: losses do not count. Max-t is the step-down method
    with the true correlation, by its exact limits. reps: experiments. seed: of their draws.

    >>> rates = error_rates(10, 0.0, 0.0)
    >>> rates["none"].any_false > 0.18 > 0.05 > rates["Holm"].any_false
    True
    """
    z = correlated_metrics(metrics, correlation=correlation, share=share, effect=EFFECT)(
        np.random.default_rng(_check.integer("seed", seed, low=0)), _check.integer("reps", reps)
    )
    pvalue, real = 2 * ndtr(-np.abs(z)), np.arange(metrics) < round(share * metrics)
    rejected = {"none": pvalue <= ALPHA}
    for name, method in (("Bonferroni", "bonferroni"), ("Holm", "holm"), ("BH", "bh")):
        rejected[name] = adjust_pvalues(pvalue, method=method) <= ALPHA
    rejected["max-t"] = _step_down(np.abs(z), largest_limits(metrics, correlation, alpha=ALPHA))
    return {name: discoveries(rejected[name] & (z > 0), real) for name in NAMES}


def _step_down(score: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Reject from the largest down, each against the limit of those that are left; (..., family)."""
    order = np.argsort(-score, axis=-1)
    passed = np.take_along_axis(score, order, -1) >= limits[::-1]
    out = np.zeros(score.shape, bool)
    np.put_along_axis(out, order, np.logical_and.accumulate(passed, axis=-1), -1)
    return out


def largest_limits(k: int, correlation: float, *, alpha: float = 0.05) -> np.ndarray:
    """Return the c_j with P(the largest |Z| of j is at least c_j) = alpha, for j = 1 to k; shape (k,).

    Every two of the j normal statistics have the same correlation, from 0 to below 1. Exact to 1e-4: one
    shared normal factor, summed on a grid, inverted by interpolation.

    Raises ValueError for a family below 1, an alpha outside (0, 1) or another correlation.

    References: Dunnett and Sobel (1955), the product form.

    >>> largest_limits(3, 0.5).round(3).tolist()
    [1.96, 2.212, 2.349]
    """
    k, alpha = _check.integer("k", k), _check.share("alpha", alpha)
    if not 0 <= _check.number("correlation", correlation) < 1:
        raise _check.fail("correlation", "must lie from 0 to below 1", correlation)
    u, c = np.linspace(-8.5, 8.5, 171), np.linspace(1.5, 4.5, 151)
    weight = np.exp(-(u**2) / 2)
    weight /= weight.sum()
    shift, rest = np.sqrt(correlation) * u[:, None], np.sqrt(1 - correlation)
    inside = ndtr((c + shift) / rest) - ndtr((shift - c) / rest)
    held, limits = np.ones_like(inside), np.empty(k)
    for j in range(k):
        held = held * inside
        limits[j] = np.interp(1 - alpha, weight @ held, c)
    return limits
