"""Curves, policies and calibration of a ranking: golden values, brute force, coverage, errors."""

from __future__ import annotations

import numpy as np
import pytest

from abkit.causal import held_out
from abkit.causal.unequal_effects import aipw_scores

CLOSE = {"rtol": 1e-8, "atol": 1e-8}  # the tolerance of the golden file


def test_qini_is_the_golden_one(oracle):
    for entry in oracle("heterogeneity", "qini_uplift"):
        given, want = entry["inputs"], entry["expected"]
        curve = held_out.qini(given["score"], given["y"], given["w"])
        n = len(given["y"])
        np.testing.assert_allclose(curve.share * n, want["k"], **CLOSE)
        np.testing.assert_allclose(curve.qini, want["qini_curve"], **CLOSE)
        np.testing.assert_allclose(curve.gain * n, want["gain_curve"], **CLOSE)
        pairs = {"qini_area": curve.qini_area, "qini_random_area": curve.qini_random}
        pairs |= {
            "qini_coefficient": curve.qini_coefficient,
            "auuc_gain": curve.auuc,
            "auuc_random": curve.random,
        }
        for key, value in pairs.items():
            assert value == pytest.approx(want[key], rel=1e-8, abs=1e-8), key
        for k, at in want["uplift_at_top"].items():
            i = want["k"].index(int(k))
            share = int(k) / n
            assert curve.gain[i] == pytest.approx(at["uplift"] * share)
            assert (curve.high[i] - curve.low[i]) / 2 == pytest.approx(1.959963985 * at["se"] * share)


def test_policy_value_is_the_golden_one(oracle):
    for entry in oracle("heterogeneity", "policy_value"):
        given, want = {k: np.asarray(v) for k, v in entry["inputs"].items()}, entry["expected"]
        scores = aipw_scores(*(given[k] for k in ("y", "w", "mu0", "mu1", "e")))
        calls = {"gain_vs_none": {}, "gain_vs_all": {"against": "all"}}
        calls["net_gain_vs_none"] = {"cost": float(given["cost"])}
        for key, options in calls.items():
            found = held_out.policy_value(scores, given["policy"], **options)
            assert found.estimate == pytest.approx(want[key], rel=1e-8), key
            assert found.se == pytest.approx(want[f"{key}_se"], rel=1e-8), key


def test_the_end_of_the_curve_is_the_average_effect_and_no_ranking_has_the_straight_line(rng):
    y, w = rng.normal(size=300), rng.permutation(np.arange(300) % 2)
    curve = held_out.qini(np.zeros(300), y, w)
    assert curve.share.tolist() == [0, 1]
    assert curve.gain[-1] == pytest.approx(y[w == 1].mean() - y[w == 0].mean())
    assert curve.auuc == pytest.approx(curve.random) and curve.qini_coefficient == pytest.approx(0)


def test_the_order_of_ties_changes_nothing(rng):
    score, y, w = rng.integers(0, 4, 200), rng.normal(size=200), rng.permutation(np.arange(200) % 2)
    again = rng.permutation(200)
    a, b = held_out.qini(score, y, w), held_out.qini(score[again], y[again], w[again])
    np.testing.assert_allclose(a.gain, b.gain)
    np.testing.assert_allclose(a.high, b.high)


def test_the_band_keeps_its_digits_far_from_zero(rng):
    score, y, w = rng.normal(size=500), rng.normal(size=500), rng.permutation(np.arange(500) % 2)
    a, b = held_out.qini(score, y, w), held_out.qini(score, y + 1e7, w)
    np.testing.assert_allclose(a.high - a.low, b.high - b.low, rtol=1e-5)


def test_the_band_covers_at_one_share(rng):
    """Effect x, ranked by x: the gain of the best half is E[x; x > 0] = 1/√(2π); the cut is taken as
    fixed.
    """
    hit, reps, n = 0, 1_000, 400
    for _ in range(reps):
        x, w = rng.normal(size=n), rng.permutation(np.arange(n) % 2)
        curve = held_out.qini(x, w * x + rng.normal(size=n), w)
        i = n // 2
        hit += curve.low[i] <= 1 / np.sqrt(2 * np.pi) <= curve.high[i]
    # 5 Monte-Carlo errors; at the median the cut itself (effect 0 there) adds no variance
    assert abs(hit / reps - 0.95) < 5 * np.sqrt(0.95 * 0.05 / reps)


def test_values_against_none_and_all_differ_by_the_average(rng):
    scores, treat = rng.normal(size=100), rng.random(100) < 0.3
    none, everyone = (held_out.policy_value(scores, treat, cost=0.2, against=a) for a in ("none", "all"))
    assert none.estimate - everyone.estimate == pytest.approx(scores.mean() - 0.2)


def test_predicted_and_found_cuts_at_quantiles(rng):
    scores, predicted = rng.normal(size=1_000), rng.normal(size=1_000)
    both = held_out.predicted_and_found(scores, predicted, groups=4)
    assert both.n.tolist() == [250] * 4
    order = np.argsort(predicted)
    np.testing.assert_allclose(both.predicted, predicted[order].reshape(4, 250).mean(1))
    np.testing.assert_allclose(both.found, scores[order].reshape(4, 250).mean(1))
    assert (both.n * both.found).sum() / 1_000 == pytest.approx(scores.mean())


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: held_out.qini([1.0, 2], [1.0, 2], [1, 1]), "one arm only"),
        (lambda: held_out.qini([1.0, 2, 3], [1.0, 2], [1, 0]), "one value a user"),
        (lambda: held_out.qini([1.0, np.nan], [1.0, 2], [1, 0]), "`score` must hold finite"),
        (lambda: held_out.policy_value([1.0, 2], [0, 0]), "treating none; got the same rule"),
        (lambda: held_out.policy_value([1.0, 2], [1, 1], against="all"), "treating all; got the same rule"),
        (lambda: held_out.policy_value([1.0, 2], [1, 2]), "True or False"),
        (lambda: held_out.policy_value([1.0, 2], [1, 0], against="some"), "`against`"),
        (lambda: held_out.predicted_and_found([1.0, 2, 3, 4], [1, 1, 1, 2], groups=2), "must make 2 groups"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
