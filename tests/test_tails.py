"""Third moments against numpy, and the predicted misses against a simulation."""

import os

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import abkit as ab
from abkit import Moments
from abkit.tables.skewness import misses, skewness_of_difference, third_moments

SEED = int(os.environ.get("ABKIT_SEED", "0"))


def frame(n=3_000):
    rng = np.random.default_rng([SEED, 1])
    return pd.DataFrame(
        {
            "arm": np.where(rng.random(n) < 0.2, "a", "b"),
            "y": 1e4 + rng.gamma(0.5, 3, n),
            "x": 1 + rng.poisson(3, n),
        }
    )


def third(table, columns, moments):
    return third_moments(table, [columns], by="arm", moments=[moments])[0]


@pytest.mark.parametrize("wrap", [lambda f: f, duckdb.from_df])
def test_third_moment_of_a_mean_is_that_of_scipy(wrap):
    rows = frame()
    found = third(wrap(rows), ["y"], Moments.from_table(rows, ["y"], by="arm"))
    for arm, part in rows.groupby("arm"):
        assert found[arm] == pytest.approx(stats.moment(part.y, 3), rel=1e-6)  # a mean of 10,000 costs digits


def test_third_moment_of_a_ratio_is_that_of_its_linearised_values():
    rows = frame().assign(y=lambda f: f.y - 1e4)
    found = third(rows, ["y", "x"], Moments.from_table(rows, ["y", "x"], by="arm"))
    ratio, centre = rows.y.mean() / rows.x.mean(), rows.x.mean()
    for arm, part in rows.groupby("arm"):
        assert found[arm] == pytest.approx(stats.moment((part.y - ratio * part.x) / centre, 3), rel=1e-6)


def test_missing_values_and_booleans_count_as_in_a_reduction():
    rows = pd.DataFrame({"arm": ["a"] * 5 + [None], "y": [True, False, False, None, True, True]})
    found = third(rows, ["y"], Moments.from_table(rows, ["y"], by="arm"))
    assert found == {"a": pytest.approx(stats.moment([1, 0, 0, 1], 3), abs=1e-12)}


def test_skewness_of_the_difference_is_that_of_simulated_differences():
    rng = np.random.default_rng([SEED, 2])
    gaps = rng.exponential(size=(200_000, 40)).mean(1) - rng.exponential(size=(200_000, 5)).mean(1)
    # the error of a skewness is about sqrt(6/n) for normal data, twice that here
    assert skewness_of_difference((5, 40), (1, 1), (2, 2)) == pytest.approx(
        stats.skew(gaps), abs=10 * np.sqrt(6 / 200_000)
    )


def test_equal_arms_cancel_and_swapped_arms_change_the_side():
    assert skewness_of_difference((50, 50), (1, 1), (2, 2)) == 0
    above, below = misses(skewness_of_difference((30, 300), (1, 1), (2, 2)))
    assert misses(skewness_of_difference((300, 30), (1, 1), (2, 2))) == pytest.approx((below, above))
    assert misses(0.0) == (0.025, 0.025)


def test_a_lone_arm_of_355_skewness_squared_misses_nearly_three_per_cent_on_one_side():
    skewness = skewness_of_difference((355 * 2**2, 1e12), (1, 1), (2, 2))
    assert abs(skewness) == pytest.approx(355**-0.5, rel=1e-6)
    assert misses(skewness)[0] == pytest.approx(0.0295, abs=5e-5)  # .025 + (2z² + 1)·phi(z)/(6·√355), by hand


def test_the_predicted_side_is_the_side_that_misses():
    reps = 20_000
    control, treatment = ab.datasets.skewed_rows(100, 1_000)(np.random.default_rng([SEED, 3]), reps)
    e = ab.welch(control, treatment)
    measured = np.array([(e.low > 0).mean(), (e.high < 0).mean()])
    predicted = np.array(misses(skewness_of_difference((100, 1_000), (1, 1), (2, 2))))
    error = np.sqrt(measured * (1 - measured) / reps)
    assert (np.abs(measured - predicted) < 5 * error + 0.008).all()  # terms of second order are left out
    assert (np.abs(measured - predicted[::-1]) > 5 * error + 0.008).all()  # teeth: the wrong side


def test_values_beyond_the_cube_root_of_the_largest_number_give_no_answer_and_no_warning():
    rows = pd.DataFrame({"arm": ["a"] * 4 + ["b"] * 4, "y": np.array([0.0, 1, 2, 9, 0, 1, 2, 3]) * 1e120})
    moments = Moments.from_table(rows, ["y"], by="arm")
    found = third(rows, ["y"], moments)
    with np.errstate(all="raise"):
        assert not abs(skewness_of_difference((4, 4), (1e240, 1e240), (found["a"], found["b"]))) > 1e300
