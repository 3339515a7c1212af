"""Notebook 02: its numbers against hashing written out here, exact counts of positions, and published
theory.
"""

from __future__ import annotations

import hashlib
import os
import re
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np
import pytest
from scipy import stats
from stored import Stored

import abkit as ab
from abkit.assignment.ramps import USERS, moved
from abkit.exercises import nb02
from abkit.explore.panel_assignment import ramp
from abkit.plots import plot_buckets, plot_moved

SEED = int(os.environ.get("ABKIT_SEED", "0"))
BOOK = Stored("02_assignment")
printed = BOOK.printed
ALL = list(nb02.EXERCISES.values())
HALVES = {"control": 0.5, "treatment": 0.5}


@lru_cache
def positions(salt: str, prefix: str = "learner-", n: int = 100_000) -> np.ndarray:
    """The rule written out: first 60 bits of md5, as bytes and a shift instead of hexadecimal text."""
    digests = (hashlib.md5(f"{salt}.{prefix}{i}".encode()).digest()[:8] for i in range(n))
    return np.array([(int.from_bytes(d, "big") >> 4) % 10_000 for d in digests])


def switched(low: int, high: int, arms: int) -> Fraction:
    """Exact share of the positions below `low` whose arm changes when the range grows to `high`."""
    return Fraction(sum(p * arms // low != p * arms // high for p in range(low)), low)


@pytest.mark.parametrize(
    ("name", "low", "high", "arms"),
    [
        ("10% to 50%, 2 arms", 1_000, 5_000, 2),
        ("50% to 100%, 2 arms", 5_000, 10_000, 2),
        ("10% to 20%, 3 arms", 1_000, 2_000, 3),
    ],
)
def test_ramp_moves_all_but_the_first_part_with_one_hash_and_nobody_with_two(name, low, high, arms):
    p = positions("plan")
    p = p[p < low]
    exact = switched(low, high, arms)
    assert exact == pytest.approx(
        (arms - 1) / arms, abs=1e-3
    )  # a third of 1,000 positions is not a whole number
    got = printed(f"{name}, one hash")
    assert got == pytest.approx(
        100 * ((p * arms // low) != (p * arms // high)).mean(), rel=1e-3
    )  # four digits are printed
    assert abs(got - 100 * float(exact)) < 5 * 50 / np.sqrt(len(p))  # 5 standard errors at most
    assert printed(f"{name}, two hashes") == 0


def test_the_table_of_ramps_on_paper():
    for low, high in ((1_000, 2_000), (1_000, 5_000), (5_000, 10_000)):
        p = positions("test", "2-", USERS)
        p = p[p < low]
        row = [100 * ((p * k // low) != (p * k // high)).mean() for k in (2, 3, 5)]
        line = (
            f"{low / 1e4:>4.0%} to {high / 1e4:>4.0%}: 2 arms {row[0]:.1f}%, 3 arms {row[1]:.1f}%, 5 arms"
            f" {row[2]:.1f}%"
        )
        assert line in BOOK.outputs


def test_first_numbers():
    exposed = (positions("plan") < 1_000).sum()
    assert f"of {exposed:,} learners. 400 complaints at 60 euros: up to {400 * 60:,} euros." in BOOK.outputs
    assert printed("control") == (positions("plan/arm") < 5_000).sum()


@pytest.mark.parametrize("share", [0.005, 0.01, 0.03, 0.05, 0.10])
def test_too_few_buckets(share):
    p = positions("fine")
    for buckets in (100, 10_000):
        at = p * buckets // 10_000
        inside = at[at < buckets * share]
        line = f"{len(inside) / 1_000:.2f}% enter, control {100 * (inside < buckets * share / 2).mean():.1f}%"
        assert re.search(rf"^{buckets:,} buckets, {share:.1%} +{re.escape(line)}$", BOOK.outputs, re.M)


def test_66_pairs_of_salts_pass_and_the_two_wrong_rules_fail():
    arms = [positions(f"experiment-{k}/arm") < 5_000 for k in range(12)]
    pvalues = [
        stats.chi2_contingency(
            [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]], correction=False
        ).pvalue
        for a, b in combinations(arms, 2)
    ]
    assert len(pvalues) == 66 == printed("pairs") and min(pvalues) > 0.001 / 66
    assert printed("smallest p") == pytest.approx(min(pvalues), rel=1e-3)  # four digits are printed
    assert printed("failed") == 0
    for name in ("constant salt", "one hash ramp"):  # no p-value is 0
        assert re.search(rf"^{name} +below 1e-300$", BOOK.outputs, re.M)
    entered = positions("plan/entry") < 5_000
    week, arm = (positions("plan/entry") < 1_000)[entered], (positions("plan/arm") < 5_000)[entered]
    table = [[(week & arm).sum(), (week & ~arm).sum()], [(~week & arm).sum(), (~week & ~arm).sum()]]
    assert printed("two hashes ramp") == pytest.approx(
        stats.chi2_contingency(table, correction=False).pvalue, rel=1e-3
    )  # four digits
    assert "passed against itself: False" in BOOK.outputs


def test_a_constant_salt_hands_over_the_effect():
    found = re.findall(
        r"colour, (default|own) salt: (-?[\d.]+) minutes, standard error ([\d.]+)", BOOK.outputs
    )
    (_, default, se), (_, own, own_se) = found
    assert abs(float(default) - 2) < 5 * float(se) and abs(float(own)) < 5 * float(own_se)
    assert float(se) == pytest.approx(np.sqrt(4 * 100 / 20_000), abs=0.005)  # two decimals are printed
    assert printed("correlation default") == 1 and abs(printed("correlation own")) < 5 / np.sqrt(20_000)


def predictable(half: int) -> float:
    """Blackwell and Hodges (1957): right bets on the arm that is behind, in one block of 2·half units."""
    return half + (4**half / comb(2 * half, half) - 1) / 2


def test_blocks_are_as_predictable_as_theory_says():
    exact = sum(predictable(k) for k in (1, 2, 3)) / (2 + 4 + 6)
    assert exact == pytest.approx(0.7028, abs=5e-5)  # four digits are published
    assert abs(printed("blocks") - exact) < 0.015 and printed("alternating") == 0.75
    treated = ab.stratified(range(20_000), [0] * 20_000, HALVES, rng=SEED) == "treatment"
    lead = np.cumsum(np.where(treated, 1, -1)) - np.where(treated, 1, -1)
    assert abs(np.where(lead == 0, 0.5, (lead > 0) != treated).mean() - exact) < 5 * 0.5 / np.sqrt(
        20_000
    )  # 5 SE at most
    assert set(lead.tolist()) <= set(range(-3, 4))  # never more than half a block of six ahead


def test_rules_and_sql():
    assert (
        "eve     NaN     False" in BOOK.outputs and "the same arm in Python and in SQL: True" in BOOK.outputs
    )
    held = positions("2026/holdout") < 500
    lesson = positions("lessons")
    assert printed("held out") == held.sum() and printed("held out in order") == 0
    assert printed("order") == (~held & (lesson < 5_000)).sum()
    assert printed("length") == (~held & (lesson >= 5_000) & (lesson < 8_000)).sum()


@pytest.mark.parametrize("arms", [2, 3, 5])
def test_panel_gives_the_exact_share(arms):
    one, two, exposed = moved(0.1, 0.5, arms, seed=SEED)
    exact = float(switched(1_000, 5_000, arms))
    assert abs(one - exact) < 5 * np.sqrt(exact * (1 - exact) / exposed) and two == 0  # 5 standard errors
    assert exposed == (positions("test", f"{SEED}-", USERS) < 1_000).sum()


def test_panel_keeps_a_ramp_from_shrinking_and_refuses_a_wrong_one():
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
    digest = hashlib.md5(b"2026.maya").digest()[:8]
    assert nb02.EXERCISES["02.1"].check((int.from_bytes(digest, "big") >> 4) % 10_000).ok
    assert nb02.EXERCISES["02.3"].check(float(switched(2_000, 3_000, 4))).ok
    for arms, low, high, part in (
        (2, 2_000, 3_000, "two arms"),
        (3, 2_000, 3_000, "three arms"),
        (4, 1_000, 2_000, "doubles"),
    ):
        assert part in nb02.EXERCISES["02.3"].check(float(switched(low, high, arms))).message
    assert nb02.EXERCISES["02.4"].check(np.mean([v < 128 for v in range(256) if v < 26])).ok
