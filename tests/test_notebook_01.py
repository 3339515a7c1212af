"""Notebook 01: every number it teaches against data read and computed without abkit; panel, exercises, stored
outputs.
"""

from __future__ import annotations

import math
import os

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from causaldata import thornton_hiv
from oracles.score import score_pvalue
from scipy import stats
from stored import Stored

import abkit as ab
from abkit.explore.panel_verdict import LARGEST, draw, verdict
from abkit.plots import style
from abkit.reporting.verdicts import verdict_table, verdicts

SEED = int(os.environ.get("ABKIT_SEED", "0"))
BOOK = Stored("01_end_to_end")
printed = BOOK.numbers


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    raw = thornton_hiv.load_pandas().data.rename(columns={"any": "voucher"})
    return raw[raw.voucher.notna()]


@pytest.fixture(scope="module")
def complete(people) -> pd.DataFrame:
    return people[people.got.notna()]


def rates(frame):
    table = frame.groupby("voucher").got.agg(["sum", "size"])
    return [(int(table.loc[k, "sum"]), int(table.loc[k, "size"])) for k in (0, 1)]


def test_the_village_of_eight_by_a_plain_loop():
    without, with_one = [0, 0, 0, 1, 0, 1, 0, 0], [1, 1, 0, 1, 1, 1, 0, 1]
    gaps = []
    for mask in range(256):
        treated = [i for i in range(8) if mask >> i & 1]
        if len(treated) == 4:
            gaps.append(
                (sum(with_one[i] for i in treated) - sum(without[i] for i in range(8) if i not in treated))
                / 4
            )
    assert len(gaps) == 70
    assert printed("truth #") == [0.5] == printed("mean of 70 draws #") == [pytest.approx(np.mean(gaps))]
    assert printed("smallest #\nlargest #\nvolunteers #") == [min(gaps), max(gaps), 1.0]


def test_rows_of_the_raw_table(people, complete):
    assert (
        printed("rows #\ndrew #\ncomplete #") == [4_820, len(people), len(complete)] == [4_820, 2_901, 2_834]
    )
    assert printed("mean voucher in dollars #") == [
        pytest.approx(complete.tinc[complete.voucher == 1].mean(), rel=1e-3)
    ]


def test_effect_by_hand_and_score_interval_by_inverting_another_package(complete):
    (x0, n0), (x1, n1) = rates(complete)
    low, high = stats.norm.interval(
        0.95, x1 / n1 - x0 / n0, math.sqrt(sum(x * (n - x) / n**3 for x, n in ((x0, n0), (x1, n1))))
    )
    hand = printed("by hand: # → #: #, # to #")
    assert hand == pytest.approx(
        [x0 / n0, x1 / n1, x1 / n1 - x0 / n0, low, high], abs=6e-4
    )  # three digits, 1.96
    effect = ab.proportions(*(ab.Moments.counts(x, n) for x, n in ((x0, n0), (x1, n1))))
    assert printed("abkit: #, # to #, p = #") == pytest.approx(
        [effect.estimate, effect.low, effect.high, effect.pvalue], abs=5.1e-4
    )
    for end in (effect.low, effect.high):
        assert score_pvalue(x0, n0, x1, n1, end) == pytest.approx(0.05, abs=1e-6)
    assert f"{score_pvalue(x0, n0, x1, n1, 0):.0e}" == "3e-102"


def test_standard_error_by_village_is_that_of_a_clustered_regression(complete):
    fit = smf.ols("got ~ voucher", complete).fit(
        cov_type="cluster", cov_kwds={"groups": complete.villnum.fillna(0)}
    )
    assert printed("standard error of villages #") == [
        pytest.approx(fit.bse["voucher"], rel=3e-4)
    ]  # it has (N − 1)/(N − 2) more
    assert round(fit.bse["voucher"], 4) == 0.0228
    robust = smf.ols("got ~ voucher", complete).fit(cov_type="HC0").bse["voucher"]
    assert printed("standard error of people #") == [pytest.approx(robust, rel=1e-3)]
    assert round(100 * (fit.bse["voucher"] / robust - 1)) == 9


def test_the_report_refuses_because_values_are_lost_unequally(people):
    table = pd.crosstab(people.voucher, people.got.isna())
    p = stats.chi2_contingency(table, correction=False).pvalue
    assert printed("are missing for # of # in arm 0, # of # in arm 1: p = #") == pytest.approx(
        [56, 679, 11, 2_222, p], rel=0.01
    )  # two digits of p
    assert "1 against 0: INVESTIGATE" in BOOK.outputs and table[True].tolist() == [56, 11]


def within(frame):
    """Effect inside districts by regression with district dummies, clustered by village (another package)."""
    rows = frame.dropna(subset=["villnum", "got"])
    rows = rows.assign(district=np.digitize(rows.villnum, [50.5, 99.5]))
    fit = smf.ols("got ~ voucher + C(district)", rows).fit(
        cov_type="cluster", cov_kwds={"groups": rows.villnum}
    )
    return fit.params["voucher"], fit.bse["voucher"]


def test_shares_of_empty_draws_and_lost_values_by_district(people):
    rows = people.dropna(subset=["villnum"]).assign(district=lambda f: np.digitize(f.villnum, [50.5, 99.5]))
    for code, name in enumerate(("1-50", "51-99", "100-145")):
        part = rows[rows.district == code]
        empty = part[part.voucher == 0]
        want = [len(part), (part.voucher == 0).mean(), empty.got.mean(), empty.got.isna().sum()]
        assert printed(f"{name} # # # #") == pytest.approx(want, abs=5.1e-3)  # two digits
    assert printed("100-145 # # # #")[3] == 56


def test_effect_inside_districts_is_that_of_a_regression_with_dummies(complete):
    gap, se = within(complete)
    assert printed("points #\nlow #\nhigh #") == pytest.approx(
        [100 * gap, 100 * (gap - 1.96 * se), 100 * (gap + 1.96 * se)], abs=0.02
    )
    assert round(gap, 3) == 0.431  # Thornton (2008), table 4, column 1: .431 (.023)


@pytest.mark.parametrize(("case", "fill"), [("worst", {0: 1, 1: 0}), ("best", {0: 0, 1: 1})])
def test_bounds_of_the_lost_values(people, case, fill):
    gap, se = within(people.assign(got=people.got.fillna(people.voucher.map(fill))))
    assert printed(f"{case} case # points, # to #") == pytest.approx(
        [100 * gap, 100 * (gap - 1.96 * se), 100 * (gap + 1.96 * se)], abs=0.06
    )  # one digit


@pytest.mark.parametrize(("column", "unit"), [("distvct", "km"), ("age", "years")])
def test_checks_before_the_voucher(complete, column, unit):
    rows = complete.dropna(subset=[column]).groupby("voucher")[column]
    result = stats.ttest_ind(rows.get_group(1), rows.get_group(0), equal_var=False)
    assert printed(f"{column}: # {unit}, p = #") == pytest.approx(
        [rows.mean()[1] - rows.mean()[0], result.pvalue], abs=5.1e-3
    )


def test_effect_below_30_years(complete):
    assert printed("below 30 years: # points") == [
        pytest.approx(100 * within(complete[complete.age < 30])[0], abs=0.06)
    ]
    assert round(100 * within(complete[complete.age < 30])[0]) == 44


def test_break_even_and_decisions(complete):
    treated = complete[complete.voucher == 1]
    paid = (treated.tinc * treated.got).sum() / len(treated)
    assert printed("paid for each voucher #") == [pytest.approx(paid, rel=1e-3)]
    for name, action, factor in (("Grace", "ship", 10), ("Peter", "stop", 50)):
        assert printed(f"{name}, break-even # points") == [pytest.approx(factor * paid, abs=0.051)]
        assert f"worst, best case: ['{action}', '{action}', '{action}']" in BOOK.outputs
    low, high = printed("worst case # points, # to #")[1], printed("best case # points, # to #")[2]
    assert (round(100 * paid / high, 1), round(100 * paid / low, 1)) == (
        2.1,
        3.3,
    )  # the memo: the prices that decide nothing
    gap = within(complete)[0]
    assert (round(100 * paid), round(100 * gap), round(1_000 * gap), round(200 * gap)) == (
        107,
        43,
        431,
        86,
    )  # the memo
    assert round(100 * paid / 2.40, 1) == 44.7


def shop():
    return ab.datasets.shop_table(5_000, rng=np.random.default_rng(1))


def test_the_shop_report_without_abkit():
    table = shop()
    arms = [table[table.arm == arm] for arm in ("control", "treatment")]
    load = stats.ttest_ind(arms[1].load_ms, arms[0].load_ms, equal_var=False)
    assert printed("320.3 → 338.9: #, interval # to #") == pytest.approx(
        [arms[1].load_ms.mean() - arms[0].load_ms.mean(), *load.confidence_interval(0.90)], rel=1e-3
    )
    one_sided = (
        stats.ttest_ind(arms[1].load_ms, arms[0].load_ms, equal_var=False, alternative="less")
        .confidence_interval(0.95)
        .high
    )
    assert (
        printed("harm at most #") == [pytest.approx(one_sided, rel=1e-3)]
        and "treatment against control: STOP" in BOOK.outputs
    )
    ratio, variance = [], []
    for arm in arms:
        r = arm.clicks.sum() / arm.views.sum()
        ratio.append(r)
        variance.append((arm.clicks - r * arm.views).var() / len(arm) / arm.views.mean() ** 2)
    low, high = stats.norm.interval(0.95, ratio[1] - ratio[0], math.sqrt(sum(variance)))
    assert printed("0.2491 → 0.2685: #, interval # to #") == pytest.approx(
        [ratio[1] - ratio[0], low, high], rel=1e-3
    )


def test_the_myths_are_measured():
    weeks = np.array([[0.1, 0.1], [0.5, 0.2]])  # share treated, rate
    control = ((1 - weeks[:, 0]) * weeks[:, 1]).sum() / (1 - weeks[:, 0]).sum()
    treated = (weeks[:, 0] * weeks[:, 1]).sum() / weeks[:, 0].sum()
    assert printed("ramp in points #") == [pytest.approx(100 * (treated - control), abs=1e-3)]
    rng = np.random.default_rng([SEED, 1])  # no effect: 200,000 users a week, one ramp
    week = np.repeat([0, 1], 200_000)
    arm, y = rng.random(400_000) < weeks[week, 0], rng.random(400_000) < weeks[week, 1]
    assert y[arm].mean() - y[~arm].mean() == pytest.approx(
        treated - control, abs=5 * 0.0015
    )  # 5 standard errors
    z = stats.norm.isf(0.025) + stats.norm.isf(0.2)
    assert printed("rate formula #") == [math.ceil(2 * z**2 * 102.5 * (1 - 102.5) / 25)] == [-6532]
    ages, comes = [20, 60, 40, 30, 30, 50, 20, 70], [3, 5]  # people 4 and 6 come anyway
    gap = sum(ages[i] for i in comes) / 2 - sum(ages[i] for i in range(8) if i not in comes) / 6
    assert printed("age gap #\neffect of nothing #") == [gap, 1.0] and gap == 0
    assert not hasattr(stats, "proportions_ztest") and printed("constant shares #") == [0]
    with pytest.raises(ValueError, match="`p_control`"):
        ab.sample_size_proportions(100, lift=0.05)


def test_exercise_1_is_the_plain_difference(complete):
    paid = complete[complete.tinc > 0]
    gap = paid.got[paid.tinc > 1].mean() - paid.got[paid.tinc <= 1].mean()
    assert ab.check("01.1", gap).text.startswith("right")
    assert round(within(paid.assign(voucher=(paid.tinc > 1).astype(float)))[0], 3) == pytest.approx(
        round(gap, 3), abs=1e-9
    )  # inside districts


def test_exercise_3_is_a_jackknife_over_people():
    rows = ab.datasets.rand_health()
    variance = 0.0
    for coins in (0, 95):
        sums = rows[rows.coins == coins].groupby("person").mdvis.agg(["sum", "size"])
        left = (sums["sum"].sum() - sums["sum"]) / (sums["size"].sum() - sums["size"])
        variance += (len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum()
    assert ab.check("01.3", math.sqrt(variance)).text.startswith("right")


def test_exercise_4_is_the_one_sided_bound_of_scipy():
    rows = shop().groupby("arm").load_ms
    bound = (
        stats.ttest_ind(
            rows.get_group("treatment"), rows.get_group("control"), equal_var=False, alternative="less"
        )
        .confidence_interval(0.95)
        .high
    )
    assert ab.check("01.4", bound).text.startswith("right")


def test_training_is_the_published_effect():
    assert printed("training, dollars: #, published #") == [1_794, 1_794]
    assert printed("interval # to #, p = 0.008") == [474, 3_115]


def test_panel_interval_narrows_and_the_rule_follows():
    found = verdicts([50, 200, 1_000], base=0.34, effect=0.45, worth=0.537)
    assert (np.diff(np.asarray(found.effect.high) - np.asarray(found.effect.low)) < 0).all()
    assert found.actions == ("inconclusive", "stop", "stop")
    for n, high in zip(found.n, found.effect.high, strict=True):
        assert score_pvalue(0.34 * n, n, 0.79 * n, n, float(high)) == pytest.approx(0.05, abs=1e-6)


def test_panel_says_when_the_rule_decides_and_refuses_impossible_rates():
    ax = style.axes_or_new(None)
    assert "break-even 44.7: not decided." in draw(ax, seed=0, n=LARGEST, effect=45, worth=44.7)
    assert "('inconclusive', 'ship')" in BOOK.outputs  # at 150,000 and 170,000 people an arm
    ends = [score_pvalue(0.34 * n, n, 0.79 * n, n, 0.447) for n in (150_000, 170_000)]
    assert ends[0] > 0.05 > ends[1]
    assert "impossible" in draw(ax, seed=0, n=100, effect=70, worth=1)
    with pytest.raises(ValueError, match="`base` must lie strictly between 0 and 1; got 34"):
        verdicts([10], base=34, effect=0.1, worth=0.1)
    with pytest.raises(ValueError, match="`base` must be a rate in per cent; got 0.34. Write 34."):
        verdict(base=0.34)


def test_panel_slider_moves_the_marker():
    panel = verdict()
    assert panel.panel is not None
    before = panel.ax.get_title(loc="left")
    next(iter(panel._widgets.values())).value = 2_000
    assert panel.ax.get_title(loc="left") != before and "2,000 an arm" in panel.ax.get_title(loc="left")


def test_twin_table_is_stored_in_the_notebook():
    for line in (
        verdict_table([50, 200, 1_000, 5_000], [0.107, 0.447, 0.537]).to_string(index=False).splitlines()
    ):
        assert line in BOOK.outputs


def test_nothing_in_the_notebook_failed_to_match():
    assert "4 of 4 numbers match." in BOOK.outputs and "NOT match" not in BOOK.outputs
