"""The action follows the written rule, and guardrails have three states."""

import os

import numpy as np
import pytest

from abkit import Effect, Moments, lift, localise, proportions, srm, welch
from abkit.estimate import Check
from abkit.reporting.decision import Rule, decide, equivalence, guardrail, non_inferiority

SEED = int(os.environ.get("ABKIT_SEED", "0"))
FAILED, PASSED, UNSURE = (Check("c", 1.0, 0.5, state, "c") for state in (False, True, None))


def effect(low, high):
    return Effect("y", (low + high) / 2, (high - low) / 3.92, np.inf, low, high, 0.5)


@pytest.mark.parametrize(
    "low, high, rule, action",
    [
        (1, 3, Rule(), "ship"),
        (1, 3, Rule(worth=2), "inconclusive"),
        (1, 3, Rule(worth=4), "stop"),
        (-1, 3, Rule(), "inconclusive"),
        (-1, 3, Rule(information=0.4), "extend"),
        (-3, -1, Rule(), "stop"),
        (-3, -1, Rule(direction="down"), "ship"),
        (1, 3, Rule(direction="down", information=0.4), "stop"),
    ],
)
def test_the_interval_against_the_worth_gives_the_action(low, high, rule, action):
    assert decide(effect(low, high), rule=rule).action == action


@pytest.mark.parametrize(
    "guardrails, checks, action",
    [
        ([], [FAILED], "investigate"),
        ([FAILED], [FAILED], "investigate"),
        ([FAILED], [], "stop"),
        ([UNSURE], [], "inconclusive"),
        ([PASSED], [PASSED], "ship"),
    ],
)
def test_checks_and_guardrails_can_veto(guardrails, checks, action):
    assert decide(effect(1, 3), guardrails=guardrails, checks=checks).action == action


def test_a_harmful_guardrail_passes_in_five_per_cent_at_the_margin():
    rng = np.random.default_rng([SEED, 1])
    states = [
        guardrail(welch(rng.normal(0, 1, 50), rng.normal(0.5, 1, 50)), harm="increase", margin=0.5).passed
        for _ in range(2000)
    ]
    for state in (True, False):
        assert abs(np.mean([s is state for s in states]) - 0.05) < 5 * np.sqrt(0.05 * 0.95 / 2000)


def test_a_guardrail_agrees_with_the_one_sided_welch_test():
    rng = np.random.default_rng([SEED, 2])
    c, t = rng.normal(0, 1, 40), rng.normal(0.1, 2, 60)
    check = guardrail(welch(c, t), harm="increase", margin=0.3)
    assert check.pvalue == pytest.approx(welch(c, t, alternative="less", null=0.3).pvalue, rel=1e-12)


@pytest.mark.parametrize("method", ["score", "pooled", "newcombe"])
@pytest.mark.parametrize("harm", ["decrease", "increase"])
def test_a_guardrail_of_rates_is_the_test_of_its_own_method_at_the_margin(method, harm):
    rng = np.random.default_rng([SEED, 4])
    for _ in range(40):
        n = rng.integers(30, 400, 2)
        c, t = (Moments.counts(rng.binomial(size, rng.uniform(0.02, 0.98)), size) for size in n)
        margin = float(rng.uniform(0.01, 0.2))
        found = guardrail(proportions(c, t, method=method), harm=harm, margin=margin)
        side, null = ("less", margin) if harm == "increase" else ("greater", -margin)
        want = proportions(c, t, method=method, alternative=side, null=null)
        assert found.pvalue == pytest.approx(want.pvalue, rel=1e-9)
        assert (found.passed is True) == (want.pvalue < 0.05)


def test_a_small_arm_near_one_is_no_false_proof():
    e = proportions(Moments.counts(320, 341), Moments.counts(82, 86))
    assert (
        e.low < -0.05 and non_inferiority(e, 0.05).passed is None
    )  # estimate ± q·se would say True, p = .0108
    assert non_inferiority(e, 0.05).pvalue == pytest.approx(0.0319, abs=5e-5)


def test_no_event_in_either_arm_can_still_rule_a_harm_out():
    none = proportions(Moments.counts(0, 100), Moments.counts(0, 100))
    assert guardrail(none, harm="increase", margin=0.05).passed is True
    assert guardrail(none, harm="increase", margin=0.01).passed is None


@pytest.mark.parametrize(
    "effect, message",
    [
        (Effect("y", 2.0, 0.0, np.inf, 2.0, 2.0, 0.0), "`effect` must have a standard error above 0; got 0"),
        (
            lift([1.0, 2, 3], [2.0, 3, 5]),
            "must be absolute, or a lift by method 'delta'; got a lift by 'fieller'",
        ),
        (Effect("y", 0.1, 0.1, np.inf, 0, 0, 0, method="score"), "must carry value_control"),
    ],
)
def test_an_effect_without_a_bound_at_the_margin_is_refused(effect, message):
    with pytest.raises(ValueError, match=message):
        guardrail(effect, margin=0.1)


@pytest.mark.parametrize(
    "bad, message",
    [
        (
            {"checks": [srm([[500, 100], [900, 100]], [0.5, 0.5])]},
            "`checks` must hold checks, each True, False or None",
        ),
        ({"guardrails": [effect(1, 3)]}, "`guardrails` must hold checks.*got Effect"),
        ({"checks": "SRM"}, "`checks` must hold checks"),
    ],
)
def test_what_is_no_single_check_is_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        decide(effect(1, 3), **bad)


def test_an_unknown_interval_is_refused_and_a_mapping_of_checks_is_read():
    with pytest.raises(ValueError, match="known low"):
        decide(Effect("y", 2.0, 0.5, np.inf, np.nan, np.nan, np.nan))
    assert (
        decide(effect(1, 3), checks=localise({"ios": [500, 100], "web": [500, 510]}, [0.5, 0.5])).action
        == "investigate"
    )


def test_an_inconclusive_check_is_said_among_the_reasons():
    assert UNSURE.message in decide(effect(1, 3), checks=[UNSURE]).reasons


def test_equivalence_agrees_with_statsmodels():
    from statsmodels.stats.weightstats import ttost_ind

    rng = np.random.default_rng([SEED, 3])
    c, t = rng.normal(0, 1, 40), rng.normal(0.1, 2, 60)
    assert equivalence(welch(c, t), 0.8).pvalue == pytest.approx(
        ttost_ind(t, c, -0.8, 0.8, usevar="unequal")[0], rel=1e-9
    )


def test_non_inferiority_is_about_a_decrease():
    assert non_inferiority(effect(-1, 3), 2).passed is True
    assert non_inferiority(effect(-9, -5), 2).passed is False


@pytest.mark.parametrize("options", [{"worth": -1}, {"direction": "left"}, {"information": 0}])
def test_a_rule_that_makes_no_sense_is_refused(options):
    with pytest.raises(ValueError, match="`" + next(iter(options))):
        Rule(**options)
