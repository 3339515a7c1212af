"""Max-t with an estimated correlation: brute force, Dunnett's tables, both ends of the correlation, rates."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import SEED
from scipy import stats

import abkit as ab
from abkit.datasets.worlds import correlated_metrics

SIDES = [("two-sided", 1), ("greater", 1), ("less", -1)]


def equal(k, rho):
    return np.full((k, k), rho) + (1 - rho) * np.eye(k)


def some_matrix(rng, k):
    x = rng.normal(size=(k, k + 2))
    cov = x @ x.T
    sd = np.sqrt(np.diag(cov))
    return cov / np.outer(sd, sd)


def largest(c, r, alternative):
    """P(the largest of the family is at least c), by scipy's integral of the multivariate normal."""
    law = stats.multivariate_normal(np.zeros(len(r)), r, allow_singular=True)
    low = np.full(len(r), -c if alternative == "two-sided" else -np.inf)
    return 1 - law.cdf(np.full(len(r), c), lower_limit=low, rng=np.random.default_rng(SEED))


@pytest.mark.parametrize("alternative, sign", SIDES)
def test_pvalues_are_the_integral_over_those_not_yet_rejected(rng, alternative, sign):
    r, z = some_matrix(rng, 5), np.array([2.6, 0.4, 1.9, 2.2, 1.1])
    got = ab.max_t(sign * z, r, alternative=alternative, draws=50_000, rng=SEED)
    alone = ab.max_t(sign * z, r, alternative=alternative, step_down=False, draws=50_000, rng=SEED)
    order, seen = np.argsort(-z), 0.0
    for i, j in enumerate(order):
        rest = order[i:]
        seen = max(seen, largest(z[j], r[np.ix_(rest, rest)], alternative))
        assert got[j] == pytest.approx(
            seen, abs=5 * 0.6 / np.sqrt(50_000)
        )  # five errors: sd of 1/N × Σp < .6
        whole = largest(z[j], r, alternative)
        assert alone[j] == pytest.approx(whole, abs=5 * 0.9 / np.sqrt(50_000))  # as above, larger family


def test_a_million_draws_of_the_largest_agree(rng):
    r, z = some_matrix(rng, 4), np.array([2.4, 2.0, 1.6, 1.2])
    draws = np.abs(rng.multivariate_normal(np.zeros(4), r, size=1_000_000))
    want = np.maximum.accumulate([(draws[:, i:].max(1) >= z[i]).mean() for i in range(4)])
    np.testing.assert_allclose(ab.max_t(z, r, rng=SEED), want, atol=5 * 0.6 / np.sqrt(20_000))  # five errors


PRINTED = [(2, 1.92, 2.21), (3, 2.06, 2.35), (5, 2.23, 2.51), (9, 2.42, 2.69)]


@pytest.mark.parametrize("k, one, two", PRINTED)
def test_scipy_finds_the_printed_limits_of_dunnett(k, one, two):
    """Arms built so that each t is the printed limit: the p of `scipy.stats.dunnett` must be .05."""
    users = stats.norm.ppf((np.arange(5_000) + 0.5) / 5_000)
    users /= users.std(ddof=1)
    for c, alternative in ((one, "greater"), (two, "two-sided")):
        arms = [users + c * np.sqrt(2 / 5_000)] * k
        found = stats.dunnett(*arms, control=users, alternative=alternative, rng=np.random.default_rng(SEED))
        assert found.statistic == pytest.approx(c, abs=1e-9)  # rounding
        assert found.pvalue == pytest.approx(0.05, abs=0.005 * 0.13 + 2e-4)  # half a digit × slope, its draws


@pytest.mark.parametrize("k, one, two", PRINTED)
def test_printed_tables_of_dunnett_with_many_users(k, one, two):
    """Dunnett (1955), table 1a, and (1964), table II, last row; each value is rounded to two digits."""
    for c, alternative in ((one, "greater"), (two, "two-sided")):
        p = ab.max_t(np.full(k, c), equal(k, 0.5), alternative=alternative, step_down=False, rng=SEED)[0]
        assert p == pytest.approx(0.05, abs=0.005 * 0.13 + 5 * 2.5e-4)  # half a digit × slope, five errors


@pytest.mark.parametrize("alternative, sign", SIDES)
def test_independent_tests_give_holm_sidak_and_one_factor_one_test(rng, alternative, sign):
    z = rng.normal(0, 2, size=6)
    p = 2 * stats.norm.sf(np.abs(z)) if alternative == "two-sided" else stats.norm.sf(sign * z)
    order = np.argsort(p)
    sidak = np.maximum.accumulate(1 - (1 - p[order]) ** np.arange(6, 0, -1))
    got = ab.max_t(z, np.eye(6), alternative=alternative, draws=50_000, rng=SEED)
    np.testing.assert_allclose(got[order], sidak, atol=5 * 1.2 / np.sqrt(50_000))  # five errors
    same = ab.max_t(z, np.ones((6, 6)), alternative=alternative)
    np.testing.assert_allclose(same, p, atol=1e-9)  # rounding: at correlation 1 nothing is drawn


@pytest.mark.parametrize("c", [2.8, 6.0, 20.0])
def test_small_pvalues_keep_their_relative_accuracy(c):
    exact = ab.familywise_error(20, 2 * stats.norm.sf(c), 0.5)
    got = ab.max_t(np.full(20, c), equal(20, 0.5), step_down=False, rng=SEED)
    assert got == pytest.approx(exact, rel=0.025)  # five errors of half a per cent


def test_never_above_holm_and_never_below_one_test(rng):
    z, r = rng.normal(0, 2, size=12), some_matrix(rng, 12)
    plain = 2 * stats.norm.sf(np.abs(z))
    got, holm = ab.max_t(z, r, rng=SEED), ab.adjust_pvalues(plain, method="holm")
    assert (got <= holm * 1.02 + 1e-12).all() and (got >= plain - 1e-12).all()  # 2 per cent: Monte Carlo


def test_order_batches_and_missing_metrics(rng):
    z, r = rng.normal(0, 2, size=(3, 5)), some_matrix(rng, 5)
    got = ab.max_t(z, r, rng=1)
    np.testing.assert_array_equal(got, [ab.max_t(row, r, rng=1) for row in z])
    turn = rng.permutation(5)
    turned = ab.max_t(z[0][turn], r[np.ix_(turn, turn)], rng=1)
    np.testing.assert_allclose(turned, got[0][turn], atol=5 * 0.9 / np.sqrt(20_000))  # other draws
    z[1, 2] = np.nan
    rest = np.array([0, 1, 3, 4])
    missing = ab.max_t(z, r, rng=1)[1]
    assert np.isnan(missing[2])
    fewer = ab.max_t(z[1][rest], r[np.ix_(rest, rest)], rng=1)
    np.testing.assert_allclose(missing[rest], fewer, atol=5 * 0.9 / np.sqrt(20_000))  # other draws
    assert np.isnan(ab.max_t([np.nan, np.nan], np.eye(2))).all()


REPS = 2_000


def estimated(x):
    """Return z and the correlation of four metrics of 400 users, half in each arm; all of it estimated."""
    arms = x[:, :200], x[:, 200:]
    gap = arms[1].mean(1) - arms[0].mean(1)
    cov = sum(np.einsum("rui,ruj->rij", c, c) / 199 for c in (a - a.mean(1, keepdims=True) for a in arms))
    sd = np.sqrt(np.einsum("rii->ri", cov))
    return gap / (sd / np.sqrt(200)), cov / sd[:, :, None] / sd[:, None, :]


@pytest.mark.parametrize("rho, real", [(0.8, 0), (0.8, 2), (0.0, 0)])
def test_the_promise_is_kept_with_an_estimated_matrix(rho, real):
    """Four metrics of 400 users; `real` of them changed by ten errors, so that step-down reaches the rest."""
    rng = np.random.default_rng(SEED)
    x = np.sqrt(rho) * rng.normal(size=(REPS, 400, 1)) + np.sqrt(1 - rho) * rng.normal(size=(REPS, 400, 4))
    x[:, 200:, :real] += 1.0
    z, r = estimated(x)
    p = np.array([ab.max_t(a, b, draws=1_000, rng=g) for a, b, g in zip(z, r, rng.spawn(REPS), strict=True)])
    assert (p[:, :real] < 1e-6).all()
    rate = (p[:, real:] <= 0.05).any(1).mean()
    error = 5 * np.sqrt(0.05 * 0.95 / REPS)
    assert abs(rate - 0.05) < error + 0.002  # a t of 398 df read as normal adds less than .002
    if rho and not real:  # teeth: the wrong matrix breaks the promise or wastes it
        independent = (ab.adjust_pvalues(2 * stats.norm.sf(np.abs(z)), method="holm") <= 0.05).any(1).mean()
        assert independent < 0.05 - error / 5
    if not rho:
        wrong = ab.max_t(z, equal(4, 0.99), draws=1_000, rng=SEED)
        assert (wrong <= 0.05).any(1).mean() > 0.05 + 2 * error


def test_it_finds_more_than_holm_where_metrics_move_together():
    z = correlated_metrics(10, correlation=0.9, share=0.5, effect=3.0)(np.random.default_rng(SEED), 500)
    found = (ab.max_t(z, equal(10, 0.9), draws=2_000, rng=SEED)[:, :5] <= 0.05).mean()
    holm = (ab.adjust_pvalues(2 * stats.norm.sf(np.abs(z)), method="holm")[:, :5] <= 0.05).mean()
    assert found > holm + 0.05


@pytest.mark.parametrize(
    "z, r, options, words",
    [
        ([1.0, 2.0], np.eye(3), {}, "`correlation` must have shape"),
        ([1.0, 2.0], 2 * np.eye(2), {}, "Is it a covariance matrix"),
        ([1.0, 2.0], [[1, 0.2], [0.3, 1]], {}, "`correlation` must be symmetric"),
        ([1.0] * 3, [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]], {}, "no negative eigenvalue"),
        (1.0, np.eye(1), {}, "`statistics` must hold a family"),
        ([1.0], np.eye(1), {"draws": 10}, "`draws`"),
        ([1.0], np.eye(1), {"alternative": "up"}, "`alternative`"),
        ([1.0], np.eye(1), {"step_down": 1}, "`step_down`"),
    ],
)
def test_bad_input_is_refused(z, r, options, words):
    with pytest.raises(ValueError, match=words):
        ab.max_t(z, r, **options)
