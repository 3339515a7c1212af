"""Worlds with known truth, and real experiments that Python packages ship.

A world is a function that returns `draw(rng, size)`: `size` replications of (control, treatment),
which `calibrate` feeds to a procedure. The equations are in each docstring. `n` is the size of
the control arm, and `allocation` the treatment's share of all units.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from abkit import _check
from abkit.moments import Moments

Draw = Callable[[np.random.Generator, int], tuple[Any, Any]]


def normal_rows(
    n: int = 200, effect: float = 0.0, sd: float | Sequence[float] = 1.0, allocation: float = 0.5
) -> Draw:
    """Return a world of normal rows: control Y ~ N(0, sd²), treatment Y ~ N(effect, sd²).

    The truth is `effect`, in the metric's units. `n` units in control, n·allocation/(1 − allocation)
    in treatment. `sd` is one number, or a pair (control, treatment). Arms: arrays (size, rows).
    Raises ValueError for an arm of fewer than two units.

    >>> control, treatment = normal_rows(30, allocation=0.75)(np.random.default_rng(0), 2)
    >>> control.shape, treatment.shape
    ((2, 30), (2, 90))
    """
    return partial(_normal_rows, _arms(n, allocation), _check.number("effect", effect), _pair(sd))


def normal_moments(
    n: int = 200, effect: float = 0.0, sd: float | Sequence[float] = 1.0, allocation: float = 0.5
) -> Draw:
    """Return the world of `normal_rows` as sufficient statistics: the same law, without the rows.

    Mean ~ N(mu, sd²/n) and scatter ~ sd²·chi²(n − 1) are independent (Cochran 1934), so the draw is
    exact and its cost does not grow with n. Arms: `Moments` with fields of leading axis `size`.

    effect: the effect to detect, in the metric's own units; sd: the standard deviation of a unit; allocation:
    the treatment's share of all units.

    >>> control, treatment = normal_moments(10_000_000)(np.random.default_rng(0), 3)
    >>> control.mean.shape, control.scatter.shape
    ((3, 1), (3, 1, 1))
    """
    return partial(_normal_moments, _arms(n, allocation), _check.number("effect", effect), _pair(sd))


def binomial_counts(
    n_control: int = 1_000, n_treatment: int = 1_000, p_control: float = 0.1, p_treatment: float = 0.1
) -> Draw:
    """Return a world of conversions: successes ~ Binomial(n, p) in each arm, independent.

    The truth is p_treatment − p_control, in shares. Arms: `Moments` of a 0/1 metric.

    n_control: units in the control arm; n_treatment: units in the treatment arm.

    >>> control, treatment = binomial_counts(100, 100, 0.5, 0.5)(np.random.default_rng(0), 4)
    >>> control.n.tolist()
    [100.0, 100.0, 100.0, 100.0]
    """
    counts = _check.integer("n_control", n_control), _check.integer("n_treatment", n_treatment)
    rates = _rate("p_control", p_control), _rate("p_treatment", p_treatment)
    return partial(_binomial_counts, counts, rates)


def skewed_rows(n_control: int = 10, n_treatment: int = 10, effect: float = 0.0) -> Draw:
    """Return a world of skewed rows: control Y ~ Exponential(1), treatment Y ~ (1 + effect)·Exponential(1).

    The truth is `effect` (the control mean is 1, so it is also the relative effect); it must be above −1.
    The skewness is 2: the t distribution is wrong in small arms, most of all in unequal ones.
    Arms: arrays (size, rows).

    n_control: units in the control arm; n_treatment: units in the treatment arm.

    >>> control, treatment = skewed_rows(30, 300)(np.random.default_rng(0), 2)
    >>> control.shape, treatment.shape
    ((2, 30), (2, 300))
    """
    counts = _check.integer("n_control", n_control, low=2), _check.integer("n_treatment", n_treatment, low=2)
    return partial(_skewed_rows, counts, _check.positive("1 + effect", 1 + _check.number("effect", effect)))


def looks_world(
    looks: int = 30, per_look: int = 100, effect: float = 0.0, sd: float | Sequence[float] = 1.0
) -> Draw:
    """Return a world of running experiments: `Moments` of all users so far, one for each of `looks` looks.

    Between two looks `per_look` users join each arm: control Y ~ N(0, sd²), treatment Y ~ N(effect, sd²). The
    mean and scatter of each batch are drawn as in `normal_moments` and added up, so the law is exact and
    no user is drawn. Arms: `Moments` with leading axes (size, looks). The truth is `effect`, in the metric's
    units.

    sd: the standard deviation of a unit.

    >>> control, treatment = looks_world(3, 50)(np.random.default_rng(0), 2)
    >>> control.n.tolist()
    [[50.0, 100.0, 150.0], [50.0, 100.0, 150.0]]
    """
    counts = _check.integer("looks", looks), _check.integer("per_look", per_look, low=2)
    return partial(_looks_world, counts, _check.number("effect", effect), _pair(sd))


def correlated_metrics(
    metrics: int = 20,
    *,
    correlation: float = 0.0,
    share: float = 0.0,
    effect: float = 3.0,
    df: float = np.inf,
) -> Callable[[np.random.Generator, int], np.ndarray]:
    """Return a world of many metrics of the same users: draw(rng, size) gives test statistics (size,
    metrics).

    z_j = mu_j + √correlation · F + √(1 − correlation) · e_j, with F and e_j standard normal. The first
    round(share · metrics) metrics have a true effect, mu = `effect` in standard errors; the others have mu =
    0. A finite `df` divides each z by its own s/sigma: the exact law of the pooled t statistics of df + 2
    users whose metrics are normal with this correlation. There are no arms here, hence no (control,
    treatment).

    Raises ValueError: `df` must be above 1.

    >>> z = correlated_metrics(5, share=0.4, effect=10.0)(np.random.default_rng(0), 3)
    >>> z.shape, (z > 5).tolist()[0]
    ((3, 5), [True, True, False, False, False])
    """
    k, rho, part = (
        _check.integer("metrics", metrics),
        _rate("correlation", correlation),
        _rate("share", share),
    )
    mu = np.where(np.arange(k) < round(part * k), _check.number("effect", effect), 0.0)
    if not df > 1:
        raise _check.fail("df", "must be above 1", df)
    return partial(_correlated_metrics, mu, rho, float(df))


def _arms(n: int, allocation: float) -> tuple[int, int]:
    share = _check.share("allocation", allocation)
    control = _check.integer("n", n, low=2)
    treatment = round(control * share / (1 - share))
    if treatment < 2:
        raise _check.fail(
            "n", "must leave at least two units in treatment", f"{treatment} of {control + treatment}"
        )
    return control, treatment


def _pair(sd: float | Sequence[float]) -> tuple[float, float]:
    values = [_check.positive("sd", v) for v in np.ravel(np.asarray(sd))]
    if len(values) not in (1, 2):
        raise _check.fail("sd", "must be one number or a pair (control, treatment)", sd)
    return values[0], values[-1]


def _rate(name: str, value: float) -> float:
    value = _check.number(name, value)
    if not 0 <= value <= 1:
        raise _check.fail(name, "must lie from 0 to 1", f"{value:g}")
    return value


def _normal_rows(
    counts: tuple[int, int], effect: float, sd: tuple[float, float], rng: np.random.Generator, size: int
) -> tuple[np.ndarray, np.ndarray]:
    control = rng.normal(0.0, sd[0], (size, counts[0]))
    return control, rng.normal(effect, sd[1], (size, counts[1]))


def _normal_moments(
    counts: tuple[int, int], effect: float, sd: tuple[float, float], rng: np.random.Generator, size: int
) -> tuple[Moments, Moments]:
    arms = []
    for n, mu, sigma in zip(counts, (0.0, effect), sd, strict=True):
        mean = rng.normal(mu, sigma / np.sqrt(n), size)
        scatter = sigma**2 * rng.chisquare(n - 1, size)
        arms.append(Moments(np.full(size, n), mean[:, None], scatter[:, None, None], ("y",)))
    return arms[0], arms[1]


def _looks_world(
    counts: tuple[int, int], effect: float, sd: tuple[float, float], rng: np.random.Generator, size: int
) -> tuple[Moments, Moments]:
    looks, per_look = counts
    n = np.broadcast_to(per_look * np.arange(1.0, looks + 1), (size, looks))
    arms = []
    for mu, sigma in zip((0.0, effect), sd, strict=True):
        batch = rng.normal(
            0.0, np.sqrt(per_look), (size, looks)
        )  # sums of a batch, around mu, in units of sigma
        squares = rng.chisquare(per_look - 1, (size, looks)) + batch**2 / per_look
        total = batch.cumsum(1)
        scatter = sigma**2 * (squares.cumsum(1) - total**2 / n)
        arms.append(Moments(n, (mu + sigma * total / n)[..., None], scatter[..., None, None], ("y",)))
    return arms[0], arms[1]


def _binomial_counts(
    counts: tuple[int, int], rates: tuple[float, float], rng: np.random.Generator, size: int
) -> tuple[Moments, Moments]:
    control = Moments.counts(rng.binomial(counts[0], rates[0], size), counts[0])
    return control, Moments.counts(rng.binomial(counts[1], rates[1], size), counts[1])


def _skewed_rows(
    counts: tuple[int, int], scale: float, rng: np.random.Generator, size: int
) -> tuple[np.ndarray, np.ndarray]:
    control = rng.standard_exponential((size, counts[0]))
    return control, scale * rng.standard_exponential((size, counts[1]))


def _correlated_metrics(
    mu: np.ndarray, rho: float, df: float, rng: np.random.Generator, size: int
) -> np.ndarray:
    shape, root = (size, len(mu)), np.sqrt([rho, 1 - rho])
    z = mu + root[0] * rng.standard_normal((size, 1)) + root[1] * rng.standard_normal(shape)
    if np.isinf(df):
        return z
    # Diagonal of a Wishart matrix: rows are root·(f, e_j), and given f the sum of f·e_j is |f| times a
    # normal.
    common, along = rng.chisquare(df, (size, 1)), rng.standard_normal(shape)
    square = (
        rho * common
        + (1 - rho) * (along**2 + rng.chisquare(df - 1, shape))
        + 2 * root.prod() * np.sqrt(common) * along
    )
    return z / np.sqrt(square / df)
