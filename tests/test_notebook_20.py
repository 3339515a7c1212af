"""Notebook 20: every number that it teaches, against an independent oracle; what the stored outputs say."""

from __future__ import annotations

import re

import numpy as np
import pytest
from conftest import SEED
from scipy import integrate, stats
from stored import Stored

from abkit.datasets import coupon_segments, learner_grid
from abkit.exercises import nb20

BOOK = Stored("20_cate")
TEXT = " ".join(w for c in BOOK.cells if c["cell_type"] == "markdown" for w in "".join(c["source"]).split())


def luck(k):
    """The mean of the largest of k standard normal numbers, by adaptive integration."""
    return integrate.quad(lambda z: z * k * stats.norm.pdf(z) * stats.norm.cdf(z) ** (k - 1), -10, 12)[0]


@pytest.fixture(scope="module")
def table():
    """Leila's table, drawn again: the first draw of the notebook's generator."""
    return coupon_segments(rng=np.random.default_rng(7))


def by_hand(table):
    """Difference and standard error of each segment from its 2,000 scores, without abkit."""
    above = table.spend - table.spend.mean()
    score = np.where(table.coupon == 1, 2, -2) * above
    groups = score.groupby(table.segment) if hasattr(score, "groupby") else above.groupby(table.segment)
    values = {name: score[rows.index.to_numpy()] for name, rows in groups}
    return {name: (v.mean(), v.std(ddof=1) / np.sqrt(len(v))) for name, v in values.items()}


def test_the_luck_of_the_best_and_what_it_costs():
    assert luck(20) == pytest.approx(1.867, abs=5e-4) and "1.867 · 2.683 = 5.01 euros" in TEXT
    assert 2.683 * luck(20) == pytest.approx(5.01, abs=0.005)
    assert nb20.PREDICTIONS["20.p1"].answer == pytest.approx(2 + 2.683 * luck(20), abs=0.005)
    assert 60 * np.sqrt(4 / 2_000) == pytest.approx(2.683, abs=5e-4)  # the standard error of a segment
    assert BOOK.numbers("the best shows, on average: # euros") == [7.0]
    assert "2 are true, 5 are luck" in TEXT
    assert "It is 7.01 euros." in BOOK.outputs and "It is 2 euros." in BOOK.outputs
    for k in (2, 5, 10, 20, 50, 100):
        (printed,) = BOOK.numbers(f"segments: {k} luck: # standard errors")
        assert printed == pytest.approx(luck(k), abs=6e-4)  # three digits are printed


def test_leilas_twenty_segments(table):
    found = by_hand(table)
    means = {k: v[0] for k, v in found.items()}
    best = max(means, key=means.get)
    mean, se = found[best]
    low, high = mean - 1.959964 * se, mean + 1.959964 * se
    assert best == "Cork, Android old" and sum(m > 5 for m in means.values()) == 3
    assert (round(mean, 1), round(low, 1), round(high, 1)) == (7.0, 1.8, 12.3)
    assert "7.0 euros" in TEXT and "1.8 to 12.3" in TEXT
    arms = table[table.segment == best].groupby("coupon").spend.mean()
    assert arms[1] - arms[0] == pytest.approx(
        mean, abs=1e-9
    )  # the score's mean is the difference of the arms


def test_no_segment_differs_more_than_luck_makes_it(table):
    means, errors = (np.array(v) for v in zip(*by_hand(table).values(), strict=True))
    weight = errors**-2
    q = (weight * (means - (weight * means).sum() / weight.sum()) ** 2).sum()
    assert stats.chi2.sf(q, 19) == pytest.approx(0.509, abs=5e-4)
    assert "p = 0.509" in BOOK.outputs and ".51 in ever more worlds" in TEXT
    wide = stats.norm.isf((1 - 0.95 ** (1 / 20)) / 2)  # twenty independent intervals that hold together
    row = re.search(r"^Cork, Android old +7\.0 +(-?[\d.]+) +([\d.]+)$", BOOK.outputs, re.M)
    best = int(np.argmax(means))
    ends = means[best] - wide * errors[best], means[best] + wide * errors[best]
    np.testing.assert_allclose([float(row[1]), float(row[2])], ends, atol=0.051)  # one digit is printed
    lows, highs = means - wide * errors, means + wide * errors
    assert BOOK.numbers("pays: #  does not pay: #") == [(lows > 5).sum(), (highs < 5).sum()] == [0, 1]


def test_the_power_of_the_test_for_one_segment_that_differs():
    """One of twenty lies 5 euros above the rest: noncentral chi-square with (5/se)²·(1 − 1/20), at .05."""
    power = stats.ncx2.sf(stats.chi2.isf(0.05, 19), 19, (5 / 2.683) ** 2 * 19 / 20)
    assert f"would notice in {100 * power:.0f} of 100 tests" in TEXT.replace("\n", " ")


def test_new_customers_decide():
    estimate, low, high = BOOK.numbers("second: # from # to #")
    assert low < estimate < high < 5 and abs(estimate - 2) < 5 * (high - low) / 3.92
    assert "The whole interval lies below 5 euros" in TEXT


def test_a_learner_promises_what_is_not_there():
    """The T-learner written here with scikit-learn alone, in the flat world: the mean promise to the best
    fifth.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    rng, promised = np.random.default_rng([SEED, 20]), []
    options = {"max_iter": 60, "max_leaf_nodes": 4, "early_stopping": False, "random_state": 0}
    for _ in range(20):
        x, new, w = rng.normal(size=(2_000, 5)), rng.normal(size=(2_000, 5)), rng.random(2_000) < 0.5
        y = 12 * (x[:, :3] @ [0.5, -0.5, 0.25] + 0.5 * w + rng.normal(size=2_000))
        arms = [HistGradientBoostingRegressor(**options).fit(x[w == a], y[w == a]) for a in (True, False)]
        effect = arms[0].predict(new) - arms[1].predict(new)
        promised.append(np.sort(effect)[-400:].mean())
    error = np.std(promised, ddof=1) / np.sqrt(20)
    assert abs(np.mean(promised) - nb20.PREDICTIONS["20.p3"].answer) < 5 * error + 0.05
    stored = learner_grid().set_index(["world", "n", "learner"]).loc[("flat", 2_000, "T")]
    assert stored.promised == pytest.approx(10.7, abs=0.05) and stored.kept == 6


def test_the_value_of_a_rule_is_near_what_is_possible():
    """At best half of the customers times 12 − 5 euros; everybody 6 − 5."""
    effect, low, high = BOOK.numbers("effect: # from # to #")
    share, gain = BOOK.numbers("share: # gain of the rule: #")
    (everybody,) = BOOK.numbers("gain of a coupon for everybody: #")
    error = (high - low) / 3.92  # of the effect of those chosen; that of everybody is smaller
    assert low > 5 and abs(share - 0.5) < 0.1 and gain == pytest.approx(share * (effect - 5), abs=0.06)
    assert abs(gain - 3.5) < 5 * error and abs(everybody - 1) < 5 * error
    assert f"gains {gain} euros per customer of the list, a coupon for everybody {everybody}." in TEXT
    assert 0.5 * (12 - 5) == 3.5 and "truly gains 3.50, 12 − 5 for half" in TEXT and "everybody 1.00" in TEXT


def test_the_value_of_a_rule_from_scores():
    """Going further: the same rule by scores, and its gain over a coupon for everybody."""
    gain, low, high = BOOK.numbers("rule: # euros per customer, from # to #")
    more, least, most = BOOK.numbers("rule instead of everybody: # euros per customer, from # to #")
    (hand,) = BOOK.numbers("by hand: #")
    assert hand == gain and low < 3.5 < high and 0 < least < 2.5 < most
    assert abs(gain - BOOK.numbers("share: # gain of the rule: #")[1]) < 0.1


def fifths():
    """Predicted and found of the five groups in both worlds, as the figures' tables say."""
    rows = re.findall(r"^ +(-?[\d.]+) +(-?[\d.]+) +(-?[\d.]+) +(-?[\d.]+)$", BOOK.outputs, re.M)
    rows = [[float(v) for v in r] for r in rows]
    made = [rows[i : i + 5] for i in range(len(rows) - 4) if all(len(r) == 4 for r in rows[i : i + 5])]
    return [five for five in made if all(low < found < high for _, found, low, high in five)]


def test_what_the_groups_of_both_worlds_show():
    """Flat: all near the true 6. Step: the two best find about 12, and their intervals hold the true 12."""
    tables = [five for five in fifths() if [r[0] for r in five] == sorted(r[0] for r in five)]
    flat = next(f for f in tables if round(f[4][0], 1) == 10.2)
    assert all(abs(found - 6) < 4 * (high - low) / 3.92 for _, found, low, high in flat)
    assert f"best fifth {flat[4][0]:.1f} euros" in TEXT and f"and {flat[4][1]:.1f} were found" in TEXT
    step = next(f for f in tables if f[0][0] < 0 and round(f[4][0], 1) == 15.0)
    assert all(round(r[1]) == 12 and 5 < r[2] < 12 < r[3] for r in step[3:])
    assert f"promised: {step[4][1]:.1f}, not {step[4][0]:.1f}" in TEXT
    assert BOOK.numbers("T-learner: typical error # euros") == [3.1] and "off by 3.1 euros" in TEXT
    for group, row in enumerate(flat):  # the table by hand says the same as the figure
        printed = re.search(rf"^{group} +(-?[\d.]+) +(-?[\d.]+)$", BOOK.outputs, re.M)
        np.testing.assert_allclose([float(printed[1]), float(printed[2])], row[:2], atol=0.051)


def test_what_the_grid_is_said_to_show():
    error = learner_grid().pivot(index=["world", "n"], columns="learner", values="error")
    straight = ["DR", "R", "X"]
    for world in ("flat", "linear"):
        for n in (2_000, 8_000):
            row = error.loc[(world, n)]
            assert row[straight].max() < row[["S", "T"]].min()
    assert error.loc[("step", 8_000), straight].min() > 3.5  # it cannot draw the step
    promised = learner_grid().query("learner == 'T'").set_index(["world", "n"]).promised
    assert [round(v, 1) for v in promised["flat"].loc[[500, 2_000, 8_000]]] == [13.6, 10.7, 8.8]
    assert promised["flat"].loc[2_000] - 6 > 3 > promised["flat"].loc[8_000] - 6  # the first goal
    assert round(promised["step"].loc[8_000], 1) == 14.0  # the second goal
    assert "13.6 euros with 500 customers, 10.7 with 2,000, 8.8 with 8,000" in TEXT
    assert "14.0 with 8,000; 12 is true" in TEXT
    for learner in error.columns:  # more customers help every learner
        assert all(
            error.loc[(w, 500), learner] > error.loc[(w, 8_000), learner] for w in ("flat", "linear", "step")
        )


def test_the_myth_and_the_intervals_of_the_line(oracle):
    assert 2 * 0.5 * (1 - 0.5) == 0.5 and "50 of 100 tests" in TEXT
    rates = {e["id"]: e["expected"] for e in oracle("heterogeneity", "coverage_study_rates")}
    step, linear = rates["cov_step_rct"], rates["cov_linear_rct"]
    assert round(100 * step["at1_cover_projection"]) == 95 and round(100 * step["at1_cover_tau"]) == 65
    assert round(100 * linear["at1_cover_tau"]) == 95
    assert "95 per cent; in the step world it covers the line in 95 and" in TEXT.replace("\n", " ")


def test_the_answers_of_the_exercises():
    answers = {k: e.solution.answer for k, e in nb20.EXERCISES.items()}
    assert answers["20.1"] == pytest.approx(1 + 3 * luck(10), abs=0.005)
    assert answers["20.3"] == 0.5 * (12 - 8)
    assert answers["20.4"][1] == pytest.approx((2 + 2 + 2.683 * luck(20)) / 2, abs=0.005)
    slips = nb20.EXERCISES["20.1"].check.slips
    assert [round(v, 2) for v, _ in slips] == [
        round(3 * luck(10), 2),
        round(1 + 3 * luck(20), 2),
        round(luck(10), 2),
        round(2.683 * luck(20), 2),
        round(1 + luck(10), 2),
    ]


def test_the_recap_and_the_story():
    assert np.sqrt(20) == pytest.approx(4.5, abs=0.03)
    assert 200_000 / 20 * 5 * 12 == 600_000 and "customers and 600,000 euros" in TEXT
    assert 4 * 2_000 == 8_000 == 10_000 - 2_000 and "and 8,000 were not in the test" in TEXT
    assert 10_000 * 12 == 120_000 and "120,000 coupons. Each loses 3 euros if it adds 2, and wins 2" in TEXT
    memo = "sending loses 360,000 euros if it adds 2; not sending gives up 240,000 if it adds 7"
    assert (10_000 * (5 - 2) * 12, 10_000 * (7 - 5) * 12) == (360_000, 240_000) and memo in BOOK.outputs


def test_the_whole_test_and_the_interval_of_the_best(table):
    arms = [table.spend[table.coupon == w] for w in (0, 1)]
    gain, se = arms[1].mean() - arms[0].mean(), np.sqrt(sum(a.var() / len(a) for a in arms))
    printed = [round(v, 1) for v in (gain, gain - 1.96 * se, gain + 1.96 * se)]
    assert BOOK.numbers("whole: # from # to #") == printed and printed[2] < 5
    assert "the mean is 2.2 euros higher. Its interval, 1.0 to 3.3, lies below" in TEXT
    assert "12.3, holds 5" in TEXT
    both = stats.norm.cdf(1.959964) ** 20 - stats.norm.cdf(-1.959964) ** 20  # the largest error within ±1.96
    assert f"It holds the truth in {100 * both:.0f} of 100 tests, not in 95" in TEXT
    assert BOOK.numbers("holds the truth in # of 100 tests") == [round(100 * both)]


def test_your_own_table(table):
    se = by_hand(table)["Cork, Android old"][1]
    shown, by_luck = BOOK.numbers("Cork, Android old shows # luck of the best: #")
    assert (shown, by_luck) == (7.0, round(luck(20) * se, 1)) and "7.0 euros; luck alone adds 5.0" in TEXT
    assert np.sqrt(2) == pytest.approx(1.41, abs=0.005)  # half of the table judges


def test_how_often_new_customers_say_stop():
    """An interval of 95 per cent around a true 2 euros that ends below 5."""
    shares = [stats.norm.cdf(3 / (60 * np.sqrt(4 / n)) - 1.959964) for n in (8_000, 2_000)]
    text = TEXT.replace("\n", " ")
    assert (
        f'{100 * shares[0]:.0f} of 100 such tests end with "stop" ({100 * shares[1]:.0f} of 100 with 2,000'
        in text
    )
    assert stats.norm.sf(3 / (60 * np.sqrt(4 / 8_000)) + 1.959964) < 1e-4  # "ship" nearly never
