"""Inference after a stop, and bounds for the looks that really happened: references, coverage, teeth."""

import numpy as np
import pytest
from scipy import stats

from abkit.estimate import Effect
from abkit.sequential.monitoring import monitor, replan
from abkit.sequential.plans import group_sequential
from abkit.sequential.stagewise_order import stagewise

RULES = {
    "pocock": {"design": "pocock"},
    "obrien_fleming": {"design": "obrien_fleming"},
    "wang_tsiatis": {"design": "wang_tsiatis"},
    "lan_demets_obf": {"spending": "obrien_fleming"},
    "lan_demets_pocock": {"spending": "pocock"},
    "hwang_shih_decani": {"spending": "hsd"},
}


def planned(given):
    return group_sequential(
        given["info_fractions"],
        **RULES[given["design"]],
        parameter=given["parameter"],
        alpha=given["alpha"],
        sides=given["sided"],
    )


def test_stagewise_results_match_the_references(oracle):
    entries = oracle("group_sequential", "adjusted_inference_stagewise")
    assert len(entries) == 19
    for entry in entries:
        expected, z = entry["expected"], np.array(entry["inputs"]["observed_z"])
        got = stagewise(z, planned(entry["inputs"]))
        assert got.look == expected["stop_stage"]
        assert got.pvalue == pytest.approx(expected["p_adjusted"], abs=1e-7)  # two exact recursions
        values = [got.low, got.high, got.estimate, got.plain]
        wanted = [*expected["ci_drift"], expected["median_unbiased_drift"], expected["mle_drift"]]
        np.testing.assert_allclose(values, wanted, atol=1e-5)  # the references agree to 2e-6


def test_the_units_of_the_metric_come_from_the_path(oracle):
    entry = oracle("group_sequential", "adjusted_inference_stagewise")[-1]
    boundary, z = planned(entry["inputs"]), np.array(entry["inputs"]["observed_z"])
    t = boundary.fraction[: len(z)]
    se = 0.3 / np.sqrt(t)
    path = monitor(Effect("y", z * se, se, np.inf, 0, 0, 0), boundary)
    got, drift = stagewise(path, boundary), stagewise(z, boundary)
    assert got.estimate == pytest.approx(0.3 * drift.estimate) and got.pvalue == drift.pvalue
    repeated = 0.3 * np.array(entry["expected"]["repeated_ci_drift"])
    np.testing.assert_allclose(
        [path.low[-1], path.high[-1]], repeated, atol=1e-5
    )  # the references agree to 2e-6


def test_one_look_gives_the_plain_result():
    got = stagewise([2.5], group_sequential(1))
    assert got.pvalue == pytest.approx(0.0124193, abs=1e-7)  # normal tail
    np.testing.assert_allclose(
        [got.low, got.estimate, got.high], [2.5 - 1.959964, 2.5, 2.5 + 1.959964], atol=1e-6
    )  # six digits


def test_median_and_interval_in_simulated_experiments(rng):
    boundary, drift, reps = group_sequential(3, design="pocock"), 2.0, 400
    z = np.cumsum(drift / 3 + rng.normal(size=(reps, 3)) / np.sqrt(3), -1) / np.sqrt(boundary.fraction)
    results = [stagewise(row, boundary) for row in z]
    over = np.mean([r.estimate > drift for r in results])
    cover = np.mean([r.low <= drift <= r.high for r in results])
    assert abs(over - 0.5) < 5 * np.sqrt(0.25 / reps)  # five Monte-Carlo standard errors
    assert abs(cover - 0.95) < 5 * np.sqrt(0.0475 / reps)  # as above
    assert np.mean([r.plain for r in results]) > np.mean(
        [r.estimate for r in results]
    )  # the plain estimate is larger


def test_teeth_the_plain_p_is_not_the_adjusted_one():
    boundary = group_sequential(5, design="pocock")
    got = stagewise([0.4, 1.2, 1.7, 1.9, 2.1], boundary)
    assert 2 * 0.01786 < 0.05 < got.pvalue  # plain .0357 looks significant; no bound was crossed


def test_a_result_agrees_with_the_bound(rng):
    boundary = group_sequential(4)
    z = boundary.upper[2]
    assert stagewise([0.0, 0.0, z], boundary).pvalue == pytest.approx(
        boundary.spent[2], abs=1e-7
    )  # p at the bound is the alpha spent


@pytest.mark.parametrize("topic", ["underrunning_final", "overrunning_final", "calendar_time_spending"])
def test_observed_information_matches_the_references(oracle, topic):
    for entry in oracle("group_sequential", topic):
        given, expected = entry["inputs"], entry["expected"]
        boundary = group_sequential(
            3,
            **RULES[given["spending"]],
            parameter=given["parameter"],
            alpha=given["alpha"],
            sides=given["sided"],
        )
        got = replan(
            boundary,
            given["information"],
            last=topic.startswith("under"),
            spending_time=given.get("spending_time"),
        )
        np.testing.assert_allclose(got.upper, expected["z"], atol=1e-5)  # the references agree to 2e-6
        np.testing.assert_allclose(got.spent, expected["alpha_spent_cumulative"], atol=1e-7)  # an equation


def test_the_other_convention_is_a_callable(oracle):
    from scipy.special import ndtr, ndtri

    for entry in oracle("group_sequential", "lan_demets_total_alpha_convention"):
        alpha = entry["inputs"]["alpha"]
        got = group_sequential(
            entry["inputs"]["information"],
            alpha=alpha,
            spending=lambda t, a=alpha: 2 * ndtr(ndtri(a / 2) / np.sqrt(t)) / a,
        )
        np.testing.assert_allclose(
            got.upper, entry["expected"]["z"], atol=1e-5
        )  # the references agree to 2e-6


def test_monitor_takes_the_information_that_came():
    se = 1 / np.sqrt(100 * np.array([0.3, 0.7, 0.93]))
    effects = Effect("y", np.zeros(3), se, np.inf, 0, 0, 0)
    path = monitor(effects, group_sequential(3), information=100, last=True)
    np.testing.assert_allclose(
        path.high / se, [3.9286, 2.4387, 1.9906], atol=1e-4
    )  # stored reference, four digits
    with pytest.raises(ValueError, match="gain information"):
        monitor(
            Effect("y", np.zeros(2), np.array([0.1, 0.2]), np.inf, 0, 0, 0),
            group_sequential(3),
            information=100,
        )


def test_looks_at_other_fractions_need_their_own_boundary():
    plan, taken, information = group_sequential(3), np.array([0.3, 0.7, 0.93]), 100.0
    se = 1 / np.sqrt(taken * information)
    path = monitor(
        Effect("y", np.array([0.2, 0.3, 0.33]), se, np.inf, 0, 0, 0), plan, information=information
    )
    with pytest.raises(
        ValueError, match=r"`boundary` must have the fractions.*0.333333, 0.666667, 1 for .*`replan\(boundary"
    ):
        stagewise(path, plan)
    got = stagewise(path, replan(plan, taken))
    assert got.look == 2 and (got.low > 0) == (got.pvalue < 0.05)
    z, bound = path.estimate / se, replan(plan, taken).upper
    seen = stats.multivariate_normal(
        [0, 0], [[1, np.sqrt(3 / 7)], [np.sqrt(3 / 7), 1]]
    )  # corr √(t1/t2), from the looks taken
    stays = seen.cdf([bound[0], z[1]], lower_limit=[-bound[0], -np.inf])
    later = (
        stats.norm.cdf(bound[0]) - stats.norm.cdf(-bound[0]) - stays
    )  # not stopped at look 1, then above z
    assert got.pvalue == pytest.approx(2 * (stats.norm.sf(bound[0]) + later), abs=1e-8)  # the peer's accuracy
    wobble = monitor(
        Effect("y", path.estimate, se * np.array([1.0, 1.02, 0.99]), np.inf, 0, 0, 0), replan(plan, taken)
    )
    assert (
        stagewise(wobble, replan(plan, taken)).look == 2
    )  # an estimated variance is not that of the plan to the last digit


def test_impossible_requests_are_refused():
    boundary = group_sequential(3)
    with pytest.raises(ValueError, match="crossed bound or at the last look"):
        stagewise([0.5], boundary)
    with pytest.raises(ValueError, match="1 to 3 looks"):
        stagewise([0.5] * 4, boundary)
    with pytest.raises(ValueError, match="spending rule"):
        replan(group_sequential(3, design="pocock"), [0.5, 1.0])
    with pytest.raises(ValueError, match="`fraction` must be shares.*got 100. Are these per cent"):
        replan(boundary, [50, 100])
    with pytest.raises(ValueError, match="`fraction` must grow by at least 0.0001"):
        replan(boundary, [0.5, 0.5 + 1e-8, 1.0])
    with pytest.raises(ValueError, match="less information than the last"):
        replan(boundary, [0.5, 0.4])
    with pytest.raises(ValueError, match="`fraction` must be above 0 and increase"):
        replan(boundary, [[0.5, 1.0]])
    with pytest.raises(ValueError, match="`spending_time`"):
        replan(boundary, [0.5, 1.0], spending_time=[0.5])


def stops_of(z, plan, obeyed):
    """Index of the stop of each path (paths, looks): the first success, or a futility stop that is obeyed."""
    out = z >= plan.upper
    if obeyed:
        out |= z <= plan.lower
    return np.where(out.any(1), out.argmax(1), z.shape[1] - 1)


def edge(path, k, plan, name, truth):
    """The z of a stop after `path` at which `stagewise` puts this field on the truth; the field rises with
    z.
    """

    def below(z):
        return getattr(stagewise([*path[:k], z], plan), name) < truth

    low, high = -8.0, 9.0
    if k + 1 < len(plan.upper):  # between the bounds nobody stops
        if not below(plan.upper[k]):
            if below(plan.lower[k]):
                return plan.upper[k]
            high = plan.lower[k]
        else:
            low = plan.upper[k]
    for _ in range(16):  # to 3e-4: less than a simulation can see
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return (low + high) / 2


@pytest.mark.parametrize("obeyed", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_each_side_errs_at_most_its_alpha_with_a_futility_bound_that_need_not_bind(rng, obeyed, share):
    """The ordering with the bound for `high`, without it for `low`; the paths are simulated here."""
    plan = group_sequential(3, sides=1, alpha=0.025, futility="obrien_fleming")
    reps, t = 100_000, plan.fraction
    truth = share * plan.futility.drift
    z = np.cumsum(rng.normal(size=(reps, 3)) / np.sqrt(3), 1) / np.sqrt(t) + truth * np.sqrt(t)
    stop = stops_of(z, plan, obeyed)
    at, missed_high, missed_low, below = z[np.arange(reps), stop], 0, 0, 0
    for k in range(3):
        for ignored in {False, not obeyed and k > 0}:
            passed = (z[:, :k] <= plan.lower[:k]).any(1)
            here = (stop == k) & (passed == ignored)
            if not here.any():
                continue
            path = np.full(k, -3.0 if ignored else 1.0)  # all that matters is whether the bound was passed
            path = np.where(path >= plan.upper[:k], plan.upper[:k] - 0.01, path)
            path = path if ignored else np.clip(path, plan.lower[:k] + 0.01, plan.upper[:k] - 0.01)
            missed_high += (here & (at < edge(path, k, plan, "high", truth))).sum()
            missed_low += (here & (at > edge(path, k, plan, "low", truth))).sum()
            below += (here & (at < edge(path, k, plan, "estimate", truth))).sum()
    error = 5 * np.sqrt(0.025 * 0.975 / reps)
    assert missed_low / reps <= 0.025 + error
    assert missed_high / reps <= (0.025 if obeyed else 0.0285) + error
    assert missed_high / reps >= (0.015 if obeyed else 0.0)  # obeyed: not conservative for nothing
    assert abs(below / reps - 0.5) < (0.01 if obeyed else 0.11)  # ignored, the two orderings meet: .40
