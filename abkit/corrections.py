"""Many comparisons at once: corrected p-values, simultaneous intervals, Dunnett, fixed sequence.

Family-wise error (Bonferroni, Šidák, Holm, Hochberg, Hommel): the chance of ANY false discovery.
False discovery rate (BH, BY): the expected SHARE of false ones among the discoveries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from abkit import _check

METHODS = ("bonferroni", "sidak", "holm", "hochberg", "hommel", "bh", "by")


def adjust_pvalues(pvalues: Any, *, method: str = "bonferroni") -> np.ndarray:
    """Return corrected p-values in the caller's order: reject where they are at most alpha.

    "bonferroni", "holm" and "by" hold under any dependence; "sidak" needs independent (or
    normal two-sided) tests; "hochberg", "hommel" and "bh" independent or positively dependent ones.
    The family must be fixed before the data are seen: correcting only the small p-values corrects nothing.

    pvalues: shape (..., family); nan stays nan and does not count.

    References: Holm (1979); Hochberg (1988); Hommel (1988); Benjamini and Hochberg (1995);
    Benjamini and Yekutieli (2001), theorem 1.3.

    >>> adjust_pvalues([0.01, 0.04, 0.03], method="holm").tolist()
    [0.03, 0.06, 0.06]
    """
    _check.one_of("method", method, METHODS)
    p = _pvalues(pvalues)
    rows = p.reshape(-1, p.shape[-1])
    out = np.full(rows.shape, np.nan)
    counts = (~np.isnan(rows)).sum(-1)
    for m in np.unique(counts[counts > 0]):
        chosen = np.flatnonzero(counts == m)
        order = np.argsort(rows[chosen], axis=-1)[:, :m]  # nan is sorted to the end
        adjusted = _ADJUST[method](np.take_along_axis(rows[chosen], order, -1))
        out[chosen[:, None], order] = np.clip(adjusted, 0.0, 1.0)
    return out.reshape(p.shape)


def fixed_sequence(pvalues: Any, alpha: float = 0.05) -> np.ndarray:
    """Return which hypotheses are rejected when they are tested in the given order, each at full alpha.

    Testing stops at the first p above alpha; nothing after it can be rejected, however small its p.
    The ORDER must be fixed before the data are seen. No correction of alpha is needed.

    pvalues: shape (..., family), in the order of testing; a nan stops the sequence.

    References: Maurer, Hothorn and Lehmacher (1995).

    >>> fixed_sequence([0.01, 0.20, 0.001]).tolist()
    [True, False, False]
    """
    alpha = _check.share("alpha", alpha)
    return np.logical_and.accumulate(_pvalues(pvalues) <= alpha, axis=-1)


def _pvalues(pvalues: Any) -> np.ndarray:
    if isinstance(pvalues, Mapping):
        pvalues = list(pvalues.values())
    p = _check.array("pvalues", pvalues, finite=False)
    if p.ndim == 0 or p.shape[-1] == 0:
        raise _check.fail("pvalues", "must hold a family of p-values in the last axis", "no family")
    bad = (p < 0) | (p > 1)
    if bad.any():
        raise _check.fail("pvalues", "must lie between 0 and 1", f"{p[bad][0]:g}")
    return p


def _ranks(p: np.ndarray) -> np.ndarray:
    return np.arange(1, p.shape[-1] + 1)


def _bonferroni(p: np.ndarray) -> np.ndarray:
    return p * p.shape[-1]


def _sidak(p: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):  # p = 1 gives log 0, and the result is 1 as it should be
        return -np.expm1(p.shape[-1] * np.log1p(-p))


def _holm(p: np.ndarray) -> np.ndarray:
    return np.maximum.accumulate(p * _ranks(p)[::-1], axis=-1)


def _step_up(p: np.ndarray) -> np.ndarray:
    return np.minimum.accumulate(p[..., ::-1], axis=-1)[..., ::-1]


def _hochberg(p: np.ndarray) -> np.ndarray:
    return _step_up(p * _ranks(p)[::-1])


def _bh(p: np.ndarray) -> np.ndarray:
    return _step_up(p * p.shape[-1] / _ranks(p))


def _by(p: np.ndarray) -> np.ndarray:
    return _step_up(p * (p.shape[-1] / _ranks(p) * (1 / _ranks(p)).sum()))


def _hommel(p: np.ndarray) -> np.ndarray:
    # Closed testing with Simes: of all sets of size s that contain p_i, the one with the largest
    # other p-values is the hardest to reject, so the adjusted p is the largest over s of its Simes p.
    m = p.shape[-1]
    adjusted = p.copy()
    for s in range(2, m + 1):
        others = (s * p[..., m - s + 1:] / np.arange(2, s + 1)).min(-1, keepdims=True)
        smallest = np.minimum(p, p[..., m - s, None])
        adjusted = np.maximum(adjusted, np.minimum(s * smallest, others))
    return adjusted


_ADJUST: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "bonferroni": _bonferroni, "sidak": _sidak, "holm": _holm, "hochberg": _hochberg,
    "hommel": _hommel, "bh": _bh, "by": _by,
}
