"""Worlds in which effects differ, the luck of the best, and the stored grid: against closed forms and brute
force.
"""

import numpy as np
import pytest
from scipy import integrate, stats

import abkit as ab
from abkit.causal.selection import luck_of_best
from abkit.datasets.measured_learners import LEARNERS, SIZES, learner_grid, measured_learner
from abkit.datasets.unequal_worlds import EFFECTS, EUROS, best_of_segments, coupon_segments, customers, people


def near(values, truth):
    """Within 5 Monte-Carlo standard errors."""
    return abs(np.mean(values) - truth) < 5 * np.std(values, ddof=1) / np.sqrt(np.size(values))


@pytest.mark.parametrize("shape", list(EFFECTS))
def test_people_follow_the_equations(rng, shape):
    world = people(shape, 40_000, rng=rng)
    x = world.x
    assert abs(world.effect.mean() - 0.5) < 0.02 and near(
        world.w, 0.5
    )  # 5 errors of .5·N(0, 1) at 40,000 are .0125
    noise = world.y - 1 - 0.5 * x[:, 0] + 0.5 * x[:, 1] - 0.25 * x[:, 2] - world.w * world.effect
    assert near(noise, 0) and near(noise**2, 1)
    assert near(noise * world.w, 0) and near(noise * x[:, 0], 0)
    slope = {"linear": 0.5, "step": stats.norm.pdf(0), "flat": 0.0}[shape]
    assert near((world.effect - 0.5) * x[:, 0], slope) or slope == 0


def test_confounded_people_are_treated_as_said(rng):
    world = people("flat", 40_000, confounded=True, rng=rng)
    e = 1 / (1 + np.exp(-(0.6 * world.x[:, 0] - 0.4 * world.x[:, 1])))
    np.testing.assert_allclose(world.e, e)
    assert near(world.w - e, 0) and near((world.w - e) * world.x[:, 0], 0)


def test_customers_are_people_in_euros():
    frame, world = customers("step", 500, rng=3), people("step", 500, rng=3)
    np.testing.assert_allclose(frame.days, 45 + 10 * world.x[:, 0])
    np.testing.assert_allclose(frame.effect, EUROS * world.effect)
    assert set(frame.effect[frame.days > 45]) == {12.0} and set(frame.effect[frame.days <= 45]) == {0.0}


def test_coupon_segments_are_balanced_and_differ_by_the_effect(rng):
    frame = coupon_segments(400, effect=8.0, rng=rng)
    assert (frame.groupby(["segment", "coupon"]).size() == 200).all() and frame.segment.nunique() == 20
    means = frame.groupby(["coupon", "segment"]).spend.mean().unstack(0)
    assert near(means[1] - means[0], 8.0)
    assert near(frame.spend[frame.coupon == 0], 60.0)
    spread = (
        coupon_segments(400, effect=8.0, spread=30.0, rng=rng).groupby(["coupon", "segment"]).spend.mean()
    )
    gaps = (spread[1] - spread[0]).to_numpy()  # variance 30² + 60²·4/400
    assert 0.2 < gaps.var(ddof=1) / (900 + 36) < 2.6  # chi-square with 19 df: 5 errors


@pytest.mark.parametrize("k", [1, 2, 3, 10, 20, 100])
def test_the_luck_of_the_best_is_the_mean_of_the_largest(k):
    by_scipy = integrate.quad(lambda z: z * k * stats.norm.pdf(z) * stats.norm.cdf(z) ** (k - 1), -10, 12)[0]
    assert luck_of_best(k) == pytest.approx(by_scipy, abs=1e-7)  # quad's own error
    assert luck_of_best(2) == pytest.approx(1 / np.sqrt(np.pi), abs=1e-9)


def test_a_hunt_has_the_closed_forms(rng):
    """Normal and normal: the best shows √(se² + spread²)·m above the mean, and keeps spread²/(se² + spread²)
    of it.
    """
    hunt = best_of_segments(20, effect=1.0, se=2.0, spread=1.5, reps=20_000, rng=rng)
    excess = 2.5 * luck_of_best(20)
    assert near(hunt.found, 1 + excess)
    assert near(hunt.truth, 1 + excess * 2.25 / 6.25) and near(hunt.again - hunt.truth, 0)
    again = hunt.again - hunt.truth
    assert near(again**2, 4.0)


def test_the_grid_is_whole_and_says_what_the_worlds_are():
    grid = learner_grid()
    assert len(grid) == len(LEARNERS) * len(SIZES) * len(EFFECTS)
    assert (grid.loc[grid.world == "flat", "kept"] == 6).all()  # the effect is 6 euros for all
    one = measured_learner("T", "step", 500)
    assert set(one.truth.tolist()) == {0.0, 12.0}
    for row in grid.itertuples():  # fifths of normal days: 12 at most, 6 + 6·E[x | best fifth] = 14.4 at most
        assert row.kept <= {"flat": 6, "step": 12, "linear": 14.5}[row.world]


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: people("round"), "`shape`"),
        (lambda: people("flat", 5), "`n`"),
        (lambda: coupon_segments(2), "`n`"),
        (lambda: best_of_segments(spread=-1.0), "`spread`"),
        (lambda: best_of_segments(se=0.0), "`se`"),
        (lambda: luck_of_best(0), "`k`"),
        (lambda: measured_learner("Q"), "`learner`"),
        (lambda: measured_learner("T", "flat", 3), "`n` must be one of 500"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_indomethacin_has_the_published_counts():
    frame = ab.datasets.indomethacin()
    table = frame.groupby("treated").ill.agg(["sum", "size"])
    assert table.to_numpy().tolist() == [[52, 307], [27, 295]]
