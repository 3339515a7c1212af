"""Notebook 02: every number it teaches, against positions counted one by one, hashing written out here, and
simulation.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from math import comb

import numpy as np
import pytest
from conftest import SEED
from scipy import stats
from stored import Stored

import abkit as ab
from abkit.assignment.ramps import USERS, moved
from abkit.exercises import nb02
from abkit.explore.panel_assignment import ramp
from abkit.plots import plot_buckets, plot_moved

BOOK = Stored("02_assignment")
TEXT = " ".join(" ".join("".join(c["source"]) for c in BOOK.cells if c["cell_type"] == "markdown").split())
HALVES = {"control": 0.5, "treatment": 0.5}
LINE = np.arange(10_000)  # each position once: counting them is exact


@lru_cache
def positions(salt: str, prefix: str = "learner-", n: int = 100_000) -> np.ndarray:
    """The rule written out: first 60 bits of md5, as bytes and a shift instead of hexadecimal text."""
    digests = (hashlib.md5(f"{salt}.{prefix}{i}".encode()).digest()[:8] for i in range(n))
    return np.array([(int.from_bytes(d, "big") >> 4) % 10_000 for d in digests])


def arm(position: int, edge: int, arms: int = 2) -> int:
    """Number of the arm of a one-hash tool, −1 outside, by comparing with each cut."""
    if position >= edge:
        return -1
    return sum(position * arms >= k * edge for k in range(1, arms))


def switched(low: int, high: int, arms: int = 2) -> float:
    """Exact part of the positions below `low` that change arm, per cent."""
    return 100 * sum(arm(p, low, arms) != arm(p, high, arms) for p in range(low)) / low


def entrants(low: int, high: int, number: int, arms: int = 2) -> float:
    """Exact part of the positions from `low` to `high` that are in an arm, per cent."""
    return 100 * sum(arm(p, high, arms) == number for p in range(low, high)) / (high - low)


def predictable(half: int) -> float:
    """Blackwell and Hodges (1957): right bets on the arm that is behind, in one block of 2·half units."""
    return half + (4**half / comb(2 * half, half) - 1) / 2


def test_answers_of_the_predictions_are_exact():
    answers = {key: item.answer for key, item in nb02.PREDICTIONS.items()}
    assert answers["02.p1"] == switched(1_000, 5_000) == 50
    assert answers["02.p2"] == entrants(1_000, 5_000, 1) == 62.5
    assert answers["02.p3"] == 2 * (1 - 0)  # all of one colour have the reminder, none of the other


@pytest.mark.parametrize(
    "said, value",
    [
        ("one hash moves 50, 67, 75 and 80 per cent", [switched(1_000, 5_000, k) for k in (2, 3, 4, 5)]),
        ("only the first third stays: two thirds change", [switched(1_000, 5_000, 3)]),
        ("from 10 to 15 per cent, with two arms, a quarter", [10, 15]),
        ("15 to 25, or 37.5 to 62.5", [15, 25, entrants(1_000, 5_000, 0), entrants(1_000, 5_000, 1)]),
        ("40 per cent of all, about 40,000", [40, 40_000]),
        ("changes the version of half of the users", []),
        ("all, two thirds, three fifths and half are control", []),
        ("is right in 70.3 per cent", [100 * sum(map(predictable, (1, 2, 3))) / 12]),
        ("all 66 lie within .0137", [np.sqrt(stats.chi2.isf(0.001 / 66, 1) / 100_000)]),
    ],
)
def test_a_number_in_the_text_is_exact(said, value):
    assert said in TEXT.replace("# ", ""), said
    for number, truth in zip(
        re.findall(r"\d[\d,]*\.?\d*|\.\d+", said.replace(" 66 ", " ")), value, strict=False
    ):
        digits = len(number.partition(".")[2])
        assert abs(float(number.replace(",", "")) - truth) <= 0.5001 * 10**-digits + 0.1 * (truth > 60), said


def test_the_rest_of_the_prose_by_counting():
    former = sum(arm(p, 1_000) == 1 and arm(p, 5_000) == 0 for p in range(5_000))
    control = sum(arm(p, 5_000) == 0 for p in range(5_000))
    assert former / control == 0.2 and "one fifth saw the new plan" in TEXT
    assert not [p for p in range(1_000) if arm(p, 5_000) == 1]  # "Treatment is clean"
    assert 5 * former / control == 1 and "so its mean is one minute too low" in TEXT
    assert switched(1_000, 1_500) == 25  # "a quarter"
    equal = np.sqrt(2 * 100 / 25_000)
    alone = np.sqrt(100 / 25_000 + 100 / 15_000)
    assert round(100 * (alone / equal - 1)) == 15 and "scatter 15 per cent more" in TEXT
    means = {(r, c): 60 + 2 * r + c - 4 * r * c for r in (0, 1) for c in (0, 1)}
    alone, with_it = (means[r, 1] - means[r, 0] for r in (0, 1))
    assert (alone, with_it, (alone + with_it) / 2) == (1, -3, -1)
    assert "the mean of +1 and −3" in TEXT and "The plain effect, −1 on average" in TEXT
    for buckets, part in ((1, 1), (3, 2 / 3), (5, 3 / 5), (10, 1 / 2)):  # of 100, inside the share
        assert np.mean(np.arange(buckets) < buckets / 2) == part


def test_the_log_is_read_right():
    p = positions("plan")
    early = p < 1_000
    lost = ((p >= 500) & early).sum()
    assert BOOK.numbers("# of # users in the test changed or left their arm") == [lost, early.sum()]
    assert (early.sum(), lost, (p < 2_500).sum()) == (10_014, 5_046, 25_167)
    new = ~early & (p < 5_000)
    (shown,) = BOOK.numbers("You made no guess. It is # of 100 learners. A check against half")
    assert shown == pytest.approx(100 * (p[new] >= 2_500).mean(), abs=0.05)  # one digit
    counts = [(p[new] < 2_500).sum(), (p[new] >= 2_500).sum()]
    assert stats.chisquare(counts, np.array([0.375, 0.625]) * new.sum()).pvalue > 0.001
    assert stats.chisquare(counts).pvalue < 1e-100  # half and half would sound an alarm
    assert "counts fit 37.5 to 62.5: True" in BOOK.outputs
    assert "learner-119 " in BOOK.outputs and f"{p[119] / 10_000}" in BOOK.outputs
    assert 500 <= p[119] < 1_000  # one of those who lost the plan


def test_two_readings_lie_within_chance_of_the_truth():
    found = re.findall(
        r"(all learners|new entrants): ([\d.]+) minutes, interval ([\d.]+) to ([\d.]+)", BOOK.outputs
    )
    for (name, *numbers), truth, se in zip(found, (4.0, 3.0), (0.0903, 0.1033), strict=True):
        estimate, low, high = map(float, numbers)
        assert abs(estimate - truth) < 5 * se, name
        assert (high - low) / 2 == pytest.approx(1.96 * se, rel=0.03)  # the spread is estimated
    assert float(found[0][2]) > 3.5 > float(found[1][3])  # "it pays", "it does not"


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_two_readings_differ_under_any_seed(seed):
    log = ab.datasets.lesson_ramp(rng=seed)
    treatment = log.loc[log["week2"] == "treatment", "minutes"]
    control = log[log["week2"] == "control"]
    whole = stats.ttest_ind(treatment, control["minutes"], equal_var=False).confidence_interval()
    fresh = control.loc[control["week1"] == "out", "minutes"]
    clean = stats.ttest_ind(treatment, fresh, equal_var=False).confidence_interval()
    assert whole.low > 3.5 > clean.high


def test_one_salt_hands_the_effect_over_and_own_salts_do_not():
    (own,) = BOOK.numbers("own salts: # minutes")
    assert abs(own) < 0.05 + 5 * 2 * 10 / np.sqrt(100_000)  # one digit, and five standard errors
    assert "You made no guess. It is 2 minutes. The colour does nothing." in BOOK.outputs
    a, b = positions("reminder/arm") >= 5_000, positions("colour/arm") >= 5_000
    for part in (a & b, a & ~b, ~a & b, ~a & ~b):
        assert f"{100 * part.mean():.4g}" in BOOK.outputs


def test_going_further():
    arms = np.array([positions(f"test-{k}/arm") >= 5_000 for k in range(12)])
    table = np.abs(np.corrcoef(arms) - np.eye(12))
    assert BOOK.printed("largest of 66 correlations") == pytest.approx(table.max(), abs=5e-5)  # four digits
    assert table.max() < 0.0137
    p = positions("fine")
    for buckets in (100, 10_000):
        at = p * buckets // 10_000
        for share in (0.01, 0.03, 0.05, 0.10):
            inside = at[at < buckets * share]
            line = f"buckets, share {share:.0%}: {100 * (inside < buckets * share / 2).mean():.1f} per cent"
            assert f"{buckets:6,} {line}" in BOOK.outputs
    assert "passed: True" in BOOK.outputs and "against itself: False" in BOOK.outputs
    assert "the same arms in Python and SQL: True" in BOOK.outputs
    held, lesson = positions("2026/holdout") < 500, positions("lessons")
    assert BOOK.numbers("reminder: # learners") == [(~held & (lesson < 5_000)).sum()]
    assert BOOK.numbers("colour: # learners") == [(~held & (lesson >= 5_000) & (lesson < 8_000)).sum()]
    (blocks,) = BOOK.numbers("blocks: # per cent of bets are right")
    assert abs(blocks - 70.28) < 100 * 5 * 0.5 / np.sqrt(40_000)
    assert BOOK.numbers("alternating: # per cent of bets are right") == [75]


def test_blocks_are_as_predictable_as_theory_says():
    treated = ab.stratified(range(20_000), [0] * 20_000, HALVES, rng=SEED) == "treatment"
    lead = np.cumsum(np.where(treated, 1, -1)) - np.where(treated, 1, -1)
    exact = sum(map(predictable, (1, 2, 3))) / 12
    assert exact == pytest.approx(0.7028, abs=5e-5)  # four digits
    assert abs(np.where(lead == 0, 0.5, (lead > 0) != treated).mean() - exact) < 5 * 0.5 / np.sqrt(20_000)
    assert set(lead.tolist()) <= set(range(-3, 4))  # never more than half a block of six ahead


@pytest.mark.parametrize("arms", [2, 3, 4, 5])
def test_the_panel_gives_the_exact_share(arms):
    one, two, exposed = moved(0.1, 0.5, arms, seed=SEED)
    exact = switched(1_000, 5_000, arms) / 100
    assert abs(one - exact) < 5 * np.sqrt(exact * (1 - exact) / exposed) and two == 0  # 5 standard errors
    assert exposed == (positions("test", f"{SEED}-", USERS) < 1_000).sum()


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_goals_of_the_panel_do_not_depend_on_the_seed(seed):
    assert moved(0.1, 0.5, 4, seed=seed)[0] > 0.70 > moved(0.1, 0.5, 3, seed=seed)[0]
    assert moved(0.9, 1.0, 2, seed=seed)[0] < 0.10 < moved(0.8, 1.0, 2, seed=seed)[0]


def test_the_panel_keeps_a_ramp_from_shrinking_and_refuses_a_wrong_one():
    assert "then 50%" in ramp().value(before=0.5, after=0.1)
    with pytest.raises(ValueError, match="below"):
        moved(0.5, 0.1)


def test_figures_refuse_what_they_cannot_draw():
    for bad in (
        lambda: plot_moved({}),
        lambda: plot_buckets({}, [0.1]),
        lambda: plot_buckets({100: [0.5, 0.5]}, [0.1]),
    ):
        with pytest.raises(ValueError):
            bad()
    ax = plot_moved({"a": (0.5, 0.0)}, guess=5)
    assert ax.lines[-1].get_linestyle() == "--" and "your guess" in [t.get_text() for t in ax.texts]


def test_answers_from_oracles():
    found = nb02.EXERCISES
    digest = hashlib.md5(b"2026.maya").digest()[:8]
    assert found["02.1"].check((int.from_bytes(digest, "big") >> 4) % 10_000 / 10_000).kind == "right"
    for text, part in (("maya.2026", "swapped"), ("2026maya", "dot")):
        wrong = int(hashlib.md5(text.encode()).hexdigest()[:15], 16) % 10_000 / 10_000
        assert part in found["02.1"].check(wrong).message
    assert found["02.3"].check(entrants(2_000, 5_000, 2, 3)).kind == "right"
    assert "second arm" in found["02.3"].check(entrants(2_000, 5_000, 1, 3)).message
    assert entrants(2_000, 5_000, 0, 3) == 0  # the first arm gets none
    reminder, colour = LINE < 5_000, LINE < 2_000
    gap = 2 * (reminder[colour].mean() - reminder[~colour].mean())
    assert gap == 1.25 and found["02.4"].check(("b", gap)).kind == "right"
    assert "by all users" in found["02.4"].check(("b", 2 - 2 * reminder[~colour].sum() / 10_000)).message
    assert np.mean([v < 128 for v in range(256) if v < 26]) == 1 and nb02.QUIZ["02.q4"].right == "a"
