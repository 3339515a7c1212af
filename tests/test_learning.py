"""What many tests teach: the ledger and the sum of claims against simulation; pseudonyms; small cells."""

import hashlib
import hmac

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import abkit as ab


def effect(y, se=1.0):
    return ab.Effect.of(y, se)


def test_the_published_ledger():
    """10 per cent good ideas, 80 per cent power, wins at .05/2: .9 × 2.5 = 2.25 false beside 8 true ones."""
    found = ab.win_ledger()
    assert (found.true_wins, found.false_wins) == (pytest.approx(8), pytest.approx(2.25))
    assert round(100 * found.share_false) == 22
    grid = ab.win_ledger(good=[[0.05], [0.3]], power=[0.3, 0.8])
    by_hand = [[(g * p, (1 - g) * 0.025) for p in (0.3, 0.8)] for g in (0.05, 0.3)]
    assert grid.share_false == pytest.approx(np.array([[f / (t + f) for t, f in row] for row in by_hand]))
    assert grid.share_false.round(2).tolist() == [[0.61, 0.37], [0.16, 0.07]]


@pytest.mark.parametrize(("good", "power"), [(0.1, 0.8), (0.3, 0.3), (0.05, 0.5)])
def test_the_ledger_is_what_simulated_tests_give(rng, good, power):
    size = stats.norm.isf(0.025) + stats.norm.ppf(power)
    reps = 400_000
    truth = np.where(rng.random(reps) < good, size, 0.0)
    x = truth + rng.normal(size=reps)
    won = x > stats.norm.isf(0.025)
    found = ab.win_ledger(good=good, power=power, tests=reps)
    for seen, expected in ((won.sum(), found.wins), ((won & (truth == 0)).sum(), found.false_wins)):
        assert abs(seen - expected) < 5 * np.sqrt(expected)
    for seen, expected in ((x, found.claimed), (truth, found.true)):
        error = np.sqrt(reps) * np.where(won, seen, 0).std() / size
        assert abs(np.where(won, seen, 0).sum() / size - expected) < 5 * error


@pytest.mark.parametrize(
    "bad",
    [
        {"good": 0},
        {"good": 10},
        {"power": 1},
        {"alpha": 5},
        {"power": 0.02},
        {"tests": 0},
        {"good": [0.1, 1.2]},
    ],
)
def test_shares_outside_are_refused(bad):
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}`"):
        ab.win_ledger(**bad)


def test_the_bias_of_the_sum_counts_every_test():
    x = np.array([3.0, 2.5, 0.2, -1.0])
    found = ab.claimed_sum([effect(v) for v in x])
    assert (found.tests, found.wins, found.claimed) == (4, 2, 5.5)
    assert found.bias == pytest.approx(stats.norm.pdf(stats.norm.isf(0.025) - x).sum())
    down = ab.claimed_sum([effect(-v) for v in x], direction="down")
    assert (down.claimed, down.bias) == (-found.claimed, -found.bias)
    assert ab.claimed_sum([effect(v, 1.0) for v in x[:2]]).bias < found.bias


def test_with_the_true_effects_the_bias_is_exact(rng):
    """Lee and Shen's sum with true effects; the plug-in is 1.8 times as large at 0 and .7 times at the
    threshold.
    """
    z = stats.norm.isf(0.025)
    for truth, plug_in in ((0.0, stats.norm.pdf(z / np.sqrt(2)) / np.sqrt(2)), (z, 1 / np.sqrt(4 * np.pi))):
        x = truth + rng.normal(size=200_000)
        excess = np.where(x > z, x - truth, 0.0)
        exact = stats.norm.pdf(z - truth)
        assert abs(excess.mean() - exact) < 5 * excess.std() / np.sqrt(len(x))
        estimates = stats.norm.pdf(z - x)
        assert abs(estimates.mean() - plug_in) < 5 * estimates.std() / np.sqrt(len(x))
    at_zero = stats.norm.pdf(z / np.sqrt(2)) / np.sqrt(2) / stats.norm.pdf(z)
    assert round(at_zero, 1) == 1.8 and round(1 / np.sqrt(4 * np.pi) / stats.norm.pdf(0), 1) == 0.7


def test_what_has_no_sum_is_refused():
    for bad, said in (
        ([], "single effects"),
        ([1.0], "list of Effects"),
        ([effect(np.array([1.0, 2.0]))], "single effects"),
    ):
        with pytest.raises(ValueError, match=said):
            ab.claimed_sum(bad)


# Persons


KEY = "a key that is long enough"


def test_pseudonyms_are_keyed_stable_and_different():
    made = ab.pseudonyms(["ann", 7], key=KEY)
    assert made == [hmac.new(KEY.encode(), unit, hashlib.sha256).hexdigest()[:32] for unit in (b"ann", b"7")]
    assert ab.pseudonyms(["ann"], key=KEY + "!") != made[:1]
    assert (
        hashlib.sha256(b"ann").hexdigest()[:32] not in made
    )  # without the key nobody guesses it by hashing all ids
    with pytest.raises(ValueError, match="`key` must have at least 16"):
        ab.pseudonyms(["ann"], key="short")


def test_no_small_cell_is_shown_nor_found_by_subtraction(rng):
    for _ in range(200):
        sizes = rng.integers(0, 60, 6)
        frame = pd.DataFrame(
            {"by": np.repeat(list("abcdef"), sizes), "arm": rng.choice(["x", "y"], sizes.sum())}
        )
        if frame["arm"].nunique() < 2:
            continue
        found = ab.segment_counts(frame, arm="arm", by="by", smallest=10)
        cells = [n for row in found.counts.values() for n in row.values()]
        assert min(cells, default=10) >= 10 and found.smallest_shown == min(cells, default=0)
        assert sum(cells) + found.hidden == len(frame)
        if (
            found.hidden and found.counts
        ):  # the pool took every segment before any was left out: nothing is shown beside it
            raise AssertionError("a hidden rest beside shown cells can be found from the total")


def test_a_segment_without_an_arm_and_without_a_name():
    frame = pd.DataFrame({"arm": ["a", "b"] * 20 + ["a"] * 3, "by": ["x"] * 40 + [None] * 3})
    assert ab.segment_counts(frame, arm="arm", by="by", smallest=5).counts == {
        "(small segments)": {"a": 23, "b": 20}
    }
    assert ab.segment_counts(frame, arm="arm", by="by", smallest=21).counts == {}
