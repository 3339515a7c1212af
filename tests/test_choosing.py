"""Test, bandit and hybrid in one table: against the rates of the fixed test, and its own promise."""

import math

import numpy as np
import pytest
from scipy import stats

import abkit as ab


def named_best(n, low, high):
    """Chance that the better of two rates has the higher mean, arms by coin: normal law of the difference."""
    se = math.sqrt(low * (1 - low) / (n / 2) + high * (1 - high) / (n / 2))
    return stats.norm.cdf((high - low) / se)


def test_the_fixed_test_costs_what_theory_says(rng):
    found = ab.earn_or_learn([0.2, 0.26], users=2_000, days=10, reps=400, rng=rng)
    frame = found.to_frame().set_index(["world", "design"])
    for world, end in (("steady", 1_000), ("a day late", 1_200)):
        row, right = frame.loc[(world, "fixed test")], named_best(end, 0.2, 0.26)
        want = 0.06 * (end / 2 + (1 - right) * (2_000 - end))
        assert abs(row.regret - want) < 5 * row.regret_se
        assert abs(row.named_best - right) < 5 * math.sqrt(right * (1 - right) / 400) + 0.003  # normal law
    assert (frame["reps"] == 400).all() and frame.notna().all().all()


def test_the_bandit_earns_and_the_fixed_test_tells(rng):
    """What the table is for: regret orders one way, the error of a claim under a drift the other way."""
    frame = ab.earn_or_learn([0.2, 0.26], users=3_000, days=10, drift=0.15, reps=300, rng=rng).to_frame()
    frame = frame.set_index(["world", "design"])
    for world in ("steady", "drift"):
        fixed, bandit = frame.loc[(world, "fixed test")], frame.loc[(world, "Thompson")]
        assert bandit.regret < fixed.regret - 5 * math.hypot(bandit.regret_se, fixed.regret_se)
    drift = frame.loc["drift"]
    gap = drift.loc["Thompson"].claim_error - drift.loc["fixed test"].claim_error
    assert gap > 5 * math.hypot(drift.loc["Thompson"].claim_error_se, drift.loc["fixed test"].claim_error_se)
    assert abs(drift.loc["fixed test"].claim_bias) < 0.01 < drift.loc["Thompson"].claim_bias


def test_a_hybrid_tests_two_of_many(rng):
    found = ab.earn_or_learn([0.1, 0.1, 0.1, 0.4], users=600, days=6, reps=40, rng=rng).to_frame()
    hybrid = found[(found["design"] == "hybrid") & (found["world"] == "steady")].iloc[0]
    fixed = found[(found["design"] == "fixed test") & (found["world"] == "steady")].iloc[0]
    assert hybrid.regret < fixed.regret and hybrid.named_best > 0.8


def test_the_same_seed_gives_the_same_table_and_every_cell_has_its_error():
    one, two = (ab.earn_or_learn([0.1, 0.3], users=200, days=4, reps=10, rng=5) for _ in range(2))
    assert one.to_frame().equals(two.to_frame())
    read = one.summary()
    assert len(read) == 9 and read.iloc[:, 2:].map(lambda cell: " ± " in cell).all().all()
    assert np.array_equal(read["design"], one.design)


@pytest.mark.parametrize(
    "wrong, says",
    [
        (lambda: ab.earn_or_learn([0.1]), "at least two rates"),
        (lambda: ab.earn_or_learn([0.1, 0.1]), "one best"),
        (lambda: ab.earn_or_learn([0.1, 0.2], drift=0.5), "`drift` must leave"),
        (lambda: ab.earn_or_learn([0.1, 0.2], users=3), "`users` must be"),
        (lambda: ab.earn_or_learn([0.1, 0.2], reps=1), "`reps` must be"),
    ],
)
def test_errors(wrong, says):
    with pytest.raises(ValueError, match=says):
        wrong()
