"""Group-sequential plans: stored references, brute force, calibration, teeth."""

import numpy as np
import pytest

from abkit.sequential import peeking_error


def test_peeking_error_matches_the_references(oracle):
    for entry in oracle("group_sequential", "naive_peeking_type1"):
        got = peeking_error(entry["inputs"]["K"], entry["inputs"]["alpha_nominal"])
        assert got == pytest.approx(entry["expected"]["type1"], abs=1e-8)  # two exact recursions


def test_peeking_error_matches_simulated_peeking(rng):
    fraction, reps = np.array([0.1, 0.15, 0.6, 1.0]), 40_000
    steps = np.diff(fraction, prepend=0.0)
    z = np.cumsum(rng.normal(size=(reps, 4)) * np.sqrt(steps), -1) / np.sqrt(fraction)
    seen = (np.abs(z) > 1.959964).any(-1).mean()
    exact = peeking_error(fraction)
    assert abs(seen - exact) < 5 * np.sqrt(exact * (1 - exact) / reps)
    assert exact > 0.12  # teeth: four looks at .05 are far from .05


def test_one_look_is_the_fixed_test_and_the_scale_of_time_is_free():
    assert peeking_error(1) == pytest.approx(0.05, abs=1e-15)  # rounding
    assert peeking_error([0.2, 0.4]) == pytest.approx(peeking_error([0.5, 1.0]), abs=1e-12)  # integration


def test_a_thousand_looks_are_allowed_and_no_more():
    assert 0.529 < peeking_error(1000) < 0.531  # Armitage, McPherson and Rowe (1969), table 2: .530
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
