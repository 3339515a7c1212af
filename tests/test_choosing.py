"""Test, bandit and hybrid in one table: against the rates of the fixed test, and its own promise."""

import math

import numpy as np
import pytest
from scipy import stats

import abkit as ab
from abkit.adaptive import choosing


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


def test_every_number_and_error_of_a_row_is_that_of_its_replications(rng):
    """Plain sums over replications; the error of a root mean square by the delta method."""
    truth, reps = np.array([0.2, 0.5, 0.4]), 40
    pulls = rng.integers(1, 30, (reps, 3)).astype(float)
    sums = rng.binomial(pulls.astype(int), truth).astype(float)
    pulls[::4, 0] = sums[::4, 0] = 0.0  # an arm that the test left out
    regret, miss, right = rng.gamma(2.0, 3.0, reps), [], []
    for n, s in zip(pulls, sums, strict=True):
        means = [(s[k] / n[k] if n[k] else -1.0, k) for k in range(3)]
        (second, b), (first, a) = sorted(means)[-2:]
        miss.append((first - second) - (truth[a] - truth[b]))
        right.append(float(a == 1))
    clear = [m for m in range(reps) if len(set(sums[m] / np.maximum(pulls[m], 1))) == 3]
    assert len(clear) > 20  # ties are broken by sorting, in a way that nobody relies on
    got = choosing._measured(regret[clear], pulls[clear], sums[clear], truth)
    squares = [miss[m] ** 2 for m in clear]
    columns = {
        "regret": regret[clear].tolist(),
        "named_best": [right[m] for m in clear],
        "claim_bias": [miss[m] for m in clear],
    }
    for name, values in columns.items():
        n, mean = len(values), math.fsum(values) / len(values)
        spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1))
        assert got[name] == pytest.approx(mean, rel=1e-12)
        assert got[f"{name}_se"] == pytest.approx(spread / math.sqrt(n), rel=1e-12)
    root = math.sqrt(math.fsum(squares) / len(squares))
    assert got["claim_error"] == pytest.approx(root, rel=1e-12)
    error = np.std(squares, ddof=1) / math.sqrt(len(squares))
    assert got["claim_error_se"] == pytest.approx(error / (2 * root), rel=1e-12)  # derivative of a root


def test_the_summary_writes_each_number_with_its_own_error():
    """Rates become points and users of 100; every error the same way as its number."""
    values = {
        "regret": 12.34,
        "regret_se": 5.67,
        "named_best": 0.813,
        "named_best_se": 0.4567,
        "claim_bias": -0.5432,
        "claim_bias_se": 0.4321,
        "claim_error": 0.6543,
        "claim_error_se": 0.7654,
    }
    columns = {name: np.array([value, 2 * value]) for name, value in values.items()}
    read = choosing.Tradeoff(("fixed test", "hybrid"), ("steady", "drift"), **columns, reps=9).summary()
    assert read.to_numpy().tolist() == [
        ["fixed test", "steady", "12.3 ± 5.7", "81 ± 45.7", "-54.32 ± 43.21", "65.43 ± 76.54"],
        ["hybrid", "drift", "24.7 ± 11.3", "163 ± 91.3", "-108.64 ± 86.42", "130.86 ± 153.08"],
    ]
    assert read.columns.tolist()[2:4] == ["rewards lost", "best named in 100"]
    assert read.columns.tolist()[4:] == ["claim − truth (points)", "typical miss (points)"]
