"""The chance of a win at a later look: a closed formula, brute force on simulated remaining looks, ends."""

import numpy as np
import pytest
from scipy import stats

from abkit.estimate import Effect
from abkit.sequential.conditional import conditional_power, predictive_power
from abkit.sequential.monitoring import monitor, replan
from abkit.sequential.plans import group_sequential

REPS = 200_000
SE = 0.8  # of the effect at the end, in the units of the metric


def looks(z, plan):
    """The path of an experiment with these z at the first looks of a plan."""
    z = np.asarray(z, float)
    se = SE / np.sqrt(plan.fraction[: len(z)])
    return monitor(Effect.of(z * se, se), plan)


def simulated(z, plan, drift, rng, *, obeyed=True):
    """Share of wins when the rest of the path is drawn, a normal step a look; `drift` may differ by draw."""
    t, k = plan.fraction, len(z)
    total = np.full(REPS, z[-1] * np.sqrt(t[k - 1]))
    open_, won = np.ones(REPS, bool), np.zeros(REPS, bool)
    for j in range(k, len(t)):
        step = t[j] - t[j - 1]
        total = total + drift * step + np.sqrt(step) * rng.normal(size=REPS)
        score = total / np.sqrt(t[j])
        won |= open_ & (score >= plan.upper[j])
        ends = (score <= plan.lower[j]) if obeyed or plan.sides == 2 else np.zeros(REPS, bool)
        open_ &= ~(won | ends)
    return won.mean()


def near(share, found):
    assert abs(found - share) < 5 * np.sqrt(share * (1 - share) / REPS) + 1e-6, (share, found)


FUTILE = group_sequential([0.3, 0.5, 0.8, 1], sides=1, alpha=0.025, futility="pocock", power=0.9)
BINDING = group_sequential(4, sides=1, alpha=0.025, futility="obrien_fleming", binding=True)
PLANS = {
    "two sides": (group_sequential(5), [0.4, 1.9]),
    "pocock": (group_sequential([0.1, 0.5, 1], design="pocock"), [-1.2]),
    "futility": (FUTILE, [1.0, 1.1]),
    "binding": (BINDING, [1.5]),
}


@pytest.mark.parametrize("obeyed", [True, False])
@pytest.mark.parametrize("effect", [0.0, 2.2, "estimate", "planned"])
@pytest.mark.parametrize("name", PLANS)
def test_conditional_power_is_the_share_of_simulated_wins(name, effect, obeyed, rng):
    plan, z = PLANS[name]
    if effect == "planned":
        drift = plan.futility.drift if plan.futility else None
        if drift is None:  # power .8 of the whole plan, found by brute force on its own
            grid = np.linspace(2.5, 3.6, 23)
            power = [whole(plan, d) for d in grid]
            drift = float(np.interp(0.8, power, grid))
    else:
        drift = z[-1] / np.sqrt(plan.fraction[len(z) - 1]) if effect == "estimate" else effect / SE
    found = conditional_power(looks(z, plan), plan, effect=effect, obeyed=obeyed)
    share = simulated(z, plan, drift, rng, obeyed=obeyed)
    # the drift of power .8 comes from the multivariate normal, accurate to 1e-3; 1e-6 where no draw wins
    known = 2e-3 if effect == "planned" else 1e-6
    assert abs(found - share) < 5 * np.sqrt(share * (1 - share) / REPS) + known


def whole(plan, drift):
    """Power of a two-sided plan: boxes of the multivariate normal, to win first at look k."""
    t, power = plan.fraction, 0.0
    cov = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    for k in range(len(t)):
        mean, part = drift * np.sqrt(t[: k + 1]), cov[: k + 1, : k + 1]
        low = np.append(-plan.upper[:k], plan.upper[k])
        high = np.append(plan.upper[:k], 12.0)
        power += stats.multivariate_normal(mean, part, abseps=1e-5, seed=1).cdf(high, lower_limit=low)
    return power


@pytest.mark.parametrize("obeyed", [True, False])
@pytest.mark.parametrize("name", PLANS)
def test_predictive_power_averages_over_the_effects_that_are_left(name, obeyed, rng):
    plan, z = PLANS[name]
    t = plan.fraction[len(z) - 1]
    drift = z[-1] / np.sqrt(t) + rng.normal(size=REPS) / np.sqrt(t)
    near(simulated(z, plan, drift, rng, obeyed=obeyed), predictive_power(looks(z, plan), plan, obeyed=obeyed))


@pytest.mark.parametrize("z, t, drift", [(0.0, 0.5, 3.242), (1.3, 0.25, 0.0), (-0.5, 0.9, 2.8)])
def test_one_look_left_is_the_formula_of_lan_and_wittes(z, t, drift):
    """1 − Φ((z_α − B − θ(1 − t))/√(1 − t)), and the predictive 1 − Φ((z_α√t − z)/√(1 − t)), one bound."""
    plan = group_sequential([t, 1], sides=1, alpha=0.025)
    last, path = plan.upper[-1], looks([z], plan)
    closed = stats.norm.sf((last - z * np.sqrt(t) - drift * (1 - t)) / np.sqrt(1 - t))
    assert conditional_power(path, plan, effect=drift * SE) == pytest.approx(closed, abs=1e-12)
    closed = stats.norm.sf((last * np.sqrt(t) - z) / np.sqrt(1 - t))
    assert predictive_power(path, plan) == pytest.approx(closed, abs=1e-12)


def test_a_stop_is_certain_and_the_last_look_leaves_nothing_open():
    plan = group_sequential(3)
    for z, chance in (([4.0], 1), ([-4.0], 0), ([0.5, 2.6], 1), ([1, 2, 2.1], 1), ([1, 2, 1.9], 0)):
        path = looks(z, plan)
        assert conditional_power(path, plan) == predictive_power(path, plan) == chance
    late = looks([4.0, -4.0], plan)  # the first crossing is the stop
    assert conditional_power(late, plan) == 1.0


def test_a_passed_futility_bound_ends_the_test_unless_it_is_ignored():
    path = looks([FUTILE.lower[0] - 0.1], FUTILE)
    assert conditional_power(path, FUTILE) == predictive_power(path, FUTILE) == 0.0
    assert conditional_power(path, FUTILE, obeyed=False) > 0.1
    path = looks([1.0], FUTILE)
    assert conditional_power(path, FUTILE) < conditional_power(path, FUTILE, obeyed=False)


def test_looks_that_came_at_other_times_are_given_by_replan():
    plan, shares = group_sequential(3), [0.3, 0.75, 1]
    moved = replan(plan, shares)
    path = looks([1.5, 2.2], moved)
    closed = stats.norm.sf((moved.upper[2] - 2.2 * np.sqrt(0.75)) / 0.5)  # effect 0
    low = stats.norm.cdf((-moved.upper[2] - 2.2 * np.sqrt(0.75)) / 0.5)
    assert conditional_power(path, moved, effect=0.0) == pytest.approx(closed, abs=1e-9) and low < 1e-6
    with pytest.raises(ValueError, match="fractions at which the looks were taken"):
        conditional_power(looks([1.5, 2.2], moved), group_sequential([0.1, 0.9, 1]))


def test_the_estimate_promises_too_much_to_useless_changes_and_prediction_less(rng):
    """A promise is kept if as many win as it says: at the estimate it is not, for tests that look good."""
    plan = group_sequential(5)
    for z in (1.5, 2.0, 2.5):
        path = looks([0.5, z], plan)
        chance = [conditional_power(path, plan, effect=e) for e in (0.0, "estimate")]
        assert chance[0] + 0.2 < predictive_power(path, plan) < chance[1]


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda p, b: conditional_power(p, b, effect="observed"), "effect"),
        (lambda p, b: conditional_power(p, b, effect=np.nan), "effect"),
        (lambda p, b: conditional_power(p, b, obeyed=1), "obeyed"),
        (lambda p, b: conditional_power([1.0], b), "path"),
        (lambda p, b: predictive_power(p, 3), "boundary"),
        (lambda p, b: predictive_power(p, group_sequential(1)), "at most 1 looks"),
    ],
)
def test_bad_input_names_the_parameter(call, message):
    plan = group_sequential(3)
    with pytest.raises((ValueError, TypeError), match=message):
        call(looks([1.0, 1.2], plan), plan)


def test_several_experiments_are_refused():
    plan = group_sequential(2)
    many = monitor(Effect.of(np.ones((3, 2)), np.array([1.0, 0.7])), plan)
    with pytest.raises(ValueError, match="one experiment"):
        conditional_power(many, plan)
