"""Which option is the best, with what probability, and what does a wrong choice cost on average?

Both answers are integrals of distribution functions over one line. They are computed by Gauss-Legendre panels
whose edges are quantiles of every option, so that a narrow posterior beside a wide one is seen. Rates are put
on the line by the logit: no density is infinite there. No random numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from abkit import _check
from abkit._table import Table
from abkit.bayes.posteriors import Beta, Normal

NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
TAILS = np.array([1e-15, 1e-12, 1e-9, 1e-6, 1e-4, 0.01, 0.05, 0.15, 0.3])
FAR = 700.0  # a rate of exp(-700) is 0 for a float
EDGES = np.concatenate([special.ndtri(TAILS), [0.0], -special.ndtri(TAILS[::-1])])


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Table):
    """Each option in its order: probability of being the best, expected loss of choosing it, interval.

    expected_loss: mean of (the best of all − this one), in the unit of the options, never below 0. low, high:
    the option's own posterior interval. label: the names.

    >>> compare({"A": Beta(11, 91), "B": Beta(16, 86)}).to_frame()["option"].tolist()
    ['A', 'B']
    """

    prob_best: np.ndarray
    expected_loss: np.ndarray
    low: np.ndarray
    high: np.ndarray
    label: tuple[str, ...]

    def to_frame(self):  # type: ignore[no-untyped-def]
        """Return one row an option: its name, probability of being the best, expected loss, and interval.

        >>> compare({"A": Beta(11, 91), "B": Beta(16, 86)}).to_frame()["prob_best"].sum().round(6).item()
        1.0
        """
        import pandas as pd

        fields = self.to_dict()
        return pd.DataFrame(
            {"option": list(fields.pop("label")), **{k: np.asarray(v) for k, v in fields.items()}}
        )


def compare(posteriors: Mapping[str, Beta] | Mapping[str, Normal], *, alpha: float = 0.05) -> Comparison:
    """Return the probability of being the best and the expected loss of each of two or more options.

    posteriors: label → `Beta` (all of them) or `Normal` (all of them), independent of each other. alpha: the
    intervals hold 1 − alpha. A known value is `Normal(0, 0)`: compare an effect with it and the loss is that
    of shipping against that of staying. Exact to about 1e-10. Looking every day and shipping at .95 is no
    test: of tests without any effect 24 per cent ship within 30 looks.

    Raises ValueError for fewer than two options, mixed kinds, a flat posterior, or sd 0 among three or more.

    References: Stucchio 2015, Bayesian A/B Testing at VWO (expected loss); Miller 2015, Formulas for Bayesian
    A/B Testing, eq. 6.

    >>> compare({"A": Beta(11, 91), "B": Beta(16, 86)}).prob_best.round(3)
    array([0.147, 0.853])
    """
    kind = _kind(posteriors)
    options = list(posteriors.values())
    if kind is Beta:
        prob, loss = beta_best(*(np.array([getattr(p, k) for p in options], float) for k in ("a", "b")))
    else:
        prob, loss = normal_best(*(np.array([getattr(p, k) for p in options], float) for k in ("mean", "sd")))
    low, high = np.array([p.interval(alpha=alpha) for p in posteriors.values()]).T
    return Comparison(prob, loss, low, high=high, label=tuple(posteriors))


def _kind(posteriors: Mapping[str, Beta] | Mapping[str, Normal]) -> type:
    """Return the one kind of all options, or say what is wrong with them."""
    if not isinstance(posteriors, Mapping) or len(posteriors) < 2:
        raise _check.fail("posteriors", "must map at least two labels to Beta or Normal", repr(posteriors))
    kinds = {type(p) for p in posteriors.values()}
    if kinds not in ({Beta}, {Normal}):
        names = ", ".join(sorted(k.__name__ for k in kinds))
        raise _check.fail("posteriors", "must be all Beta or all Normal", names)
    if kinds == {Normal}:
        sds = [p.sd for p in posteriors.values()]  # type: ignore[union-attr]
        if not np.isfinite(sds).all():
            raise _check.fail("posteriors", "must have a finite sd", "inf", "Update the flat prior first.")
        if len(sds) > 2 and min(sds) == 0:
            raise _check.fail("posteriors", "must have sd above 0 where there are three or more", 0)
    return kinds.pop()


def beta_best(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return P(best) and expected loss of independent Beta options; a, b: arrays (..., options).

    >>> beta_best(np.array([2.0, 4.0]), np.array([3.0, 5.0]))[0].round(4)
    array([0.4242, 0.5758])
    """
    low, high = a[..., None, :], b[..., None, :]
    tail = special.ndtr(EDGES[: len(TAILS) + 1])[:, None]
    lower, upper = special.betaincinv(low, high, tail), special.betaincinv(high, low, tail)
    edges = np.concatenate([special.logit(lower), -special.logit(upper)], axis=-2)
    y, w = _panels(np.clip(edges, -FAR, FAR))
    x, rest = special.expit(y)[..., None], special.expit(-y)[..., None]
    log_density = low * np.log(x) + high * np.log(rest)
    log_density -= log_density.max(-2, keepdims=True)
    cdf = np.where(
        x < 0.5, special.betainc(low, high, x), 1 - special.betainc(high, low, np.minimum(rest, 0.5))
    )
    return _integrals(np.exp(log_density), cdf, w[..., None], w[..., None] * x * rest)


def normal_best(mean: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return P(best) and expected loss of independent normal options; arrays (..., options).

    mean, sd: (..., options), sd above 0 for three or more. Two options are in closed form.

    >>> normal_best(np.array([0.0, 1.0]), np.array([1.0, 0.0]))[0].round(4)
    array([0.1587, 0.8413])
    """
    if mean.shape[-1] == 2:
        gap, wide = mean - mean[..., ::-1], np.hypot(sd, sd[..., ::-1])
        safe = np.where(wide > 0, wide, 1.0)
        z = gap / safe
        prob = np.where(wide > 0, special.ndtr(z), 0.5 + 0.5 * np.sign(gap))
        loss = safe * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) - gap * special.ndtr(-z)
        return prob, np.where(wide > 0, np.maximum(loss, 0.0), np.maximum(-gap, 0.0))
    mean, sd = mean[..., None, :], sd[..., None, :]
    x, w = _panels(mean + sd * EDGES[:, None])
    z = (x[..., None] - mean) / sd
    density = np.exp(-(z**2) / 2) / (np.sqrt(2 * np.pi) * sd)
    return _integrals(density, special.ndtr(z), w[..., None], w[..., None])


def _panels(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights of Gauss-Legendre panels between the sorted edges (..., points, options)."""
    edges = np.sort(edges.reshape(*edges.shape[:-2], -1), axis=-1)
    half = np.diff(edges)[..., None] / 2
    x = edges[..., :-1, None] + half * (1 + NODES)
    return x.reshape(*x.shape[:-2], -1), (half * WEIGHTS).reshape(*x.shape[:-2], -1)


def _integrals(
    density: np.ndarray, cdf: np.ndarray, dy: np.ndarray, dx: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """P(best) = ∫ f ΠF over the others, and loss = ∫ F (1 − ΠF over the others), which is never below 0.

    The density need not be normalised: the integrals share its error, and their ratio does not have it.
    """
    k = cdf.shape[-1]
    others = np.stack([np.delete(cdf, i, -1).prod(-1) for i in range(k)], -1)
    return (density * others * dy).sum(-2) / (density * dy).sum(-2), (cdf * (1 - others) * dx).sum(-2)
