"""Worlds: draws with the stated moments. Real data: the published figures."""

import pickle

import numpy as np
import pytest
from conftest import SEED
from scipy import stats

from abkit import datasets
from abkit.datasets.worlds import (
    binomial_counts,
    correlated_metrics,
    normal_moments,
    normal_rows,
    skewed_rows,
)
from abkit.moments import Moments

REPS = 4_000


def near(values, truth):
    """Within 5 Monte-Carlo standard errors."""
    return abs(np.mean(values) - truth) < 5 * np.std(values, ddof=1) / np.sqrt(np.size(values))


def test_normal_rows_have_the_stated_mean_and_sd(rng):
    control, treatment = normal_rows(20, effect=1.5, sd=(3.0, 1.0), allocation=0.8)(rng, REPS)
    assert control.shape == (REPS, 20) and treatment.shape == (REPS, 80)
    assert near(control, 0) and near(treatment, 1.5)
    assert near(control**2, 9) and near((treatment - 1.5) ** 2, 1)


def test_normal_moments_follow_the_law_of_the_reduced_rows(rng):
    world = {"n": 6, "effect": 0.7, "sd": (2.0, 1.0), "allocation": 0.75}
    short = normal_moments(**world)(rng, REPS)
    long = [Moments.of(arm) for arm in normal_rows(**world)(rng, REPS)]
    for a, b in zip(short, long, strict=True):
        assert (a.n == b.n).all() and a.names == b.names
        assert stats.ks_2samp(a.mean[:, 0], b.mean[:, 0]).pvalue > 5e-7  # as rare as 5 standard errors
        assert stats.ks_2samp(a.scatter[:, 0, 0], b.scatter[:, 0, 0]).pvalue > 5e-7


def test_binomial_counts_follow_the_binomial_law(rng):
    arms = binomial_counts(12, 30, 0.2, 0.5)(rng, REPS)
    for arm, n, p in zip(arms, (12, 30), (0.2, 0.5), strict=True):
        x = np.rint(arm.mean[:, 0] * n)
        assert near(x, n * p) and near((x - n * p) ** 2, n * p * (1 - p))
        np.testing.assert_allclose(arm.scatter[:, 0, 0], x - x**2 / n, atol=1e-9)  # rounding of sums near 10


def test_skewed_rows_are_exponential(rng):
    control, treatment = skewed_rows(10, 30, effect=0.2)(rng, REPS)
    assert stats.kstest(control.ravel(), stats.expon().cdf).pvalue > 5e-7  # as rare as 5 standard errors
    assert stats.kstest(treatment.ravel(), stats.expon(scale=1.2).cdf).pvalue > 5e-7


@pytest.mark.parametrize("world", [normal_rows(4), normal_moments(4), binomial_counts(), skewed_rows()])
def test_a_world_travels_to_another_process_and_repeats(world):
    copy = pickle.loads(pickle.dumps(world))
    a, b = (w(np.random.default_rng(SEED), 3)[1] for w in (world, copy))
    assert np.array_equal(a.mean, b.mean) if isinstance(a, Moments) else np.array_equal(a, b)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: normal_rows(1), "n"),
        (lambda: normal_rows(10, allocation=50), "allocation"),
        (lambda: normal_rows(10, allocation=0.01), "n"),
        (lambda: normal_moments(sd=0), "sd"),
        (lambda: normal_moments(sd=(1, 2, 3)), "sd"),
        (lambda: binomial_counts(p_control=5), "p_control"),
        (lambda: skewed_rows(1), "n_control"),
        (lambda: correlated_metrics(correlation=2), "correlation"),
        (lambda: correlated_metrics(df=1), "df"),
        (lambda: normal_rows(effect=np.nan), "effect"),
    ],
)
def test_impossible_worlds_are_refused(make, name):
    with pytest.raises(ValueError, match=f"`{name}` must"):
        make()


def test_correlated_metrics_have_the_stated_law(rng):
    z = correlated_metrics(6, correlation=0.4, share=0.5, effect=2.0)(rng, 20_000)
    assert near(z[:, :3], 2.0) and near(z[:, 3:].mean(-1), 0.0)
    np.testing.assert_allclose(
        np.corrcoef(z.T)[np.triu_indices(6, 1)], 0.4, atol=5 / np.sqrt(20_000)
    )  # 5 standard errors


def test_correlated_metrics_with_df_are_the_t_statistics_of_rows(rng):
    n, k, rho, reps = 4, 3, 0.8, 6_000
    rows = np.sqrt(rho) * rng.normal(size=(reps, 2 * n, 1)) + np.sqrt(1 - rho) * rng.normal(
        size=(reps, 2 * n, k)
    )
    slow = stats.ttest_ind(rows[:, :n], rows[:, n:], axis=1).statistic
    fast = correlated_metrics(k, correlation=rho, df=2 * n - 2)(rng, reps)
    for summary in (lambda t: t[:, 0], lambda t: np.abs(t).max(-1), lambda t: t[:, 0] - t[:, 1]):
        assert stats.ks_2samp(summary(slow), summary(fast)).pvalue > 5e-7  # as rare as 5 standard errors


def test_every_world_is_documented():
    public = [getattr(datasets, name) for name in datasets.__all__]
    assert len(public) >= 6 and all(">>>" in v.__doc__ for v in public)
