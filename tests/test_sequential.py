"""Group-sequential plans: stored references, brute force, calibration, teeth."""

import time
from decimal import Decimal

import numpy as np
import pytest

from abkit.estimate import Effect
from abkit.sequential.cost import expected_size, inflation, peeking_error
from abkit.sequential.mixture import msprt
from abkit.sequential.monitoring import monitor
from abkit.sequential.plans import group_sequential
from abkit.sequential.recursion import crossing

RULES = {
    "pocock": {"design": "pocock"},
    "obrien_fleming": {"design": "obrien_fleming"},
    "wang_tsiatis": {"design": "wang_tsiatis"},
    "haybittle_peto": {"design": "haybittle_peto"},
    "lan_demets_obf": {"spending": "obrien_fleming"},
    "lan_demets_pocock": {"spending": "pocock"},
    "hwang_shih_decani": {"spending": "hsd"},
    "kim_demets_power": {"spending": "kim_demets"},
}


def paths(rng, fraction, reps, drift=0.0):
    """Z at each look, drawn from the definition: Brownian motion with drift, divided by √t."""
    steps = np.diff(fraction, prepend=0.0)
    return np.cumsum(drift * steps + rng.normal(size=(reps, len(steps))) * np.sqrt(steps), -1) / np.sqrt(
        fraction
    )


@pytest.mark.parametrize("rule", RULES)
def test_bounds_and_inflation_match_the_references(oracle, rule):
    entries = oracle("group_sequential", f"{rule}_equal")
    entries += oracle("group_sequential", f"{rule}_unequal")
    assert len(entries) > 30
    for entry in entries:
        given, expected = entry["inputs"], entry["expected"]
        plan = {
            "parameter": given["parameter"],
            "alpha": given["alpha"],
            "sides": given["sided"],
            **RULES[rule],
        }
        if expected.get("feasible") is False:
            with pytest.raises(ValueError, match="leave some alpha"):
                group_sequential(given["info_fractions"], **plan)
            continue
        boundary, z = group_sequential(given["info_fractions"], **plan), np.array(expected["z"])
        near = z < 6.5  # beyond, the bound has no practical meaning and the references differ
        np.testing.assert_allclose(boundary.upper[near], z[near], atol=1e-5)  # the references agree to 2e-6
        assert (boundary.upper[~near] > 6).all()
        np.testing.assert_allclose(boundary.spent, expected["alpha_spent_cumulative"], atol=1e-6)  # as above
        if len(z) < 6:  # a few are enough here
            assert inflation(boundary) == pytest.approx(
                expected["p80"]["inflation_factor"], abs=1e-5
            )  # as above


def test_peeking_error_matches_the_references(oracle):
    for entry in oracle("group_sequential", "naive_peeking_type1"):
        got = peeking_error(entry["inputs"]["K"], entry["inputs"]["alpha_nominal"])
        assert got == pytest.approx(entry["expected"]["type1"], abs=1e-8)  # two exact recursions


def test_peeking_error_matches_simulated_peeking(rng):
    fraction, reps = np.array([0.1, 0.15, 0.6, 1.0]), 40_000
    seen = (np.abs(paths(rng, fraction, reps)) > 1.959964).any(-1).mean()
    exact = peeking_error(fraction)
    assert abs(seen - exact) < 5 * np.sqrt(exact * (1 - exact) / reps)
    assert exact > 0.12  # teeth: four looks at .05 are far from .05


def test_one_look_is_the_fixed_test_and_the_scale_of_time_is_free():
    assert peeking_error(1) == pytest.approx(0.05, abs=1e-15)  # rounding
    assert peeking_error([0.2, 0.4]) == pytest.approx(peeking_error([0.5, 1.0]), abs=1e-12)  # integration


def test_a_thousand_looks_are_allowed_and_no_more():
    assert peeking_error(1000) == pytest.approx(
        0.5299114, abs=1e-6
    )  # the same recursion on grids 2.3 times as fine
    with pytest.raises(ValueError, match="at most 1,000"):
        peeking_error(1001)


@pytest.mark.parametrize("bad", [[0.5, 0.5], [0.5, 0.2], [0.0, 1.0], [0.5, 1.5], [], 0, 2.5, [0.5, 0.50001]])
def test_impossible_looks_are_refused(bad):
    with pytest.raises(ValueError, match="`looks`"):
        peeking_error(bad)


@pytest.mark.parametrize("alpha", [0, 1, 5, -0.1])
def test_alpha_is_a_share(alpha):
    with pytest.raises(ValueError, match="`alpha`"):
        peeking_error(5, alpha)


@pytest.mark.parametrize(
    "plan", [{}, {"spending": "hsd", "parameter": 1.0, "sides": 1}, {"design": "pocock", "alpha": 0.1}]
)
def test_a_plan_keeps_alpha_in_simulated_experiments(rng, plan):
    boundary, reps = group_sequential([0.2, 0.3, 0.7, 1.0], **plan), 40_000
    z = paths(rng, boundary.fraction, reps)
    path = monitor(Effect("y", z, np.ones_like(z), np.inf, 0, 0, 0), boundary)
    se = np.sqrt(boundary.alpha * (1 - boundary.alpha) / reps)
    assert abs(path.crossed.any(-1).mean() - boundary.alpha) < 5 * se
    assert (path.pvalue < boundary.alpha).any(
        -1
    ).mean() > boundary.alpha + 20 * se  # teeth: plain p-values do not
    assert (
        abs(((path.low > 0) | (path.high < 0)).any(-1).mean() - boundary.alpha) < 5 * se
    )  # intervals hold together


def test_power_of_the_inflated_plan_in_simulated_experiments(rng):
    boundary, reps = group_sequential(4, spending="pocock"), 40_000
    drift = np.sqrt(inflation(boundary, 0.8)) * (1.959964 + 0.841621)
    power = (paths(rng, boundary.fraction, reps, drift) > boundary.upper).any(-1).mean()
    assert abs(power - 0.8) < 5 * np.sqrt(0.16 / reps)


def test_one_look_is_the_fixed_plan():
    for plan in (
        {},
        {"design": "pocock"},
        {"design": "haybittle_peto"},
        {"spending": "kim_demets", "parameter": 2},
    ):
        boundary = group_sequential(1, **plan)
        assert boundary.upper[0] == pytest.approx(1.959963985, abs=1e-8)  # normal quantile
        assert inflation(boundary) == pytest.approx(1, abs=1e-8)  # nothing is inflated


@pytest.mark.parametrize("design", ["pocock", "obrien_fleming"])
def test_a_classical_plan_costs_the_same_on_any_scale_of_time(design):
    whole, part = (group_sequential(np.array([0.4, 0.8, 1.0]) * end, design=design) for end in (1.0, 0.6))
    assert inflation(part) == pytest.approx(inflation(whole), abs=1e-9)  # integration
    assert expected_size(part, effect=0.5) == pytest.approx(expected_size(whole, effect=0.5), abs=1e-9)


def test_power_of_a_plan_that_ends_early_in_simulated_experiments(rng):
    boundary, reps = group_sequential([0.5, 0.9]), 40_000
    end = np.sqrt(inflation(boundary)) * (1.959964 + 0.841621)  # mean of Z at the last look
    power = (paths(rng, boundary.fraction, reps, end / np.sqrt(0.9)) > boundary.upper).any(-1).mean()
    assert abs(power - 0.8) < 5 * np.sqrt(0.16 / reps)


@pytest.mark.parametrize("gamma", [-1_000.0, -20.0, -4.0, 30.0, 1_000.0])
def test_extreme_spending_is_spent_as_the_formula_says(gamma):
    boundary, t = group_sequential(5, spending="hsd", parameter=gamma), [Decimal(k) / 5 for k in range(1, 6)]
    spent = [float((1 - (-Decimal(gamma) * x).exp()) / (1 - (-Decimal(gamma)).exp())) * 0.05 for x in t]
    np.testing.assert_allclose(boundary.spent, spent, rtol=1e-12)  # rounding
    up, down = crossing(boundary.fraction, boundary.lower, boundary.upper)
    np.testing.assert_allclose(np.cumsum(up + down), spent, atol=1e-9)  # tiny amounts are rounded to safety


def test_special_cases_collapse():
    bounds = [
        group_sequential(4, spending=s, parameter=p).upper
        for s, p in (("hsd", 0.0), ("kim_demets", 1.0), (lambda t: t, None))
    ]
    np.testing.assert_allclose(bounds[0], bounds[1], atol=1e-12)  # all three spend alpha × t
    np.testing.assert_allclose(bounds[0], bounds[2], atol=1e-12)
    same = [
        group_sequential(4, design=d, parameter=p).upper for d, p in (("wang_tsiatis", 0.5), ("pocock", None))
    ]
    np.testing.assert_allclose(same[0], same[1], atol=1e-12)


def test_a_later_look_does_not_change_earlier_spending_bounds():
    early, late = group_sequential([0.2, 0.5, 1.0]).upper, group_sequential([0.2, 0.5, 0.6, 0.9, 1.0]).upper
    np.testing.assert_allclose(early[:2], late[:2], atol=1e-9)  # only the grid differs
    classical = [group_sequential(k, design="pocock").upper[0] for k in (3, 5)]
    assert classical[1] - classical[0] > 0.1  # the classical design needs the number of looks


def test_near_coincident_and_many_looks_spend_alpha_exactly():
    for t in ([0.5, 0.5002, 1.0], np.arange(1, 101) / 100):
        boundary = group_sequential(t, spending="pocock")
        total = sum(p.sum() for p in crossing(boundary.fraction, boundary.lower, boundary.upper))
        assert total == pytest.approx(0.05, abs=1e-7) and boundary.spent[-1] == pytest.approx(0.05, abs=1e-9)


def test_five_looks_take_milliseconds():
    group_sequential(5)
    start = time.perf_counter()
    for _ in range(10):
        group_sequential(5)
    assert (
        time.perf_counter() - start
    ) / 10 < 0.05  # measured 1 ms; ten times the promise for a busy machine


def test_monitor_reads_a_list_of_effects_and_an_unfinished_experiment():
    boundary = group_sequential(3, sides=1)
    looks = [
        Effect("y", 0.1, 0.2, np.inf, 0, 0, 0, n_control=10, n_treatment=12),
        Effect("y", 0.9, 0.1, 50.0, 0, 0, 0),
    ]
    path = monitor(looks, boundary)
    assert path.crossed.tolist() == [False, True] and path.n[0] == 22
    np.testing.assert_allclose(path.low, path.estimate - boundary.upper[:2] * path.se)
    assert np.isinf(path.high).all() and (boundary.lower == -np.inf).all()
    assert not monitor(
        [Effect("y", -0.9, 0.1, np.inf, 0, 0, 0)], boundary
    ).crossed.any()  # one side looks up only
    with pytest.raises(ValueError, match="at most 3 looks"):
        monitor(looks * 2, boundary)


def looked(estimate, se, n=None):
    return Effect(
        "y", np.asarray(estimate, float), np.asarray(se, float), np.inf, 0, 0, 0, n_control=n, n_treatment=n
    )


@pytest.mark.parametrize(
    ("effects", "words"),
    [
        (looked([0.1, 0.2], [0.2, 0.1], np.array([200, 100])), "n never falls"),
        (looked([0.1, 0.2], [0.1, 0.2]), "gain information"),
        (looked([0.1, 0.2], [0.1, 0.2], np.array([1_000, 2_000])), "gain information"),
        (looked([0.1, np.nan], [0.2, 0.1]), "finite estimate"),
        (looked([0.1, np.inf], [0.2, 0.1]), "finite estimate"),
        (looked([0.1, 0.2], [0.2, 0.0]), "standard error above 0"),
        ([looked(0.1, 0.2), looked(0.1, 0.3)], "gain information"),
        ([], "at least one look"),
        ([0.1], "list of Effects"),
        ([looked([0.1, 0.2], 0.2), looked([0.1, 0.2, 0.3], 0.1)], "shapes that fit together"),
    ],
)
def test_looks_that_are_not_cumulative_or_finite_are_refused(effects, words):
    for call in (lambda: monitor(effects, group_sequential(3)), lambda: msprt(effects, tau=0.1, burn_in=0)):
        with pytest.raises(ValueError, match=f"`effects_by_look` must.*{words}"):
            call()


def test_the_noise_of_an_estimated_variance_is_no_fall():
    n = np.array([1_000, 1_010])
    assert not monitor(
        looked([0.0, 0.0], [0.1, 0.101], n), group_sequential(2)
    ).crossed.any()  # 2 per cent of the variance; 5√(2/n) is 22


def test_a_bad_path_of_a_batch_is_nan_and_leaves_the_others():
    estimate = [[9.0, 9.0], [9.0, 9.0], [np.nan, 9.0]]
    path = monitor(looked(estimate, [[0.2, 0.1], [0.1, 0.2], [0.2, 0.1]]), group_sequential(2))
    assert path.crossed.tolist() == [[True, True], [False, False], [False, True]]
    assert np.isnan(path.low).tolist() == [[False, False], [True, True], [True, False]]


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("fraction", {"fraction": [0.5, 0.4, 1.0]}),
        ("fraction", {"fraction": [0.5, 1.2]}),
        ("fraction", {"fraction": 0}),
        ("alpha", {"alpha": 0}),
        ("alpha", {"alpha": 5}),
        ("sides", {"sides": 3}),
        ("spending and design", {"spending": "pocock", "design": "pocock"}),
        ("spending", {"spending": "wang_tsiatis"}),
        ("spending", {"spending": lambda t: 0.05 * t}),
        ("design", {"design": "hsd"}),
        ("parameter", {"spending": "hsd"}),
        ("parameter", {"design": "pocock", "parameter": 1.0}),
        ("parameter", {"design": "haybittle_peto", "parameter": 1.5}),
        ("design", {"design": lambda t: t}),
        ("parameter", {"spending": "pocock", "parameter": "x"}),
        ("futility", {"sides": 1, "futility": ("hsd",)}),
        ("futility", {"sides": 1, "futility": ()}),
        ("futility", {"sides": 1, "futility": ("hsd", 1, 2)}),
    ],
)
def test_impossible_plans_are_refused(name, bad):
    with pytest.raises(ValueError, match=f"`{name}`"):
        group_sequential(**{"fraction": [0.5, 1.0], **bad})
