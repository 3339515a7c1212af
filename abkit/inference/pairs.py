"""Both arms split into the metric and its covariates: what CUPED and its checks compute with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from abkit import _check
from abkit.inference.means import both_arms
from abkit.moments import Moments

CONSTANT = 1e-12  # sd over |mean|, below which a covariate does not vary
SINGULAR = 1e-10  # share of a covariate's variance that the ones before it must leave


@dataclass(frozen=True, eq=False)
class Pair:
    """Both arms split into metric and covariates, control first on the leading axis of n, yy, xy and xx.

    n: units (2, ...). yy (2, ...), xy (2, ..., k), xx (2, ..., k, k): each arm's variance and covariances
    over n. gap, effect: treatment − control of the covariates' means (..., k) and the metric's (...).
    bad: where the covariates cannot be used.
    """

    n: np.ndarray
    yy: np.ndarray
    xy: np.ndarray
    xx: np.ndarray
    gap: np.ndarray
    effect: np.ndarray
    bad: np.ndarray

    @property
    def k(self) -> int:
        """Return the number of covariates.

        >>> pair_of(Moments.of([1.0, 3.0], pre=[0.0, 2.0]), Moments.of([2.0, 4.0], pre=[1.0, 2.0])).k
        1
        """
        return self.gap.shape[-1]


def chosen(control: Any, treatment: Any, covariates: Sequence[str] | str | None) -> tuple[Moments, Moments]:
    """Return both arms with the metric first and the covariates to use behind it, in one order.

    >>> control = Moments.of([1.0, 2.0], a=[3.0, 4.0], b=[5.0, 7.0])
    >>> both = chosen(control, Moments.of([1.0, 2.0], b=[3.0, 4.0]), "b")
    >>> both[0].names, both[1].names
    (('y', 'b'), ('y', 'b'))
    """
    c, t = both_arms(control, treatment)
    names = [covariates] if isinstance(covariates, str) else covariates
    names = list(c.names[1:]) if names is None else _check.several("covariates", names)
    for name in names:
        _check.text("covariates", name)
    if not names or c.names[0] in names or len(set(names)) < len(names):
        raise _check.fail(
            "covariates",
            "must name columns of the Moments besides the metric, each once",
            ", ".join(names) or "none",
        )
    for name in names:
        for arm in (c, t):
            if name not in arm.names:
                raise _check.fail("covariates", "must be among " + ", ".join(arm.names[1:]), repr(name))
    return c.select(c.names[0], *names), t.select(t.names[0], *names)


def pair_of(c: Moments, t: Moments) -> Pair:
    """Return the parts of both arms. A single experiment with a constant or singular covariate raises, by
    its name.

    >>> pair_of(Moments.of([1.0, 3.0], pre=[0.0, 2.0]), Moments.of([2.0, 4.0], pre=[1.0, 2.0])).gap.tolist()
    [0.5]
    """
    n = np.stack(np.broadcast_arrays(np.asarray(c.n, float), np.asarray(t.n, float)))
    for name, arm in (("control", c), ("treatment", t)):
        if np.size(arm.n) and np.max(arm.n) < 2:
            raise _check.fail(name, "must hold at least two rows", int(np.max(arm.n)))
    cov = np.stack(np.broadcast_arrays(c.cov, t.cov)) / n[..., None, None]
    gap = t.mean - c.mean
    total = cov[..., 1:, 1:].sum(0)
    mean = np.maximum(np.abs(c.mean), np.abs(t.mean))[..., 1:]
    bad = _unusable(total, mean, n.min(0), c.names[1:])
    return Pair(n, cov[..., 0, 0], cov[..., 0, 1:], cov[..., 1:, 1:], gap[..., 1:], gap[..., 0], bad)


def slopes(pair: Pair, theta: str) -> np.ndarray:
    """Return the slopes (..., k) that weigh each arm's covariances by 1/n ("optimal") or by n − 1 ("within").

    >>> pair = pair_of(Moments.of([1.0, 3.0], pre=[0.0, 2.0]), Moments.of([2.0, 4.0], pre=[1.0, 3.0]))
    >>> slopes(pair, "optimal").round(6)
    array([1.])
    """
    _check.one_of("theta", theta, ("optimal", "within"))
    weight = pair.n * (pair.n - 1) if theta == "within" else np.ones(pair.n.shape)
    xx = (weight[..., None, None] * pair.xx).sum(0)
    return solve(xx, (weight[..., None] * pair.xy).sum(0), pair.bad)


def solve(matrix: np.ndarray, vector: np.ndarray, bad: np.ndarray) -> np.ndarray:
    """Solve each system after scaling its diagonal to 1; unusable ones become those of the unit matrix.

    >>> solve(np.array([[2.0]]), np.array([4.0]), np.array(False)).tolist()
    [2.0]
    """
    scale = np.sqrt(np.where(bad[..., None], 1.0, np.diagonal(matrix, axis1=-2, axis2=-1)))
    scaled = matrix / scale[..., :, None] / scale[..., None, :]
    scaled = np.where(bad[..., None, None], np.eye(scaled.shape[-1]), scaled)
    return np.linalg.solve(scaled, (vector / scale)[..., None])[..., 0] / scale


def require_df(pair: Pair, df: np.ndarray) -> None:
    """Raise where a single experiment has no degrees of freedom left beside its covariates.

    df: () or (experiments,); of several experiments none is refused.

    >>> pair = pair_of(Moments.of([1.0, 3.0], pre=[0.0, 2.0]), Moments.of([2.0, 4.0], pre=[1.0, 2.0]))
    >>> require_df(pair, np.float64(0))
    Traceback (most recent call last):
        ...
    ValueError: `control and treatment` must hold more units for 1 covariate; got 2 and 2.
    """
    if np.ndim(df) == 0 and not df > 0:
        need = f"must hold more units for {pair.k} covariate" + "s" * (pair.k > 1)
        raise _check.fail("control and treatment", need, " and ".join(f"{n:g}" for n in pair.n))


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the sum of products over the last axis.

    >>> float(dot(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    11.0
    """
    return (a * b).sum(-1)


def independent(arms: Sequence[Moments], names: Sequence[str]) -> list[str]:
    """Return those of `names` that vary within the arms and follow neither from the columns before nor
    from each other.

    Two covariates that come from one join miss the same rows, and their marks are one column.

    >>> arms = [Moments.of([1.0, 2.0, 4.0], a=[0.0, 1.0, 0.0], b=[0.0, 1.0, 0.0])] * 2
    >>> independent(arms, ["a", "b"])
    ['a']
    """
    total = sum(arm.cov / np.asarray(arm.n, float)[..., None, None] for arm in arms)
    first = arms[0].names
    mean, n = (
        np.max([np.abs(arm.mean) for arm in arms], 0),
        np.min([np.asarray(arm.n, float) for arm in arms], 0),
    )
    flat, tied = _faults(np.asarray(total)[..., 1:, 1:], mean[..., 1:], n)
    return [name for name in names if not (flat | tied)[first.index(name) - 1]]


def _faults(total: np.ndarray, mean: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which covariates (..., k) are constant, and which follow from those before them."""
    variance = np.diagonal(total, axis1=-2, axis2=-1)
    flat = ~(variance * n[..., None] > (CONSTANT * mean) ** 2)
    scale = np.sqrt(np.where(flat, 1.0, variance))
    left = total / scale[..., :, None] / scale[..., None, :]
    tied = np.zeros(flat.shape, bool)
    for j in range(flat.shape[-1]):  # Gauss: what is left of covariate j after those before it
        pivot = left[..., j, j].copy()
        tied[..., j] = ~flat[..., j] & ~(pivot > SINGULAR)
        rate = np.where(
            (pivot > SINGULAR)[..., None],
            left[..., :, j] / np.where(pivot > SINGULAR, pivot, 1.0)[..., None],
            0.0,
        )
        left = left - rate[..., :, None] * left[..., j, None, :]
    return flat, tied


def _unusable(total: np.ndarray, mean: np.ndarray, n: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Where a covariate is constant or follows from those before it; a single experiment raises, by name."""
    flat, tied = _faults(total, mean, n)
    if flat.ndim == 1 and (flat | tied).any():
        j = int(np.flatnonzero(flat | tied)[0])
        if flat[j]:
            raise _check.fail(names[j], "must vary within an arm to be a covariate", "equal values")
        raise _check.fail(
            names[j],
            "must not follow from the other covariates",
            "a linear combination of " + ", ".join(names[:j]),
        )
    return (flat | tied).any(-1)
