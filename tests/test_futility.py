"""Futility bounds: stored references, simulated experiments, and a published formula that stops good
ideas.
"""

import numpy as np
import pytest

import abkit as ab
from abkit.estimate import Effect
from abkit.sequential.cost import expected_size, inflation
from abkit.sequential.monitoring import monitor, replan
from abkit.sequential.plans import group_sequential
from abkit.sequential.recursion import crossing

RULES = {
    "lan_demets_obf": ("spending", "obrien_fleming"),
    "lan_demets_pocock": ("spending", "pocock"),
    "hwang_shih_decani": ("spending", "hsd"),
    "pocock": ("design", "pocock"),
    "obrien_fleming": ("design", "obrien_fleming"),
    "wang_tsiatis": ("design", "wang_tsiatis"),
}


def plan(given):
    kind, rule = RULES[given["efficacy"]]
    futility = given.get("futility_z_fixed") or (
        RULES[given["futility_spending"]][1],
        given["futility_parameter"],
    )
    return group_sequential(
        given["info_fractions"],
        **{kind: rule},
        parameter=given["efficacy_parameter"],
        alpha=given["alpha"],
        sides=1,
        futility=futility,
        binding=given["binding"],
        power=1 - given["beta"],
    )


@pytest.mark.parametrize("topic", ["futility_binding", "futility_nonbinding"])
def test_futility_plans_match_the_references(oracle, topic):
    entries = oracle("group_sequential", topic)
    assert len(entries) == 8
    for entry in entries:
        expected, power = entry["expected"], 1 - entry["inputs"]["beta"]
        boundary = plan(entry["inputs"])
        np.testing.assert_allclose(
            boundary.upper, expected["efficacy_z"], atol=1e-5
        )  # the references agree to 2e-6
        np.testing.assert_allclose(boundary.lower[:-1], expected["futility_z"], atol=1e-5)  # as above
        assert inflation(boundary, power) == pytest.approx(expected["inflation_factor"], abs=1e-5)  # as above
        for effect, name in ((0, "h0"), (1, "h1")):
            size = expected_size(boundary, power, effect=effect)
            assert size == pytest.approx(expected[f"expected_n_{name}_over_fixed"], abs=1e-5)  # as above
            down = crossing(boundary.fraction, boundary.lower, boundary.upper, effect * expected["drift"])[1]
            np.testing.assert_allclose(
                down[:-1], expected[f"futility_stop_prob_{name}"], atol=1e-5
            )  # as above
        ignored = crossing(boundary.fraction, np.full(len(boundary.upper), -np.inf), boundary.upper)[0].sum()
        obeyed = crossing(boundary.fraction, boundary.lower, boundary.upper)[0].sum()
        assert ignored == pytest.approx(expected["type1_if_futility_ignored"], abs=1e-6)  # as above
        assert obeyed == pytest.approx(expected["type1_if_futility_obeyed"], abs=1e-6)  # as above
        assert (ignored > entry["inputs"]["alpha"] + 1e-4) == entry["inputs"][
            "binding"
        ]  # ignored binding bounds cost alpha


def test_a_futility_plan_in_simulated_experiments(rng):
    boundary = group_sequential(4, sides=1, alpha=0.025, futility="pocock", power=0.8)
    drift = np.sqrt(inflation(boundary, 0.8)) * (1.959964 + 0.841621)
    z = np.cumsum(drift * 0.25 + 0.5 * rng.normal(size=(40_000, 4)), -1) / np.sqrt(boundary.fraction)
    path = monitor(Effect("y", z, np.ones_like(z), np.inf, 0, 0, 0), boundary)
    first = path.crossed.argmax(-1)
    assert path.crossed.any(-1).all()  # the bounds meet at the last look
    success = np.take_along_axis(z >= boundary.upper, first[:, None], -1).mean()
    assert abs(success - 0.8) < 5 * np.sqrt(0.16 / 40_000)  # five Monte-Carlo standard errors


def test_a_function_and_its_name_give_the_same_plan():
    named = group_sequential(3, sides=1, futility=("kim_demets", 2.0))
    own = group_sequential(3, sides=1, futility=lambda t: t**2)
    np.testing.assert_allclose(named.lower, own.lower, atol=1e-9)  # the same equation


def test_a_binding_classical_design_keeps_alpha_with_beta_spending():
    boundary = group_sequential(3, sides=1, design="pocock", futility="pocock", binding=True, power=0.9)
    up = crossing(boundary.fraction, boundary.lower, boundary.upper)[0]
    assert up.sum() == pytest.approx(0.05, abs=1e-7)  # two nested root searches


def test_teeth_a_futility_bound_above_the_efficacy_bound_stops_good_ideas(rng):
    """lower = (z_power − z_alpha)/√t + effect·√(n t): it crosses the efficacy bound and is refused here."""
    t, drift = np.arange(1, 11) / 10, 0.125 * np.sqrt(2000 / 4)
    lower = (0.8416 - 1.96) / np.sqrt(t) + 0.125 * np.sqrt(2000 * t)
    assert lower[-1] == pytest.approx(4.47, abs=0.01) and lower[-1] > 1.96 / np.sqrt(
        t[-1]
    )  # published values
    assert drift == pytest.approx(2.795, abs=0.001)  # power .798
    z = np.cumsum(drift * 0.1 + np.sqrt(0.1) * rng.normal(size=(20_000, 10)), -1) / np.sqrt(t)
    up, down = z >= 1.96 / np.sqrt(t), z <= lower
    first = (up | down).argmax(-1)
    success = np.take_along_axis(up, first[:, None], -1).mean()
    assert abs(success - 0.285) < 5 * np.sqrt(
        0.285 * 0.715 / 20_000
    )  # exact value from an independent recursion
    with pytest.raises(ValueError, match="below the efficacy bound"):
        group_sequential(t, sides=1, alpha=0.025, futility=lower[:-1])


@pytest.mark.parametrize(
    "bad", [{"futility": "pocock"}, {"sides": 1, "futility": [0.0]}, {"sides": 1, "futility": "soon"}]
)
def test_impossible_futility_is_refused(bad):
    with pytest.raises(ValueError, match="`futility`"):
        group_sequential(3, **bad)


@pytest.mark.parametrize(
    "options",
    [
        {"fraction": 10, "futility": "pocock"},
        {"fraction": 5, "futility": "obrien_fleming", "power": 0.3},
        {"fraction": 4, "futility": ("hsd", -2.0), "alpha": 0.025},
    ],
)
def test_a_binding_plan_spends_alpha_and_beta_in_full(options, rng):
    """Both turns to each other once did not converge; the paths here are simulated."""
    plan = ab.group_sequential(**options, sides=1, binding=True)
    beta, t, reps = 1 - options.get("power", 0.8), plan.fraction, 200_000
    steps = rng.normal(size=(reps, len(t))) * np.sqrt(np.diff(t, prepend=0))
    for drift, wanted in ((0.0, plan.alpha), (plan.futility.drift, 1 - beta)):
        z = steps.cumsum(1) / np.sqrt(t) + drift * np.sqrt(t)
        out = (z >= plan.upper) | (z <= plan.lower)
        first = np.where(out.any(1), out.argmax(1), len(t) - 1)
        won = (z[np.arange(reps), first] >= plan.upper[first]).mean()
        assert abs(won - wanted) < 5 * np.sqrt(wanted * (1 - wanted) / reps)


def test_new_information_keeps_the_futility_bound():
    plan = ab.group_sequential([0.3, 0.7, 1.0], sides=1, alpha=0.025, futility="obrien_fleming")
    same = replan(plan, [0.3, 0.7, 1.0])
    np.testing.assert_allclose(same.lower, plan.lower, atol=1e-6)  # the search for the drift
    early = replan(plan, [0.3, 0.7])
    np.testing.assert_allclose(early.lower, plan.lower[:2], atol=1e-6)
    later = replan(plan, [0.3, 0.8])
    assert plan.lower[1] < later.lower[1] < later.upper[1]  # more beta may be spent by then


def test_monitor_gives_up_at_the_bound_for_the_information_that_came():
    plan = ab.group_sequential([0.3, 0.7, 1.0], sides=1, alpha=0.025, futility="obrien_fleming")
    se = 1 / np.sqrt(np.array([0.3, 0.8]) * 100)
    z = np.array([1.0, replan(plan, [0.3, 0.8]).lower[1] - 0.01])
    assert ab.monitor(ab.Effect.of(z * se, se), plan, information=100).crossed.tolist() == [False, True]
    assert not ab.monitor(ab.Effect.of((z + 0.02) * se, se), plan, information=100).crossed.any()


def test_given_futility_values_stay_with_the_number_of_the_look():
    plan = ab.group_sequential(4, sides=1, futility=[-1.0, 0.0, 1.0])
    new = replan(plan, [0.2, 0.5, 0.8, 1.0])
    assert new.lower.tolist() == [-1.0, 0.0, 1.0, new.upper[-1]]
