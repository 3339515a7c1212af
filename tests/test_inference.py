"""Welch, z, proportions and ratio against stored references, and their duality."""

from decimal import Decimal, localcontext

import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import SEED
from oracles.peers_data import frame
from scipy import stats

import abkit as ab
from abkit import Moments
from abkit.inference.two_rates import _restricted_variance


@pytest.fixture(scope="module")
def arms():
    data = frame("small")
    return [data[data.variant == v] for v in (0, 1)]


def test_welch_equals_the_references(oracle):
    for e in oracle("estimators", "welch_t"):
        i, x = e["inputs"], e["expected"]
        got = ab.welch(i["control"], i["treatment"], alpha=i["alpha"])
        found = [got.estimate, got.se, got.df, got.pvalue, got.low, got.high]
        np.testing.assert_allclose(found, [x["diff"], x["se"], x["df"], x["p"], *x["ci"]], rtol=0, atol=1e-9)


def test_proportions_equal_the_references(oracle):
    for e in oracle("estimators", "two_proportions_inference"):
        i, x = e["inputs"], e["expected"]
        arms = (
            Moments.counts(i["x_control"], i["n_control"]),
            Moments.counts(i["x_treatment"], i["n_treatment"]),
        )
        assert ab.proportions(*arms, method="pooled").pvalue == pytest.approx(x["p_pooled"], abs=1e-9)
        newcombe = ab.proportions(*arms, method="newcombe", alpha=i["alpha"])
        np.testing.assert_allclose([newcombe.low, newcombe.high], x["newcombe_ci"], rtol=0, atol=1e-9)
        if i["x_control"] or i["x_treatment"]:
            wald = ab.proportions(*arms, method="wald", alpha=i["alpha"])
            np.testing.assert_allclose([wald.low, wald.high], x["wald_ci"], rtol=0, atol=1e-9)


def test_ratio_equals_the_references(oracle):
    for e in oracle("estimators", "delta_ratio_metric"):
        i, x = e["inputs"], e["expected"]
        got = ab.ratio(
            Moments.of(i["num_control"], den=i["den_control"]),
            Moments.of(i["num_treatment"], den=i["den_treatment"]),
        )
        np.testing.assert_allclose(
            [got.estimate, got.se, got.pvalue], [x["diff"], x["se"], x["p"]], rtol=0, atol=1e-9
        )


def test_four_thousand_users_give_what_the_peers_print(arms, oracle):
    import json

    from conftest import ORACLES

    peers = json.loads((ORACLES / "peers.json").read_text())["entries"]
    c, t = (Moments.of(a.rev, conv=a.conv, orders=a.orders, sessions=a.sessions) for a in arms)
    welch, ref = ab.welch(c, t), peers["welch_rev"]["ref"]
    np.testing.assert_allclose(
        [welch.estimate, welch.df, welch.low, welch.pvalue],
        [ref["effect"], ref["df"], ref["lo"], ref["p"]],
        rtol=1e-9,
    )
    pooled = ab.proportions(c, t, method="pooled", metric="conv")
    assert pooled.pvalue == pytest.approx(peers["prop_conv"]["ref_pooled_z"]["p"], rel=1e-9)
    ratio, ref = ab.ratio(c, t, numerator="orders", denominator="sessions"), peers["ratio_ops"]["ref_z"]
    np.testing.assert_allclose(
        [ratio.estimate, ratio.se, ratio.low, ratio.pvalue],
        [ref["effect"], ref["se"], ref["lo"], ref["p"]],
        rtol=1e-9,
    )
    assert ratio.pvalue != pytest.approx(peers["ratio_ops"]["ref_naive_WRONG"]["p"], rel=0.01)


def test_welch_has_the_sign_of_treatment_minus_control_and_swaps():
    a, b = [1.0, 2.0, 3.0, 5.0], [2.0, 4.0, 9.0]
    there, back = ab.welch(a, b, alternative="greater"), ab.welch(b, a, alternative="less")
    assert there.estimate > 0 and there.estimate == -back.estimate
    assert there.pvalue == pytest.approx(back.pvalue) and there.low == pytest.approx(-back.high)
    assert there.high == np.inf and back.low == -np.inf


def test_welch_of_a_batch_is_scipy_row_by_row(rng):
    c, t = rng.gamma(2.0, size=(30, 12)), rng.gamma(2.0, size=(30, 25))
    for alternative in ("two-sided", "greater", "less"):
        want = stats.ttest_ind(t, c, axis=1, equal_var=False, alternative=alternative)
        np.testing.assert_allclose(ab.welch(c, t, alternative=alternative).pvalue, want.pvalue, rtol=1e-9)


def test_score_variance_is_the_grid_maximum():
    """Restricted maximum likelihood by a fine grid, the slow way, at gap .1."""
    xc, nc, xt, nt, gap = 7, 20, 3, 25, 0.1
    p = np.linspace(1e-7, 0.9 - 1e-7, 2_000_001)
    fit = stats.binom.logpmf(xc, nc, p) + stats.binom.logpmf(xt, nt, p + gap)
    best = p[fit.argmax()]
    variance = (best * (1 - best) / nc + (best + gap) * (0.9 - best) / nt) * 45 / 44
    want = 2 * stats.norm.sf(abs(xt / nt - xc / nc - gap) / np.sqrt(variance))
    got = ab.proportions(Moments.counts(xc, nc), Moments.counts(xt, nt), null=gap).pvalue
    assert got == pytest.approx(want, rel=1e-5)  # grid step 5e-7


def exact_variance(xc, nc, xt, nt, gap):
    """Variance of pt − pc at the restricted rates, by bisection of the score equation in 60 digits."""
    with localcontext(prec=60):
        xc, nc, xt, nt, gap = map(Decimal, (xc, nc, xt, nt, gap))
        low, high = max(Decimal(0), -gap), min(Decimal(1), 1 - gap)
        for _ in range(250):
            p = (low + high) / 2
            terms = (xc, p), (xc - nc, 1 - p), (xt, p + gap), (xt - nt, 1 - p - gap)
            score = sum(x / rate for x, rate in terms if x)
            low, high = (p, high) if score > 0 else (low, p)
        return float(p * (1 - p) / nc + (p + gap) * (1 - p - gap) / nt)


@pytest.mark.parametrize("failures", [False, True])
def test_the_restricted_variance_keeps_its_digits_for_any_rates(failures):
    draw = np.random.default_rng([SEED, 6])
    for _ in range(60):
        nc, nt = (int(n) for n in 10 ** draw.uniform(0.5, 9, 2))
        rate = 10 ** draw.uniform(-9, 0)
        xc, xt = min(nc, int(draw.poisson(nc * rate))), min(nt, int(draw.poisson(nt * rate)))
        gap = float(
            draw.choice([xt / nt - xc / nc, 1 / max(nc, nt), 0.1, 0.0], p=[0.4, 0.2, 0.2, 0.2])
            * draw.choice([-1, 1])
            + 1e-12
        )
        table = (nc - xc, nc, nt - xt, nt, -gap) if failures else (xc, nc, xt, nt, gap)
        got = _restricted_variance(
            *(np.asarray(v, float) for v in (table[0] / nc, nc, table[2] / nt, nt, table[4]))
        )
        digits = 1e-15 * (1 / nc + 1 / nt) if failures else 0  # of a rate near 1 the rest is known to 1e-16
        assert got == pytest.approx(exact_variance(*table), rel=1e-9, abs=digits)


@pytest.mark.parametrize("cells", [(1, 8), (8, 1), (0, 4), (4, 0), (3, 3)])
def test_the_rarest_events_have_the_pooled_test_and_its_dual(cells):
    n = 10**9
    p, gap = sum(cells) / (2 * n), (cells[1] - cells[0]) / n
    z = gap / np.sqrt(p * (1 - p) * 2 / n)
    arms = [Moments.counts(x, n) for x in cells]
    for method, factor in (("pooled", 1.0), ("score", (2 * n - 1) / (2 * n))):
        got = ab.proportions(*arms, method=method)
        assert got.pvalue == pytest.approx(2 * stats.norm.sf(abs(z) * np.sqrt(factor)), rel=1e-12)  # rounding
        assert (got.pvalue < 0.05) == (got.low > 0 or got.high < 0)
        for end in (got.low, got.high):
            again = ab.proportions(*arms, method=method, null=end).pvalue
            assert again == pytest.approx(0.05, rel=1e-6)  # sixty halvings leave 1e-18 of a gap of 1e-8


def random_tables(size):
    draw = np.random.default_rng([SEED, 5])
    nc, nt = draw.integers(3, 300, (2, size))
    return Moments.counts(draw.binomial(nc, draw.random(size)), nc), Moments.counts(
        draw.binomial(nt, draw.random(size)), nt
    )


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("method", ["score", "pooled", "newcombe", "wald"])
def test_test_and_interval_are_duals(method, alternative):
    c, t = random_tables(10_000 if alternative == "two-sided" else 1_000)
    for null in (0.0, 0.07) if alternative == "less" else (0.0,):
        got = ab.proportions(c, t, method=method, alternative=alternative, null=null)
        clear = (np.abs(got.low - null) > 1e-9) & (np.abs(got.high - null) > 1e-9) & np.isfinite(got.pvalue)
        outside = (null < got.low) | (null > got.high)
        assert clear.mean() > 0.9
        np.testing.assert_array_equal((got.pvalue < 0.05)[clear], outside[clear])


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_welch_and_ratio_are_duals(rng, alternative):
    c, t = (Moments.of(rng.gamma(2.0, size=(2_000, n)), den=rng.gamma(3.0, size=(2_000, n))) for n in (6, 15))
    for call in (ab.welch, ab.z_test, ab.ratio):
        got = call(c, t, alternative=alternative, null=0.2)
        np.testing.assert_array_equal(got.pvalue < 0.05, (got.low > 0.2) | (got.high < 0.2))


def test_a_trial_with_a_zero_cell_has_an_interval():
    got = ab.proportions(Moments.counts(18, 1129), Moments.counts(0, 1131))
    assert -0.026 < got.low < got.estimate < got.high < -0.009


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ab.welch([1.0], [1.0, 2.0]), "`control` must hold at least two rows; got 1"),
        (lambda: ab.welch([1.0, 1.0], [2.0, 2.0]), "must show variation"),
        (
            lambda: ab.proportions([0, 1], [0, 1], alternative="greater", alpha=0.6),
            "`alpha` must lie below 0.5 for one side",
        ),
        (
            lambda: ab.proportions([0, 1], [0, 1], alternative="less", alpha=0.5, method="newcombe"),
            "`alpha` must lie below 0.5",
        ),
        (
            lambda: ab.exact_power(0.1, 0.1, 50, 50, alternative="greater", alpha=0.6),
            "`alpha` must lie below 0.5 for one side",
        ),
        (
            lambda: ab.welch(np.eye(2), np.eye(3)),
            r"`control and treatment` must have shapes that fit together; got \(2,\) and \(3,\)",
        ),
        (
            lambda: ab.ratio(*(Moments.of(np.eye(k), d=np.ones((k, k))) for k in (2, 3))),
            "`control and treatment` must have shapes",
        ),
        (
            lambda: ab.proportions(Moments.counts([1, 2], 9), Moments.counts([1, 2, 3], 9)),
            "`control and treatment` must have shapes",
        ),
        (lambda: ab.lift(np.eye(2), np.eye(3)), "`control and treatment` must have shapes"),
        (
            lambda: ab.welch([[1.0], [2.0]], [[1.0], [2.0]]),
            "`control` must hold at least two rows; got 1. Rows are on the last axis",
        ),
        (
            lambda: ab.welch(pd.DataFrame({"y": [1.0, 2.0]}), [1.0, 2.0]),
            "`control` must hold the rows of one metric; got a DataFrame",
        ),
        (
            lambda: ab.lift([1.0, 2.0], pl.DataFrame({"y": [1.0, 2.0]})),
            "`treatment` must hold the rows of one metric",
        ),
        (lambda: ab.Moments.of([1.0, 2.0], pre=pd.DataFrame({"x": [1.0, 2.0]})), "`pre` must hold the rows"),
        (lambda: ab.welch([2.2] * 47, [2.2] * 57), "must show variation.*no variation of y in either arm"),
        (lambda: ab.lift([0.1] * 30, [0.2] * 30), "must show variation"),
        (lambda: ab.welch([1.0, 2.0], [2.0, np.nan]), "`treatment` must hold finite numbers"),
        (
            lambda: ab.welch([1.0, 2.0], [2.0, 4.0], alpha=5),
            "`alpha` must lie strictly between 0 and 1; got 5. Is that per cent",
        ),
        (lambda: ab.welch([1.0, 2.0], [2.0, 4.0], alternative="two_sided"), "`alternative` must be one of"),
        (lambda: ab.welch([1.0, 2.0], [2.0, 4.0], null="x"), "`null` must be a number"),
        (lambda: ab.welch([1.0, 2.0], []), "Is the label of the arm spelt as in the table?"),
        (lambda: ab.proportions([], [0, 1]), "Is the label of the arm spelt as in the table?"),
        (lambda: ab.proportions([0, 1, 2], [0, 1, 1]), "must hold a 0/1 metric"),
        (lambda: ab.proportions([0, 1], [0, 1], method="exact"), "`method` must be one of"),
        (lambda: ab.proportions([0, 1], [0, 1], null=5), "`null` must lie strictly between"),
        (lambda: ab.proportions([0, 0], [0, 0], method="wald"), "must show variation"),
        (lambda: ab.ratio(Moments.of([1, 2]), Moments.of([1, 2])), "numerator and a denominator"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_one_bad_experiment_in_a_batch_is_nan_there_only():
    got = ab.welch([[1.0, 1.0], [1.0, 2.0]], [[2.0, 2.0], [2.0, 4.0]])
    assert np.isnan(got.pvalue[0]) and got.pvalue[1] < 1
