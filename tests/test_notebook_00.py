"""Notebook 00: its five numbers and its lost digits, against scipy, statsmodels and exact fractions."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep
from stored import Stored

from abkit.exercises import nb00

BOOK = Stored("00_start_here")
printed = BOOK.printed


@lru_cache
def prose() -> str:
    return " ".join(
        " ".join("".join(c["source"]).split()) for c in BOOK.cells if c["cell_type"] == "markdown"
    )


def exact_variance(values: list[int]) -> Fraction:
    mean = Fraction(sum(values), len(values))
    return sum((v - mean) ** 2 for v in values) / (len(values) - 1)


def test_the_five_numbers():
    arms = ([100.5, 98.2, 101.1, 99.7], [100.1, 99.5, 102.3, 101.8])
    values = {
        "variance": (float(exact_variance([10**8 + k for k in (1, 2, 3)])), 1, 1e-9),
        "Welch p-value": (stats.ttest_ind(*arms, equal_var=False).pvalue, 0.2961, 5e-5),
        "Newcombe low end": (
            confint_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff")[0],
            0.0524,
            5e-5,
        ),
        "sample-ratio p-value": (stats.chisquare([821_588, 815_482]).pvalue * 1e6, 1.8, 0.05),
        "bookings p-value": (
            stats.chi2_contingency([[500, 9_500], [560, 9_540]], correction=False).pvalue,
            0.0842,
            5e-5,
        ),
    }
    for name, (value, known, limit) in values.items():
        assert abs(value - known) <= limit  # the number belongs to its source
        assert BOOK.numbers(f"\n{name} #") == [
            pytest.approx(abs(value - known) / limit, abs=6e-3)
        ]  # two digits are printed
    assert "does NOT match" not in BOOK.outputs and "5 of 5 numbers match" in BOOK.outputs
    assert confint_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff")[1] == pytest.approx(
        0.3339, abs=5e-5
    )


def test_the_textbook_formula_loses_all_digits_where_the_exact_variance_is_one():
    assert "textbook 0, mean subtracted first 1" in BOOK.outputs
    for power in range(4, 12):
        assert exact_variance([10**power + k for k in (1, 2, 3)]) == 1
        squares = sum(float((10**power + k) ** 2) for k in (1, 2))  # plain floats, added one by one
        squares += float((10**power + 3) ** 2)
        textbook = (squares - 3 * float(10**power + 2) ** 2) / 2
        assert f"shift 1e+{power:02d}: kit 1, textbook formula {textbook:,.0f}\n" in BOOK.outputs
    assert "At 1e11 the textbook formula even says −2,097,152" in prose() and textbook == -2_097_152


def test_a_minute_of_time_stamps_has_no_negative_variance():
    assert printed("true variance") == pytest.approx(
        float(exact_variance(list(range(61)))), rel=1e-3
    )  # four digits
    assert "the textbook variance says −546, the truth is 315" in prose()
    assert round(printed("textbook variance")) == -546 and round(printed("true variance")) == 315


def test_simulated_means_move_by_their_error():
    for mean, error in re.findall(r"simulated mean +(-?[\d.]+) +± ([\d.]+)", BOOK.outputs):
        assert abs(float(mean)) < 5 * float(error) and float(error) == pytest.approx(0.01, abs=1e-3)


def test_answers_from_oracles():
    assert nb00.EXERCISES["00.1"].check(float(Fraction(66, 100) - Fraction(50, 100))).ok
    assert nb00.EXERCISES["00.3"].check(float(exact_variance([10**8 + k for k in (1, 2, 3)]))).ok
    assert nb00.EXERCISES["00.2"].check("b)").ok
