"""The action follows the written rule, and guardrails have three states."""

import os

import numpy as np
import pytest

from abkit import Effect, welch
from abkit.decision import Rule, decide, equivalence, guardrail, non_inferiority
from abkit.estimate import Check

SEED = int(os.environ.get("ABKIT_SEED", "0"))
FAILED, PASSED, UNSURE = (Check("c", 1.0, 0.5, state, "c") for state in (False, True, None))


def effect(low, high):
    return Effect("y", (low + high) / 2, (high - low) / 3.92, np.inf, low, high, 0.5)


@pytest.mark.parametrize("low, high, rule, action", [
    (1, 3, Rule(), "ship"),
    (1, 3, Rule(worth=2), "inconclusive"),
    (1, 3, Rule(worth=4), "stop"),
    (-1, 3, Rule(), "inconclusive"),
    (-1, 3, Rule(information=0.4), "extend"),
    (-3, -1, Rule(), "stop"),
    (-3, -1, Rule(direction="down"), "ship"),
    (1, 3, Rule(direction="down", information=0.4), "stop"),
])
def test_the_interval_against_the_worth_gives_the_action(low, high, rule, action):
    assert decide(effect(low, high), rule=rule).action == action


@pytest.mark.parametrize("guardrails, checks, action", [
    ([], [FAILED], "investigate"),
    ([FAILED], [FAILED], "investigate"),
    ([FAILED], [], "stop"),
    ([UNSURE], [], "inconclusive"),
    ([PASSED], [PASSED], "ship"),
])
def test_checks_and_guardrails_can_veto(guardrails, checks, action):
    assert decide(effect(1, 3), guardrails=guardrails, checks=checks).action == action


def test_a_harmful_guardrail_passes_in_five_per_cent_at_the_margin():
    rng = np.random.default_rng([SEED, 1])
    states = [guardrail(welch(rng.normal(0, 1, 50), rng.normal(0.5, 1, 50)), harm="increase", margin=0.5).passed for _ in range(2000)]
    for state in (True, False):
        assert abs(np.mean([s is state for s in states]) - 0.05) < 5 * np.sqrt(0.05 * 0.95 / 2000)


def test_a_guardrail_agrees_with_the_one_sided_welch_test():
    rng = np.random.default_rng([SEED, 2])
    c, t = rng.normal(0, 1, 40), rng.normal(0.1, 2, 60)
    check = guardrail(welch(c, t), harm="increase", margin=0.3)
    assert check.pvalue == pytest.approx(welch(c, t, alternative="less", null=0.3).pvalue, rel=1e-12)


def test_equivalence_agrees_with_statsmodels():
    from statsmodels.stats.weightstats import ttost_ind

    rng = np.random.default_rng([SEED, 3])
    c, t = rng.normal(0, 1, 40), rng.normal(0.1, 2, 60)
    assert equivalence(welch(c, t), 0.8).pvalue == pytest.approx(ttost_ind(t, c, -0.8, 0.8, usevar="unequal")[0], rel=1e-9)


def test_non_inferiority_is_about_a_decrease():
    assert non_inferiority(effect(-1, 3), 2).passed is True
    assert non_inferiority(effect(-9, -5), 2).passed is False


@pytest.mark.parametrize("options", [{"worth": -1}, {"direction": "left"}, {"information": 0}])
def test_a_rule_that_makes_no_sense_is_refused(options):
    with pytest.raises(ValueError, match="`" + next(iter(options))):
        Rule(**options)
