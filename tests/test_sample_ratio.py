"""SRM against stored references, exact sums and simulation."""

import itertools

import numpy as np
import pandas as pd
import pytest
from conftest import SEED
from scipy import stats

import abkit as ab


def test_srm_equals_the_references(oracle):
    for e in oracle("srm", "srm_chisquare"):
        i, x = e["inputs"], e["expected"]
        weights = np.divide(i["ratio"], np.sum(i["ratio"]))
        got = ab.srm(i["observed"], weights)
        assert got.statistic == pytest.approx(x["chi2"], rel=1e-8, abs=1e-12)
        assert got.pvalue == pytest.approx(x["p"], rel=1e-8, abs=1e-300)
        assert got.passed is not x["flag_0p001"]


def test_sequential_srm_equals_the_references(oracle):
    for e in oracle("srm", "srm_sequential_multinomial"):
        i, x = e["inputs"], e["expected"]
        theta, prior = np.array(i["theta0"]), np.array(i["dirichlet_alpha"])
        concentration = prior.sum() / len(theta)
        if not np.allclose(prior, concentration * len(theta) * theta):
            continue  # our prior is centred on the plan
        cumulative = np.eye(len(theta))[i["assignments"]].cumsum(0)
        got = ab.sequential_srm(cumulative, theta, concentration=concentration)
        np.testing.assert_allclose(got.statistic, x["log_bayes_factor"], atol=1e-9)
        np.testing.assert_allclose(got.pvalue, x["p_sequential"], atol=1e-9)


def test_the_fire_alarm_of_the_lesson():
    got = ab.srm([821_588, 815_482], [0.5, 0.5])
    assert got.passed is False and got.pvalue == pytest.approx(1.8e-6, rel=0.02)  # published to two digits


def test_a_planned_90_to_10_split_passes_and_an_assumed_equal_one_does_not():
    assert ab.srm([9_000, 1_000], [0.9, 0.1]).passed is True
    assert ab.srm([9_000, 1_000], [0.5, 0.5]).pvalue == 0.0


def test_far_tails_do_not_underflow_to_zero():
    assert ab.srm([500 + 141.5 * 10, 500 - 0], [0.5, 0.5]).pvalue > 0


def test_mappings_are_matched_by_key():
    a = ab.srm({"t": 30, "c": 70}, {"c": 0.7, "t": 0.3})
    assert a.pvalue == 1.0


def test_a_series_is_matched_by_its_labels():
    counted = pd.Series(["treatment"] * 600 + ["control"] * 400).value_counts()  # the largest arm first
    planned = {"control": 0.6, "treatment": 0.4}
    want = stats.chisquare([400, 600], [600, 400]).pvalue
    for counts, weights in itertools.product((counted, counted.to_dict()), (planned, pd.Series(planned))):
        got = ab.srm(counts, weights)
        assert got.passed is False and got.pvalue == pytest.approx(want, rel=1e-9)
        assert "control 400 (planned 600)" in got.message
    assert ab.shares(pd.Series(planned)) == planned
    assert (
        ab.assign(["u"], pd.Series(planned), salt="s").tolist()
        == ab.assign(["u"], planned, salt="s").tolist()
    )


def test_a_mapping_of_arrays_has_an_arm_a_key(rng):
    rows = rng.integers(1, 90, (5, 2)).cumsum(0)
    plan, columns = {"b": 0.4, "a": 0.6}, {"a": rows[:, 1], "b": rows[:, 0]}
    for call in (ab.srm, ab.sequential_srm):
        for counts in (columns, pd.DataFrame(columns)):
            np.testing.assert_array_equal(call(counts, plan).pvalue, call(rows, [0.4, 0.6]).pvalue)


def test_arms_may_come_in_any_order(rng):
    counts, weights = rng.integers(50, 90, 4), rng.dirichlet(np.ones(4))
    order = rng.permutation(4)
    assert ab.srm(counts, weights).pvalue == pytest.approx(ab.srm(counts[order], weights[order]).pvalue)


def test_sound_experiments_raise_the_alarm_at_the_exact_rate():
    """Exact rate by adding binomial probabilities over the rejection region."""
    n, alpha = 2_000, 0.01
    k = np.arange(n + 1)
    region = ab.srm(np.stack([k, n - k], -1), [0.5, 0.5], alpha=alpha).pvalue < alpha
    exact = stats.binom.pmf(k[region], n, 0.5).sum()
    assert exact == pytest.approx(alpha, rel=0.1)  # discreteness at n = 2,000
    draws = np.random.default_rng([SEED, 1]).binomial(n, 0.5, 100_000)
    rate = (ab.srm(np.stack([draws, n - draws], -1), [0.5, 0.5]).pvalue < alpha).mean()
    assert abs(rate - exact) < 5 * np.sqrt(exact * (1 - exact) / 100_000)


def test_the_sequential_test_holds_alpha_over_all_looks_and_daily_chi_square_does_not():
    draws = np.random.default_rng([SEED, 2]).binomial(200, 0.5, (4_000, 60)).cumsum(-1)
    seen = 200 * np.arange(1, 61)
    daily = ab.srm(np.stack([draws, seen - draws], -1), [0.5, 0.5]).pvalue.min(-1) < 0.05
    always = np.array(
        [ab.sequential_srm(np.stack([d, seen - d], -1), [0.5, 0.5]).pvalue[-1] < 0.05 for d in draws[:1000]]
    )
    assert always.mean() < 0.05 + 5 * np.sqrt(0.05 * 0.95 / 1000)
    assert daily.mean() > 0.20  # sixty looks at .05


def test_localise_puts_the_planted_loss_first():
    found = ab.localise({"web": [500, 510], "android": [500, 330], "ios": [505, 500]}, [0.5, 0.5])
    assert next(iter(found)) == "android"
    assert [c.passed for c in found.values()] == [False, True, True]


@pytest.mark.parametrize(
    ("counts", "weights", "words"),
    [
        ([1, 2], [50, 50], "`weights` must sum to 1.*Is that per cent"),
        ([1, 2], [0.5, 0.4], "`weights` must sum to 1; got 0.5, 0.4, which sum to 0.9"),
        ([1, 2], [1.5, -0.5], "`weights` must not be negative"),
        ([-1, 2], [0.5, 0.5], "`counts` must not be negative"),
        ([1.5, 2], [0.5, 0.5], "`counts` must be whole numbers"),
        ([1, 2, 3], [0.5, 0.5], "`counts` must hold 2 arms"),
        ([0, 0], [0.5, 0.5], "`counts` must hold at least one unit"),
        ({"a": 1, "b": 2}, {"a": 0.5, "c": 0.5}, "`counts` must have the arms"),
        ([5, 5], [1.0, 0.0], "must be 0 where the planned share is 0"),
        ([5], [1.0], "at least two arms"),
        (pd.Series([5, 6], ["a", "a"]), {"a": 0.5, "b": 0.5}, "`counts` must name each arm once"),
        (pd.Series([5, 6]), {"a": 0.5, "b": 0.5}, "`counts` must have the arms"),
        ({"a": [1, 2], "b": [1, 2, 3]}, [0.5, 0.5], "`counts` must be as many for every arm"),
        ({}, [0.5, 0.5], "`counts` must hold 2 arms"),
        (None, [0.5, 0.5], "`counts` must hold numbers"),
        ([1, 2], None, "`weights` must be a list or a mapping of shares"),
    ],
)
def test_bad_input_is_named(counts, weights, words):
    with pytest.raises(ValueError, match=words):
        ab.srm(counts, weights)


@pytest.mark.parametrize("counts", [np.zeros((0, 2)), np.ones((3, 2, 2))])
def test_the_looks_of_one_experiment_are_needed(counts):
    with pytest.raises(ValueError, match="`counts` must hold one experiment.*at least one look"):
        ab.sequential_srm(counts, [0.5, 0.5])


def test_falling_cumulative_counts_are_refused():
    with pytest.raises(ValueError, match="cumulative"):
        ab.sequential_srm([[5, 5], [4, 6]], [0.5, 0.5])
