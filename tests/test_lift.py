"""Relative effects against the definition, statsmodels and Welch; the test and the interval agree."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from oracles.peers_data import frame
from scipy import stats
from scipy.stats import norm

import abkit as ab
from abkit import Moments, welch
from abkit.inference.lifts import lift

SEED = int(os.environ.get("ABKIT_SEED", "0"))


def arms(size=10_000, seed=1):
    rng = np.random.default_rng([SEED, seed])
    n = rng.integers(20, 200, (2, size))
    p = rng.uniform(0.15, 0.6, (2, size))
    x = rng.binomial(n, p)
    return [Moments.counts(np.clip(x[k], 2, n[k] - 2), n[k]) for k in (0, 1)]


@pytest.mark.parametrize("method", ["fieller", "score", "log", "delta"])
def test_p_is_below_alpha_exactly_when_zero_is_excluded(method):
    e = lift(*arms(), method=method)
    assert np.array_equal(e.pvalue < 0.05, (e.low > 0) | (e.high < 0))
    assert 0.1 < (e.pvalue < 0.05).mean() < 0.95  # both answers occur


def test_fieller_has_the_p_value_of_welch():
    c, t = arms(100)
    np.testing.assert_allclose(
        lift(c, t).pvalue, welch(c, t).pvalue, rtol=1e-9
    )  # the same t, another order of sums


STORED = json.loads((Path(__file__).parent / "oracles" / "lift.json").read_text())["entries"]


@pytest.mark.parametrize(
    "entry", [e for e in STORED["fieller"] if e["inputs"]["cov"] == 0], ids=lambda e: e["id"]
)
def test_fieller_bounds_are_the_stored_roots(entry):
    i, want = entry["inputs"], entry["expected"]
    n = 1e12  # so many rows that Welch's t is the normal law of the stored roots
    c, t = (
        Moments.summary(n, i[name], np.sqrt(n * i[f"var_{name}"])) for name in ("denominator", "numerator")
    )
    e = lift(c, t, alpha=i["alpha"])
    found = (e.low + 1, e.high + 1)
    assert found == (
        (-np.inf, np.inf)
        if want["type"] == "complement"
        else pytest.approx((want["lower"], want["upper"]), abs=1e-9)
    )


def test_four_thousand_users_give_the_references():
    data = frame("small")
    c, t = (Moments.of(a.rev, conv=a.conv) for _, a in data.groupby("variant"))
    for metric, ref in (("rev", STORED["rel_rev"]), ("conv", STORED["rel_conv"])):
        name = None if metric == "rev" else metric
        for method, key, t_or_z in (
            ("fieller", "ref_fieller", 1e-4),
            ("delta", "ref_delta", 1e-9),
            ("log", "ref_log_z", 1e-9),
        ):
            e = lift(c, t, method=method, metric=name)
            assert e.estimate == pytest.approx(ref[key]["effect"], rel=1e-9)
            assert (e.low, e.high) == pytest.approx(
                (ref[key]["lo"], ref[key]["hi"]), abs=max(t_or_z, 1e-4 * (metric == "conv"))
            )  # t against z at df 4,000; rates: n against n - 1
    e, ref = lift(c, t, method="score", metric="conv"), STORED["rel_conv"]["statsmodels 0.15.0 ratio score"]
    assert (e.low, e.high) == pytest.approx((ref["lo"], ref["hi"]), abs=1e-4)  # N − 1 against N rows


def test_the_score_interval_lives_with_empty_cells():
    rng = np.random.default_rng([SEED, 4])
    n = rng.integers(5, 60, (2, 10_000))
    x = np.maximum(rng.binomial(n, rng.uniform(0, 0.3, n.shape)), [[1], [0]])
    e = lift(Moments.counts(x[0], n[0]), Moments.counts(x[1], n[1]), method="score")
    assert np.array_equal(e.pvalue < 0.05, (e.low > 0) | (e.high < 0))
    assert (e.low[x[1] == 0] == -1).all() and (x[1] == 0).any()


def test_a_control_near_zero_has_no_bounds_and_says_so():
    flat = lift([1.0, -1.0, 0.5, 0.1], [0.2, 0.1, 0.3, 0.4])
    assert (flat.low, flat.high) == (-np.inf, np.inf)
    far = lift([1.0, -1.0, 0.5, 0.1], [9.0, 9.1, 9.2, 9.3])
    assert far.pvalue < 0.05 and far.low > 0 > far.high


def test_score_agrees_with_statsmodels():
    from statsmodels.stats.proportion import confint_proportions_2indep

    e = lift(Moments.counts(30, 200), Moments.counts(45, 210), method="score")
    low, high = confint_proportions_2indep(45, 210, 30, 200, compare="ratio", method="score", correction=True)
    assert (e.low + 1, e.high + 1) == pytest.approx((low, high), abs=1e-4)  # its root finder stops there


@pytest.mark.parametrize("method", ["fieller", "score"])
def test_the_interval_covers_the_true_lift(method):
    rng = np.random.default_rng([SEED, 2])
    c, t = (
        Moments.counts(rng.binomial(400, 0.3, 4000), 400),
        Moments.counts(rng.binomial(400, 0.36, 4000), 400),
    )
    e = lift(c, t, method=method)
    assert (
        abs(((e.low <= 0.2) & (e.high >= 0.2)).mean() - 0.95) < 5 * np.sqrt(0.95 * 0.05 / 4000) + 0.003
    )  # lattice


def test_dividing_the_interval_by_the_control_mean_covers_too_little():
    rng = np.random.default_rng([SEED, 3])
    c, t = (
        Moments.counts(rng.binomial(100, 0.3, 4000), 100),
        Moments.counts(rng.binomial(1000, 0.6, 4000), 1000),
    )
    e = welch(c, t)
    base = c.mean[..., 0]
    assert ((e.low / base <= 1) & (e.high / base >= 1)).mean() < 0.9


@pytest.mark.parametrize("method", ["fieller", "delta", "log"])
def test_a_treatment_without_events_is_no_certainty(method):
    c, t = Moments.counts([10, 10], 100), Moments.counts([0, 12], 100)
    with pytest.raises(ValueError, match="`treatment` must"):
        lift(Moments.counts(10, 100), Moments.counts(0, 100), method=method)
    batch, alone = (
        lift(c, t, method=method),
        lift(Moments.counts(10, 100), Moments.counts(12, 100), method=method),
    )
    assert np.isnan([batch.low[0], batch.high[0], batch.pvalue[0], batch.se[0]]).all()
    assert (batch.low[1], batch.high[1], batch.pvalue[1], batch.se[1]) == (
        alone.low,
        alone.high,
        alone.pvalue,
        alone.se,
    )


@pytest.mark.parametrize("method", ["fieller", "delta", "log"])
def test_a_batch_without_variation_is_nan_there_only(method):
    got = lift([[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]], [[2.0, 2.0, 2.0], [2.0, 4.0, 5.0]], method=method)
    assert np.isnan([got.low[0], got.high[0], got.pvalue[0]]).all()
    assert np.isfinite([got.estimate[1], got.se[1], got.pvalue[1]]).all()


def test_the_score_interval_of_a_zero_cell_has_no_standard_error():
    got = lift(Moments.counts(10, 100), Moments.counts(0, 100), method="score")
    assert np.isnan(got.se) and got.low == -1 and got.high < 0
    z = 0.1 / np.sqrt(0.05 * 0.95 * 2 / 100 * 200 / 199)  # pooled at a ratio of 1, with N − 1
    assert got.pvalue == pytest.approx(2 * norm.sf(z), rel=1e-9)  # rounding


def test_impossible_inputs_are_refused():
    with pytest.raises(ValueError, match="mean above 0"):
        lift([-1.0, 0.5], [1.0, 2.0])
    with pytest.raises(ValueError, match="`treatment` must have a mean above 0"):
        lift([1.0, 0.5], [-1.0, 0.2], method="log")
    with pytest.raises(ValueError, match="no variation"):
        lift([1.0, 1.0], [2.0, 2.0])
    with pytest.raises(ValueError, match="0/1 metric"):
        lift([1.0, 2.0, 5.0], [1.0, 2.0, 3.0], method="score")
    with pytest.raises(ValueError, match="`method`"):
        lift([1.0, 2.0], [1.0, 2.0], method="ratio")


def test_katz_divides_by_n():
    """Katz and others (1978): se² of log(ratio) is 1/x − 1/n, summed; 1 of 34 against 7 of 34, by hand."""
    got = ab.lift(Moments.counts(1, 34), Moments.counts(7, 34), method="log")
    se = np.sqrt(1 / 7 - 1 / 34 + 1 / 1 - 1 / 34)
    z = stats.norm.isf(0.025)
    assert got.low == pytest.approx(7 * np.exp(-z * se) - 1, rel=1e-12)  # the same formula
    assert got.high == pytest.approx(7 * np.exp(z * se) - 1, rel=1e-12)
    assert got.pvalue == pytest.approx(2 * stats.norm.sf(np.log(7) / se), rel=1e-12)


def test_the_score_test_keeps_its_digits_for_rates_near_one():
    """p of the ratio at 1 is p of the difference at 0: the pooled (N − 1) chi-square, from the failures."""
    n, x, y = 10**9, 10, 1
    z = (x - y) / n / np.sqrt((x + y) / (2 * n) * (1 - (x + y) / (2 * n)) * 2 / n * 2 * n / (2 * n - 1))
    got = ab.lift(Moments.counts(n - x, n), Moments.counts(n - y, n), method="score")
    assert got.pvalue == pytest.approx(2 * stats.norm.sf(z), rel=1e-6)  # 1e-8 is known to 1e-8 of itself
