"""Several treatments against one control: Dunnett's comparison, from the arms' own variances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import gammaincinv, ndtr

from abkit import _check
from abkit.estimate import Effect, difference, mean
from abkit.moments import Moments
from abkit.numeric.normal import even_nodes, quantile
from abkit.numeric.roots import bisect


def dunnett(control: Any, treatments: Any, *, alpha: float = 0.05, pooled: bool = False) -> Effect:
    """Compare each treatment with ONE control: exact use of the correlation that the shared control makes.

    Less strict than Bonferroni, for the comparisons share the control's error. The correlations come
    from the arms' s²/n, so unequal shares and variances are allowed; each comparison has its Welch df.
    `pooled=True` is the classical test, with one variance for all arms.

    control: `Moments` or rows; treatments: a sequence or mapping of such. The last axis of the result
    is the treatments. Two-sided. Exact to 1e-6 when pooled and normal; else as good as Welch's df.

    alpha: the error rate, strictly between 0 and 1.
    Raises ValueError: `control and treatments` must show variation, with at least two rows an arm.

    References: Dunnett (1955), JASA 50, 1096-1121; Dunnett and Sobel (1955) for the product form.

    >>> dunnett([7.0, 8, 9, 8], [[9.0, 10, 11, 10], [8.0, 7, 9, 9]], pooled=True).pvalue.round(3).tolist()
    [0.018, 0.888]
    """
    _check.flag("pooled", pooled)
    alpha = _check.share("alpha", alpha)
    base, arms, label = _arms(control, treatments)
    n, value, variance, df = _compared(base, arms, pooled)
    se = np.sqrt(variance[..., :1] + variance[..., 1:])
    if se.ndim == 1 and not (se > 0).all():
        raise _check.fail(
            "control and treatments", "must show variation, with at least two rows an arm", "0 or nan"
        )
    se = np.where(se > 0, se, np.nan)
    loading = np.sqrt(variance[..., :1]) / se  # corr(d_i, d_j) = loading_i × loading_j
    pvalue = 1 - _largest(np.abs(value / se), loading, df)
    half = se * _critical(alpha, loading, df)
    size = base.n if np.ndim(base.n) == 0 else np.broadcast_to(np.asarray(base.n)[..., None], value.shape)
    return Effect(
        label,
        value,
        se,
        df=df,
        low=value - half,
        high=value + half,
        pvalue=pvalue,
        alpha=alpha,
        alternative="two-sided",
        method="dunnett",
        n_control=size,
        n_treatment=np.stack(np.broadcast_arrays(*(np.asarray(a.n) for a in arms)), -1),
    )


def _largest(c: np.ndarray, loading: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Return P(all |T_j| ≤ c_i) for each c_i and its df_i: normal factor u, scale s = √(χ²/df)."""
    out = np.empty(c.shape)
    spread = np.sqrt(np.maximum(1 - loading**2, 1e-6))
    narrow = np.nanmin(spread, initial=1.0)  # a small control makes steep edges in u, which need a finer step
    (grid, grid_weights), (factor, weights) = even_nodes(), even_nodes(narrow)
    for i in range(c.shape[-1]):
        d = df[..., i, None]
        with np.errstate(invalid="ignore"):
            scale = np.where(np.isinf(d), 1.0, np.sqrt(2 * gammaincinv(d / 2, ndtr(grid)) / d))
        inside = np.ones((*c.shape[:-1], len(grid), len(factor)))
        for j in range(c.shape[-1]):
            edge = (c[..., i, None] * scale / spread[..., j, None])[..., None]
            shift = (loading[..., j, None] * factor / spread[..., j, None])[..., None, :]
            inside *= ndtr(edge + shift) - ndtr(shift - edge)
        out[..., i] = np.einsum("...su,s,u->...", inside, grid_weights, weights)
    return np.clip(out, 0.0, 1.0)


def _critical(alpha: float, loading: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Return the c with P(all |T_j| ≤ c) = 1 − alpha, by bisection between the plain and the Bonferroni
    quantile.
    """
    low, high = quantile(alpha / 2, df), quantile(alpha / 2 / df.shape[-1], df)
    inside, outside = bisect(lambda c: _largest(c, loading, df) < 1 - alpha, low, high, steps=30)
    return (inside + outside) / 2


def _arms(control: Any, treatments: Any) -> tuple[Moments, list[Moments], Any]:
    names = list(treatments) if isinstance(treatments, Mapping) else None
    arms = (
        list(treatments.values())
        if isinstance(treatments, Mapping)
        else _check.several("treatments", treatments)
    )
    if not arms:
        raise _check.fail("treatments", "must hold at least one arm", "none")
    named = [("control", control), *(("treatments", arm) for arm in arms)]
    base, *rest = (a if isinstance(a, Moments) else Moments.of(_check.rows(name, a)) for name, a in named)
    for arm in rest:
        _check.together(control=base.mean[..., 0], treatments=arm.mean[..., 0])
    return base, rest, base.names[0] if names is None else ", ".join(map(str, names))


def _compared(
    base: Moments, arms: list[Moments], pooled: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return n and variance of every arm's mean (..., arms), and difference and df of each treatment."""
    estimates = [mean(arm) for arm in (base, *arms)]
    sizes = [
        np.asarray(arm.n, float) + np.zeros_like(e.value)
        for arm, e in zip((base, *arms), estimates, strict=True)
    ]
    n = np.stack(np.broadcast_arrays(*sizes), -1)
    gaps = [difference(estimates[0], e) for e in estimates[1:]]
    value, df = (np.stack(np.broadcast_arrays(*(getattr(g, k) for g in gaps)), -1) for k in ("value", "df"))
    variance = np.stack(np.broadcast_arrays(*(np.square(e.se) for e in estimates)), -1)
    if not pooled:
        return n, value, variance, df
    total = n.sum(-1, keepdims=True) - n.shape[-1]
    common = (variance * n * (n - 1)).sum(-1, keepdims=True) / total / n
    return n, value, common, np.broadcast_to(total, value.shape)
