"""Outcomes and propensities predicted for each user by models that did not see the user: cross-fitting."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from abkit import _check
from abkit._table import Table
from abkit.causal.columns import experiment, propensity_inside
from abkit.causal.unequal_effects import effect_of
from abkit.estimate import Effect

BOOSTED = {"learning_rate": 0.1, "max_iter": 60, "max_leaf_nodes": 4, "min_samples_leaf": 20}


@dataclass(frozen=True, eq=False, repr=False)
class Nuisances(Table):
    """What `aipw` needs beside y and w, from models that did not see the row; (rows,) or (splits, rows).

    mu0, mu1: outcome expected without and with treatment. e: probability of treatment.
    """

    mu0: Any
    mu1: Any
    e: Any


@dataclass(frozen=True)
class CrossFit:
    """How nuisances are fitted. model, propensity: scikit-learn estimators, None for the defaults.

    e: the design's probability of treatment, a number, (rows,) or a function of x. folds, splits, rng: see
    `nuisances`.
    """

    model: Any = None
    propensity: Any = None
    e: Any = None
    folds: int = 5
    splits: int = 1
    rng: Any = None


def nuisances(
    x: Any,
    y: Any,
    w: Any,
    *,
    model: Any = None,
    e: Any = None,
    propensity: Any = None,
    folds: int = 5,
    splits: int = 1,
    rng: Any = None,
) -> Nuisances:
    """Return outcome models' predictions for each user from models that did not see the user (cross-fitting).

    x: (rows, k) or a data frame. y: (rows,). w: (rows,) 0/1. model: a scikit-learn regressor, or a
    classifier with `predict_proba` for a 0/1 outcome; default gradient boosting with small trees. e: the
    design's probability of treatment when it is known (a number, (rows,), or a function of x); else
    `propensity`, a classifier, is fitted: default logistic regression. folds: parts of the rows, each
    predicted by the others' models; 1 fits and predicts the same rows, which only suits models with few
    parameters. splits: repeat with other folds; the fields get a leading axis. rng: seed of the folds.

    Raises ValueError for bad x, y, w or e, and for an arm with fewer than two users a fold.

    References: Chernozhukov and others (2018), Econometrics Journal 21, C1-C68, definition 3.2.

    >>> x = np.arange(20.0)[:, None]; w = np.arange(20) % 2
    >>> nuisances(x, x[:, 0], w, e=0.5, rng=0).mu0.shape
    (20,)
    """
    _, columns, y, w = experiment(x, y, w)
    one = CrossFit(model, propensity, e, folds=folds, splits=splits, rng=rng)
    several = list(split_nuisances(one, columns, y, w))
    if len(several) == 1:
        return several[0]
    return Nuisances(*(np.stack([getattr(n, f) for n in several]) for f in ("mu0", "mu1", "e")))


def over_splits(effects: Any, *, alpha: float = 0.05) -> Effect:
    """Return the median effect over splits of the data, its variance the median of se² + (effect − median)².

    effects: a list of `Effect`, one a split, or one whose first axis is the split. alpha: the level of the
    interval.

    Raises ValueError: `effects` must hold at least one Effect; `effects` must hold one effect a split.

    References: Chernozhukov and others (2018), Econometrics Journal 21, C1-C68, definition 3.3.

    >>> round(over_splits([effect_of("y", 1.0, 1.0, 9.0), effect_of("y", 3.0, 1.0, 9.0)]).se, 4)
    1.4142
    """
    several = [effects] if isinstance(effects, Effect) else _check.several("effects", effects)
    if not several:
        raise _check.fail("effects", "must hold at least one Effect", "none")
    for effect in several:
        _check.instance("effects", effect, Effect)
    values, errors = (np.stack([np.asarray(getattr(s, f)) for s in several]) for f in ("estimate", "se"))
    if isinstance(effects, Effect):
        values, errors = values[0], errors[0]
        if values.ndim == 0:
            raise _check.fail("effects", "must hold one effect a split", "one Effect")
    middle = np.median(values, axis=0)
    se = np.sqrt(np.median(errors**2 + (values - middle) ** 2, axis=0))
    first = several[0]
    return effect_of(first.label, middle, se, np.min(first.df), alpha=alpha, method=first.method)


def split_nuisances(recipe: CrossFit, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> Any:
    """Yield the nuisances of each split: every unit is predicted by models that did not see it.

    x: (rows, k). y, w: (rows,). Each split gives mu0, mu1 and e of shape (rows,).

    >>> from sklearn.linear_model import LinearRegression
    >>> x, w = np.arange(8.0)[:, None], np.arange(8) % 2
    >>> recipe = CrossFit(LinearRegression(), e=0.5, folds=2, splits=3)
    >>> [(n.mu1 - n.mu0).mean().round(6).item() for n in split_nuisances(recipe, x, x[:, 0] + w, w)]
    [1.0, 1.0, 1.0]
    """
    for fold in fold_numbers(recipe, w):
        mu0, mu1 = (cross_fit(recipe.model, x, y, fold, w == arm) for arm in (0, 1))
        yield Nuisances(mu0, mu1, propensity_of(recipe, x, w, fold))


def fold_numbers(recipe: CrossFit, w: np.ndarray) -> list[np.ndarray]:
    """Return one array of fold numbers (rows,) a split; each arm is spread evenly over the folds.

    w: (rows,) 0/1. Raises ValueError for an arm with fewer than two users a fold.

    >>> w = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    >>> [np.bincount(fold[w == 1]).tolist() for fold in fold_numbers(CrossFit(folds=2, splits=3), w)]
    [[2, 2], [2, 2], [2, 2]]
    """
    folds, splits = _check.integer("folds", recipe.folds), _check.integer("splits", recipe.splits)
    smaller = int(min(w.sum(), (1 - w).sum()))
    if smaller < 2 * folds:
        raise _check.fail(
            "folds", "must leave two users of each arm in a fold", f"{folds} folds, {smaller} users"
        )
    rng = np.random.default_rng(recipe.rng)
    out = []
    for _ in range(splits):
        fold = np.empty(len(w), int)
        for arm in (0, 1):
            rows = np.flatnonzero(w == arm)
            fold[rng.permutation(rows)] = np.arange(len(rows)) % folds
        out.append(fold)
    return out


def cross_fit(model: Any, x: np.ndarray, y: np.ndarray, fold: np.ndarray, use: np.ndarray) -> np.ndarray:
    """Predict each fold (rows,) from the other folds' rows among `use`; with one fold, from all of them.

    x: (rows, k). y: (rows,). fold: (rows,) numbers from 0. use: (rows,) True for a row to learn from.

    >>> from sklearn.dummy import DummyRegressor
    >>> x, y, fold = np.zeros((4, 1)), np.array([1.0, 1.0, 5.0, 5.0]), np.array([0, 0, 1, 1])
    >>> cross_fit(DummyRegressor(), x, y, fold, np.ones(4, bool))
    array([5., 5., 1., 1.])
    """
    out, folds = np.empty(len(y)), int(fold.max()) + 1
    for k in range(folds):
        inside = fold == k
        train = use & ~inside if folds > 1 else use
        out[inside] = fit_model(model, x[train], y[train])(x[inside])
    return out


def propensity_of(recipe: CrossFit, x: np.ndarray, w: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Return the chance of treatment (rows,): the design's where it is known, else cross-fitted.

    >>> propensity_of(CrossFit(e=lambda x: x[:, 0]), np.array([[0.2], [0.6]]), np.array([0, 1]), np.zeros(2))
    array([0.2, 0.6])
    """
    if recipe.e is None:
        found = cross_fit(recipe.propensity or _logistic(), x, w, fold, np.ones(len(w), bool))
    else:
        found = _check.array("e", recipe.e(x) if callable(recipe.e) else recipe.e, finite=False)
    if found.ndim and found.shape != w.shape:
        raise _check.fail(
            "e", "must be a number, a function of x, or one value a user", f"shape {found.shape}"
        )
    return np.broadcast_to(propensity_inside(found), w.shape)


def propensity_at(recipe: CrossFit, x: np.ndarray, w: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return the probability of treatment as a function of x, which the X-learner needs for new users.

    The function takes x (rows, k) and returns (rows,).

    >>> propensity_at(CrossFit(e=0.3), np.zeros((4, 1)), np.array([0, 1, 0, 1]))(np.zeros((2, 1)))
    array([0.3, 0.3])
    """
    if recipe.e is None:
        return fit_model(recipe.propensity or _logistic(), x, w)
    if callable(recipe.e):
        return recipe.e
    if np.ndim(recipe.e):
        raise _check.fail(
            "e", "must be a number or a function of x for the X-learner", f"{np.size(recipe.e)} values"
        )
    return lambda rows: np.full(len(rows), float(recipe.e))


def known_model(model: Any) -> Any:
    """Return a model that can be fitted and predicts, or say what is missing.

    >>> from sklearn.linear_model import LinearRegression
    >>> known_model(LinearRegression())
    LinearRegression()
    """
    if isinstance(model, type) or not all(hasattr(model, part) for part in ("fit", "predict", "get_params")):
        raise _check.fail("model", "must be a model as of scikit-learn, such as Ridge()", _check.short(model))
    return model


def fit_model(model: Any, x: np.ndarray, y: np.ndarray, **weights: Any) -> Callable[[np.ndarray], np.ndarray]:
    """Fit a copy of the model and return its prediction: the mean, or the probability of a classifier's 1.

    The default model is fitted in one thread: at these sizes the threads of a busy machine wait for each
    other.

    >>> from sklearn.linear_model import LinearRegression
    >>> line = fit_model(LinearRegression(), np.array([[0.0], [1.0]]), np.array([1.0, 3.0]))
    >>> line(np.array([[2.0]])).round(6).tolist()
    [5.0]
    """
    from sklearn.base import clone, is_classifier

    copy = clone(_boosted() if model is None else known_model(model))
    if not is_classifier(copy):
        with _one_thread() if model is None else nullcontext():
            copy.fit(x, y, **weights)
        return lambda rows: np.asarray(copy.predict(rows), float).reshape(len(rows))
    if not np.isin(y, (0, 1)).all():
        raise _check.fail("model", "must be a regressor unless y is 0/1", type(model).__name__)
    if np.ptp(y) == 0:
        return lambda rows: np.full(len(rows), float(y[0]))
    copy.fit(x, y.astype(int), **weights)
    return lambda rows: copy.predict_proba(rows)[:, 1]


def _one_thread() -> Any:
    return _thread_pools().limit(limits=1, user_api="openmp")


@cache
def _thread_pools() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _boosted() -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(**BOOSTED, early_stopping=False, random_state=0)


def _logistic() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=1e4))
