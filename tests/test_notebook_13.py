"""Notebook 13: every number it teaches, against an independent oracle; the stored outputs; the world's
equations.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from stored import Stored

import abkit as ab
from abkit import datasets
from abkit.exercises import nb13

BOOK = Stored("13_cuped")
numbers = BOOK.numbers


@pytest.fixture(scope="module")
def table():
    return datasets.listening(4_000, effect=6, correlation=0.7, rng=np.random.default_rng(7))


def ancova(frame, y, x, treated):
    """Effect of least squares of y on the arm and x: with equal arms CUPED's, up to their unequal scatter."""
    design = sm.add_constant(np.column_stack([treated, frame[x]]))
    return sm.OLS(frame[y].to_numpy(float), design).fit()


def test_the_table_shows_the_luck_that_the_text_tells(table):
    means = table.groupby("arm")[["before", "after"]].mean()
    gap, luck = means.loc["treatment", "after"] - means.loc["control", "after"], -1.5
    assert means.loc["treatment", "before"] - means.loc["control", "before"] == pytest.approx(luck, abs=0.05)
    assert numbers("gap # luck # theta #") == pytest.approx(
        [gap, means.loc["treatment", "before"] - means.loc["control", "before"], 0.696], abs=0.0051
    )


def test_the_adjusted_effect_is_that_of_least_squares(table):
    fit = ancova(table, "after", "before", table.arm == "treatment")
    (effect,) = numbers("adjusted effect #")
    assert effect == pytest.approx(
        fit.params[1], abs=0.02
    )  # ANCOVA weighs the arms by n − 1: equal to .001 here
    assert numbers("came along #") == pytest.approx([0.696 * -1.517], abs=0.006)
    assert numbers("effect # spread of after # spread of rest #") == pytest.approx(
        [fit.params[1], table.after.std(), (table.after - 0.6963 * table.before).std()], abs=0.051
    )
    assert numbers("adjusted # from # to #") == pytest.approx([effect, *fit.conf_int()[1]], abs=0.03)
    plain = stats.ttest_ind(
        table.after[table.arm == "treatment"], table.after[table.arm == "control"], equal_var=False
    ).confidence_interval()
    shown = numbers("plain # from # to #")
    assert shown[1:] == pytest.approx([plain.low, plain.high], abs=0.006)
    low, high = numbers("adjusted # from # to #")[1:]
    assert 1 - (high - low) / (shown[2] - shown[1]) == pytest.approx(
        0.28, abs=0.006
    )  # "28 per cent narrower"
    assert pytest.approx(1.1, abs=0.05) == 0.696 * 1.517  # "about 1.1 came along"


def test_the_world_keeps_its_equations():
    big = datasets.listening(400_000, effect=6, correlation=0.7, rng=3)
    for arm, shift in (("control", 0.0), ("treatment", 6.0)):
        rows = big[big.arm == arm]
        assert len(rows) == 200_000
        assert rows.before.mean() == pytest.approx(300, abs=5 * 80 / 447)
        assert rows.after.mean() == pytest.approx(300 + shift, abs=5 * 80 / 447)
        assert rows.week1.mean() == pytest.approx(75 + shift / 4, abs=5 * 22.4 / 447)
        assert rows.after.std() == pytest.approx(80, rel=0.01) and rows.week1.var() == pytest.approx(
            500, rel=0.02
        )
        assert np.corrcoef(rows.before, rows.after)[0, 1] == pytest.approx(0.7, abs=0.006)
        assert np.corrcoef(rows.week1, rows.after)[0, 1] == pytest.approx(np.sqrt(0.8), abs=0.006)


def test_tests_at_once_have_the_law_of_the_rows():
    """Means, variances and covariances of 4,000 tests of 200 listeners, both ways of drawing."""
    rng = np.random.default_rng(5)
    control, treatment = datasets.listening_tests(200, effect=6)(rng, 4_000)
    for arm, shift in ((control, 0.0), (treatment, 6.0)):
        assert arm.mean.mean(0) == pytest.approx([300 + shift, 300], abs=5 * 8 / np.sqrt(4_000))
        assert arm.cov.mean(0) == pytest.approx(6400 * np.array([[1, 0.7], [0.7, 1]]), rel=0.015)
        assert arm.mean.var(0) == pytest.approx([64, 64], rel=0.12)  # 5 errors of a variance from 4,000
        assert arm.cov[:, 0, 1].std() == pytest.approx(6400 * np.sqrt((1 + 0.49) / 99), rel=0.1)


def test_the_spreads_are_those_of_theory():
    """√(2·80²/2,000) = 2.53, and √.51 of it."""
    raw, sharp = numbers("deviation (minutes) plain # #")[1], numbers("with last month # #")[1]
    assert raw == pytest.approx(80 * np.sqrt(2 / 2_000), rel=5 / np.sqrt(2 * 20_000))
    assert sharp == pytest.approx(80 * np.sqrt(2 * 0.51 / 2_000), rel=5 / np.sqrt(2 * 20_000))
    for name, share in (("plain", 1), ("adjusted", 0.51)):  # P(interval above 2 minutes)
        want = 100 * stats.norm.cdf((6 - 2) / (80 * np.sqrt(2 * share / 2_000)) - 1.96)
        (printed,) = numbers(f"{name} tests that may ship, of 100: #")
        assert printed == pytest.approx(want, abs=0.5 + 500 * np.sqrt(0.25 / 20_000))
        assert f"{want:.0f}" in ("35", "60")  # the text's numbers


def test_the_weeks_are_four_times_one_minus_the_square():
    assert nb13.PREDICTIONS["13.p1"].answer == pytest.approx(4 * (1 - 0.7**2))
    assert "It is 2.04 weeks" in BOOK.outputs


def test_a_centre_for_each_arm_errs_as_the_formula_says():
    """The effect keeps its spread while the error shrinks by √(1 − ρ²): P(|Z| > 1.96·√(1 − ρ²))."""
    rows = BOOK.outputs.split("centre of each arm (of 100)")[1].splitlines()[1:4]
    for rho, row in zip((0.5, 0.7, 0.9), rows, strict=True):
        shown, right, wrong = map(float, row.split())
        assert shown == rho
        assert wrong == pytest.approx(200 * stats.norm.sf(1.96 * np.sqrt(1 - rho**2)), abs=5 * 0.11)
        assert right == pytest.approx(5.0, abs=5 * 0.05)
    assert nb13.PREDICTIONS["13.p2"].answer == pytest.approx(
        200 * stats.norm.sf(1.96 * np.sqrt(0.19)), abs=0.05
    )


def test_a_centre_for_each_arm_in_the_library_is_the_fault_on_rows(rng):
    """Residuals of each arm's own regression, by numpy, then Welch's test."""
    x = rng.normal(size=(2, 50))
    y = x + rng.normal(size=(2, 50))
    rest = []
    for a in (0, 1):
        slope = np.polyfit(x[a], y[a], 1)[0]
        rest.append(y[a] - slope * (x[a] - x[a].mean()))
    want = stats.ttest_ind(rest[1], rest[0], equal_var=False).pvalue
    got = datasets.centred_by_arm(*(ab.Moments.of(y[a], pre=x[a]) for a in (0, 1)))
    assert got.pvalue == pytest.approx(want, rel=1e-9)


def test_week_one_hides_four_fifths_of_the_effect():
    """cov(after, week1) = 6400/4, var(week1) = 6400/16 + 100: the slope is 3.2, and week 1 moved by 6/4."""
    theta = (6400 / 4) / (6400 / 16 + 100)
    assert theta == 3.2 and 6 - theta * 6 / 4 == pytest.approx(nb13.PREDICTIONS["13.p3"].answer)
    low, high = numbers("week1 # # #")[1:]
    assert low < 1.2 < high and numbers("theta of week1: #") == [theta]
    assert numbers("before # # #")[1] < 6 < numbers("before # # #")[2]


def test_control_is_moved_to_the_common_past(table):
    fit = ancova(table, "after", "before", table.arm == "treatment")
    moved = fit.params[0] + fit.params[2] * table.before.mean()
    assert numbers("# → 304.8: +4.081") == pytest.approx([moved], abs=0.051) and round(moved, 1) == 300.8
    assert round(table.after[table.arm == "control"].mean(), 1) == 301.3


def test_the_balance_test_seldom_sees_week_one(table):
    """Week 1 moved by 1.5 minutes, sd √500, 2,000 an arm: P(p < .001)."""
    shift, bound = 1.5 / np.sqrt(2 * 500 / 2_000), stats.norm.isf(0.0005)
    assert round(100 * (stats.norm.sf(bound - shift) + stats.norm.cdf(-bound - shift))) == 12
    for name in ("before", "week1"):
        arms = [table[name][table.arm == arm] for arm in ("treatment", "control")]
        want = stats.ttest_ind(*arms, equal_var=False).pvalue
        assert numbers(f"balance of {name}: p #") == pytest.approx([want], abs=0.006) and want > 0.001


def test_own_centres_give_the_plain_effect_back(table):
    own = table.after - 0.696 * (table.before - table.groupby("arm").before.transform("mean"))
    back, narrow = numbers("own centres: effect # spread of rest #")
    plain = table.groupby("arm").after.mean().diff().iloc[-1]
    assert back == pytest.approx(plain, abs=0.0051) and narrow == pytest.approx(own.std(), abs=0.051)


def test_spreads_add_as_squares():
    """Along the line 80 minutes become .7·80; least squares leaves the rest, (1 − .7²)·80²."""
    big = datasets.listening(400_000, effect=0, correlation=0.7, rng=4)
    fit = np.polyfit(big.before, big.after, 1)
    assert np.polyval(fit, big.before).std() == pytest.approx(56, abs=0.4)
    assert (big.after - np.polyval(fit, big.before)).var() == pytest.approx(3_264, rel=0.012)
    assert 56**2 + 3_264 == 80**2 and round(np.sqrt(3_264), 1) == 57.1 and round(4 * (1 - 0.3**2), 2) == 3.64


def test_theta_by_hand_is_the_slope_inside_the_arms(table):
    within = table.groupby("arm")[["before", "after"]].transform(lambda v: v - v.mean())
    slope = np.polyfit(within.before, within.after, 1)[0]
    assert numbers("by hand # by the library #") == pytest.approx([slope, slope], abs=0.0021)


def test_the_past_of_three_real_trials_says_what_the_text_says():
    trials = {
        "Beat the Blues": (
            datasets.beat_the_blues().dropna(subset=["bdi.2m"]),
            "treatment",
            "TAU",
            "bdi.2m",
            "bdi.pre",
            0.37,
        ),
        "JOBS II": (datasets.jobs2(), "treat", 0, "depress2", "depress1", 0.19),
        "NSW": (datasets.nsw(), "treat", 0, "re78", "re75", 0.004),
    }
    for label, (frame, arm, control, y, x, explained) in trials.items():
        treated = (frame[arm] != control).to_numpy()
        within = frame.groupby(arm)[[x, y]].transform(lambda v: v - v.mean())
        assert within[x].corr(within[y]) ** 2 == pytest.approx(explained, abs=0.012)
        shown = numbers(f"{label} # # # # #")
        fit = ancova(frame, y, x, treated)
        plain = stats.ttest_ind(frame[y][treated], frame[y][~treated], equal_var=False)
        assert shown[0] == pytest.approx(frame[y][treated].mean() - frame[y][~treated].mean(), rel=1e-3)
        assert shown[1] == pytest.approx(shown[0] / plain.statistic, rel=1e-3)
        assert shown[2] == pytest.approx(
            fit.params[1], rel=0.03, abs=1
        )  # ANCOVA: another slope and error, near ours
        assert shown[3] == pytest.approx(fit.HC2_se[1], rel=0.02)
        assert shown[4] == pytest.approx(100 * shown[3] / shown[1], abs=0.4)


def test_the_new_loaders_give_the_known_figures():
    jobs, blues = datasets.jobs2(), datasets.beat_the_blues()
    assert jobs.shape == (899, 17) and blues.shape == (100, 8) and blues["bdi.2m"].isna().sum() == 3
    assert jobs.depress1.corr(jobs.depress2) ** 2 == pytest.approx(0.186, abs=0.0005)
    known = blues.dropna(subset=["bdi.2m"])
    assert known["bdi.pre"].corr(known["bdi.2m"]) ** 2 == pytest.approx(0.377, abs=0.0005)


def spearman_brown(rho, w, window=4):
    """Correlation of two totals of equally correlated weeks, from the covariance matrix of single weeks."""
    cov = np.full((w + window, w + window), rho) + (1 - rho) * np.eye(w + window)
    past, test = np.repeat([1.0, 0.0], (w, window)), np.repeat([0.0, 1.0], (w, window))
    return past @ cov @ test / np.sqrt((past @ cov @ past) * (test @ cov @ test))


def test_weeks_of_history_follow_the_matrix_of_single_weeks():
    for w in (1, 2, 4, 8, 12, 26):
        assert ab.history_correlation(0.3, w) == pytest.approx(spearman_brown(0.3, w), rel=1e-12)
        row = numbers(f"\n{w} # # #")
        want = [4 * (1 - (1 - new) * spearman_brown(0.3, w) ** 2) for new in (0, 0.2, 0.5)]
        assert row == pytest.approx(want, abs=0.006)
    assert ab.history_correlation(0.3, 0) == 0.0 and round(spearman_brown(0.3, 4), 2) == 0.63
    half = next(
        w
        for w in range(1, 27)
        if spearman_brown(0.3, w) ** 2 >= 0.5 * spearman_brown(0.3, 10_000 // 100) ** 2
    )
    assert half <= 4  # "the first four weeks bring most"


def test_new_users_give_nothing():
    """Rows: 40 per cent of the pasts missing, filled and marked; the variance that least squares leaves is 1
    − .6·.49.
    """
    rng = np.random.default_rng(2)
    x = rng.normal(size=200_000)
    y = 0.7 * x + np.sqrt(0.51) * rng.normal(size=x.size)
    gap = rng.random(x.size) < 0.4
    fit = sm.OLS(y, sm.add_constant(np.column_stack([np.where(gap, 0, x), gap]))).fit()
    assert 1 - fit.rsquared == pytest.approx(0.706, abs=0.006)
    assert ab.cuped_factor(0.7, new=0.4) == pytest.approx(0.706)
    assert round(100 * (1 - 0.8 * 0.49)) == 61 == round(100 * ab.cuped_factor(0.7, new=0.2))
    assert nb13.EXERCISES["13.2"].check(70.6).ok


def width(frame, y, x=None):
    """Width of the 95 per cent interval by the rule of DESIGN.md, from residuals of a weighted regression on
    rows.
    """
    treated, n = frame.treat.to_numpy(), np.bincount(frame.treat)
    rest, gap2, k = frame[y].to_numpy(float), 0.0, 0
    if x is not None:
        design = sm.add_constant(np.column_stack([treated, frame[x]]))
        slope = sm.WLS(rest, design, weights=(1 / (n * (n - 1)))[treated]).fit().params[2]
        spread = sum(frame[x][treated == a].var() / n[a] for a in (0, 1))
        gap2, k = frame.groupby("treat")[x].mean().diff().iloc[-1] ** 2 / spread, 1
        rest = rest - slope * frame[x].to_numpy(float)
    parts = [rest[treated == a].var(ddof=1) / n[a] for a in (0, 1)]
    nu = sum(parts) ** 2 / sum(p**2 / (m - 1) for p, m in zip(parts, n, strict=True))
    se = np.sqrt(sum(parts) * nu / (nu - k) * (1 + gap2 / nu))
    return 2 * stats.t.isf(0.025, nu - k) * se


def test_the_exercises_have_the_answers_of_an_oracle():
    assert nb13.EXERCISES["13.1"].check.answer == 6 * (1 - 0.5**2)
    jobs = datasets.jobs2()
    want = 100 * (1 - width(jobs, "depress2", "econ_hard") / width(jobs, "depress2"))
    assert nb13.EXERCISES["13.3"].check.answer == pytest.approx(want, abs=0.001)
    shown = numbers("JOBS II # # # # #")
    assert numbers("adjusted in per cent of plain #") == pytest.approx([shown[-1]], abs=0.051)
    shown_correlation = numbers("correlation # adjusted in per cent")
    assert shown_correlation == [round(stats.pearsonr(jobs.depress1, jobs.depress2).statistic, 2)] == [0.43]
    assert shown[-1] == pytest.approx(
        100 * width(jobs, "depress2", "depress1") / width(jobs, "depress2"), abs=0.01
    )
    ratio = width(jobs, "depress2", "econ_hard") / width(jobs, "depress2")
    assert "the variance" in str(nb13.EXERCISES["13.3"].check(round(100 * (1 - ratio**2), 1)))
    size = nb13.EXERCISES["13.4"].check.second
    assert size.answer == pytest.approx(200 * stats.norm.sf(1.96 * np.sqrt(1 - 0.8**2)), abs=0.005)
    assert size.noise > 5 * np.sqrt(0.24 * 0.76 / nb13.TESTS) * 100


def test_the_plan_is_that_of_statsmodels():
    from statsmodels.stats.power import TTestIndPower

    need = TTestIndPower().solve_power
    plain, sharp = numbers("users an arm without the past: #")[0], numbers("users an arm with the past: #")[0]
    most = numbers("left #, at most #")[1]
    assert plain == pytest.approx(np.ceil(need(4 / 80, power=0.8, alpha=0.05)), abs=1)
    assert round(100 * stats.norm.sf(1.96 - 4 / (80 * np.sqrt(2 * 0.51 / sharp)))) == 82  # "or more"
    assert sharp == pytest.approx(
        need(4 / (80 * np.sqrt(most)), power=0.8, alpha=0.05), abs=8
    )  # most has three digits
    assert [round(2 * n / 1_000, 1) for n in (plain, sharp)] == [12.6, 6.7]  # weeks at 1,000 a week


def test_one_slope_harms_by_173_over_110():
    assert numbers("within: # of the plain variance")[0] == pytest.approx(
        173 / 110, abs=5 * 173 / 110 * 2 / np.sqrt(20_000)
    )
    assert numbers("optimal: # of the plain variance")[0] <= 1.02


def test_the_asides_of_the_last_part_follow_theory(table):
    """Lin by statsmodels with all interactions; a fifth without a past leaves 1 − .8·.49 of the variance."""
    x, treated = table.before - table.before.mean(), (table.arm == "treatment").astype(float)
    fit = sm.OLS(table.after, np.column_stack([np.ones(len(x)), treated, x, treated * x])).fit()
    turn = fit.params.iloc[3] ** 2 * x.var() / len(x)
    effect, error = numbers("lin #, error #; cuped")
    assert effect == pytest.approx(fit.params.iloc[1], abs=0.0006)
    assert error == pytest.approx(np.sqrt(fit.HC2_se.iloc[1] ** 2 + turn), abs=0.0006)
    gappy, full = numbers("error: a fifth is new #, all have a past #")
    assert gappy == pytest.approx(80 * np.sqrt(2 * (1 - 0.8 * 0.49) / 2_000), rel=0.04)
    assert full == pytest.approx(80 * np.sqrt(2 * 0.51 / 2_000), rel=0.04)


def test_the_myth_and_the_asides_are_measured(oracle):
    text = " ".join("".join(c["source"]) for c in BOOK.cells)
    assert "*leaves* 51 per cent" in text
    (gaps,) = (e["expected"] for e in oracle("adjusting_rates", "missing") if e["inputs"]["share"] == 0.5)
    assert f"{100 * gaps['mean_of_each_arm']['rate']:.0f} false alarms in 100" in text.replace(
        "\n", " "
    ).replace("#   ", "")
    worst = {e["id"]: e["expected"] for e in oracle("adjusting_rates", "null_rate")}
    assert round(100 * worst["null_rate_10_10_3_(1, 3)_normal"]["plain"]["rate"]) == 10
    assert round(100 * worst["null_rate_300_30_1_(1, 3)_normal"]["classical"]["rate"]) == 37
    assert re.search(r"37 of 100", text)


def test_the_report_of_the_notebook_is_inconclusive_by_its_rule(table):
    low, high = numbers("+#, interval # to #: it holds gains")[1:]
    assert low < 2 < high and "treatment against control: INCONCLUSIVE" in BOOK.outputs
    assert isinstance(table, pd.DataFrame)
