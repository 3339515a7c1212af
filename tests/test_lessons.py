"""The learning app's ramp against hashing written out here and exact means."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from conftest import SEED

import abkit as ab


def positions(salt, ids):
    """The rule written out: first 60 bits of md5, as bytes and a shift instead of hexadecimal text."""
    digests = (hashlib.md5(f"{salt}.{name}".encode()).digest()[:8] for name in ids)
    return np.array([(int.from_bytes(d, "big") >> 4) % 10_000 for d in digests])


@pytest.mark.parametrize("salt", ["plan", "other"])
def test_the_log_follows_one_position(salt):
    log = ab.datasets.lesson_ramp(5_000, salt=salt, rng=SEED)
    at = positions(salt, [f"learner-{i}" for i in range(5_000)])
    assert log.columns.tolist() == ["learner", "week1", "week2", "minutes"]
    for week, edge in (("week1", 1_000), ("week2", 5_000)):
        wanted = ["out" if p >= edge else "control" if p < edge / 2 else "treatment" for p in at]
        assert log[week].tolist() == wanted


def test_minutes_have_the_effect_and_the_upset():
    log = ab.datasets.lesson_ramp(rng=SEED)
    means = log.groupby(["week1", "week2"])["minutes"].agg(["mean", "count"])
    for pair, truth in {
        ("control", "control"): 60,
        ("treatment", "control"): 55,
        ("out", "control"): 60,
        ("out", "treatment"): 63,
        ("out", "out"): 60,
    }.items():
        mean, count = means.loc[pair]
        assert abs(mean - truth) < 5 * 10 / np.sqrt(count)  # five standard errors
    assert len(means) == 5 and log["minutes"].min() > 0  # nobody studies less than nothing


def test_repeats_agree_with_the_log_played_again():
    """All learners: 3 + 5/5 minutes, new entrants: 3; spreads by hand, means by brute force too."""
    found = ab.datasets.lesson_repeats(4_000, rng=SEED)
    spread = {
        "all learners": np.sqrt(100 / 25_000 + (100 + 0.2 * 0.8 * 25) / 25_000),
        "new entrants": np.sqrt(100 / 25_000 + 100 / 15_000),
    }
    for name, truth in (("all learners", 4.0), ("new entrants", 3.0)):
        assert abs(found[name].mean() - truth) < 5 * spread[name] / np.sqrt(4_000)
        assert found[name].std() == pytest.approx(spread[name], rel=5 / np.sqrt(2 * 4_000))  # five errors
    played = [ab.datasets.lesson_ramp(4_000, salt=str(k), rng=k) for k in range(60)]
    gaps = []
    for log in played:
        new = log[log["week1"] == "out"]
        new = new.groupby("week2")["minutes"].mean()
        both = log.groupby("week2")["minutes"].mean()
        gaps.append([both["treatment"] - both["control"], new["treatment"] - new["control"]])
    error = 5 * 0.55 / np.sqrt(60)  # 4,000 learners: five times the spread of 100,000
    assert np.mean(gaps, axis=0) == pytest.approx([4.0, 3.0], abs=error)


def test_what_they_refuse():
    for call in (
        lambda: ab.datasets.lesson_ramp(0),
        lambda: ab.datasets.lesson_ramp(10, effect=np.nan),
        lambda: ab.datasets.lesson_repeats(0),
        lambda: ab.datasets.lesson_repeats(5, upset="a lot"),
    ):
        with pytest.raises((ValueError, TypeError)):
            call()
