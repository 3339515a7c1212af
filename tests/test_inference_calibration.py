"""Type I error and coverage of the fixed-sample tests, from `calibrate`.

An exact method is held to its nominal rate, an asymptotic one to the rate of an independent
script or of a full enumeration, and wrong procedures must fail the same check.
"""

from functools import partial

import numpy as np
import pytest
from conftest import SEED
from scipy import stats

from abkit.datasets.worlds import binomial_counts, normal_moments, normal_rows, skewed_rows
from abkit.inference.means import welch
from abkit.inference.two_rates import proportions
from abkit.simulate import calibrate

REPS = 10_000


def agrees(rate, nominal, reps):
    """Within 5 Monte-Carlo standard errors of a known rate."""
    return abs(rate - nominal) < 5 * np.sqrt(nominal * (1 - nominal) / reps)


def same_rate(p, n, q, m):
    """Two simulated rates within 5 standard errors of their difference."""
    return abs(p - q) < 5 * np.sqrt(p * (1 - p) / n + q * (1 - q) / m)


@pytest.mark.parametrize("effect", [0.0, 0.4])
def test_welch_is_exact_on_normal_data(effect):
    """Equal sizes and variances: Welch's df errs by far less than a Monte-Carlo standard error at n = 100."""
    result = calibrate(
        normal_moments(100, effect), partial(welch, null=effect), truth=effect, reps=40_000, rng=SEED
    )
    assert result.failed == 0
    assert agrees(result.reject, 0.05, result.reps) and agrees(result.coverage, 0.95, result.reps)
    assert abs(result.bias) < 5 * result.bias_se
    assert result.coverage == pytest.approx(
        1 - result.reject, abs=1e-12
    )  # the dual of the test; rounding of 1 − p


def test_welch_power_is_the_noncentral_t():
    """At equal sizes the power is that of the t test with 2n − 2 df, up to Welch's df (below .001 at n =
    64).
    """
    power = stats.nct.sf(stats.t.ppf(0.975, 126), 126, 0.5 / np.sqrt(2 / 64))
    result = calibrate(normal_moments(64, 0.5), welch, truth=0.5, reps=20_000, rng=SEED)
    assert abs(result.reject - power) < 5 * result.reject_se + 0.001


def test_sufficient_statistics_agree_with_rows():
    world = {"n": 12, "effect": 0.8, "sd": (2.0, 1.0), "allocation": 0.75}
    rows = calibrate(normal_rows(**world), welch, truth=0.8, reps=REPS, rng=SEED)
    short = calibrate(normal_moments(**world), welch, truth=0.8, reps=40_000, rng=SEED)
    assert same_rate(rows.reject, rows.reps, short.reject, short.reps)
    assert same_rate(rows.coverage, rows.reps, short.coverage, short.reps)
    assert abs(rows.bias - short.bias) < 5 * np.hypot(rows.bias_se, short.bias_se)
    assert rows.width == pytest.approx(
        short.width, rel=0.015
    )  # a width varies by about 20 per cent: 5 SE of 10,000 are 1.1


@pytest.mark.parametrize(
    ("n_control", "n_treatment", "measured", "reps"), [(10, 10, 0.037, 40_000), (30, 300, 0.069, 20_000)]
)
def test_welch_on_exponential_data_errs_as_an_independent_script_says(n_control, n_treatment, measured, reps):
    rng = np.random.default_rng([SEED, 1])
    c, t = rng.exponential(size=(reps, n_control)), rng.exponential(size=(reps, n_treatment))
    plain = (stats.ttest_ind(t, c, axis=1, equal_var=False).pvalue < 0.05).mean()
    result = calibrate(skewed_rows(n_control, n_treatment), welch, reps=reps, rng=SEED)
    assert same_rate(result.reject, reps, plain, reps)
    assert abs(result.reject - measured) < 5 * result.reject_se + 0.0005  # the printed rate has three digits
    assert not agrees(result.reject, 0.05, reps)  # the lesson: t is not exact here


def score_type_one(n_control, n_treatment, p):
    """Exact type I error of the N − 1 chi-square of two rates: every table, weighted by its probability."""
    x, y = np.arange(n_control + 1)[:, None], np.arange(n_treatment + 1)[None, :]
    n = n_control + n_treatment
    cross = x * (n_treatment - y) - y * (n_control - x)
    margins = (x + y) * (n - x - y) * n_control * n_treatment
    with np.errstate(invalid="ignore", divide="ignore"):
        chi2 = np.where(margins > 0, (n - 1) * cross.astype(float) ** 2 / margins, 0.0)
    weight = stats.binom.pmf(x, n_control, p) * stats.binom.pmf(y, n_treatment, p)
    return weight[chi2 > stats.chi2.ppf(0.95, 1)].sum()


@pytest.mark.parametrize(("n_control", "n_treatment", "p"), [(20, 20, 0.3), (15, 60, 0.1), (50, 50, 0.02)])
def test_score_test_errs_as_the_enumerated_tables_say(n_control, n_treatment, p):
    exact = score_type_one(n_control, n_treatment, p)
    result = calibrate(binomial_counts(n_control, n_treatment, p, p), proportions, reps=REPS, rng=SEED)
    assert agrees(result.reject, exact, result.reps)
    assert result.failed == 0  # a table of zeros only is an answer, p = 1


def student(control, treatment):
    return stats.ttest_ind(control, treatment, axis=-1).pvalue


def peek(control, treatment):
    """Test after each tenth of the rows and keep the smallest p-value."""
    rows = control.shape[-1]
    looks = [
        welch(control[..., :n], treatment[..., :n]).pvalue for n in range(rows // 10, rows + 1, rows // 10)
    ]
    return np.min(looks, axis=0)


def test_the_check_fails_students_t_where_the_small_arm_varies_more():
    world = normal_rows(30, sd=(3.0, 1.0), allocation=10 / 11)
    wrong = calibrate(world, student, reps=2_000, rng=SEED)
    assert not agrees(wrong.reject, 0.05, wrong.reps)
    assert abs(wrong.reject - 0.375) < 5 * wrong.reject_se + 0.0005  # printed to three digits
    right = calibrate(world, welch, reps=2_000, rng=SEED)
    assert agrees(right.reject, 0.05, right.reps)


def test_the_check_fails_naive_peeking():
    wrong = calibrate(normal_rows(200), peek, reps=2_000, rng=SEED)
    assert not agrees(wrong.reject, 0.05, wrong.reps)
    assert agrees(wrong.reject, 0.193, 2_000)  # ten equal looks: Armitage, McPherson and Rowe (1969), table 2


def test_the_check_fails_a_test_that_never_rejects():
    never = calibrate(normal_moments(100), lambda c, t: np.ones(np.shape(c.n)), reps=2_000, rng=SEED)
    assert not agrees(never.reject, 0.05, never.reps)


def test_the_check_fails_an_interval_that_is_ten_per_cent_short():
    short = calibrate(
        normal_moments(100), partial(welch, alpha=2 * stats.norm.cdf(-1.96 * 0.9)), reps=20_000, rng=SEED
    )
    assert not agrees(short.coverage, 0.95, short.reps)
