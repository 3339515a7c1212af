"""Always-valid inference against closed forms, exact crossing rates and procedures that must fail."""

import json
import os
import pathlib
import time

import numpy as np
import pytest

from abkit.estimate import Effect
from abkit.sequential.betting import bets, betting_sequence, hedged_capital
from abkit.sequential.mixture import (
    asymptotic_rho,
    bernoulli_sequence,
    beta_binomial_bound,
    confidence_sequence,
    msprt,
    normal_mixture_bound,
    normal_mixture_rho,
)

SEED = int(os.environ.get("ABKIT_SEED", "0"))
ORACLES = json.loads((pathlib.Path(__file__).parent / "oracles" / "always_valid.json").read_text())["entries"]


def cases(topic):
    found = [e for e in ORACLES if e["topic"] == topic]
    assert found, topic
    return pytest.mark.parametrize(
        "inputs, expected", [(e["inputs"], e["expected"]) for e in found], ids=[e["id"] for e in found]
    )


def effect(estimate, se, n_control=None, n_treatment=None, alpha=0.05):
    return Effect(
        "y",
        np.asarray(estimate, float),
        np.asarray(se, float),
        np.inf,
        0.0,
        0.0,
        1.0,
        alpha,
        n_control=n_control,
        n_treatment=n_treatment,
    )


def one_sample(x, se=None):
    """Running mean of rows (..., n) with a known se, or the plug-in one."""
    n = np.arange(1, x.shape[-1] + 1)
    mean = x.cumsum(-1) / n
    if se is None:
        with np.errstate(invalid="ignore", divide="ignore"):
            se = np.sqrt(((x * x).cumsum(-1) / n - mean**2) / (n - 1))
    return effect(mean, np.broadcast_to(se, mean.shape), n_treatment=n)


def rate(hits):
    return hits.mean(), np.sqrt(max(hits.mean() * (1 - hits.mean()), 1e-4) / hits.size)


@cases("msprt_normal_one_sample")
def test_one_sample_path_is_the_closed_form(inputs, expected):
    x = np.array(inputs["x"]) - inputs["theta0"]
    n = np.arange(1, x.size + 1)
    path = msprt(
        effect(x.cumsum() / n, inputs["sigma"] / np.sqrt(n), alpha=inputs["alpha"]),
        tau=inputs["tau"],
        burn_in=0,
    )
    np.testing.assert_allclose(path.pvalue, expected["p_always_valid"], rtol=1e-8)  # tolerance of the oracle
    np.testing.assert_allclose(path.low + inputs["theta0"], expected["ci_lower"], rtol=1e-8)
    np.testing.assert_allclose(path.high + inputs["theta0"], expected["ci_upper"], rtol=1e-8)


@cases("msprt_normal_two_sample")
def test_two_sample_path_is_the_closed_form(inputs, expected):
    c, t = np.array(inputs["control"]), np.array(inputs["treatment"])
    n = np.arange(1, c.size + 1)
    path = msprt(effect((t - c).cumsum() / n, inputs["sigma"] * np.sqrt(2 / n)), tau=inputs["tau"], burn_in=0)
    np.testing.assert_allclose(path.pvalue, expected["p_always_valid"], rtol=1e-8)  # tolerance of the oracle


@cases("msprt_bernoulli_two_sample")
def test_single_look_at_rates(inputs, expected):
    n = inputs["n_per_arm"]
    gap = (inputs["conversions_treatment"] - inputs["conversions_control"]) / n
    path = msprt(effect(gap, np.sqrt(expected["V"] / n), n, n, inputs["alpha"]), tau=inputs["tau"])
    got = [path.pvalue[0], path.low[0], path.high[0]]
    np.testing.assert_allclose(
        got, [expected["p_single_look"], expected["ci_lower"], expected["ci_upper"]], rtol=1e-8
    )


@cases("cs_normal_mixture_two_sided")
def test_two_sided_normal_mixture(inputs, expected):
    rho = normal_mixture_rho(inputs["v_opt"], alpha=inputs["alpha_opt"])
    assert rho == pytest.approx(expected["rho"], abs=1e-5)  # tolerance of the oracle
    assert normal_mixture_bound(inputs["v"], rho=rho, alpha=inputs["alpha"]) == pytest.approx(
        expected["bound"], abs=1e-5
    )


@cases("cs_normal_mixture_one_sided")
def test_one_sided_normal_mixture(inputs, expected):
    rho = normal_mixture_rho(inputs["v_opt"], alpha=inputs["alpha_opt"], sides=1)
    assert rho == pytest.approx(expected["rho"], abs=1e-5)  # tolerance of the oracle
    got = normal_mixture_bound(inputs["v"], rho=rho, alpha=inputs["alpha"], sides=1)
    assert got == pytest.approx(expected["bound"], abs=1e-5)


@cases("cs_beta_binomial_two_sided")
def test_beta_binomial_bound(inputs, expected):
    got = beta_binomial_bound(
        inputs["v"], rho=expected["rho"], alpha=inputs["alpha"], low=inputs["g"], high=inputs["h"]
    )
    assert got == pytest.approx(expected["bound"], abs=1e-5)  # tolerance of the oracle


@cases("cs_bernoulli_beta_binomial")
def test_interval_for_one_rate(inputs, expected):
    path = bernoulli_sequence(
        inputs["successes"], inputs["trials"], alpha=inputs["alpha"], n_opt=inputs["t_opt"]
    )
    assert path.low[0] == pytest.approx(expected["lower"], abs=1e-5)  # tolerance of the oracle
    assert path.high[0] == pytest.approx(expected["upper"], abs=1e-5)


@cases("asymptotic_cs_rho")
def test_rho_is_the_optimum(inputs, expected):
    assert asymptotic_rho(inputs["t_star"], alpha=inputs["alpha"]) == pytest.approx(
        expected["rho_exact_lambertw"], rel=1e-6
    )


@cases("asymptotic_cs_path")
def test_asymptotic_path(inputs, expected):
    x, n = np.array(inputs["x"]), np.arange(1, len(inputs["x"]) + 1)
    sd = np.array([x[:k].std() for k in n])
    looks = effect((x.cumsum() / n)[1:], (sd / np.sqrt(n))[1:], n_treatment=n[1:])  # one row has no variance
    with pytest.warns(UserWarning, match="fewer than 30"):
        path = confidence_sequence(looks, alpha=inputs["alpha"], rho=expected["rho"])
    np.testing.assert_allclose(path.low, expected["lower"][1:], atol=1e-8)  # tolerance of the oracle
    np.testing.assert_allclose(path.high, expected["upper"][1:], atol=1e-8)


@cases("betting_martingale_hedged")
def test_bets_and_capital(inputs, expected):
    np.testing.assert_allclose(
        bets(inputs["x"], alpha=inputs["alpha"]), expected["lambda_untruncated"], rtol=1e-8
    )
    np.testing.assert_allclose(
        hedged_capital(inputs["x"], inputs["m"], alpha=inputs["alpha"]), expected["capital"], rtol=1e-8
    )


@cases("betting_cs_endpoints")
def test_betting_interval(inputs, expected):
    path = betting_sequence(inputs["x"], alpha=inputs["alpha"], bounds=(0, 1))
    assert (
        expected["lower_final"] - 0.0011 <= path.low[-1] <= expected["lower_final"] + 1e-9
    )  # outwards, one grid step
    assert expected["upper_final"] - 1e-9 <= path.high[-1] <= expected["upper_final"] + 0.0011


def test_betting_follows_a_change_of_units():
    x = np.random.default_rng(SEED).random(40)
    a = betting_sequence(x, alpha=0.1, bounds=(0, 1), null=0.5)
    b = betting_sequence(10 + 5 * x, alpha=0.1, bounds=(10, 15), null=12.5)
    np.testing.assert_allclose(10 + 5 * a.low, b.low)
    np.testing.assert_allclose(a.pvalue, b.pvalue)
    np.testing.assert_allclose(b.se[1:], [5 * x[:k].std(ddof=1) / np.sqrt(k) for k in range(2, 41)])


@pytest.mark.parametrize(
    "run",
    [
        lambda e: msprt(e, tau=0.3, burn_in=0, intersect=True),
        lambda e: confidence_sequence(e, alpha=0.05, n_opt=60, intersect=True, burn_in=1),
    ],
)
def test_intersected_interval_is_the_dual_of_p(run):
    x = np.random.default_rng(SEED).normal(0.3, 1, (50, 200))
    n = np.arange(1, 201)
    path = run(one_sample(x, 1 / np.sqrt(n)))
    excludes = (path.low > 0) | (path.high < 0) | np.isnan(path.low)
    np.testing.assert_array_equal(path.crossed, excludes)
    assert path.crossed.any() and not path.crossed.all()
    assert (np.diff(path.pvalue) <= 0).all()


def test_msprt_is_the_confidence_sequence_with_the_same_mixture():
    n = np.arange(40, 60)
    looks = effect(np.full(20, 0.2), 2 / np.sqrt(n), n_treatment=n)
    a, b = msprt(looks, tau=0.5), confidence_sequence(looks, alpha=0.05, rho=0.5 / 2)
    np.testing.assert_allclose(a.low, b.low)
    np.testing.assert_allclose(a.pvalue, b.pvalue)


def test_interval_is_tightest_at_n_opt():
    n = np.arange(50, 1000)
    width = [
        float(np.diff([p.low[0], p.high[0]])[0])
        for p in (
            confidence_sequence(effect([0.0], [0.1], n_treatment=[300]), alpha=0.05, n_opt=k) for k in n
        )
    ]
    assert n[int(np.argmin(width))] == 300


def test_batch_is_the_loop_and_a_list_is_the_array():
    x = np.random.default_rng(SEED).normal(0, 1, (3, 80))
    whole = msprt(one_sample(x), tau=1.0)
    for row, p in zip(x, whole.pvalue, strict=True):
        np.testing.assert_allclose(msprt(one_sample(row), tau=1.0).pvalue, p)
    one = one_sample(x[0])
    listed = [effect(one.estimate[i], one.se[i], i + 1, i + 1) for i in range(29, 80)]
    np.testing.assert_allclose(msprt(listed, tau=1.0).pvalue, whole.pvalue[0, 29:])


def test_burn_in_counts_the_smaller_arm():
    looks = effect([5.0, 5.0, 5.0], [0.3, 0.2, 0.1], np.array([290, 310, 900]), np.array([29, 30, 100]))
    path = msprt(looks, tau=1.0)
    assert path.pvalue[0] == 1 and np.isinf(path.low[0]) and not path.crossed[0]
    assert path.crossed[1] and path.n.tolist() == [319, 340, 1000]


def test_impossible_inputs_raise():
    n = np.array([1000, 2000])
    with pytest.raises(ValueError, match="burn_in.*smaller arm"):
        msprt(effect([1.0], [1.0], 500, 20), tau=1.0)
    with pytest.raises(ValueError, match="heavy-tailed"):
        msprt(effect([1.0, 1.0], [0.1, 0.2], n, n), tau=1.0)
    with pytest.raises(ValueError, match="heavy-tailed"):
        msprt(effect([1.0, 1.0], [0.1, 0.11]), tau=1.0, burn_in=0)
    with pytest.raises(ValueError, match="above 0"):
        msprt(effect([1.0, 1.0], [0.1, 0.0], n, n), tau=1.0)
    with pytest.raises(ValueError, match="cumulative"):
        msprt(effect([1.0, 1.0], [0.1, 0.1], n[::-1], n), tau=1.0)
    with pytest.raises(ValueError, match="one of the two; got none"):
        confidence_sequence(effect([1.0], [1.0], 50, 50), alpha=0.05)
    with pytest.raises(ValueError, match="one of the two; got both"):
        confidence_sequence(effect([1.0], [1.0], 50, 50), alpha=0.05, rho=1.0, n_opt=10)
    with pytest.raises(ValueError, match="per cent"):
        confidence_sequence(effect([1.0], [1.0], 50, 50), alpha=5, n_opt=10)
    with pytest.raises(ValueError, match="within the bounds"):
        betting_sequence([0.5, 2.0], alpha=0.05, bounds=(0, 1))
    with pytest.raises(ValueError, match="tau"):
        msprt(effect([1.0], [1.0], 50, 50), tau=0.0)


@pytest.mark.parametrize(
    ("successes", "n", "words"),
    [
        ([0, 10], [50, 55], "`successes` must not rise by more than n does; got 10 new ones of 5"),
        ([0.1], [50], "whole numbers.*Give the count"),
        ([1, 2], [50.5, 60], "whole numbers"),
        ([5, 4], [50, 60], "cumulative"),
        ([5], [4], "between 0 and n"),
        ([1, 2], [50, 60, 70], "`successes and n` must have shapes"),
    ],
)
def test_impossible_counts_raise(successes, n, words):
    with pytest.raises(ValueError, match=words):
        bernoulli_sequence(successes, n, alpha=0.05, n_opt=50)


def test_a_bad_path_of_a_batch_is_nan_and_leaves_the_others():
    n = np.array([[1000, 2000]])
    path = msprt(effect([[1.0, 1.0], [1.0, 1.0]], [[0.1, 0.2], [0.1, 0.05]], n, n), tau=1.0)
    assert np.isnan(path.pvalue[0]).all() and path.crossed[1].all()


def test_a_look_without_an_estimate_is_refused_once_it_is_read():
    n = np.array([10, 1_000, 2_000])
    with pytest.raises(ValueError, match="finite estimate.*got nan with 0.1"):
        msprt(effect([1.0, np.nan, 1.0], [0.2, 0.1, 0.05], n, n), tau=1.0)
    assert msprt(effect([np.nan, 1.0, 1.0], [np.nan, 0.1, 0.05], n, n), tau=1.0).crossed.tolist() == [
        False,
        True,
        True,
    ]
    path = msprt(effect([[1.0, np.inf, 1.0], [1.0, 1.0, 1.0]], [[0.2, 0.1, 0.05]] * 2, n, n), tau=1.0)
    assert np.isnan(path.pvalue[0, 1:]).all() and path.crossed[1].tolist() == [False, True, True]


@cases("msprt_continuous_type1_exact")
def test_type_one_error_and_power_are_the_exact_ones(inputs, expected):
    rng, reps, looks = np.random.default_rng(SEED), 4_000, np.arange(1, inputs["N"] + 1)
    x = rng.normal(0, inputs["sigma"], (reps, inputs["N"]))
    for shift, key in ((0.0, "type1_by_N"), (0.3, "power_effect_0p3_by_N")):
        e = one_sample(x + shift, inputs["sigma"] / np.sqrt(looks))
        path = msprt(effect(e.estimate, e.se, alpha=inputs["alpha"]), tau=inputs["tau"], burn_in=0)
        got, truth = path.crossed[:, -1].mean(), expected[key]
        assert abs(got - truth) < 5 * np.sqrt(truth * (1 - truth) / reps)  # 5 Monte-Carlo standard errors


def test_burn_in_keeps_the_plug_in_variance_below_alpha_and_above_a_floor():
    x = np.random.default_rng(SEED).normal(0, 1, (3_000, 500))
    for path in (
        msprt(one_sample(x), tau=0.3),
        confidence_sequence(one_sample(x), alpha=0.05, n_opt=100, burn_in=30),
    ):
        got, se = rate(path.crossed[:, -1])
        assert got - 5 * se < 0.05 and got > 0.01  # conservative, yet it does reject
        assert not np.isnan(path.pvalue).any()


def test_teeth_plug_in_variance_from_two_rows_and_repeated_fixed_tests_reject_too_often():
    x = np.random.default_rng(SEED).normal(0, 1, (2_000, 500))
    e = one_sample(x)
    early = msprt(effect(e.estimate[:, 1:], e.se[:, 1:], n_treatment=np.arange(2, 501)), tau=1.0, burn_in=0)
    got, se = rate(early.crossed[:, -1])
    assert got - 5 * se > 0.1  # alpha is 0.05
    other = one_sample(np.random.default_rng([SEED, 1]).normal(0, 1, (2_000, 500)))
    gap, gap_se, n = e.estimate - other.estimate, np.hypot(e.se, other.se), np.arange(1, 501)
    both, both_se = rate(
        msprt(effect(gap[:, 1:], gap_se[:, 1:], n[1:], n[1:]), tau=1.0, burn_in=0).crossed[:, -1]
    )
    assert (
        both - 5 * both_se > 0.08 and both + 3 * both_se < got
    )  # two arms have twice the df: still too often, yet less
    peeking, se = rate((np.abs(e.estimate / e.se)[:, 29:] > 1.96).any(-1))
    assert peeking - 5 * se > 0.2


def test_exact_sequences_cover_at_all_looks_at_once():
    rng = np.random.default_rng(SEED)
    hits = (rng.random((300, 100)) < 0.1).cumsum(-1)
    path = bernoulli_sequence(hits, np.arange(1, 101), alpha=0.1, n_opt=100, null=0.1)
    missed = ((path.low > 0.1) | (path.high < 0.1)).any(-1)
    np.testing.assert_array_equal(missed, path.crossed[:, -1])
    got, se = rate(missed)
    assert got - 5 * se < 0.1
    assert bernoulli_sequence(500 * 0.1, 500, alpha=0.1, n_opt=500, null=0.2).crossed.all()
    bad = [betting_sequence(row, alpha=0.2, bounds=(0, 1), null=0.2) for row in rng.beta(1, 4, (100, 100))]
    got, se = rate(np.array([((p.low > 0.2) | (p.high < 0.2)).any() for p in bad]))
    assert got - 5 * se < 0.2
    far = betting_sequence(rng.beta(1, 4, 300), alpha=0.05, bounds=(0, 1), null=0.5)
    assert far.crossed[-1] and far.high[-1] < 0.5


def test_a_million_looks_are_fast():
    n = np.arange(1, 1_000_001)
    looks = effect(np.zeros(n.size), 1 / np.sqrt(n), n, n)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        msprt(looks, tau=0.1)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.5  # about 0.08 s on one idle core; the slack is for busy machines
