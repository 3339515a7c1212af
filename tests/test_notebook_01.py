"""Notebook 01: its numbers from the raw data without abkit; figures of `worth`, panel, exercises."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from causaldata import nsw_mixtape, thornton_hiv
from oracles.score import score_pvalue
from scipy import stats
from stored import Stored

import abkit as ab
from abkit.exercises import nb01
from abkit.explore.panel_verdict import LARGEST, draw, verdict
from abkit.plots import style
from abkit.plots.showing import description
from abkit.reporting.verdicts import verdict_table, verdicts

BOOK = Stored("01_end_to_end")
TEXT = " ".join(
    " ".join("".join(c["source"]).split()) for c in BOOK.cells if c["cell_type"] == "markdown"
).replace(" > ", " ")
OLD, NEW = (104, 259), (1_276, 1_579)
printed = BOOK.numbers


@pytest.fixture(scope="module")
def everybody() -> pd.DataFrame:
    raw = thornton_hiv.load_pandas().data.rename(columns={"any": "voucher"})
    rows = raw.dropna(subset=["voucher", "villnum"])
    return rows.assign(district=np.digitize(rows.villnum, [50.5, 99.5]))


@pytest.fixture(scope="module")
def known(everybody) -> pd.DataFrame:
    return everybody[(everybody.villnum < 100) & everybody.got.notna()]


@pytest.fixture(scope="module")
def paid(known) -> float:
    treated = known[known.voucher == 1]
    return (treated.tinc.astype(float) * treated.got).sum() / len(treated)


def test_rows_and_rates_of_villages_1_to_99(everybody, known):
    assert (everybody.villnum < 100).sum() == 1_840 and len(known) == 1_838
    counts = known.groupby("voucher").got.agg(["sum", "size"])
    assert counts.loc[0].tolist() == list(OLD) and counts.loc[1].tolist() == list(NEW)
    raw = thornton_hiv.load_pandas().data
    assert (len(raw), raw["any"].notna().sum()) == (4_820, 2_901)
    assert (
        "Of 4,820 people, 2,901 have a known draw (nearly all others have no test result)." in TEXT
        and "1,840 of the 2,901 live" in TEXT
        and "1,838 of these have" in TEXT
    )
    treated = known[known.voucher == 1].tinc.astype(float)
    assert (round(treated.mean(), 2), round(treated.max(), 2)) == (1.23, 2.84)
    assert known[known.voucher == 0].tinc.max() == 0
    share = [100 * x / n for x, n in (OLD, NEW)]
    assert [round(v) for v in share] == [40, 81] and round(share[1] - share[0], 1) == 40.7
    assert [printed(f"people with {what}: #")[0] for what in ("an empty paper", "a voucher")] == [259, 1_579]
    assert printed("mean worth of a voucher: # dollars") == [1.23]
    assert printed("empty paper: # of 100") == [40] and printed("voucher: # of 100") == [81]
    assert nb01.PREDICTIONS["01.p1"].answer == pytest.approx(share[1], abs=0.05)
    for text in ("The gap is 41 percentage points", "The gap is 40.7 points"):
        assert text in TEXT


def test_the_village_of_eight_by_a_plain_loop():
    without, with_one = [0, 0, 0, 1, 0, 1, 0, 0], [1, 1, 0, 1, 1, 1, 0, 1]
    gaps = []
    for mask in range(256):
        treated = [i for i in range(8) if mask >> i & 1]
        if len(treated) == 4:
            others = [without[i] for i in range(8) if i not in treated]
            gaps.append((sum(with_one[i] for i in treated) - sum(others)) / 4)
    near = sum(0.25 <= g <= 0.75 for g in gaps)
    assert (len(gaps), near, np.mean(gaps)) == (70, 58, 0.5)
    assert nb01.PREDICTIONS["01.p2"].answer == near and {g for g in gaps if abs(g - 0.5) > 0.25} == {0, 1}
    assert printed("mean of all 70 gaps: #") == [0.5]
    for rows, gap in (([0, 1, 2, 3], 0.5), ([0, 1, 2, 6], 0)):  # the two draws that the text shows
        others = [without[i] for i in range(8) if i not in rows]
        assert (sum(with_one[i] for i in rows) - sum(others)) / 4 == gap
    assert printed("first draw: #") == [0.5] and printed("second draw: #") == [0]
    assert [i for i in range(8) if not with_one[i]] == [2, 6]
    chosen = [i for i in range(8) if without[i]]
    rest = [without[i] for i in range(8) if not without[i]]
    assert np.mean([with_one[i] for i in chosen]) - np.mean(rest) == 1 and chosen == [3, 5]


def test_the_figure_of_draws_counts_what_lies_near():
    gaps = [np.mean([1, 1, 0, 1]), 0.5, 0.0, 1.0, 0.25]
    ax = ab.plots.plot_draws(gaps, 0.5, within=0.25)
    assert ax.get_title(loc="left") == "3 of 5 draws lie within 0.25 of the truth, 0.5"
    assert description(ax).table == {"estimate": [0, 0.25, 0.5, 0.75, 1], "draws": [1] * 5}
    many = np.linspace(0, 28, 57)  # more than 28 values: piles of width 1, counted by their own values
    ax = ab.plots.plot_draws(many, 14, within=3.2)
    assert ax.get_title(loc="left") == "13 of 57 draws lie within 3.2 of the truth, 14"
    piles = description(ax).table
    assert np.allclose(piles["estimate"], np.arange(29) + 0.5) and list(piles["draws"]) == [2] * 28 + [1]
    with pytest.raises(ValueError, match="within"):
        ab.plots.plot_draws(gaps, 0.5, within=0)


def within_distance(distance: float) -> float:
    """Exact: of 100 gaps of 259 and 1,579 people, those within a distance of 41 points; all counts summed."""
    old, new = np.arange(260), np.arange(1_580)
    chance = stats.binom.pmf(old, 259, 0.4)[:, None] * stats.binom.pmf(new, 1_579, 0.81)
    gaps = 100 * (new / 1_579 - old[:, None] / 259)
    return float(100 * chance[np.abs(gaps - 41) <= distance].sum())


def test_how_far_95_of_100_gaps_lie_from_the_truth():
    assert within_distance(6.3) == pytest.approx(95.1, abs=0.05)
    assert within_distance(6.2) < 95 < within_distance(6.3)  # 6.3 is the smallest distance with one decimal
    for distance in (2, 4, 6.3, 8):
        assert printed(f"# of 100 gaps lie within {distance} points") == [
            pytest.approx(within_distance(distance), abs=2)
        ]
    assert printed("# of 100 gaps lie within 6.3 points") == [95] and "95 of 100 gaps lie within 6.3" in TEXT
    low, high = printed("by hand: 40.7 points, from # to #")
    assert (high - low) / 2 == pytest.approx(6.3, abs=0.051)
    for gap, ends in ((37, "from 30.7 to 43.3"), (50, "from 43.7 to 56.3")):  # the worked cases
        assert ends == f"from {gap - 6.3:.1f} to {gap + 6.3:.1f}" and ends in TEXT


def test_the_figure_of_a_hundred_lines_counts_gaps_near_the_truth():
    """The lines that hold the truth are the gaps within 6.3 of it, counted from the notebook's own draws."""
    rng = np.random.default_rng(7)
    old, new = rng.binomial(259, 0.4, 10_000) / 259, rng.binomial(1_579, 0.81, 10_000) / 1_579
    hold = int((np.abs(100 * (new - old)[:100] - 41) <= 6.3).sum())
    assert f"{hold} of 100 intervals hold the truth" in BOOK.outputs


def test_the_interval_by_inverting_another_package():
    effect = ab.proportions(*(ab.Moments.counts(x, n) for x, n in (OLD, NEW)))
    for end in (effect.low, effect.high):
        assert score_pvalue(*OLD, *NEW, end) == pytest.approx(0.05, abs=1e-6)
    ends = [100 * effect.estimate, 100 * effect.low, 100 * effect.high]
    assert printed("abkit: # points, from # to #") == pytest.approx(ends, abs=0.051)
    assert score_pvalue(*OLD, *NEW, 0) < 1e-6 and "p-value below 0.001: True" in BOOK.outputs
    low, high = printed("by hand: 40.7 points, from # to #")
    assert max(abs(low - ends[1]), abs(high - ends[2])) < 0.25 and "differ by up to 0.2 points" in TEXT
    assert "Effects from 34.3 to 46.8 points" in TEXT


def test_break_even_and_decisions(paid):
    assert printed("100 vouchers cost # dollars") == [105.4] == [round(100 * paid, 1)]
    low, high = printed("abkit: 40.7 points, from # to #")
    lines = {"Grace": 10 * paid, "Peter": 50 * paid, "Mercy": 100 * paid / 2.4}
    assert {k: round(v, 1) for k, v in lines.items()} == {"Grace": 10.5, "Peter": 52.7, "Mercy": 43.9}
    assert lines["Grace"] < low and high < lines["Peter"] and low < lines["Mercy"] < high
    assert "Grace ship\nPeter stop" in BOOK.outputs and "break-even 43.9" in BOOK.outputs
    for name in ("Grace", "Peter"):
        assert printed(f"vouchers pay for {name} from # points on") == [round(lines[name], 1)]
    for price, points in ((10, "10.5"), (2, "52.7"), (2.4, "43.9")):  # the text divides the printed 105.4
        assert f"{105.4 / price:.1f}" == points and f"= {points} " in TEXT
    assert f"{low} to {high} points fit; break-even 43.9." in BOOK.outputs
    assert round(81 * 1.23, 1) < 105.4  # the text: larger vouchers are fetched more often
    mercy = round(lines["Mercy"], 1)  # the price of a wrong decision, in dollars for 100 people
    assert [round(2.4 * abs(truth - mercy)) for truth in (41, 46)] == [7, 5]
    assert (
        "2.9 too few, 7 dollars" in TEXT
        and "2.1 too few: 5 dollars" in TEXT
        and "ship, truth 41: 7 dollars; stop, truth 46: 5." in BOOK.outputs
    )


def decided(n: int, worth: float) -> bool:
    """The interval of 40 against 81 per cent, n an arm, holds `worth` no longer (another package's p)."""
    return score_pvalue(0.4 * n, n, 0.81 * n, n, worth) < 0.05


def test_from_98_people_in_each_arm_on_peter_stops(paid):
    assert not any(decided(n, paid / 2) for n in range(20, 98))
    assert all(decided(n, paid / 2) for n in range(98, 301, 20))
    assert decided(1_634, 0.44) and not decided(1_633, 0.44) and "about 1,640 in each arm" in TEXT
    error = math.sqrt((0.4 * 0.6 + 0.81 * 0.19) / 1_640)  # how many such tests stop, if 41 is the truth
    assert stats.norm.cdf((0.03 - 1.96 * error) / error) == pytest.approx(0.5, abs=0.03)
    assert "half of such tests say stop" in TEXT
    assert nb01.PREDICTIONS["01.p3"].answer == 98 and printed("It is # people in each arm") == [98]
    ax = ab.plots.plot_verdicts(range(90, 121), {"Peter": paid / 2}, base=0.4, effect=0.41)
    assert ax.get_title(loc="left") == "Peter: inconclusive, then stop from 98 on"
    table = description(ax).table
    words = dict(zip(table["people in each arm"], table["Peter, from 52.7"], strict=True))
    assert (words[97], words[98]) == ("inconclusive", "stop") and ax.get_xscale() == "linear"
    assert [line.get_xydata().tolist() for line in ax.lines if line.get_marker() == "o"] == [
        [[98, pytest.approx(50 * paid)]]
    ]
    with pytest.raises(ValueError, match="sizes"):
        ab.plots.plot_verdicts([100, 50], {"Peter": 0.5}, base=0.4, effect=0.41)
    with pytest.raises(ValueError, match="worths"):
        ab.plots.plot_verdicts([50, 100], {}, base=0.4, effect=0.41)


def test_of_100_new_experiments_with_98_people_in_each_arm_51_stop(paid):
    """Exact: every pair of counts whose interval lies below the line, by another package's p-value."""
    share = 0.0
    for old in range(20, 60):
        for new in range(60, 99):
            chance = stats.binom.pmf(old, 98, 0.4) * stats.binom.pmf(new, 98, 0.81)
            if (
                chance > 1e-7
                and new - old < 98 * paid / 2
                and score_pvalue(old, 98, new, 98, paid / 2) < 0.05
            ):
                share += chance
    assert round(100 * share) == 51 and "only 51 of 100 say stop" in TEXT


def test_the_figure_of_worth_says_each_decision():
    effect = ab.Effect("y", 2.0, 0.5, np.inf, 1.0, 3.0, 0.01)
    ax = ab.plots.plot_worth(effect, {"a": 0.5, "b": 3.5, "c": 2.5}, unit="euros", guess=1.5)
    assert ax.get_title(loc="left") == "+2.0 euros: ship for a, stop for b, inconclusive for c"
    ax = ab.plots.plot_worth({"x": effect, "z": effect}, {"a": 0.5})
    assert ax.get_title(loc="left") == "a: ship in 2 of 2"
    assert description(ax).table["a, pays from 0.5"] == ["ship", "ship"]
    for bad, worths, name in (({}, {"a": 1.0}, "effects"), (effect, {}, "worths")):
        with pytest.raises(ValueError, match=name):
            ab.plots.plot_worth(bad, worths)


def within(frame):
    """Effect inside districts by regression with district dummies, clustered by village (another package)."""
    rows = frame.dropna(subset=["got"])
    fit = smf.ols("got ~ voucher + C(district)", rows).fit(
        cov_type="cluster", cov_kwds={"groups": rows.villnum}
    )
    gap, error = 100 * fit.params["voucher"], 100 * fit.bse["voucher"]
    return [gap, gap - 1.96 * error, gap + 1.96 * error]


@pytest.mark.parametrize("name", ["known outcomes", "worst case", "best case", "villages 1 to 99"])
def test_going_further_by_a_clustered_regression(everybody, paid, name):
    fill = {"worst case": 1 - everybody.voucher, "best case": everybody.voucher}.get(name)
    rows = everybody if fill is None else everybody.assign(got=everybody.got.fillna(fill))
    rows = rows[rows.villnum < 100] if name == "villages 1 to 99" else rows
    found = within(rows)
    assert printed(f"{name}: # points, from # to #") == pytest.approx(found, abs=0.1)
    treated = everybody[(everybody.voucher == 1) & everybody.got.notna()]
    cost = (treated.tinc.astype(float) * treated.got).mean()
    assert (round(cost, 2), round(10 * cost, 1), round(50 * cost, 1)) == (1.08, 10.8, 53.8)
    assert found[1] > 10 * cost and found[2] < 50 * paid < 50 * cost


def test_districts_ages_and_money(everybody, known):
    empty = everybody[everybody.voucher == 0].groupby("district").got
    assert empty.apply(lambda v: v.isna().sum()).tolist() == [0, 0, 56]
    none = everybody.groupby("district").voucher.apply(lambda v: 100 * (v == 0).mean())
    assert none.round().tolist()[:2] == [14, 15] and none.iloc[2] > 35
    ages = known.dropna(subset=["age"]).groupby("voucher").age
    test = stats.ttest_ind(ages.get_group(1), ages.get_group(0), equal_var=False)
    assert round(test.pvalue, 3) == 0.013 and round(ages.mean()[1] - ages.mean()[0], 1) == 2.1
    for column, rows in (("age", known), ("distvct", known), ("hiv2004", known[known.hiv2004 >= 0])):
        old, new = (rows.loc[rows.voucher == v, column].dropna().astype(float) for v in (0, 1))
        p = stats.ttest_ind(new, old, equal_var=False).pvalue
        assert printed(f"{column}: #, p = #") == pytest.approx([new.mean() - old.mean(), p], abs=0.006)
    assert 1 - (1 - 0.013) ** 3 < 3 * 0.013 < 0.04
    gaps, errors, sizes = [], [], []
    for rows in (known[known.age < 30], known[known.age >= 30]):
        old, new = (rows.got[rows.voucher == v] for v in (0, 1))
        gaps.append(100 * (new.mean() - old.mean()))
        errors.append(100 * math.sqrt(old.var() / len(old) + new.var() / len(new)))
        sizes.append(len(rows))
    assert printed("below 30 years: # points") == [pytest.approx(gaps[0], abs=0.06)]
    assert printed("from 30 years on: # points") == [pytest.approx(gaps[1], abs=0.06)]
    assert printed("average: # points") == [39.9] == [round(np.average(gaps, weights=sizes), 1)]
    assert abs(gaps[0] - gaps[1]) < math.hypot(*errors) and round(gaps[0] - gaps[1], 1) == 6.1
    raw = thornton_hiv.load_pandas().data
    assert raw[raw["any"].isna()].hiv2004.isna().mean() > 0.95 and set(raw.hiv2004.dropna()) == {-1, 0, 1}
    cost = known.tinc.astype(float) * known.got
    net = 2 * known.got - cost
    money = stats.ttest_ind(net[known.voucher == 1], net[known.voucher == 0], equal_var=False)
    ends = money.confidence_interval(0.95)
    assert printed("Peter, dollars for each person: -0.24, from # to #") == pytest.approx(ends, abs=0.006)
    one = cost[known.voucher == 1]
    error = one.std() / math.sqrt(len(one))
    assert round(error, 2) == 0.02
    assert [round(50 * (one.mean() + k * error)) for k in (-1.96, 1.96)] == [50, 55]


def test_exercises_1_and_4_by_hand(known, paid):
    drew = known[known.tinc > 0]
    small, large = drew.got[drew.tinc <= 1].mean(), drew.got[drew.tinc > 1].mean()
    for typed in (100 * (large - small), "12.9", "13 points", "12.91 percentage points"):
        assert repr(ab.check("01.1", typed)).startswith(("right", "close"))
    assert "per cent of the control" in repr(ab.check("01.1", 100 * (large / small - 1)))
    more = NEW[0] / NEW[1] - OLD[0] / OLD[1]
    for size in (100 * paid / 41, 105 / 41, paid / more, 2.6, "2.60", "2.59 dollars", "2.57", "2.56", 2.594):
        assert repr(ab.check("01.4", ("a", size))).startswith(("right", "close"))
    for size in (100 * paid / 40, 2.62, 2.63, 2.64, "2.625 dollars", 2.5):  # the slip: those who come anyway
        assert repr(ab.check("01.4", ("a", size))).startswith("not yet")
    for size in (2.62, 2.625, 2.63, 105.4 / 40):
        assert "come without a voucher. Next step" in repr(ab.check("01.4", ("a", size)))
    assert "all who come" in repr(ab.check("01.4", ("a", paid / (NEW[0] / NEW[1]))))
    assert round(105.4 / 81, 2) == 1.3 and round(105.4 / 41, 2) == 2.57 and round(paid / more, 2) == 2.59


def test_exercise_3_by_scipy_and_by_its_own_hint():
    rows = ab.datasets.rand_health()
    first = rows[rows.year == 1]
    assert first.person.is_unique and {0, 95} <= set(rows.coins)
    paying, free = (first.loc[first.coins == coins, "mdvis"] for coins in (95, 0))
    assert (len(paying), len(free)) == (784, 3_088)
    ends = stats.ttest_ind(free, paying, equal_var=False).confidence_interval(0.95)
    for typed in (ends.low, ab.welch(paying, free).low, "0.59 visits", 0.593):
        assert repr(ab.check("01.3", typed)).startswith(("right", "close"))
    assert "upper end" in repr(ab.check("01.3", ends.high))
    everything = ab.welch(rows.mdvis[rows.coins == 95], rows.mdvis[rows.coins == 0])
    assert "all years" in repr(ab.check("01.3", everything.low))


def test_exercise_2_is_the_published_training():
    men = nsw_mixtape.load_pandas().data
    test = stats.ttest_ind(men.re78[men.treat == 1], men.re78[men.treat == 0], equal_var=False)
    ends = test.confidence_interval(0.95)
    assert ([round(v) for v in ends], round(test.pvalue, 3), len(men)) == ([474, 3_115], 0.008, 445)


def test_a_prediction_answers_in_the_reader_s_unit():
    enough = nb01.PREDICTIONS["01.p3"].consequence
    assert enough is not None and "says stop" in enough(200, 98) and "inconclusive" in enough(50, 98)
    assert "41 more" in nb01.PREDICTIONS["01.p1"].consequence(None, 81)  # type: ignore[misc]


def test_panel_interval_narrows_and_the_rule_follows():
    found = verdicts([50, 200, 1_000], base=0.34, effect=0.45, worth=0.537)
    assert (np.diff(np.asarray(found.effect.high) - np.asarray(found.effect.low)) < 0).all()
    assert found.actions == ("inconclusive", "stop", "stop")
    for n, high in zip(found.n, found.effect.high, strict=True):
        assert score_pvalue(0.34 * n, n, 0.79 * n, n, float(high)) == pytest.approx(0.05, abs=1e-6)
    table = verdict_table([50, 1_000], [0.537])
    assert table["break-even 53.7"].tolist() == ["inconclusive", "stop"]


def test_panel_says_when_the_rule_decides_and_refuses_impossible_rates():
    ax = style.axes_or_new(None)
    assert "break-even 44.7: inconclusive." in draw(ax, seed=0, n=LARGEST, effect=45, worth=44.7)
    assert "impossible" in draw(ax, seed=0, n=100, effect=70, worth=1)
    with pytest.raises(ValueError, match="`base` must lie strictly between 0 and 1; got 34"):
        verdicts([10], base=34, effect=0.1, worth=0.1)
    with pytest.raises(ValueError, match="`base` must be a rate in per cent; got 0.34. Write 34."):
        verdict(base=0.34)


def test_panel_slider_moves_the_marker_and_meets_the_first_goal():
    panel = verdict(n=40, base=40, effect=41, worth=52.7)
    assert panel.panel is not None
    words = {n: panel.value(n=n).rsplit(" ", 1)[1] for n in (80, 100)}
    assert words == {80: "inconclusive.", 100: "stop."}
    mercy = {n: panel.value(n=n, worth=44.0).rsplit(" ", 1)[1] for n in (1_620, 1_640)}  # the second goal
    assert mercy == {1_620: "inconclusive.", 1_640: "stop."}
    next(iter(panel._widgets.values())).value = 2_000
    assert "2,000 an arm" in panel.ax.get_title(loc="left")


def test_nothing_in_the_notebook_failed_to_match():
    assert "5 of 5 numbers match." in BOOK.outputs and "NOT match" not in BOOK.outputs
    assert len(list(combinations(range(8), 4))) == 70
