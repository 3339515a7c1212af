"""Scores, projections and groups: golden values, identities, errors for bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abkit.causal import unequal_effects as ue
from abkit.causal.cross_fitting import over_splits
from abkit.inference.means import welch

CLOSE = {"rtol": 1e-8, "atol": 1e-8}  # the tolerance of the golden file


def arrays(inputs):
    return {k: np.asarray(v) if isinstance(v, list) else v for k, v in inputs.items()}


@pytest.fixture
def data(rng):
    n = 400
    x = rng.normal(size=(n, 2))
    w = rng.permutation(np.arange(n) % 2)
    y = x[:, 0] + w * (1 + x[:, 1]) + rng.normal(size=n)
    return x, y, w


def test_aipw_is_the_golden_one(oracle):
    for entry in oracle("heterogeneity", "aipw_given_nuisances"):
        given, want = arrays(entry["inputs"]), entry["expected"]
        found = ue.aipw(**given)
        np.testing.assert_allclose(ue.aipw_scores(**given), want["scores"], **CLOSE)
        np.testing.assert_allclose([found.low, found.high], want["ci95"], **CLOSE)
        pairs = {"ate": found.estimate, "se": found.se, "pvalue": found.pvalue}
        pairs["potential_mean_0"] = found.value_control
        treated = ue.aipw(**given, population="treated")
        pairs |= {"att": treated.estimate, "att_se": treated.se}
        for key, value in pairs.items():
            assert value == pytest.approx(want[key], rel=1e-8, abs=1e-8), key


def test_best_linear_projection_is_the_golden_one(oracle):
    for entry in oracle("heterogeneity", "best_linear_projection"):
        given, want = arrays(entry["inputs"]), entry["expected"]
        x = given["x"] - given["x"].mean(0) if given["centred"] else given["x"]
        line = ue.best_linear_projection(given["scores"], pd.DataFrame(x, columns=given["names"]))
        assert line.names == ("intercept", *entry["inputs"]["names"])
        np.testing.assert_allclose(line.estimate, want["coef"], **CLOSE)
        np.testing.assert_allclose(line.se, want["se_hc3"], **CLOSE)
        np.testing.assert_allclose(line.cov, want["cov_hc3"], **CLOSE)
        np.testing.assert_allclose(np.column_stack([line.low, line.high]), want["ci95_t"], **CLOSE)
        np.testing.assert_allclose(line.pvalue, want["p_t"], **CLOSE)
        check = ue.heterogeneity(line)
        assert check.statistic == pytest.approx(want["wald_slopes"], rel=1e-8)
        assert check.pvalue == pytest.approx(want["wald_pvalue"], rel=1e-8)


def test_gates_are_the_golden_ones(oracle):
    for entry in oracle("heterogeneity", "gates_given_groups"):
        given, want = arrays(entry["inputs"]), entry["expected"]
        found = ue.gates(given["scores"], given["group"])
        assert list(found.names) == want["groups"] and found.n.tolist() == want["n"]
        np.testing.assert_allclose(found.estimate, want["effect"], **CLOSE)
        np.testing.assert_allclose(found.se, want["se"], **CLOSE)
        np.testing.assert_allclose(np.column_stack([found.low, found.high]), want["ci95"], **CLOSE)
        check = ue.heterogeneity(given["scores"], given["group"])
        assert check.statistic == pytest.approx(want["wald"], rel=1e-8)
        assert check.pvalue == pytest.approx(want["wald_pvalue"], rel=1e-8)


def test_calibration_slope_is_the_golden_one(oracle):
    for entry in oracle("heterogeneity", "calibration_dr_scores"):
        given, want = arrays(entry["inputs"]), entry["expected"]
        slope = ue.calibration_slope(given["scores"], given["tau"])
        assert slope.estimate == pytest.approx(want["coef"][1], rel=1e-8)
        assert slope.se == pytest.approx(want["se_hc3"][1], rel=1e-8)
        from scipy.stats import t

        assert slope.pvalue == pytest.approx(t.sf(want["z"][1], len(given["scores"]) - 2), rel=1e-8)
        assert slope.high == np.inf


def test_without_models_the_score_is_the_inverse_weighted_outcome(data):
    _, y, w = data
    score = ue.aipw_scores(y, w, 0.0, 0.0, 0.5)
    np.testing.assert_allclose(score, 2 * y * w - 2 * y * (1 - w))


def test_arm_means_as_models_give_the_difference_in_means(data):
    _, y, w = data
    mu0, mu1 = y[w == 0].mean(), y[w == 1].mean()
    found = ue.aipw(y, w, mu0, mu1, w.mean())
    assert found.estimate == pytest.approx(mu1 - mu0, rel=1e-12)
    assert (found.n_control, found.n_treatment) == (200, 200)
    by_welch = welch(
        y[w == 0], y[w == 1]
    )  # the scores' sd counts n, Welch n − 1 an arm: they meet in large samples
    assert found.se == pytest.approx(by_welch.se, rel=0.01)


def test_leading_axes_are_one_effect_each(data):
    _, y, w = data
    ys = np.stack([y, 2 * y])
    found = ue.aipw(ys, w, 0.1, 0.2, 0.5)
    one = ue.aipw(2 * y, w, 0.1, 0.2, 0.5)
    assert found.estimate[1] == one.estimate and found.se[1] == one.se


def test_gates_with_one_group_each_side_are_the_two_averages(data):
    x, y, w = data
    scores = ue.aipw_scores(y, w, 0.0, 0.0, 0.5)
    found = ue.gates(scores, np.where(x[:, 0] > 0, "high", "low"))
    assert found.names == ("high", "low")
    assert found.estimate[0] == pytest.approx(scores[x[:, 0] > 0].mean())
    # a line on a 0/1 column is the same two means
    line = ue.best_linear_projection(scores, (x[:, 0] > 0).astype(float))
    assert line.at([[0.0], [1.0]]).estimate == pytest.approx(found.estimate[::-1])


@pytest.mark.parametrize("together", ue.TOGETHER)
def test_intervals_that_hold_together_are_wider_by_the_right_factor(data, together):
    from scipy.stats import norm

    x, y, w = data
    scores = ue.aipw_scores(y, w, 0.0, 0.0, 0.5)
    place = np.searchsorted([-1, 0, 1], x[:, 0])
    alone, joint = ue.gates(scores, place), ue.gates(scores, place, together=together)
    level = 0.05 / 4 if together == "bonferroni" else 1 - 0.95 ** (1 / 4)
    factor = norm.isf(level / 2) / norm.isf(0.025)
    np.testing.assert_allclose((joint.high - joint.low) / (alone.high - alone.low), factor)
    assert joint.alpha == 0.05
    assert (
        (joint.pvalue < 0.05) == ((joint.low > 0) | (joint.high < 0))
    ).all()  # test and interval are duals


def test_heterogeneity_of_an_effect_is_cochrans_q(rng):
    y = rng.normal(size=(2, 5, 100))
    segments = welch(y[0], y[1] + np.arange(5)[:, None] / 5)
    check = ue.heterogeneity(segments)
    weight = 1 / segments.se**2
    mean = (weight * segments.estimate).sum() / weight.sum()
    assert check.statistic == pytest.approx((((segments.estimate - mean) / segments.se) ** 2).sum())
    assert ue.heterogeneity(segments, alpha=1e-12).passed is True


def test_a_common_shift_changes_no_difference(data):
    x, y, w = data
    scores = ue.aipw_scores(y, w, 0.0, 0.0, 0.5)
    a, b = ue.heterogeneity(scores, x[:, 0] > 0), ue.heterogeneity(scores + 7, x[:, 0] > 0)
    assert a.statistic == pytest.approx(b.statistic)


def test_a_far_column_keeps_its_digits(data):
    x, y, w = data
    scores = ue.aipw_scores(y, w, 0.0, 0.0, 0.5)
    near, far = ue.best_linear_projection(scores, x), ue.best_linear_projection(scores, x + 1e5)
    np.testing.assert_allclose(near.estimate[1:], far.estimate[1:], rtol=1e-6)
    np.testing.assert_allclose(near.se[1:], far.se[1:], rtol=1e-6)


def test_over_splits_of_equal_effects_is_that_effect():
    one = ue.effect_of("y", 2.0, 0.5, 100.0)
    assert over_splits([one] * 3).se == pytest.approx(0.5)
    apart = over_splits([ue.effect_of("y", v, 0.5, 100.0) for v in (1.0, 2.0, 3.0)])
    assert (apart.estimate, apart.se) == (2.0, pytest.approx(np.sqrt(0.25 + 1)))


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: ue.aipw([1.0, 2.0, 3.0], [1, 0, 1], 0, 0, [0.5, 0.0, 1.0]), "2 of 3 rows"),
        (lambda: ue.aipw([1.0, 2.0], [1, 1], 0, 0, 0.5), "one arm only"),
        (lambda: ue.aipw([1.0, 2.0], [1, 2], 0, 0, 0.5), "`w` must be 1"),
        (lambda: ue.aipw([1.0, np.nan], [1, 0], 0, 0, 0.5), "`y` must hold finite"),
        (lambda: ue.aipw([1.0, 2.0, 3.0], [1, 0], 0, 0, 0.5), "shapes that fit"),
        (lambda: ue.aipw([1.0, 2.0], [1, 0], 0, 0, 0.5, population="controls"), "`population`"),
        (lambda: ue.best_linear_projection([1.0, 2, 3, 4], [[1.0], [1], [1], [1]]), "x1, which is 1"),
        (lambda: ue.best_linear_projection([1.0, 2, 4], [[1.0, 2], [2, 4], [3, 7]]), "more rows than"),
        (
            lambda: ue.best_linear_projection([1.0, 2, 3, 9], [[1.0, 2], [2, 4], [3, 6], [4, 8]]),
            "others determine",
        ),
        (lambda: ue.best_linear_projection([1.0, 2, 3], [1.0, 2.0]), "one row a user"),
        (
            lambda: ue.best_linear_projection([1.0, 2, 3], pd.DataFrame({"city": list("abc")})),
            "`city`.*get_dummies",
        ),
        (lambda: ue.gates([1.0, 2.0, 3.0], ["a", "a", "b"]), "two users each; got one in 'b'"),
        (lambda: ue.gates([1.0, 1.0, 3.0, 4.0], ["a", "a", "b", "b"]), "vary in every group"),
        (lambda: ue.gates([1.0, 2.0], ["a", None]), "1 without"),
        (lambda: ue.gates([1.0, 2.0, 3.0, 5.0], list("aabb"), together="holm"), "`together`"),
        (lambda: ue.heterogeneity([1.0, 2.0, 3.0], ["a", "a", "a"]), "at least two groups"),
        (lambda: ue.calibration_slope([1.0, 2, 3, 4], [2.0] * 4), "must differ between users"),
        (lambda: ue.best_linear_projection([0.0, 1, 2, 4], [0.0, 1, 2, 3]).at([[1.0, 2.0]]), "1 columns"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
