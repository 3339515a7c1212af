"""Notebook 00: chance, the known numbers and the lost digits, against scipy, statsmodels and exact sums."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest
from conftest import SEED
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest
from stored import Stored

import abkit as ab
from abkit.exercises import nb00

BOOK = Stored("00_start_here")
TEXT = " ".join(
    " ".join("".join(c["source"]).split()) for c in BOOK.cells if c["cell_type"] == "markdown"
).replace(" > ", " ")
OLD, NEW = (500, 10_000), (560, 10_100)


def useless(old: int, new: int, share: float, seen: float) -> float:
    """Of 100 useless pages, those with a gap of `seen` (a share) or more: the sum over both binomial laws."""
    counts = [np.arange(*stats.binom.interval(1 - 1e-15, n, share)) for n in (old, new)]
    a, b = (stats.binom.pmf(k, n, share) for k, n in zip(counts, (old, new), strict=True))
    gaps = counts[1][:, None] / new - counts[0] / old
    return 100 * float((b[:, None] * a)[np.abs(gaps) >= seen - 1e-12].sum())


def pooled(old: tuple[int, int], new: tuple[int, int]) -> float:
    return 100 * proportions_ztest([new[0], old[0]], [new[1], old[1]])[1]


def exact_variance(values: list[int]) -> Fraction:
    mean = Fraction(sum(values), len(values))
    return sum((v - mean) ** 2 for v in values) / (len(values) - 1)


def test_the_table_is_the_clinic_s():
    visits = ab.datasets.booking_visits(seed=SEED)
    assert visits.groupby("page")["booked"].agg(["sum", "count"]).loc[["old", "new"]].to_numpy().tolist() == [
        list(OLD),
        list(NEW),
    ]
    assert visits["visitor"].is_unique and not visits["page"].is_monotonic_increasing
    with pytest.raises(ValueError, match="seed"):
        ab.datasets.booking_visits(seed=-1)


def test_chance_shows_the_clinic_s_gap_in_8_4_of_100_useless_pages():
    exact = useless(OLD[1], NEW[1], 1_060 / 20_100, 560 / 10_100 - 0.05)
    assert exact == pytest.approx(8.4, abs=0.05) == pytest.approx(nb00.PREDICTIONS["00.p1"].answer, abs=0.05)
    assert pooled(OLD, NEW) == pytest.approx(exact, abs=0.05)
    assert "the ends are 8.4 of 100 useless pages" in TEXT and "Here it is 0.084" in TEXT
    counted = float(re.search(r"counted ([\d.]+) computed 0.084", BOOK.outputs)[1])
    error = np.sqrt(8.4 * 91.6 / 20_000)
    assert abs(100 * counted - exact) < 5 * error + 0.05
    again = [float(x) for x in re.findall(r"seed \d of 100: ([\d.]+)", BOOK.outputs)]
    assert (min(again), max(again)) == (8.2, 8.8) and "between 8.2 and 8.8" in TEXT
    assert max(abs(x - 8.4) for x in again) == pytest.approx(0.4) and "further than 0.4 from 8.4" in TEXT
    assert round(2 * error, 1) == 0.4 and "trust the 8.4 to about 0.4" in TEXT
    welch = stats.ttest_ind_from_stats(*_zero_one(*NEW), *_zero_one(*OLD), equal_var=False).pvalue
    assert 100 * welch == pytest.approx(8.4, abs=0.05)  # "Going further": 0.084 as well
    assert "gap 0.0054 p-value 0.084" in BOOK.outputs and "decimal, 0.0842 and 0.0841" in TEXT
    assert (round(pooled(OLD, NEW) / 100, 4), round(welch, 4)) == (0.0842, 0.0841)
    assert round(100 * (NEW[0] / NEW[1] - OLD[0] / OLD[1]), 2) == 0.54
    assert "show 0.54 points or more, up or down, 8.4 times in 100." in BOOK.outputs


def _zero_one(successes: int, n: int) -> tuple[float, float, int]:
    share = successes / n
    return share, np.sqrt(share * (1 - share) * n / (n - 1)), n


@pytest.mark.parametrize(
    ("each", "said"), [(2_500, 42.8), (5_000, 26.2), (10_000, 11.3), (15_500, 4.8), (40_000, 0.2)]
)
def test_more_visitors_make_half_a_point_rarer(each, said):
    z = 0.005 / np.sqrt(2 * 0.0525 * 0.9475 / each)
    assert ab.datasets.rarity(each, 5, 0.5) == pytest.approx(200 * stats.norm.sf(z), abs=1e-9)
    assert 200 * stats.norm.sf(z) == pytest.approx(said, abs=0.05)


def test_the_rarity_is_that_of_simulated_useless_pages():
    rng = np.random.default_rng(SEED)
    old, new = (rng.binomial(10_000, 0.0525, 40_000) / 10_000 for _ in range(2))
    share = 100 * (np.abs(new - old) >= 0.005 - 1e-12).mean()
    law = useless(10_000, 10_000, 0.0525, 0.005)
    assert abs(share - law) < 5 * 100 * np.sqrt(0.1 * 0.9 / 40_000)
    assert (
        abs(law - ab.datasets.rarity(10_000, 5, 0.5)) < 0.6
    )  # the law has steps of 0.01 points, the bell has none


def test_the_first_goal_and_the_myth():
    rare = [
        n for n in range(10_000, 20_001, 500) if 2 * stats.norm.sf(0.005 / np.sqrt(0.105 * 0.9475 / n)) < 0.05
    ]
    assert useless(10_000, 10_000, 0.0525, 0.005) > useless(10_000, 10_000, 0.0525, 0.0054)
    assert "starts at 11.3 of 100, not at 8.4" in TEXT
    assert (
        rare[0] == 15_500 and "The slider moves by 500, and 15,500 is its first step below 5 of 100" in TEXT
    )
    assert 200 * stats.norm.sf(0.005 / np.sqrt(0.105 * 0.9475 / 15_000)) > 5  # "a little above 15,000"
    assert useless(15_000, 15_000, 0.0525, 0.005) > 5 > useless(15_500, 15_500, 0.0525, 0.005)
    assert useless(10_000, 10_000, 0.0525, 0.005) == pytest.approx(11.7, abs=0.05)
    assert "more than 11 of 100 useless pages show half a point or more, up or down, where about 5" in TEXT
    assert "the formula says 11.3 of 100 useless pages. Counted one by one, they are 11.7" in TEXT
    apart = {
        n: abs(useless(n, n, 0.0525, 0.005) - 200 * stats.norm.sf(0.005 / np.sqrt(0.105 * 0.9475 / n)))
        for n in (2_500, 5_000, 10_000, 15_500, 20_000, 40_000)
    }
    assert max(apart, key=apart.get) == 5_000 and "among the six sizes: 26.2 and 27.2" in TEXT
    assert useless(5_000, 5_000, 0.0525, 0.005) == pytest.approx(27.2, abs=0.05)


def test_rarity_refuses_what_no_test_has():
    with pytest.raises(ValueError, match="visitors"):
        ab.datasets.rarity([0, 10], 5, 0.5)
    with pytest.raises(ValueError, match="between 0 and 100"):
        ab.datasets.rarity(1_000, 99.8, 0.5)


def test_the_heap_counts_both_ends():
    rng = np.random.default_rng(SEED)
    gaps = rng.normal(0, 1, 5_000)
    ax = ab.plots.plot_by_chance(gaps, 1.5)
    heights = {p.get_facecolor()[:3] for p in ax.patches if p.get_height()}
    assert len(heights) == 2  # near and far
    far = sum(p.get_height() for p in ax.patches if p.get_hatch())
    assert far == (np.abs(gaps) >= 1.5).sum()
    assert f"{100 * far / 5_000:.1f} of 100" in ax.get_title(loc="left")
    assert sorted(line.get_xdata()[0] for line in ax.lines) == [-1.5, 1.5]
    for bad, name in (((gaps, 0), "seen"), (([1.0], 1), "gaps")):
        with pytest.raises(ValueError, match=name):
            ab.plots.plot_by_chance(*bad)


def test_the_panel_draws_the_rarity_and_marks_the_reader():
    for values in (
        {"visitors": 5_000, "share": 5.0, "gap": 0.5},
        {"visitors": 30_000, "share": 20.0, "gap": 1.0},
    ):
        panel = ab.explore.chance()
        said = panel.value(**values)
        mean = (values["share"] + values["gap"] / 2) / 100
        z = values["gap"] / 100 / np.sqrt(2 * mean * (1 - mean) / values["visitors"])
        assert f"{200 * stats.norm.sf(z):.1f} of 100 useless pages" in said
        curve, _, own = panel.figure.axes[0].lines
        assert np.allclose(
            curve.get_ydata(), ab.datasets.rarity(curve.get_xdata(), values["share"], values["gap"])
        )
        assert own.get_xdata()[0] == values["visitors"]
        assert own.get_ydata()[0] == pytest.approx(200 * stats.norm.sf(z), abs=0.1)


def test_the_known_numbers():
    arms = ([100.5, 98.2, 101.1, 99.7], [100.1, 99.5, 102.3, 101.8])
    for value, known, limit in (
        (pooled(OLD, NEW) / 100, 0.0842, 5e-5),
        (stats.ttest_ind(*arms, equal_var=False).pvalue, 0.2961, 5e-5),
        (confint_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff")[0], 0.0524, 5e-5),
        (1e6 * stats.chisquare([821_588, 815_482]).pvalue, 1.8, 0.05),
        (float(exact_variance([10**8 + k for k in (1, 2, 3)])), 1, 1e-9),
    ):
        assert abs(value - known) <= limit  # the number belongs to its source
    p, q = 48 / 80, 56 / 70  # the shortcut that misses Newcombe's
    shortcut = q - p - stats.norm.ppf(0.975) * np.sqrt(p * (1 - p) / 80 + q * (1 - q) / 70)
    assert shortcut == pytest.approx(0.0575, abs=5e-5) and "0.0575 in place of 0.0524" in TEXT
    assert BOOK.outputs.count("It matches.") == 5 and "NOT match" not in BOOK.outputs


def test_the_textbook_formula_loses_all_digits_where_the_exact_variance_is_one():
    for power in (4, 6, 8, 11):
        values = [10**power + k for k in (1, 2, 3)]
        assert exact_variance(values) == 1
        squares = float(values[0] ** 2) + float(values[1] ** 2) + float(values[2] ** 2)
        textbook = (squares - 3 * float((10**power + 2) ** 2)) / 2
        assert f"zeros {power} textbook {textbook:.0f} package 1\n" in BOOK.outputs
    assert textbook == -2_097_152 and "the textbook formula says −2,097,152" in TEXT


def test_the_answers_come_from_oracles():
    exercises = nb00.EXERCISES
    assert exercises["00.1"].check(100 * 560 / 11_200).kind == "right"
    exact = useless(20_000, 20_100, 2_060 / 40_100, 1_060 / 20_100 - 0.05)
    assert pooled((1_000, 20_000), (1_060, 20_100)) == pytest.approx(21.46, abs=0.01)
    assert exact == pytest.approx(21.55, abs=0.01) and "it is 21.55" in exercises["00.3"].solution.explanation
    assert pooled((1_000, 20_000), (1_060, 20_000)) == pytest.approx(17.47, abs=0.01)  # a slip
    assert exercises["00.3"].check(exact).ok and exercises["00.3"].check("21.5").ok
    clicks = 500
    for _ in range(3):
        clicks += 60
    assert nb00.PREDICTIONS["00.p2"].answer == clicks


def test_the_same_seed_gives_the_same_draws():
    draws = np.random.default_rng(8).binomial(10_000, 0.0527, 5)
    assert str(draws) in BOOK.outputs
