"""Five learners of the effect for each user: S, T, X, DR and R, around any scikit-learn regressor.

Three steps, whatever the letter: outcome models (the nuisances) fitted on other rows than they are used on;
one number a user that has the effect as its mean; a final regression of that number on x. They differ in
the number. Only the DR-learner with a straight final line has an interval here, for that is the one whose
coverage is measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from abkit import _check
from abkit.causal.columns import experiment, named_columns
from abkit.causal.cross_fitting import (
    CrossFit,
    cross_fit,
    fit_model,
    fold_numbers,
    over_splits,
    propensity_at,
    propensity_of,
    split_nuisances,
)
from abkit.causal.unequal_effects import Projection, aipw_scores, best_linear_projection
from abkit.estimate import Effect


@dataclass(frozen=True)
class Learner(CrossFit):
    """A recipe for effects by user; `fit` returns the fitted one and leaves the recipe as it is.

    kind: "S", "T", "X", "DR" or "R". final: a scikit-learn regressor of effects on x, None for a straight
    line. model, propensity, e, folds, splits, rng: as in `CrossFit`.
    """

    kind: str = "DR"
    final: Any = None

    def fit(self, x: Any, y: Any, w: Any) -> Fitted:
        """Fit on x (rows, k) or a data frame, outcomes y (rows,) and 0/1 treatment w (rows,).

        Raises ValueError for shapes that do not fit, nan, text, a constant column, one arm only, too few
        rows.

        >>> x = np.random.default_rng(0).normal(size=(200, 2)); w = np.arange(200) % 2
        >>> fitted = dr_learner(e=0.5, rng=0).fit(x, x[:, 0] + w * (1 + x[:, 0]), w)
        >>> bool(abs(fitted.effect([[0.0, 0.0]])[0] - 1) < 0.5)
        True
        """
        names, columns, y, w = experiment(x, y, w)
        predict, lines = _FIT[self.kind](self, columns, y, w)
        return Fitted(self.kind, tuple(names), predict, lines)


@dataclass(frozen=True)
class Fitted:
    """Effects by user: `effect` predicts them. lines: the straight final stage of each split, if any."""

    kind: str
    names: tuple[str, ...]
    predict: Callable[[np.ndarray], np.ndarray]
    lines: tuple[Projection, ...] = ()

    def effect(self, x: Any) -> np.ndarray:
        """Return the predicted effect of each row of x (rows, k), in the outcome's unit (median over splits).

        Raises ValueError for another number of columns, nan or text.

        >>> x = np.arange(40.0).reshape(20, 2) % 7; w = np.arange(20) % 2
        >>> from sklearn.linear_model import LinearRegression
        >>> fitted = t_learner(LinearRegression()).fit(x, 2 * w, w)
        >>> fitted.effect([[1.0, 1.0]]).round(6).tolist()
        [2.0]
        """
        return self.predict(self._columns(x))

    def interval(self, x: Any, *, alpha: float = 0.05) -> Effect:
        """Return the final line's value at rows x with its interval: DR-learner with a straight final stage.

        The interval is for the projection, the straight line nearest to the effects. In the linear world it
        covers the effect too (.953 at n = 2,000); in the step world it covers the line in .948 and the true
        effect in .650 of experiments (tests/oracles/heterogeneity.json). Over several splits: the median
        and the median of squared errors, each with the squared distance from that median.

        Raises ValueError for the learners that have no interval of measured coverage.

        References: Semenova and Chernozhukov (2021), Econometrics Journal 24, 264-289; medians over splits:
        Chernozhukov and others (2018), Econometrics Journal 21, C1-C68, definition 3.3.

        >>> x = np.arange(40.0).reshape(20, 2) % 7; w = np.arange(20) % 2
        >>> fitted = dr_learner(e=0.5, rng=0).fit(x, x[:, 0] * w, w)
        >>> fitted.interval(x).estimate.shape
        (20,)
        """
        if not self.lines:
            hint = (
                "For T and X `bootstrap_interval` gives the usual one, with the coverage that was measured."
            )
            raise _check.fail(
                "interval", "exists for the DR-learner with a straight final stage", f"{self.kind}", hint
            )
        rows = self._columns(x)
        each = [line.at(rows) for line in self.lines]
        return over_splits(each, alpha=alpha)

    def _columns(self, x: Any) -> np.ndarray:
        columns = named_columns(x)[1]
        if columns.shape[1] != len(self.names):
            need = f"must have {len(self.names)} columns: {', '.join(self.names)}"
            raise _check.fail("x", need, columns.shape[1])
        return columns


def s_learner(model: Any = None, **options: Any) -> Learner:
    """Return the S-learner: one model of the outcome on (x, w), asked twice.

    A model that regularises shrinks its effects towards 0.

    model: any scikit-learn regressor; the treatment is its last column. options: fields of `Learner`.

    References: Künzel and others (2019), PNAS 116, 4156-4165, eq. 5.

    >>> s_learner().kind
    'S'
    """
    return Learner(model, kind="S", **options)


def t_learner(model: Any = None, **options: Any) -> Learner:
    """Return the T-learner: a model of the outcome in each arm, and their difference.

    The noise of both models adds up.

    model: any scikit-learn regressor. options: fields of `Learner`.

    References: Künzel and others (2019), PNAS 116, 4156-4165, eq. 3-4.

    >>> t_learner().kind
    'T'
    """
    return Learner(model, kind="T", **options)


def x_learner(model: Any = None, **options: Any) -> Learner:
    """Return the X-learner: effects imputed from the other arm's model, a final stage an arm, weighted by e.

    effect = e·tau0 + (1 − e)·tau1, so that the smaller arm's outcomes meet the model of the larger arm.
    Outcome models are cross-fitted. model: any scikit-learn regressor. options: fields of `Learner`;
    `final` is straight by default.

    References: Künzel and others (2019), PNAS 116, 4156-4165, eq. 7-9.

    >>> x_learner(e=0.5).e
    0.5
    """
    return Learner(model, kind="X", **options)


def dr_learner(model: Any = None, **options: Any) -> Learner:
    """Return the DR-learner: AIPW scores from cross-fitted nuisances, regressed on x.

    The final stage is straight by default, and then has intervals.

    model: any scikit-learn regressor for the outcomes. options: fields of `Learner`; `final=None` is the
    straight line.

    References: Kennedy (2023), Electronic Journal of Statistics 17, 3008-3049, algorithm 1.

    >>> dr_learner(folds=2).folds
    2
    """
    return Learner(model, kind="DR", **options)


def r_learner(model: Any = None, **options: Any) -> Learner:
    """Return the R-learner: residual outcomes on residual treatments, both cross-fitted.

    Minimises the sum of ((y − m) − (w − e)·tau(x))². model: any scikit-learn regressor for m, the outcome
    given x. options: fields of `Learner`; a `final` of one's own must take `sample_weight`.

    References: Nie and Wager (2021), Biometrika 108, 299-319, eq. 4.

    >>> r_learner().kind
    'R'
    """
    return Learner(model, kind="R", **options)


def _fit_s(recipe: Learner, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> Any:
    fitted = fit_model(recipe.model, np.column_stack([x, w]), y)

    def difference(rows: np.ndarray) -> np.ndarray:
        ones = np.ones(len(rows))
        return fitted(np.column_stack([rows, ones])) - fitted(np.column_stack([rows, 0 * ones]))

    return difference, ()


def _fit_t(recipe: Learner, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> Any:
    control, treated = (fit_model(recipe.model, x[w == arm], y[w == arm]) for arm in (0, 1))
    return (lambda rows: treated(rows) - control(rows)), ()


def _fit_x(recipe: Learner, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> Any:
    share = propensity_at(recipe, x, w)
    pairs = []
    for n in split_nuisances(recipe, x, y, w):
        tau0 = fit_model(recipe.final or _line(), x[w == 0], (n.mu1 - y)[w == 0])
        tau1 = fit_model(recipe.final or _line(), x[w == 1], (y - n.mu0)[w == 1])
        pairs.append((tau0, tau1))

    def weighted(rows: np.ndarray) -> np.ndarray:
        e = share(rows)
        return np.median([e * tau0(rows) + (1 - e) * tau1(rows) for tau0, tau1 in pairs], axis=0)

    return weighted, ()


def _fit_dr(recipe: Learner, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> Any:
    scores = [aipw_scores(y, w, n.mu0, n.mu1, n.e) for n in split_nuisances(recipe, x, y, w)]
    if recipe.final is not None:
        finals = [fit_model(recipe.final, x, s) for s in scores]
        return (lambda rows: np.median([f(rows) for f in finals], axis=0)), ()
    lines = tuple(best_linear_projection(s, x) for s in scores)
    return (lambda rows: np.median([line.at(rows).estimate for line in lines], axis=0)), lines


def _fit_r(recipe: Learner, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> Any:
    finals = []
    for fold in fold_numbers(recipe, w):
        m, e = cross_fit(recipe.model, x, y, fold, np.ones(len(y), bool)), propensity_of(recipe, x, w, fold)
        # The weighted regression of (y − m)/(w − e) with weights (w − e)² is the minimum of the R-loss.
        finals.append(fit_model(recipe.final or _line(), x, (y - m) / (w - e), sample_weight=(w - e) ** 2))
    return (lambda rows: np.median([f(rows) for f in finals], axis=0)), ()


_FIT: dict[str, Callable[..., Any]] = {"S": _fit_s, "T": _fit_t, "X": _fit_x, "DR": _fit_dr, "R": _fit_r}


def _line() -> Any:
    from sklearn.linear_model import LinearRegression

    return LinearRegression()
