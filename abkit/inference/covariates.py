"""What a covariate needs before and after: no missing values, a prediction in its place, a fair split,
its gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import fdtrc, ndtri

from abkit import _check
from abkit._table import Table
from abkit.estimate import Check
from abkit.inference.pairs import chosen, dot, pair_of, require_df, slopes, solve

BALANCE_ALPHA = 0.001  # as for a sample-ratio mismatch: a false alarm stops a good test


@dataclass(frozen=True, eq=False, repr=False)
class Saving(Table):
    """What covariates save: shares of the variance of the effect, each of shape (...,).

    left: the share of the variance that is left, 1 − rho²; at_most: its upper confidence bound, to plan
    with. rho2: the share explained, corrected for the number of covariates; rho2_low: its lower
    confidence bound. users: how many times the units a test without the covariates needs; users_at_least:
    the same with `at_most`.
    """

    rho2: Any
    rho2_low: Any
    left: Any
    at_most: Any
    users: Any
    users_at_least: Any


def saving(
    control: Any, treatment: Any, *, covariates: Sequence[str] | str | None = None, confidence: float = 0.95
) -> Saving:
    """Return what the covariates save, with a bound to plan with: past data flatter a covariate that was
    picked there.

    The bound is Fisher's z for the correlation inside the arms: right for values near normal, too near
    for heavy tails. control, treatment, covariates: as in `cuped`. confidence: one-sided, a share. Raises
    ValueError as `cuped` does for covariates, and for fewer than 5 units more than covariates.

    References: Fisher (1921), Metron 1, 3-32; Ezekiel (1930) for the correction 1 − (1 − R²)(N − 2)/(N −
    2 − k).

    >>> from abkit.moments import Moments
    >>> past = Moments(1_000, np.zeros(2), 999 * np.array([[1.0, 0.6], [0.6, 1.0]]), ("y", "pre"))
    >>> found = saving(past, past)
    >>> round(found.left, 2), round(found.users, 2), found.at_most > found.left
    (0.64, 1.56, True)
    """
    level = _check.share("confidence", confidence)
    pair = pair_of(*chosen(control, treatment, covariates))
    total, k = pair.n.sum(0), pair.k
    require_df(pair, total - k - 4)
    theta = slopes(pair, "optimal")
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = dot(theta, pair.xy.sum(0)) / pair.yy.sum(0)
        rho2 = np.clip(1 - (1 - raw) * (total - 2) / (total - 2 - k), 0.0, 1.0)
        z = np.arctanh(np.sqrt(np.minimum(rho2, 1 - 1e-15))) - ndtri(level) / np.sqrt(total - 4 - k)
        low = np.tanh(np.maximum(z, 0.0)) ** 2
        rho2, low = (np.where(pair.bad, np.nan, v) for v in (rho2, low))
        return Saving(rho2, low, 1 - rho2, 1 - low, 1 / (1 - rho2), 1 / (1 - low))


def balance(
    control: Any,
    treatment: Any,
    *,
    covariates: Sequence[str] | str | None = None,
    alpha: float = BALANCE_ALPHA,
) -> Check:
    """Test that both arms have the same pre-period means, all covariates at once: chance alone fails 1
    test in 1,000.

    A failure says that the split or the join is broken, or that the treatment moved a "pre-period"
    column: find out which before any effect is read. A pass is no proof of either; CUPED needs no
    balance, it takes chance differences out.

    control, treatment, covariates: as in `cuped`, one experiment. alpha: the false alarm rate, a share.
    Raises ValueError as `cuped` does for covariates, and where the arms hold too few units.

    References: Hotelling (1931); Krishnamoorthy and Yu (2004), Statistics and Probability Letters 66,
    161-169, for the degrees of freedom; with one covariate it is Welch's test.

    >>> from abkit.moments import Moments
    >>> control = Moments.of([1.0, 2.0, 4.0], pre=[1.0, 2.0, 3.0])
    >>> balance(control, Moments.of([2.0, 3.0, 5.0], pre=[1.0, 2.0, 4.0])).passed
    True
    """
    level = _check.share("alpha", alpha)
    c, t = chosen(control, treatment, covariates)
    pair = pair_of(c, t)
    if pair.gap.ndim > 1:
        raise _check.fail(
            "control and treatment", "must be Moments of one experiment", f"shape {pair.n.shape[1:]}"
        )
    k, whole = pair.k, pair.xx.sum(0)
    share = [np.linalg.solve(whole, part) for part in pair.xx]
    spread = sum((np.trace(s @ s) + np.trace(s) ** 2) / (n - 1) for s, n in zip(share, pair.n, strict=True))
    nu = (k + k**2) / spread
    require_df(pair, nu - k + 1)
    statistic = float(dot(pair.gap, solve(whole, pair.gap, pair.bad)))
    pvalue = float(fdtrc(k, nu - k + 1, statistic * (nu - k + 1) / (nu * k)))
    passed = pvalue >= level
    what = (
        "the arms have like pre-period means"
        if passed
        else ("the arms differed before the start, or the treatment moved a covariate: find out which")
    )
    return Check(
        "balance",
        statistic,
        pvalue,
        passed=passed,
        message=f"{', '.join(c.names[1:])}: {what} (p = {pvalue:.2g})",
    )


def fill_missing(x: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return a covariate with its gaps filled by the mean of ALL units, and an indicator of the gaps (1
    or 0).

    Give both to `cuped` as covariates: the effect is then the same whatever the fill. Fill before the
    rows are split by arm: a mean per arm hides the arms' chance difference, and rejects 13 per cent of
    true nulls. Without a gap the indicator is 0 throughout: leave it out.

    x: (rows,) of all arms together, nan where a unit has no history. Raises ValueError for infinite
    values, and where every value is missing.

    >>> [v.tolist() for v in fill_missing([1.0, float("nan"), 3.0])]
    [[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]]
    """
    values = _check.array("x", x, finite=False)
    gaps = np.isnan(values)
    if np.isinf(values).any() or values.ndim != 1:
        raise _check.fail(
            "x", "must hold one row of finite numbers or nan", "infinite values or another shape"
        )
    if gaps.all():
        raise _check.fail("x", "must hold at least one value", "none")
    return np.where(gaps, values[~gaps].mean(), values), gaps.astype(float)


def cross_fit(model: Any, x: Any, y: Any, *, folds: int = 5, rng: Any = None) -> np.ndarray:
    """Return a prediction of each unit's outcome by a model that has not seen that unit: one covariate
    from many features.

    Several features, or bent relations, become one covariate for `cuped`, whose promise it keeps: no
    unit's own outcome is in its prediction. A model that has seen the unit holds part of the effect, and
    CUPED would take it out. Fit on all arms together, without the arm; the features must date from before
    the start.

    model: anything with scikit-learn's `fit` and `predict`; a classifier gives the probability of its
    second class. x: (rows, features), an array or data frame. y: (rows,), the outcome. folds: parts, each
    predicted from the others. rng: the seed of the split into folds. Raises ValueError for more folds
    than rows, or rows that do not fit.

    References: Guo, Coey, Konutgan, Li, Schoener and Goldman (2021), NeurIPS 34, "Machine learning for
    variance reduction in online experiments".

    >>> from sklearn.linear_model import LinearRegression
    >>> x = np.arange(20.0)[:, None]
    >>> cross_fit(LinearRegression(), x, 3 * x[:, 0], rng=1).round(6)[1:4].tolist()
    [3.0, 6.0, 9.0]
    """
    from sklearn.base import clone, is_classifier

    rng = np.random.default_rng(rng)
    values, rows = _check.rows("y", y), x if hasattr(type(x), "iloc") else _check.array("x", x)
    if isinstance(model, type) or not all(hasattr(model, part) for part in ("fit", "predict", "get_params")):
        raise _check.fail("model", "must be a model as of scikit-learn, such as Ridge()", _check.short(model))
    if rows.ndim != 2:
        raise _check.fail("x", "must have one row a user and one column a feature", f"shape {rows.shape}")
    parts = _check.integer("folds", folds, low=2)
    if values.ndim != 1 or len(rows) != len(values) or parts > len(values):
        raise _check.fail(
            "x and y", f"must hold the same rows, at least {parts}", f"{len(rows)} and {values.shape}"
        )
    out = np.empty(len(values))
    for held in np.array_split(rng.permutation(len(values)), parts):
        rest = np.setdiff1d(np.arange(len(values)), held)
        fitted = clone(model).fit(_take(rows, rest), values[rest])
        seen = _take(rows, held)
        out[held] = fitted.predict_proba(seen)[:, 1] if is_classifier(fitted) else fitted.predict(seen)
    return out


def _take(rows: Any, index: np.ndarray) -> Any:
    return rows.iloc[index] if hasattr(type(rows), "iloc") else rows[index]
