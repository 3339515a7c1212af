"""Effects that differ between users: scores, averages, projections, groups, with intervals that cover.

An AIPW score is one number a user whose mean is the average effect. Everything here is a mean or a
regression of scores, so the errors are those of means and regressions. Groups and covariates must be fixed
before the outcomes are seen, or on other data: the best of many groups is luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc

from abkit import _check
from abkit._labels import missing
from abkit.causal.columns import design, named_columns, propensity_inside, refuse_constant, treatment
from abkit.estimate import Check, Effect, interval

if TYPE_CHECKING:
    import pandas as pd

TOGETHER = ("max_t", "bonferroni")


@dataclass(frozen=True, eq=False, repr=False)
class Projection(Effect):
    """The straight line nearest to the effects: one coefficient an element, "intercept" first.

    names: the coefficients. cov: their HC3 covariance, (k + 1, k + 1). The intervals are for the line,
    never for the effect of one user: where the true effect is a step, the line misses it and its interval
    does too.
    """

    names: tuple[str, ...] = ()
    cov: Any = None

    def at(self, x: Any) -> Effect:
        """Return the line's value at rows `x`, shape (rows, k), with its interval; each row is one element.

        Raises ValueError where `x` has another number of columns.

        >>> line = best_linear_projection([0.0, 1.0, 2.0, 4.0], [0.0, 1.0, 2.0, 3.0])
        >>> line.at([[1.0]]).estimate.round(2).tolist()
        [1.1]
        """
        rows = design(x)
        if rows.shape[1] != len(self.names):
            need = f"must have {len(self.names) - 1} columns: {', '.join(self.names[1:])}"
            raise _check.fail("x", need, rows.shape[1] - 1)
        se = np.sqrt(np.einsum("ni,ij,nj->n", rows, self.cov, rows))
        return effect_of(
            "projection", rows @ self.estimate, se, self.df, alpha=self.alpha, method=self.method
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient, under its name.

        >>> best_linear_projection([0.0, 1.0, 2.0, 4.0], [0.0, 1.0, 2.0, 3.0]).to_frame().index.tolist()
        ['intercept', 'x1']
        """
        import pandas as pd

        fields = ("estimate", "se", "low", "high", "pvalue")
        return pd.DataFrame({f: getattr(self, f) for f in fields}, index=list(self.names))


@dataclass(frozen=True, eq=False, repr=False)
class Groups(Effect):
    """Effects of groups of users, one element a group; `names` are the groups and `n` their users."""

    names: tuple[Any, ...] = ()
    n: Any = None

    def to_frame(self) -> pd.DataFrame:
        """Return one row a group, under its name.

        >>> gates([0.0, 1.0, 2.0, 4.0], ["b", "b", "a", "a"]).to_frame().estimate.to_dict()
        {'a': 3.0, 'b': 0.5}
        """
        import pandas as pd

        fields = ("n", "estimate", "se", "low", "high", "pvalue")
        return pd.DataFrame({f: getattr(self, f) for f in fields}, index=list(self.names))


def aipw_scores(y: Any, w: Any, mu0: Any, mu1: Any, e: Any) -> np.ndarray:
    """Return one score a user: the effect that the model expects, corrected by what the model got wrong.

    s = mu1 − mu0 + w·(y − mu1)/e − (1 − w)·(y − mu0)/(1 − e). Its mean over users is the average effect
    when either e or both outcome models are right; so in an experiment, where e is known, always.

    y: outcomes (..., rows). w: 1 for treated users, 0 for the others. mu0, mu1: outcomes expected without
    and with treatment, from data that leave the user out. e: the probability of treatment, a number or one
    a user, strictly between 0 and 1; nothing is clipped.

    Raises ValueError for shapes that do not fit, a `w` that is not 0/1 or has one arm only, and for `e`
    outside (0, 1).

    References: Robins, Rotnitzky and Zhao (1994), JASA 89, 846-866; Chernozhukov and others (2018),
    Econometrics Journal 21, C1-C68, eq. 5.3.

    >>> aipw_scores([3.0, 1.0], [1, 0], [1.0, 1.0], [2.0, 2.0], 0.5).tolist()
    [3.0, 1.0]
    """
    y, w, mu0, mu1, e = _rows(y, w, mu0, mu1, e)
    return _treated_score(y, w, mu1, e) - _treated_score(y, 1 - w, mu0, 1 - e)


def aipw(
    y: Any,
    w: Any,
    mu0: Any,
    mu1: Any,
    e: Any,
    *,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    population: str = "all",
) -> Effect:
    """Return the average effect with its interval, from outcomes, treatment and given nuisance values.

    y, w, mu0, mu1, e: as in `aipw_scores`; leading axes give one effect each. population: "all" users (the
    average effect, ATE) or "treated" ones (ATT, which needs mu0 and e only). The error is the sd of the
    scores over √n, and the interval normal: asymptotic, .946 to .956 in the worlds of notebook 20 (n =
    2,000). alpha: one minus the level. alternative: "two-sided", "greater" or "less". For the ATE,
    `value_control` is the mean without treatment.

    Raises ValueError as `aipw_scores`.

    References: Robins, Rotnitzky and Zhao (1994), JASA 89, 846-866; for the treated: Chernozhukov and
    others (2018), Econometrics Journal 21, C1-C68, eq. 5.4.

    >>> e = aipw([3.0, 1.0, 2.0, 0.0], [1, 0, 1, 0], 0.5, 2.5, 0.5)
    >>> e.estimate, round(e.se, 4)
    (2.0, 0.5774)
    """
    _check.one_of("population", population, ("all", "treated"))
    y, w, mu0, mu1, e = _rows(y, w, mu0, mu1, e)
    base = _treated_score(y, 1 - w, mu0, 1 - e)
    if population == "all":
        scores, label, control = _treated_score(y, w, mu1, e) - base, "average effect", base.mean(-1)
    else:
        share = w.mean(-1, keepdims=True)
        parts = (y - mu0) * (w - (1 - w) * e / (1 - e)) / share
        mean = parts.mean(-1, keepdims=True)
        scores, label, control = mean + parts - w * mean / share, "average effect on the treated", None
    treated = w.sum(-1)
    return effect_of(
        label,
        scores.mean(-1),
        scores.std(-1, ddof=1) / np.sqrt(scores.shape[-1]),
        np.inf,
        alpha=alpha,
        alternative=alternative,
        method="aipw",
        n_control=w.shape[-1] - treated,
        n_treatment=treated,
        value_control=control,
    )


def best_linear_projection(
    scores: Any, x: Any, *, alpha: float = 0.05, alternative: str = "two-sided"
) -> Projection:
    """Return the straight line in `x` nearest to the effects, with an interval for each coefficient.

    Regression of the scores on (1, x) with the HC3 covariance and n − k − 1 df. The intervals hold for the
    line (the projection of the effects on x), whatever the shape of the effects; they are not intervals for
    the effect of a user.

    scores: (rows,), from `aipw_scores`. x: (rows, k) or (rows,), or a data frame, whose columns give the
    names; centre a column to make the intercept the effect at its mean. alpha, alternative: as everywhere.

    Raises ValueError for a constant column, one that others determine, and for fewer than k + 2 rows.

    References: Semenova and Chernozhukov (2021), Econometrics Journal 24, 264-289; MacKinnon and White
    (1985), Journal of Econometrics 29, 305-325 (HC3).

    >>> line = best_linear_projection([0.0, 1.0, 2.0, 4.0], [0.0, 1.0, 2.0, 3.0])
    >>> line.estimate.round(2).tolist()
    [-0.2, 1.3]
    """
    names, columns = named_columns(x)
    s, rows = _check.array("scores", scores), design(columns)
    if s.shape != rows.shape[:1]:
        raise _check.fail("scores and x", "must have one row a user", f"{s.shape} and {columns.shape}")
    n, k = rows.shape
    if n < k + 1:
        raise _check.fail("x", f"must have more rows than coefficients ({k})", f"{n} rows")
    refuse_constant(names, columns)
    q, r = np.linalg.qr(rows)
    if (np.abs(np.diag(r)) < 1e-10 * np.linalg.norm(rows, axis=0)).any():
        raise _check.fail("x", "must hold no column that the others determine", ", ".join(names))
    solve = np.linalg.solve(r, q.T)
    coefficients, leverage = solve @ s, (q**2).sum(1)
    residual = s - rows @ coefficients
    with np.errstate(divide="ignore", invalid="ignore"):
        weighted = solve * (residual / np.where(leverage < 1 - 1e-12, 1 - leverage, np.nan))
    cov = weighted @ weighted.T
    found = effect_of(
        "projection",
        coefficients,
        np.sqrt(np.diag(cov)),
        float(n - k),
        alpha=alpha,
        alternative=alternative,
        method="best linear projection, HC3",
    )
    return Projection(**found.to_dict(), names=("intercept", *names), cov=cov)


def gates(scores: Any, groups: Any, *, alpha: float = 0.05, together: str | None = None) -> Groups:
    """Return the effect of each group of users, with an interval each: the mean of its scores ± 1.96 sd/√n.

    The groups must be fixed before the outcomes are seen, or on other users (for instance by a model fitted
    on another half of the data): then the truth is the effect in THOSE groups. Groups made from the same
    outcomes show the noise that made them: without any true difference such intervals miss in most
    experiments.

    scores: (rows,), from `aipw_scores`. groups: (rows,) labels; the result is sorted by them. together:
    None makes each interval hold alone; "max_t" or "bonferroni" makes all of them hold together in 1 −
    alpha of experiments (groups that do not overlap are independent, so max-t is 1 − (1 − alpha)^(1/groups)
    each).

    Raises ValueError for a group of one user, or whose scores are all equal.

    References: Chernozhukov, Demirer, Duflo and Fernández-Val (2025), Econometrica 93, 1121-1164, section
    2.3.

    >>> gates([0.0, 1.0, 2.0, 4.0], ["b", "b", "a", "a"]).estimate.tolist()
    [3.0, 0.5]
    """
    s, labels = _check.array("scores", scores), _labels(groups)
    if s.ndim != 1 or s.shape != labels.shape:
        raise _check.fail("scores and groups", "must have one value a user", f"{s.shape} and {labels.shape}")
    names, place, n = np.unique(labels, return_inverse=True, return_counts=True)
    if (n < 2).any():
        raise _check.fail(
            "groups", "must hold at least two users each", f"one in {names[n < 2].tolist()[0]!r}"
        )
    mean = np.bincount(place, s) / n
    se = np.sqrt(np.bincount(place, (s - mean[place]) ** 2) / (n - 1) / n)
    if not (se > 0).all():
        raise _check.fail(
            "scores", "must vary in every group", f"equal ones in {names[se == 0].tolist()[0]!r}"
        )
    each = _level_of_each(_check.share("alpha", alpha), len(n), together)
    found = effect_of("group effect", mean, se, np.inf, alpha=each, method="gates").to_dict()
    if together:
        spread = {
            "max_t": lambda p: -np.expm1(len(n) * np.log1p(-p)),
            "bonferroni": lambda p: np.minimum(1, len(n) * p),
        }
        found |= {"alpha": alpha, "method": f"gates, {together}", "pvalue": spread[together](found["pvalue"])}
    return Groups(**found, names=tuple(names.tolist()), n=n)


def heterogeneity(scores: Any, groups: Any = None, *, alpha: float = 0.05) -> Check:
    """Test whether any effect differs from the others: one question, one p-value, for any number of groups.

    scores: AIPW scores (rows,) with `groups` (rows,) of labels; or, without `groups`, an `Effect` whose
    last axis is the groups (segments of different users, as `welch` gives them); or a `Projection`, for
    "does the effect change with any column?". Groups: Cochran's Q, the sum of ((effect − weighted
    mean)/se)², on k − 1 df. Projection: the Wald statistic of all slopes with the HC3 covariance. Both
    chi-square; large values only, so the test is one-sided.

    `passed` is True when no difference was found at `alpha`, which is not a proof that there is none.

    Raises ValueError for fewer than two groups, and for overlapping data of no known error.

    References: Cochran (1954), Biometrics 10, 101-129; Semenova and Chernozhukov (2021) for the projection.

    >>> check = heterogeneity([0.0, 1.0, 2.0, 4.0], ["b", "b", "a", "a"])
    >>> round(check.statistic, 3), check.passed
    (5.0, False)
    """
    alpha = _check.share("alpha", alpha)
    if isinstance(scores, Projection):
        slopes, cov = scores.estimate[1:], scores.cov[1:, 1:]
        statistic, df = float(slopes @ np.linalg.solve(cov, slopes)), len(slopes)
        what = f"{df} slopes of the projection"
    else:
        found = scores if isinstance(scores, Effect) else gates(scores, groups, alpha=alpha)
        effects, se = (np.asarray(v, float) for v in (found.estimate, found.se))
        if effects.ndim != 1 or len(effects) < 2 or not (se > 0).all():
            raise _check.fail(
                "scores", "must hold effects of at least two groups, each with its error", effects.shape
            )
        weight = se**-2
        centre = (weight * effects).sum() / weight.sum()
        statistic, df = float((weight * (effects - centre) ** 2).sum()), len(effects) - 1
        what = f"{len(effects)} groups"
    pvalue = float(chdtrc(df, statistic))
    passed = bool(pvalue >= alpha)
    verdict = "no difference found" if passed else "the effects differ"
    return Check(
        "heterogeneity", statistic, pvalue, passed=passed, message=f"{what}: {verdict}, p = {pvalue:.3g}"
    )


def calibration_slope(scores: Any, predicted: Any, *, alpha: float = 0.05) -> Effect:
    """Return by how much the effect rises when the predicted effect rises by one: 1 is right, 0 is no signal.

    Regression of held-out scores on predicted effects (HC3). The test is one-sided (is the slope above 0?):
    without any true difference the slope of cross-fitted predictions has a negative mean, so a two-sided
    test would reject too often.

    scores: (rows,) of users who took no part in the fit. predicted: (rows,) their predicted effects. alpha:
    the level; the interval is [low, inf).

    Raises ValueError where the predictions are all equal.

    References: Chernozhukov, Demirer, Duflo and Fernández-Val (2025), Econometrica 93, 1121-1164, eq. 3.1
    in its form for AIPW scores.

    >>> slope = calibration_slope([0.0, 1.0, 2.0, 4.0], [0.0, 1.0, 2.0, 3.0])
    >>> round(slope.estimate, 2), slope.high
    (1.3, inf)
    """
    predicted = _check.array("predicted", predicted)
    if predicted.size and np.ptp(predicted) == 0:
        raise _check.fail("predicted", "must differ between users", f"{predicted.flat[0]:g} for all")
    line = best_linear_projection(scores, predicted - predicted.mean(), alpha=alpha)
    return effect_of(
        "calibration slope",
        line.estimate[1],
        line.se[1],
        line.df,
        alpha=alpha,
        alternative="greater",
        method=line.method,
    )


def effect_of(
    label: str,
    estimate: Any,
    se: Any,
    df: Any,
    *,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    method: str = "",
    **arms: Any,
) -> Effect:
    """Return an `Effect` against zero from an estimate and its error, t with `df` (inf: normal).

    label, method: words. estimate, se: (...,). alpha, alternative: as everywhere. arms: n_control,
    n_treatment and value_control where they are known. Raises ValueError for an alternative or alpha that
    does not exist.

    >>> round(effect_of("y", 2.0, 1.0, np.inf).pvalue, 4)
    0.0455
    """
    estimate, se, df = np.asarray(estimate, float), np.asarray(se, float), np.asarray(df, float)
    low, high, pvalue = interval(estimate, se, df, alpha=alpha, alternative=alternative)
    return Effect(
        label,
        estimate,
        se,
        df=df,
        low=low,
        high=high,
        pvalue=pvalue,
        alpha=alpha,
        alternative=alternative,
        method=method,
        **arms,
    )


def _rows(y: Any, w: Any, mu0: Any, mu1: Any, e: Any) -> list[np.ndarray]:
    values = {"y": _check.rows("y", y), "w": treatment(w)}
    values |= {"mu0": _check.array("mu0", mu0), "mu1": _check.array("mu1", mu1), "e": propensity_inside(e)}
    return _check.together(**values)


def _treated_score(y: np.ndarray, w: np.ndarray, mu: np.ndarray, e: np.ndarray) -> np.ndarray:
    """One arm's part of the score: its mean is the outcome if all were in that arm."""
    return mu + w * (y - mu) / e


def _labels(groups: Any) -> np.ndarray:
    try:
        labels = np.asarray(groups)
    except Exception:  # whatever an object says when it is asked for labels
        raise _check.fail("groups", "must be a list of labels", _check.short(groups)) from None
    if labels.dtype.kind in "fc" and not np.isfinite(labels).all():
        raise _check.fail(
            "groups", "must name a group for every user", f"{(~np.isfinite(labels)).sum()} without"
        )
    if labels.dtype.kind == "O":
        lost = sum(map(missing, labels.ravel()))
        if lost:
            raise _check.fail("groups", "must name a group for every user", f"{lost} without")
        kinds = {type(g) for g in labels.ravel()}
        labels = labels.astype(str) if len(kinds) > 1 or str in kinds else labels
    return labels


def _level_of_each(alpha: float, k: int, together: str | None) -> float:
    if together is None:
        return alpha
    _check.one_of("together", together, TOGETHER)
    return alpha / k if together == "bonferroni" else float(-np.expm1(np.log1p(-alpha) / k))
