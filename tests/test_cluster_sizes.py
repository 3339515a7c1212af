"""Power and size in whole clusters: against the t test of one unit a cluster, simulation, and the handouts'
example.
"""

import numpy as np
import pytest
from scipy import stats

import abkit as ab


def test_clusters_of_one_unit_are_the_t_test():
    for k, effect in ((5, 1.5), (30, 0.8)):
        got = ab.power_clusters(effect, k, size=1, sd=1.0, icc=0.0)
        assert got.power == pytest.approx(ab.power(effect, k, sd=1.0).power, abs=1e-12)


def test_without_correlation_only_the_df_are_those_of_clusters():
    got = ab.power_clusters(0.5, 6, size=20, sd=1.0, icc=0.0)
    error = np.sqrt(2 / 120)
    exact = stats.nct.sf(stats.t.isf(0.025, 10), 10, 0.5 / error)
    assert got.power == pytest.approx(exact, abs=1e-9) and got.n_control == 120


def test_the_marketplace_of_the_handout_has_a_power_of_a_fifth(rng):
    """ERRATA E33: .201 by 2,000 tests. Wins in the other direction, rare here, are not counted."""
    sd = np.hypot(0.03, 0.09)
    plan = ab.power_clusters(0.01, 25, size=200, sd=sd, icc=0.1)
    assert plan.design_effect == pytest.approx(20.9)
    world = ab.datasets.marketplace(level="cluster", effect=0.01)
    control, treatment = world(rng, 20_000)
    found = ab.welch(control, treatment)
    rate = ((found.pvalue < 0.05) & (found.estimate > 0)).mean()
    assert plan.power == pytest.approx(rate, abs=5 * np.sqrt(0.2 * 0.8 / 20_000))


@pytest.mark.parametrize("clusters, cv, tolerance", [(10, 0.0, 0.0), (10, 0.6, 0.03), (30, 0.6, 0.02)])
def test_unequal_sizes_by_simulation(clusters, cv, tolerance, rng):
    """Gamma sizes of mean 20, new ones in each of 150 designs; the plan is an approximation where cv > 0."""
    effect = 0.9 if clusters == 10 else 0.5
    wins = []
    for _ in range(150):
        shape = 1 / cv**2 if cv else None
        size = np.maximum(rng.gamma(shape, 20 / shape, 2 * clusters).round(), 1).astype(int) if cv else 20
        size = np.broadcast_to(size, 2 * clusters)
        cluster, arm = np.repeat(np.arange(2 * clusters), size), np.repeat(np.arange(2 * clusters) % 2, size)
        y = np.sqrt(0.3) * rng.normal(size=(40, 2 * clusters))[:, cluster]
        y = y + np.sqrt(0.7) * rng.normal(size=y.shape) + effect * arm
        wins.append((ab.cluster_effect(y, cluster, arm).low > 0).mean())
    plan = ab.power_clusters(effect, clusters, size=20, sd=1.0, icc=0.3, cv=cv)
    assert 0.5 < plan.power < 0.95
    assert plan.power == pytest.approx(np.mean(wins), abs=tolerance + 5 * np.std(wins) / np.sqrt(150))


def test_size_is_the_fewest_clusters_that_reach_the_power():
    for given in ({}, {"allocation": 0.25}, {"alternative": "greater", "cv": 0.7}):
        plan = ab.sample_size_clusters(0.02, size=200, sd=0.0949, icc=0.1, **given)
        less = ab.power_clusters(0.02, plan.clusters_control - 1, size=200, sd=0.0949, icc=0.1, **given)
        assert less.power < 0.8 <= plan.power
        assert plan.n_treatment == 200 * plan.clusters_treatment


def test_more_users_in_a_city_do_not_replace_cities():
    """At a correlation of .1 ten times the users need nearly as many cities."""
    few, many = (ab.sample_size_clusters(0.3, size=m, sd=1.0, icc=0.1).clusters_control for m in (200, 2_000))
    assert many >= 0.9 * few and ab.sample_size(0.3, sd=1.0).n_control < 200


@pytest.mark.parametrize(
    "call, words",
    [
        (
            lambda: ab.power_clusters(1, 1, size=9, sd=1, icc=0.1),
            "`clusters` must be a whole number of at least 2",
        ),
        (lambda: ab.power_clusters(1, 9, size=9, sd=0, icc=0.1), "`sd` must be above 0"),
        (lambda: ab.power_clusters(1, 9, size=9, sd=1, icc=10), "`icc` must lie between"),
        (
            lambda: ab.power_clusters(1, 9, size=9, sd=1, icc=0.1, allocation=0.1),
            "at least 2 clusters in each arm",
        ),
        (lambda: ab.sample_size_clusters(0, size=9, sd=1, icc=0.1), "must not be 0"),
        (
            lambda: ab.sample_size_clusters(-1, size=9, sd=1, icc=0.1, alternative="greater"),
            "in the direction",
        ),
        (lambda: ab.sample_size_clusters(1, size=9, sd=1, icc=0.1, power=80), "per cent"),
        (lambda: ab.sample_size_clusters(1e-6, size=9, sd=1, icc=0.1), "by at most 1,000,000 clusters"),
    ],
)
def test_plans_that_cannot_be_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
