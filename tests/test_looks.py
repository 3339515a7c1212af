"""Looks over accumulating data: days of the same users, buckets that add, progress, stored state."""

import os

import numpy as np
import pytest
from scipy.stats import norm

from abkit.estimate import Effect
from abkit.inference.means import z_test
from abkit.moments import Moments
from abkit.sequential.daily_sums import BucketSums, UnitTotals
from abkit.sequential.looks import Watch
from abkit.sequential.mixture import confidence_sequence
from abkit.sequential.plans import group_sequential
from abkit.sequential.recursion import crossing

SEED = int(os.environ.get("ABKIT_SEED", "0"))


def effect(estimate, se, n=100):
    return Effect("y", estimate, se, np.inf, 0.0, 0.0, 1.0, n_control=n, n_treatment=n)


def returning(rng, reps, users, days, icc):
    """Rows (reps, arms, users, days) of users who come back every day, unit variance."""
    own = rng.normal(size=(reps, 2, users, 1)) * np.sqrt(icc)
    return own + rng.normal(size=(reps, 2, users, days)) * np.sqrt(1 - icc)


def test_buckets_and_units_are_the_brute_force():
    rng = np.random.default_rng(SEED)
    ids = rng.integers(0, 300, 2_000)
    treated, y = ids % 2 == 1, rng.normal(size=2_000)
    totals = UnitTotals.empty()
    for part in np.array_split(np.arange(2_000), 4):
        totals = totals.add(ids[part], treated[part], y[part])
    gap = y[treated].mean() - y[~treated].mean()
    found = totals.effect()
    assert found.estimate == pytest.approx(gap, rel=1e-12)  # rounding
    variance = 0.0
    for arm in (False, True):
        rows = [y[(ids == u)] for u in np.unique(ids[treated == arm])]
        mean, n = y[treated == arm].mean(), len(rows)
        residual = np.array([r.sum() - mean * len(r) for r in rows])
        variance += n / (n - 1) * (residual**2).sum() / sum(map(len, rows)) ** 2
    assert found.se == pytest.approx(np.sqrt(variance), rel=1e-12)  # rounding
    whole = BucketSums.empty("a").add(ids, treated, y)
    parts = BucketSums.empty("a").add(ids[:900], treated[:900], y[:900]) + BucketSums.empty("a").add(
        ids[900:], treated[900:], y[900:]
    )
    np.testing.assert_allclose(whole.sums, parts.sums, atol=1e-12)
    assert whole.effect().estimate == pytest.approx(gap, rel=1e-12)  # rounding


def test_bucket_sums_hold_five_per_cent_for_users_who_return():
    rng = np.random.default_rng(SEED)
    y = returning(rng, 1_000, 100, 14, 0.1)
    # users are exchangeable, so any fixed map of users to buckets stands for the hash
    cells = y.sum(-1).reshape(1_000, 2, 50, 2).sum(-1)
    data = BucketSums(cells, np.full(cells.shape, 28.0), "x")
    rate, se = (data.effect().pvalue < 0.05).mean(), np.sqrt(0.05 * 0.95 / 1_000)
    assert abs(rate - 0.05) < 5 * se + 0.002  # 5 Monte-Carlo errors, and 98 df


@pytest.mark.parametrize(("days", "icc", "known"), [(14, 0.1, 0.19), (28, 0.3, 0.51)])
def test_teeth_days_of_returning_users_do_not_add(days, icc, known):
    y = returning(np.random.default_rng(SEED), 500, 100, days, icc)
    merged = [
        sum((Moments.of(y[:, a, :, d]) for d in range(1, days)), Moments.of(y[:, a, :, 0])) for a in (0, 1)
    ]
    exact = 2 * norm.sf(norm.isf(0.025) / np.sqrt(1 + (days - 1) * icc))
    assert exact == pytest.approx(known, abs=0.01)  # two published digits
    rate = (z_test(*merged).pvalue < 0.05).mean()
    assert abs(rate - exact) < 5 * np.sqrt(exact * (1 - exact) / 500)  # 5 Monte-Carlo errors


def test_the_path_is_the_confidence_sequence_tightest_at_the_plan():
    watch = Watch(target_se=0.1)
    for day in range(1, 11):
        watch = watch.look(day, effect(0.1, 0.1 * np.sqrt(10 / day), 100 * day))
    path = watch.path()
    n = 200 * np.arange(1, 11)
    cs = confidence_sequence(
        Effect(
            "y",
            np.array(watch.estimate),
            np.array(watch.se),
            np.inf,
            0,
            0,
            0,
            n_control=n // 2,
            n_treatment=n // 2,
        ),
        alpha=0.05,
        n_opt=2_000,
    )
    np.testing.assert_allclose(path.low, cs.low)
    ratio = (path.high[-1] - path.low[-1]) / (2 * norm.isf(0.025) * 0.1)
    assert ratio == pytest.approx(1.55, abs=0.005)  # three published digits


def test_a_stored_watch_goes_on_where_it_stopped():
    watch = Watch(target_se=0.1, rule="planned").look(7, effect(0.3, 0.2)).look(14, effect(0.3, 0.14))
    again = Watch.from_json(watch.to_json()).look(28, effect(0.3, 0.1))
    straight = watch.look(28, effect(0.3, 0.1))
    assert again.to_dict() == straight.to_dict()
    np.testing.assert_array_equal(again.path().crossed, straight.path().crossed)


def test_planned_rule_uses_information_as_its_clock():
    watch = Watch(target_se=0.1, rule="planned")
    for t in (0.2, 0.5, 1.0):
        watch = watch.look(100 * t, effect(0.25, 0.1 / np.sqrt(t)))
    bound = group_sequential([0.2, 0.5, 1.0]).upper
    np.testing.assert_array_equal(watch.path().crossed, 2.5 * np.sqrt([0.2, 0.5, 1.0]) > bound)


def planned(shares):
    watch = Watch(target_se=0.1, rule="planned")
    for day, share in enumerate(shares, start=1):
        watch = watch.look(day, effect(0.0, 0.1 / np.sqrt(share), 1_000 * day))
    path = watch.path()
    return path.high / path.se


@pytest.mark.parametrize(
    "shares", [[0.9, 1.5], [0.3, 0.7, 1.02], [1.3], [0.4, 0.40005, 0.99996, 1.00001, 1.4]]
)
def test_more_information_than_planned_keeps_alpha(shares):
    bounds = planned(shares)
    total = sum(
        p.sum()
        for p in crossing(
            np.array(shares)[np.isfinite(bounds)], *(s * bounds[np.isfinite(bounds)] for s in (-1, 1))
        )
    )
    assert total == pytest.approx(0.05, abs=1e-7)  # integration
    clipped = group_sequential([0.9, 1.0]).upper
    assert (
        sum(p.sum() for p in crossing(np.array([0.9, 1.5]), -clipped, clipped)) > 0.06
    )  # teeth: fractions cut at 1


def test_a_look_without_new_information_is_no_test():
    bounds = planned([0.4, 0.40005, 0.39, 0.7, 1.1, 1.2])
    assert np.isinf(bounds).tolist() == [False, True, True, False, False, True]
    np.testing.assert_allclose(bounds[[0, 3, 4]], planned([0.4, 0.7, 1.1]), rtol=1e-12)  # rounding
    assert np.isinf(planned([1e-5])).all()


def test_progress_counts_days_from_the_traffic():
    watch = Watch(target_se=1.0).look(6, effect(0.0, 2.0))
    assert watch.progress().share == 0.25
    assert watch.progress().days_left == 18  # a quarter took 6 days
    slow = Watch(target_se=1.0).look(12, effect(0.0, 2.0))
    assert slow.progress().days_left == 36


@pytest.mark.parametrize("ids", [[None, "b"], [1.0, 2.0], ["a", np.nan], ("a", True), {"a": 1, "b": 2}])
def test_units_and_buckets_refuse_the_same_ids(ids):
    for data in (UnitTotals.empty(), BucketSums.empty("a")):
        with pytest.raises(ValueError, match="`units`"):
            data.add(ids, [True, False], [1.0, 2.0])


def test_faults_are_named():
    data = BucketSums.empty("a")
    with pytest.raises(ValueError, match="divide 10,000"):
        BucketSums.empty("a", buckets=999)
    with pytest.raises(ValueError, match="same salt"):
        data + BucketSums.empty("b")
    with pytest.raises(ValueError, match="two buckets"):
        data.effect()
    with pytest.raises(ValueError, match="both arms"):
        UnitTotals.empty().add(["u"], [True], [1.0]).add(["u"], [False], [1.0])
    with pytest.raises(ValueError, match="one value for each"):
        data.add(["u"], [True], [1.0, 2.0])
    with pytest.raises(ValueError, match="True or False"):
        data.add(["u"], [3], [1.0])
    with pytest.raises(ValueError, match="not be negative"):
        data.add(["u"], [True], [1.0], denominator=-1)
    with pytest.raises(ValueError, match="after the last look"):
        Watch(target_se=1.0).look(2, effect(0, 1)).look(2, effect(0, 1))
    with pytest.raises(ValueError, match="at least one look"):
        Watch(target_se=1.0).path()
    with pytest.raises(ValueError, match="fields of a Watch"):
        Watch.from_dict({"target": 1})
