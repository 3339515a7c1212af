"""Notebook 25: every number it teaches, against an independent oracle; what it prints; figures and panel."""

import re

import numpy as np
import pytest
from scipy import integrate, stats
from statsmodels.stats.power import NormalIndPower
from stored import Stored

import abkit as ab
from abkit.exercises import nb25
from abkit.explore.panel_ledger import draw
from abkit.plots import (
    plot_false_wins,
    plot_ideas,
    plot_ledger,
    plot_memory,
    plot_shrunk,
    plot_win_table,
    style,
)

BOOK = Stored("25_registry")
Z = stats.norm.isf(0.025)


def claims(good, power):
    """Claimed and true sums of the wins of one idea, in effects of a good idea, by integration over the
    estimate.
    """
    size = Z + stats.norm.ppf(power)

    def win(truth, value):
        return integrate.quad(lambda x: value(x) * stats.norm.pdf(x - truth), Z, Z + 12)[0]

    claimed = good * win(size, lambda x: x) + (1 - good) * win(0, lambda x: x)
    return claimed / size, good * win(size, lambda x: 1.0)


def test_the_three_predictions():
    assert nb25.PREDICTIONS["25.p1"].answer == pytest.approx(100 * stats.binom.sf(0, 5, 0.025), abs=0.01)
    p = (0.25 + 0.2625) / 2
    null, alt = np.sqrt(2 * p * (1 - p)), np.sqrt(0.25 * 0.75 + 0.2625 * 0.7375)
    power = stats.norm.cdf((0.0125 * np.sqrt(5_000) - Z * null) / alt)
    assert nb25.PREDICTIONS["25.p2"].answer == pytest.approx(100 * power, abs=0.05)
    assert nb25.PREDICTIONS["25.p3"].answer == pytest.approx(100 * 0.0225 / 0.1025, abs=0.01)


def test_the_exercises():
    p = (0.25 + 0.2625) / 2
    null, alt = np.sqrt(2 * p * (1 - p)), np.sqrt(0.25 * 0.75 + 0.2625 * 0.7375)
    power = 100 * stats.norm.cdf((0.0125 * 100 - Z * null) / alt)
    assert nb25.EXERCISES["25.1"].check.answer == pytest.approx(power, abs=0.01)
    h = 2 * (np.arcsin(np.sqrt(0.2625)) - np.arcsin(np.sqrt(0.25)))
    arcsine = NormalIndPower().power(h, 10_000, 0.05, alternative="two-sided")
    assert power == pytest.approx(100 * arcsine, abs=0.3)  # another formula, close by
    assert nb25.EXERCISES["25.3"].check.answer == pytest.approx(100 * 0.02 / 0.12, abs=0.001)
    claimed, true = claims(0.1, 0.8)
    assert nb25.EXERCISES["25.4"].check.second.answer == pytest.approx(claimed / true, abs=0.001)


@pytest.mark.parametrize(("good", "power"), [(0.1, 0.8), (0.05, 0.3), (0.3, 0.8), (0.2, 0.5)])
def test_the_ledger_by_integration(good, power):
    found = ab.win_ledger(good=good, power=power, tests=1)
    claimed, true = claims(good, power)
    assert (found.claimed, found.true) == pytest.approx((claimed, true), rel=1e-6)


def test_what_is_printed_is_what_the_text_says():
    text = BOOK.outputs
    assert "the plan promises 0.8, which needs 19,147" in text and "a power of 0.299" in text
    assert "must be new, or a draft: 'search box' is; got running. Its plan is frozen." in text
    for line in (
        "minutes was added (primary)",
        "clicked was dropped (primary)",
        "done otherwise: ()\nthe rule says: stop",
        "the rule says: ship\nmetrics: ",
    ):
        assert line in text
    assert "looks: this is look 2, 1 planned" in text
    assert "rule: worth 0 for minutes, planned 0.0125 for clicked" in text
    assert "wins 10  claimed 15.01  bias 5.239  corrected 9.776\nthe truth: 11.2" in text
    assert "minutes difference 0.1981 p 0.015" in text
    assert re.search(r"clicked +-0\.0003 +-0\.009 +0\.0084", text)  # −.90 to .84 points, below 1.25
    claimed, true = claims(0.1, 0.8)
    said = re.search(r"claimed ([\d.]+) true ([\d.]+)", text)
    assert (float(said[1]), float(said[2])) == pytest.approx((100 * claimed, 100 * true), abs=0.006)
    assert (round(100 * claimed, 2), round(100 * true, 2)) == (10.88, 8.0)
    simulated = float(re.search(r"false, of 100 wins: ([\d.]+)", text)[1])
    assert abs(simulated - 21.95) < 5 * 100 * np.sqrt(0.2195 * 0.7805 / 10_250)


def test_what_a_win_claims_and_brings_on_average():
    """The mean of a normal estimate above 1.96 standard errors of .5, by scipy's truncated normal."""
    good = Z + stats.norm.ppf(0.8)
    for truth, row in ((0.0, r"False +1\.17 +0\.0"), (good, r"True +1\.58 +1\.4")):
        mean = 0.5 * stats.truncnorm.mean(Z - truth, np.inf, loc=truth)
        assert float(re.search(r"\d\.\d\d", row.replace("\\", ""))[0]) == pytest.approx(mean, abs=0.005)
        assert re.search(row, BOOK.outputs)
    assert 0.5 * good == pytest.approx(1.4, abs=0.001) and round(0.5 * Z, 2) == 0.98


def test_what_the_goals_of_the_panel_find():
    def false(good, power, alpha=0.05):
        return 100 * (1 - good) * alpha / 2 / ((1 - good) * alpha / 2 + good * power)

    assert [round(false(0.05, power)) for power in (0.45, 0.5)] == [51, 49]
    assert round(false(0.1, 0.8, 0.01)) == 5 and false(0.1, 0.8, 0.02) > 10


def test_the_rule_ships_and_stops_as_the_text_says():
    """Exact normal chances of the interval against 1.25 points with 19,147 users in each arm."""

    def ends(truth):
        se = np.sqrt((0.25 * 0.75 + (0.25 + truth) * (0.75 - truth)) / 19_147)
        return [stats.norm.sf((0.0125 - truth) / se + Z), stats.norm.cdf((0.0125 - truth) / se - Z)]

    assert ends(0.0125)[0] == pytest.approx(0.025) and ends(0.025)[0] == pytest.approx(0.8, abs=0.01)
    assert ends(0)[1] == pytest.approx(0.8, abs=0.01)


def test_what_one_p_value_tells_of_a_win():
    size = Z + stats.norm.ppf(0.8)
    for p, false in ((0.05, 65), (0.015, 33), (0.001, 4)):
        empty, good = (
            0.9 * stats.norm.pdf(stats.norm.isf(p / 2)),
            0.1 * stats.norm.pdf(stats.norm.isf(p / 2) - size),
        )
        assert round(100 * empty / (empty + good)) == false
    assert ((Z_01 := stats.norm.isf(0.005)) + size - Z) ** 2 / size**2 == pytest.approx(
        1.49, abs=0.01
    ) and Z_01 > Z
    power = stats.norm.sf(stats.norm.isf(0.008) - size)
    assert power == pytest.approx(0.65, abs=0.005) and 0.9 * 0.008 / (0.9 * 0.008 + 0.1 * power) < 0.1
    assert 100 * stats.binom.sf(0, 5, 0.005) == pytest.approx(2.5, abs=0.05)  # alpha .01, best of five


def test_single_years_and_the_corrected_sum(rng):
    """False share at most .4 in 96 of 100 years, 0 in 10; the year's sums are as the text says."""
    size, se, years = Z + stats.norm.ppf(0.8), 0.5, 4_000
    mu = np.repeat([size, 0.0], [10, 90])
    x = mu + rng.normal(size=(years, 100))
    won = x > Z
    assert np.mean(won[:, 10:].sum(1) <= 0.4 * won.sum(1)) == pytest.approx(0.96, abs=0.015)
    assert np.mean(won[:, 10:].sum(1) == 0) == pytest.approx(0.1, abs=0.02)  # no false win: .975^90
    claimed, true = se * (x * won).sum(1), se * (mu * won).sum(1)
    bias = se * stats.norm.pdf(Z - x).sum(1)
    found = [claimed.mean(), true.mean(), (claimed - true).mean(), bias.mean(), (claimed - bias).mean()]
    assert found == pytest.approx([15.2, 11.2, 4.0, 6.0, 9.2], abs=0.4)
    typical = [np.sqrt(np.mean((v - true) ** 2)) for v in (claimed - bias, claimed)]
    assert typical == pytest.approx([2.9, 4.5], abs=0.2)


def test_the_test_of_the_story_is_a_rare_one_and_the_truth_is_nothing():
    """In 300 tests of that world each metric wins in 2.5 of 100, and some metric in 12 of 100."""
    wins = []
    for seed in range(300):
        shop = ab.datasets.search_box(users=2_000, rng=seed)
        control, new = (shop[shop.arm == arm] for arm in ("control", "new"))
        effects = (
            ab.welch(control[m], new[m]) for m in ("clicked", "searches", "minutes", "spent", "rating")
        )
        wins.append([e.low > 0 for e in effects])
    some = np.array(wins).any(1).mean()
    assert abs(some - 0.1189) < 5 * np.sqrt(0.1189 * 0.8811 / 300)


def test_the_year_has_the_power_that_it_says(rng):
    year = ab.datasets.year_of_tests(tests=40_000, good=0.25, power=0.6, rng=rng)
    assert year.good.sum() == 10_000
    assert abs(year[year.good].won.mean() - 0.6) < 5 * np.sqrt(0.24 / 10_000)
    assert abs(year[~year.good].won.mean() - 0.025) < 5 * np.sqrt(0.025 * 0.975 / 30_000)
    assert ab.datasets.search_box(rng=87).arm.value_counts().tolist() == [19_200, 19_200]
    with pytest.raises(ValueError, match="`power`"):
        ab.datasets.year_of_tests(power=0.01)


def titles(ax):
    return ax.get_title(loc="left")


def test_the_figures_say_their_numbers():
    assert titles(plot_memory(guess=30)) == "Best of 5 independent metrics: 12 of 100 empty tests show a win"
    assert titles(plot_memory(10, mark=8)).startswith("Best of 8 independent metrics: 18 of 100")
    ideas = plot_ideas(ab.win_ledger(good=0.3, power=0.5, tests=50))
    assert titles(ideas) == "16.75 wins expected, 1.75 of them false"
    assert titles(plot_false_wins(power=0.3, mark=0.05)).endswith("61 of 100 wins are false")
    bars = plot_ledger(ab.win_ledger(good=0.3))
    assert sum(bar.get_width() for bar in bars.patches) == pytest.approx(200)
    table = plot_win_table(good=(0.1,), power=(0.8,))
    assert [t.get_text() for t in table.texts] == ["22"]


def test_the_figure_of_shrinkage_draws_what_shrink_found(rng):
    from test_shrinkage import effect

    found = ab.shrink(effect(rng.normal(0, 1, 6), np.ones(6)))
    ax = plot_shrunk(found, truth=np.zeros(6))
    drawn = next(line for line in ax.lines if line.get_label().startswith("after")).get_xdata()
    assert sorted(drawn) == pytest.approx(sorted(found.mean)) and len(ax.lines) == 4


def test_the_panel_says_what_the_ledger_holds():
    said = draw(style.axes_or_new(None), seed=3, good=0.05, power=0.3, alpha=0.05)
    assert "Of 100 tests 10.25 win" in BOOK.outputs
    claimed, true = claims(0.05, 0.3)
    assert "61 of 100 wins" in said and f"Of 100 euros claimed {100 * true / claimed:.0f} come" in said
