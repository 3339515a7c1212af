"""The five learners and cross-fitting: golden values, identities, folds, errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from linear_models import Line
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from abkit.causal import cross_fitting, learners
from abkit.causal.unequal_effects import aipw_scores

OLS = LinearRegression()
INTERACTED = make_pipeline(
    FunctionTransformer(lambda z: np.column_stack([z, z[:, :-1] * z[:, -1:]])), LinearRegression()
)
SQUARED = make_pipeline(FunctionTransformer(lambda z: np.column_stack([z, z[:, 0] ** 2])), LinearRegression())


@pytest.fixture
def data(rng):
    n = 300
    x = rng.normal(size=(n, 3))
    w = rng.permutation(np.arange(n) % 2)
    return x, x[:, 0] + w * (1 + x[:, 1]) + rng.normal(size=n), w


@pytest.mark.parametrize(
    "topic, make",
    [
        ("s_learner_ols", lambda e: learners.s_learner(OLS)),
        ("s_learner_ols_interacted", lambda e: learners.s_learner(INTERACTED)),
        ("t_learner_ols", lambda e: learners.t_learner(OLS)),
        ("x_learner_ols", lambda e: learners.x_learner(SQUARED, e=e, folds=1)),
        ("dr_learner_ols", lambda e: learners.dr_learner(OLS, e=e, folds=1)),
        ("dr_learner_ols", lambda e: learners.dr_learner(OLS, final=OLS, e=e, folds=1)),
        ("r_learner_ols", lambda e: learners.r_learner(OLS, e=e, folds=1)),
    ],
)
def test_a_learner_is_the_golden_one(oracle, topic, make):
    entries = oracle("heterogeneity", topic)
    assert entries
    for entry in entries:
        given = {k: v if isinstance(v, str) else np.asarray(v) for k, v in entry["inputs"].items()}
        x, w = np.column_stack([given["x1"], given["x2"]]), given["treatment"]
        effect = make(w.mean()).fit(x, given["y"], w).effect(given["query"])
        np.testing.assert_allclose(effect, entry["expected"]["cate"], atol=1e-8)  # the golden file's


def test_the_average_from_arm_lines_is_the_golden_one(oracle):
    from abkit.causal.unequal_effects import aipw

    for entry in oracle("heterogeneity", "dr_learner_ols"):
        given = {k: v if isinstance(v, str) else np.asarray(v) for k, v in entry["inputs"].items()}
        x, w = np.column_stack([given["x1"], given["x2"]]), given["treatment"]
        n = cross_fitting.nuisances(x, given["y"], w, model=OLS, e=w.mean(), folds=1)
        assert aipw(given["y"], w, n.mu0, n.mu1, n.e).estimate == pytest.approx(
            entry["expected"]["ate_aipw"], abs=1e-8
        )


def test_the_fast_line_of_these_tests_is_scikit_learns(data):
    x, y, w = data
    for weights in (None, w + 0.5):
        lines = (m.fit(x, y, weights).predict(x) for m in (Line(), LinearRegression()))
        np.testing.assert_allclose(*lines)


def test_no_row_is_predicted_by_a_model_that_saw_it(data):
    """A model that remembers its rows gives y back only where a row predicts itself."""
    x, y, w = data

    class Memory(BaseEstimator):
        def fit(self, x, y):
            self.seen = {tuple(row): value for row, value in zip(x, y, strict=True)}
            return self

        def predict(self, x):
            return np.array([self.seen.get(tuple(row), 99.0) for row in x])

    apart = cross_fitting.nuisances(x, y, w, model=Memory(), e=0.5, rng=0)
    assert (apart.mu0[w == 0] == 99).all() and (apart.mu1[w == 1] == 99).all()
    same = cross_fitting.nuisances(x, y, w, model=Memory(), e=0.5, folds=1)
    assert (same.mu0[w == 0] == y[w == 0]).all()


def test_folds_are_even_in_both_arms_and_follow_the_seed():
    w = (np.arange(103) < 30).astype(float)
    recipe = cross_fitting.CrossFit(splits=2, rng=3)
    one, two = cross_fitting.fold_numbers(recipe, w)
    for arm in (0, 1):
        counts = np.bincount(one[w == arm])
        assert len(counts) == 5 and np.ptp(counts) <= 1
    assert (one != two).any()
    assert (cross_fitting.fold_numbers(recipe, w)[0] == one).all()


def test_cross_fitted_lines_are_those_of_a_loop(data):
    x, y, w = data
    found = cross_fitting.nuisances(x, y, w, model=OLS, e=0.5, rng=1)
    fold = cross_fitting.fold_numbers(cross_fitting.CrossFit(rng=1), w)[0]
    rows = np.column_stack([np.ones(len(y)), x])
    for k in range(5):
        use = (fold != k) & (w == 1)
        coefficients = np.linalg.lstsq(rows[use], y[use], rcond=None)[0]
        np.testing.assert_allclose(found.mu1[fold == k], rows[fold == k] @ coefficients)


def test_the_straight_dr_learner_is_the_regression_of_its_scores(data):
    x, y, w = data
    fitted = learners.dr_learner(OLS, e=0.5, rng=2).fit(x, y, w)
    n = cross_fitting.nuisances(x, y, w, model=OLS, e=0.5, rng=2)
    scores = aipw_scores(y, w, n.mu0, n.mu1, n.e)
    rows = np.column_stack([np.ones(len(y)), x])
    line = rows @ np.linalg.lstsq(rows, scores, rcond=None)[0]
    np.testing.assert_allclose(fitted.effect(x), line)
    inside = fitted.interval(x)
    np.testing.assert_allclose(inside.estimate, line)
    assert (inside.low < line).all() and (inside.high > line).all()


def test_the_r_loss_of_a_straight_line_is_at_its_minimum(data):
    x, y, w = data
    fitted = learners.r_learner(OLS, e=0.5, rng=2).fit(x, y, w)
    fold = cross_fitting.fold_numbers(cross_fitting.CrossFit(rng=2), w)[0]
    m = cross_fitting.cross_fit(OLS, x, y, fold, np.ones(len(y), bool))

    def loss(tau):
        return np.square((y - m) - (w - 0.5) * tau).mean()

    effect, least = fitted.effect(x), loss(fitted.effect(x))
    for step in (np.ones(len(y)), x[:, 0], x[:, 2]):
        assert min(loss(effect + 0.01 * step), loss(effect - 0.01 * step)) > least


def test_splits_give_the_median_and_several_lines(data):
    x, y, w = data
    fitted = learners.dr_learner(OLS, e=0.5, splits=3, rng=0).fit(x, y, w)
    assert len(fitted.lines) == 3
    np.testing.assert_allclose(fitted.effect(x), np.median([f.at(x).estimate for f in fitted.lines], axis=0))
    several = cross_fitting.nuisances(x, y, w, model=OLS, e=0.5, splits=3, rng=0)
    assert several.mu0.shape == (3, 300)


@pytest.mark.parametrize(
    "make", [learners.s_learner, learners.t_learner, learners.x_learner, learners.r_learner]
)
def test_a_shift_of_the_outcome_shifts_no_effect(data, make):
    x, y, w = data
    one, two = (make(Line(), rng=0).fit(x, v, w).effect(x) for v in (y, y + 5))
    np.testing.assert_allclose(one, two, atol=1e-9)


@pytest.mark.parametrize(
    "make",
    [learners.s_learner, learners.t_learner, learners.x_learner, learners.dr_learner, learners.r_learner],
)
def test_every_learner_finds_a_large_straight_effect_and_repeats_itself(make, rng):
    x = rng.normal(size=(600, 2))
    w = rng.permutation(np.arange(600) % 2)
    y = x[:, 0] + 2 * w * (1 + x[:, 1]) + 0.1 * rng.normal(size=600)
    fitted = [make(rng=0).fit(x, y, w).effect(x) for _ in range(2)]
    assert (fitted[0] == fitted[1]).all()
    assert np.corrcoef(fitted[0], 1 + x[:, 1])[0, 1] > 0.9


def test_an_unknown_propensity_is_fitted_and_a_known_one_is_used(data, rng):
    x, y, _ = data
    share = 1 / (1 + np.exp(-x[:, 0]))
    w = (rng.random(300) < share).astype(int)
    guessed = cross_fitting.nuisances(x, y, w, model=OLS, rng=0).e
    assert np.corrcoef(guessed, share)[0, 1] > 0.8 and 0 < guessed.min() < guessed.max() < 1
    known = cross_fitting.nuisances(x, y, w, model=OLS, e=lambda rows: 1 / (1 + np.exp(-rows[:, 0]))).e
    np.testing.assert_allclose(known, share)
    half = (lambda rows: np.full(len(rows), 0.5)), 0.5
    one, two = (learners.x_learner(OLS, e=e, rng=0).fit(x, y, w).effect(x) for e in half)
    np.testing.assert_allclose(one, two)


def test_a_classifier_predicts_a_share_for_a_yes_or_no(data):
    from sklearn.linear_model import LogisticRegression

    x, y, w = data
    bought = (y > 0).astype(int)
    fitted = learners.t_learner(LogisticRegression()).fit(x, bought, w)
    assert np.abs(fitted.effect(x)).max() < 1
    with pytest.raises(ValueError, match="must be a regressor unless y is 0/1"):
        learners.t_learner(LogisticRegression()).fit(x, y, w)


def test_names_of_a_frame_are_kept_and_other_columns_refused(data):
    x, y, w = data
    frame = pd.DataFrame(x, columns=["age", "visits", "spend"])
    fitted = learners.dr_learner(OLS, e=0.5, rng=0).fit(frame, y, w)
    assert fitted.names == ("age", "visits", "spend")
    with pytest.raises(ValueError, match="3 columns: age, visits, spend"):
        fitted.effect(x[:, :2])


def refused(x=None, y=None, w=None, **options):
    n = 40
    x = np.random.default_rng(0).normal(size=(n, 2)) if x is None else x
    y = np.arange(n, dtype=float) if y is None else y
    w = np.arange(n) % 2 if w is None else w
    return learners.dr_learner(OLS, **options).fit(x, y, w)


@pytest.mark.parametrize(
    "given, words",
    [
        ({"e": np.r_[np.zeros(3), np.full(37, 0.5)]}, "3 of 40 rows"),
        ({"e": 1.0}, "1 of 1 rows"),
        ({"e": 0.5, "w": np.ones(40)}, "one arm only"),
        ({"e": 0.5, "x": np.column_stack([np.ones(40), np.arange(40)])}, "x1, which is 1 for all users"),
        ({"e": 0.5, "x": np.where(np.arange(80).reshape(40, 2) == 3, np.nan, 1.0)}, "1 of 80 nan"),
        ({"e": 0.5, "y": np.r_[np.nan, np.zeros(39)]}, "`y` must hold finite"),
        (
            {"e": 0.5, "x": np.random.default_rng(0).normal(size=(40, 50))},
            "fewer columns than an arm has users",
        ),
        ({"e": 0.5, "x": pd.DataFrame({"city": ["a", "b"] * 20})}, "`city`.*get_dummies"),
        ({"e": 0.5, "x": np.ones((39, 2))}, "one row a user"),
        ({"e": 0.5, "folds": 15}, "two users of each arm in a fold"),
        ({"e": np.full(7, 0.5)}, "one value a user"),
        ({"e": 0.5, "folds": 0}, "`folds`"),
    ],
)
def test_bad_input_is_refused_in_words(given, words):
    with pytest.raises(ValueError, match=words):
        refused(**given)


def test_learners_without_a_measured_interval_say_so(data):
    x, y, w = data
    for make in (learners.s_learner, learners.t_learner, learners.x_learner, learners.r_learner):
        with pytest.raises(ValueError, match="DR-learner with a straight final stage"):
            make(Line(), rng=0).fit(x, y, w).interval(x)
    with pytest.raises(ValueError, match="number or a function of x"):
        learners.x_learner(Line(), e=np.full(300, 0.5)).fit(x, y, w)
    with pytest.raises(ValueError, match="straight final stage"):
        learners.dr_learner(Line(), final=Line(), e=0.5).fit(x, y, w).interval(x)
