"""Many effects at once: each is drawn towards their common mean, by as much as their own spread says.

The model: estimate_i ~ N(effect_i, se_i²) and effect_i ~ N(mu, tau²), tests exchangeable, mu flat, and tau
flat on (0, ∞), the prior that Gelman (2006, section 7.1) names for five or more groups. mu is integrated in
closed form and tau by quadrature: an interval with the best tau plugged in covers .4 (5 effects, tau .3
standard errors) to .86 (20 effects, tau 1) of the effects, not .95.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from abkit import _check
from abkit._table import Table
from abkit.estimate import Effect

X, W = np.polynomial.legendre.leggauss(64)
NODES, WEIGHTS = (X + 1) / 2, W / 2  # on (0, 1)
ZOOMS = 3  # each pass keeps the part of the range where the posterior lives
EXACT = 1e-12  # of the probability below a quantile
FAR = 30.0  # log units below the peak, beyond which nothing counts: exp(-30) = 1e-13


@dataclass(frozen=True, eq=False, repr=False)
class Shrunk(Table):
    """Effects after shrinkage, k on the last axis; `mean`, `sd`, `low`, `high` are the posterior's.

    shrinkage: the weight of a test's own estimate, 1 − shrinkage is that of the common mean `mu` (averaged
    over the posterior of the spread). spread: posterior median of the sd between true effects, with its 1 −
    alpha interval. positive: chance that the true effect is above 0.
    """

    label: Any
    estimate: Any
    se: Any
    mean: Any
    sd: Any
    low: Any
    high: Any
    shrinkage: Any
    positive: Any
    mu: Any
    mu_se: Any
    spread: Any
    spread_low: Any
    spread_high: Any
    alpha: float = 0.05


@dataclass(frozen=True, eq=False)
class _Given:
    """The posterior at each spread: shape (..., nodes) for mu, (..., k, nodes) for the effects."""

    mu: np.ndarray
    mu_variance: np.ndarray
    weight: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    log_likelihood: np.ndarray


def shrink(effects: Effect | Sequence[Effect], *, alpha: float = 0.05, spread: float | None = None) -> Shrunk:
    """Return every effect drawn towards the common mean, with 1 − alpha intervals that count the unknown
    spread.

    effects: of ONE metric in one unit, from tests that could have come in any order (exchangeable): a list of
    Effects, or one Effect with k on its last axis. At least three. Estimates are taken as normal with known
    se. Give ALL tests that were run, not the winners: shrinkage corrects a selection only where it sees what
    was not selected. spread: the sd between true effects, in the metric's unit, where it is known; then
    nothing is integrated but the mean.

    Over tests of one family the intervals cover .93 to .98 of the true effects, and as much of the largest
    one, for k from 5 to 50 and a spread of .3 to 1 standard errors (measured). Intervals are not
    simultaneous.
    Raises ValueError for fewer than three effects, an se that is not above 0, relative and absolute effects
    together.

    References: Gelman (2006), section 7.1; Gelman and others (2013), section 5.4, eq. 5.17 to 5.21.

    >>> found = shrink([Effect.of(x, 1.0) for x in (4.0, 1.0, 0.5, 0.0, -0.5)])
    >>> found.estimate.tolist(), found.mean.round(1).tolist()
    ([4.0, 1.0, 0.5, 0.0, -0.5], [3.2, 1.0, 0.6, 0.3, -0.1])
    """
    labels, y, se = _columns(effects)
    _check.share("alpha", alpha)
    if spread is None:
        tau, weight = _posterior_of_spread(y, se)
        inner = np.stack([_quantile_of(tau, weight, p) for p in (0.5, alpha / 2, 1 - alpha / 2)])
    else:
        value = _check.number("spread", spread)
        if value < 0:
            raise _check.fail("spread", "must not be below 0", f"{value:g}")
        tau = np.full((*y.shape[:-1], 1), value)
        weight, inner = np.ones_like(tau), np.full((3, *y.shape[:-1]), value)
    return _summed_up(labels, (y, se), (tau, weight), inner, alpha)


def _summed_up(labels: Any, data: Any, nodes: Any, inner: np.ndarray, alpha: float) -> Shrunk:
    (y, se), (tau, weight) = data, nodes
    at = _given(y, se, tau)
    q = weight[..., None, :]
    mean = (q * at.mean).sum(-1)
    sd = np.sqrt((q * (at.sd**2 + (at.mean - mean[..., None]) ** 2)).sum(-1))
    mu = (weight * at.mu).sum(-1)
    mu_se = np.sqrt((weight * (at.mu_variance + (at.mu - mu[..., None]) ** 2)).sum(-1))
    tail = ndtri(1 - alpha / 2)
    low, high = (
        _mixture_quantile(p, q, at.mean, at.sd, mean + sign * tail * sd)
        for p, sign in ((alpha / 2, -1), (1 - alpha / 2, 1))
    )
    return Shrunk(
        labels,
        y,
        se,
        mean=mean,
        sd=sd,
        low=low,
        high=high,
        shrinkage=(q * at.weight).sum(-1),
        positive=(q * ndtr(at.mean / at.sd)).sum(-1),
        mu=mu,
        mu_se=mu_se,
        spread=inner[0],
        spread_low=inner[1],
        spread_high=inner[2],
        alpha=alpha,
    )


def _columns(effects: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    several = [effects] if isinstance(effects, Effect) else _check.several("effects", effects)
    for effect in several:
        if not isinstance(effect, Effect):
            raise _check.fail("effects", "must be an Effect or a list of Effects", type(effect).__name__)
    if len({effect.relative for effect in several}) > 1:
        raise _check.fail("effects", "must all be absolute or all relative", "both")
    if isinstance(effects, Effect):
        y, se = _check.together(estimate=np.atleast_1d(effects.estimate), se=np.atleast_1d(effects.se))
        labels = np.array([f"{effects.label} {i + 1}" for i in range(y.shape[-1])], object)
    else:
        parts = (
            _check.together(**{f"effect {i}": e.estimate for i, e in enumerate(several)}) if several else []
        )
        y = np.stack(parts, -1) if several else np.empty(0)
        se = np.stack([np.broadcast_to(e.se, y.shape[:-1]) for e in several], -1) if several else y
        labels = np.array([effect.label for effect in several], object)
    if y.shape[-1] < 3:
        raise _check.fail(
            "effects", "must hold at least three, for two do not tell their spread", y.shape[-1]
        )
    y, se = _check.array("effects", y), _check.array("effects", se)
    if (se <= 0).any():
        raise _check.fail("effects", "must have standard errors above 0", f"{se.min():g}")
    return labels, y, se


def _given(y: np.ndarray, se: np.ndarray, tau: np.ndarray) -> _Given:
    """Everything that is normal once tau is known (Gelman and others 2013, eq. 5.17, 5.20, 5.21)."""
    variance = se[..., None] ** 2 + tau[..., None, :] ** 2
    precision = 1 / variance
    total = precision.sum(-2)
    mu = (precision * y[..., None]).sum(-2) / total
    rest = y[..., None] - mu[..., None, :]
    weight = tau[..., None, :] ** 2 * precision
    log_likelihood = (np.log(precision).sum(-2) - np.log(total) - (precision * rest**2).sum(-2)) / 2
    sd = np.sqrt(weight * se[..., None] ** 2 + (1 - weight) ** 2 / total[..., None, :])
    return _Given(mu, 1 / total, weight, mu[..., None, :] + weight * rest, sd, log_likelihood)


def _posterior_of_spread(y: np.ndarray, se: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of tau and their weights, which sum to 1, shape (..., nodes).

    Quadrature runs over u = tau/(tau + s), s the typical se, so that (0, 1) holds every spread; dtau = s
    du/(1 − u)². Each zoom cuts the range to where the density is within FAR of its peak.
    """
    s = np.sqrt(1 / (1 / se**2).mean(-1))[..., None]
    low, width = np.zeros_like(s), np.ones_like(s)
    for zoom in range(ZOOMS):
        u = low + width * NODES
        tau = s * u / (1 - u)
        log_density = _given(y, se, tau).log_likelihood - 2 * np.log1p(-u)
        near = log_density > log_density.max(-1, keepdims=True) - FAR
        if zoom < ZOOMS - 1:
            low, width = _narrower(near, low, width)
    density = np.exp(log_density - log_density.max(-1, keepdims=True)) * WEIGHTS
    return tau, density / density.sum(-1, keepdims=True)


def _narrower(near: np.ndarray, low: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The range from the node before the first near one to the node after the last."""
    edges = np.concatenate([[0.0], NODES, [1.0]])
    first = near.argmax(-1)
    last = near.shape[-1] - 1 - near[..., ::-1].argmax(-1)
    start, stop = edges[first][..., None], edges[last + 2][..., None]
    return low + width * start, width * (stop - start)


def _quantile_of(tau: np.ndarray, weight: np.ndarray, p: float) -> np.ndarray:
    """Quantile of the spread: the weights are cumulated, half of a node's own counted, and read off by a
    line.
    """
    cumulated = (weight.cumsum(-1) - weight / 2).reshape(-1, tau.shape[-1])
    flat = tau.reshape(-1, tau.shape[-1])
    found = [np.interp(p, c, t) for c, t in zip(cumulated, flat, strict=True)]
    return np.reshape(found, tau.shape[:-1])


def _mixture_quantile(p: float, q: np.ndarray, mean: np.ndarray, sd: np.ndarray, guess: np.ndarray) -> Any:
    """Where a mixture of normals has its p-quantile: Newton's steps, kept inside a bracket that each step
    narrows.
    """
    reach = 9 * sd
    return _newton(
        lambda x: ((q * ndtr((x[..., None] - mean) / sd)).sum(-1) - p, _density(x, q, mean, sd)),
        guess,
        (mean - reach).min(-1),
        (mean + reach).max(-1),
    )


def _density(x: np.ndarray, q: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    z = (x[..., None] - mean) / sd
    return (q * np.exp(-(z**2) / 2) / sd).sum(-1) / np.sqrt(2 * np.pi)


def _newton(f: Callable[..., Any], x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Solve a rising f(x) = 0; a step that would leave the bracket is replaced by its middle."""
    for _ in range(100):
        value, slope = f(x)
        low, high = np.where(value < 0, x, low), np.where(value < 0, high, x)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = x - value / slope
        inside = (step >= low) & (step <= high)
        x = np.where(inside, step, (low + high) / 2)
        if np.all(np.abs(value) < EXACT):
            return x
    return x
