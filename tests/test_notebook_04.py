"""Notebook 04: every number it teaches, against an independent oracle; panel, figures and exercises; the
stored outputs.
"""

from __future__ import annotations

import os
import re
from functools import partial

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, stats
from statsmodels.stats.proportion import confint_proportions_2indep
from stored import Stored

import abkit as ab
from abkit.datasets.skewed import bent, coverage_table, covered, outcomes
from abkit.exercises import nb04
from abkit.explore.panel_interval import interval
from abkit.plots import plot_coverage, plot_effects, plot_intervals, plot_pvalues, style

SEED = int(os.environ.get("ABKIT_SEED", "0"))
BOOK = Stored("04_uncertainty")
printed = BOOK.printed
ALL = list(nb04.EXERCISES.values())


def within(rate, truth, reps):
    """Five Monte-Carlo standard errors of a known rate, and half a unit of the fourth printed digit."""
    return abs(rate - truth) < 5 * np.sqrt(truth * (1 - truth) / reps) + 5e-5


def same_rate(p, q, reps):
    """Two simulated rates of `reps` replications each, within 5 standard errors of their difference."""
    return abs(p - q) < 5 * np.sqrt((p * (1 - p) + q * (1 - q)) / reps)


def test_amaras_interval_is_that_of_scipy():
    rows = ab.datasets.shop_table(5_000, rng=np.random.default_rng(1)).groupby("arm").revenue
    result = stats.ttest_ind(rows.get_group("treatment"), rows.get_group("control"), equal_var=False)
    low, high = result.confidence_interval()
    for name, value in (("low", low), ("high", high), ("pvalue", result.pvalue)):
        assert printed(name) == pytest.approx(value, rel=1e-3)  # four digits are printed
    one = stats.ttest_ind(
        rows.get_group("treatment"), rows.get_group("control"), equal_var=False, alternative="greater"
    )
    assert printed("one sided low") == pytest.approx(
        one.confidence_interval().low, rel=1e-3
    )  # four digits are printed
    assert (
        f"{printed('estimate'):.2f}" == "0.27"
        and f"{result.pvalue:.2f}" == "0.37"
        and f"{high:.2f}" == "0.88"
    )  # the story


def test_pvalues_of_aa_tests_are_flat_and_students_are_not():
    assert within(printed("p below 05"), 0.05, 10_000) and within(
        printed("p from 95 to 1") / 10_000, 0.05, 10_000
    )
    control, treatment = ab.datasets.normal_rows(30, sd=(3.0, 1.0), allocation=10 / 11)(
        np.random.default_rng(SEED), 2_000
    )
    flat = ab.welch(control, treatment).pvalue
    steep = stats.ttest_ind(control, treatment, axis=1).pvalue
    assert stats.kstest(flat, "uniform").pvalue > 5e-7  # as rare as 5 standard errors
    assert stats.kstest(steep, "uniform").pvalue < 5e-7  # teeth


def test_the_hundred_intervals_are_counted_with_scipys_quantile():
    control, treatment = ab.datasets.shop(5_000)(np.random.default_rng(7), 100)
    low = []
    hits = 0
    for i in range(100):
        (m1, v1), (m2, v2) = (
            (a.mean[i, 0], a.scatter[i, 0, 0] / 4_999 / 5_000) for a in (control, treatment)
        )
        df = (v1 + v2) ** 2 / (v1**2 + v2**2) * 4_999
        ends = stats.t.interval(0.95, df, m2 - m1, np.sqrt(v1 + v2))
        hits += ends[0] <= 0.425 <= ends[1]
        low.append(ends[0])
    assert printed("hold the truth") == hits and printed("exclude zero") == np.sum(np.array(low) > 0)
    rng = np.random.default_rng(
        [SEED, 5]
    )  # revenue: gamma with mean 8.50 and sd 15, the treatment 5 per cent more
    c = rng.gamma((8.5 / 15) ** 2, 15**2 / 8.5, (2_000, 5_000)).mean(1)
    t = 1.05 * rng.gamma((8.5 / 15) ** 2, 15**2 / 8.5, (2_000, 5_000)).mean(1)
    power = (t - c > 1.96 * 15 * np.sqrt((1 + 1.05**2) / 5_000)).mean()
    assert abs(printed("exclude zero") / 100 - power) < 5 * np.sqrt(
        power * (1 - power) * (1 / 100 + 1 / 2_000)
    )


def test_normal_quantile_at_five_users_covers_what_t_says():
    """At equal sizes the statistic is t with 8 df, whatever the test's own quantile."""
    assert within(printed("normal covers"), 1 - 2 * stats.t.sf(1.959964, 8), 20_000)
    assert printed("t covers") > 0.95  # Welch's df lie below 8: a little cautious


def test_student_and_welch_with_a_noisy_small_arm():
    rng = np.random.default_rng([SEED, 1])
    c, t = rng.normal(0, 3, (8_000, 30)), rng.normal(0, 1, (8_000, 300))
    assert same_rate(printed("student rejects"), (stats.ttest_ind(c, t, axis=1).pvalue < 0.05).mean(), 8_000)
    assert within(printed("welch rejects"), 0.05, 8_000)


@pytest.mark.parametrize(("n_control", "n_treatment", "published"), [(10, 10, 0.037), (30, 300, 0.069)])
def test_heavy_tails_as_an_independent_script_says(n_control, n_treatment, published):
    rng = np.random.default_rng([SEED, 2])
    c, t = rng.exponential(size=(20_000, n_control)), rng.exponential(size=(20_000, n_treatment))
    plain = (stats.ttest_ind(t, c, axis=1, equal_var=False).pvalue < 0.05).mean()
    assert same_rate(printed(f"Welch at {n_control} and {n_treatment}"), plain, 20_000)
    assert abs(plain - published) < 5 * np.sqrt(plain * (1 - plain) / 20_000) + 5e-4  # three published digits


def score_ends(x_control, n_control, x_treatment, n_treatment):
    """Both ends of the score interval by brute force: likelihood maximised under each gap, variance times
    N/(N − 1).
    """

    def distance(gap):
        def loss(p):
            rates = np.clip([p, p + gap], 1e-15, 1 - 1e-15)
            return -stats.binom.logpmf([x_control, x_treatment], [n_control, n_treatment], rates).sum()

        p = optimize.minimize_scalar(
            loss, bounds=(max(0, -gap), min(1, 1 - gap)), method="bounded", options={"xatol": 1e-12}
        ).x
        variance = p * (1 - p) / n_control + (p + gap) * (1 - p - gap) / n_treatment
        n = n_control + n_treatment
        return (middle - gap) / np.sqrt(variance * n / (n - 1))

    middle = x_treatment / n_treatment - x_control / n_control
    z = 1.959964
    return [
        optimize.brentq(lambda gap: distance(gap) - z, middle - 0.03, middle),
        optimize.brentq(lambda gap: distance(gap) + z, middle, middle + 0.03),
    ]


def test_zero_cell_intervals():
    p = 18 / 1_129
    half = 1.959964 * np.sqrt(p * (1 - p) / 1_129)
    ends = {"wald": (-p - half, -p + half), "score": score_ends(18, 1_129, 0, 1_131)}
    ends["newcombe"] = confint_proportions_2indep(0, 1_131, 18, 1_129, method="newcomb", compare="diff")
    for name, (low, high) in ends.items():
        assert f"{name:<8}  {1000 * low:.1f} to {1000 * high:.1f} per 1,000" in BOOK.outputs, name


def test_resume_interval_by_brute_force():
    low, high = score_ends(157, 2_435, 235, 2_435)
    block = re.search(r"^points +([\d.]+)\nlow +([\d.]+)\nhigh +([\d.]+)", BOOK.outputs, re.M)
    assert [float(v) for v in block.groups()] == pytest.approx(
        [100 * 78 / 2_435, 100 * low, 100 * high], rel=1e-3
    )  # four digits


def naive_rate() -> float:
    """True sd of clicks per view over the sd that independent views would have, for the shop of the
    notebook.
    """
    own = 0.25 * 0.75 / 5  # variance of Beta(1, 3)
    factor = np.sqrt((71 * own + 8 * (0.25 * 0.75 - own)) / (8 * 0.25 * 0.75))
    return float(2 * stats.norm.sf(1.959964 / factor))


def test_naive_ratio_fails_the_check_that_the_delta_method_passes():
    assert naive_rate() == pytest.approx(0.222, abs=5e-4)  # three printed digits
    assert within(printed("naive rejects"), naive_rate(), 2_000) and within(
        printed("delta rejects"), 0.05, 2_000
    )
    assert not within(printed("naive rejects"), 0.05, 2_000)
    world = ab.datasets.shop(300, click_lift=0.0)
    result = ab.calibrate(
        world, partial(ab.ratio, numerator="clicks", denominator="views"), reps=1_000, rng=SEED
    )
    assert within(result.reject, 0.05, 1_000)


def test_observed_power_is_a_function_of_p():
    for p, published in ((0.05, 0.500), (0.3, 0.178)):
        z = stats.norm.isf(p / 2)
        power = stats.norm.sf(stats.norm.isf(0.025) - z)
        assert power == pytest.approx(published, abs=5e-4)  # three published digits
        assert printed(f"p = {p}") == pytest.approx(power, rel=1e-3)  # four digits are printed


def test_the_gate_halves_success_and_exaggerates():
    """z ~ N(delta, 1) with delta = z(.975) + z(.8): half of all tests pass, and they report the upper half's
    mean.
    """
    delta = stats.norm.isf(0.025) + stats.norm.isf(0.2)
    assert printed("significant") == pytest.approx(0.8, abs=0.01) and printed("gate passes") == pytest.approx(
        0.5, abs=0.01
    )
    exaggeration = 1 + stats.norm.pdf(0) / 0.5 / delta
    assert printed("lift after gate") == pytest.approx(
        0.10 * exaggeration, abs=0.003
    )  # a rate's own error moves with its mean
    rng = np.random.default_rng([SEED, 3])
    rows = rng.binomial(14_751, [[0.10], [0.11]], (2, 50_000)) / 14_751
    z = (rows[1] - rows[0]) / np.sqrt(rows.mean(0) * (1 - rows.mean(0)) * 2 / 14_751)
    lift = (rows[1] / rows[0] - 1)[z >= delta]
    assert printed("lift after gate") == pytest.approx(
        lift.mean(), abs=5 * lift.std() / np.sqrt(lift.size) + 5e-4
    )


def test_the_rand_visits_by_hand():
    frame = sm.datasets.randhie.load_pandas().data  # the same rows, as another package ships them
    assert frame.mdvis.mean() == pytest.approx(2.86, abs=5e-3) and frame.mdvis.std() == pytest.approx(
        4.50, abs=5e-3
    )
    assert printed("skewness of visits") == pytest.approx(
        stats.skew(frame.mdvis), rel=1e-3
    )  # four digits are printed
    rows = ab.datasets.rand_health()
    assert printed("rows") == len(frame) and printed("people") == rows.person.nunique()
    part, spread, by_row = {}, {}, {}
    for coins, arm in rows.groupby("coins"):
        people = arm.groupby("person").mdvis.agg(["sum", "size"])
        rate, n = people["sum"].sum() / people["size"].sum(), len(people)
        residual = (people["sum"] - rate * people["size"]) / people[
            "size"
        ].mean()  # linearised, its mean is 0
        part[coins], spread[coins], by_row[coins] = (
            rate,
            residual.var(ddof=1) / n,
            arm.mdvis.var(ddof=1) / len(arm),
        )
    assert printed("visits more with free care") == pytest.approx(
        part[0] - part[95], rel=1e-3
    )  # four digits are printed
    assert printed("error by person") == pytest.approx(
        np.sqrt(spread[0] + spread[95]), rel=1e-3
    )  # four digits are printed
    assert printed("error by row") == pytest.approx(
        np.sqrt(by_row[0] + by_row[95]), rel=1e-3
    )  # four digits are printed


def test_the_next_test_by_the_textbook_formula():
    arms = ab.datasets.shop_table(5_000, rng=np.random.default_rng(1)).groupby("arm").revenue.var()
    z = stats.norm.isf(0.025) + stats.norm.isf(0.2)
    for gain in (0.8, 0.6, 0.425):
        n = 2 * z**2 * arms.mean() / (gain - 0.4) ** 2
        assert printed(f"users an arm if the truth is {gain:.3f}") == pytest.approx(
            n, rel=1e-3
        )  # t instead of the normal
    assert (
        "Plan a test of 23,271 users an arm" in BOOK.outputs
        and f"never comes: {n / 1e6:.1f} million" in BOOK.outputs
    )


def test_skewness_of_revenue_and_the_grid_on_paper():
    table = ab.datasets.shop_table(5_000, rng=np.random.default_rng(1))
    third = ((table.revenue - table.revenue.mean()) ** 3).mean() / table.revenue.std(ddof=0) ** 3
    assert printed("skewness of amaras revenue") == pytest.approx(third, rel=1e-3)  # four digits are printed
    assert printed("users needed by 355 skew squared") == round(355 * third**2) < 5_000
    rng = np.random.default_rng([SEED, 6])
    for n, known in ((10, 0.874), (300, 0.940)):
        w = optimize.brentq(lambda w: (w + 2) ** 2 * (w - 1) - 36, 1.0, 4.0)  # lognormal with skewness 6
        draw = [np.exp(np.sqrt(np.log(w)) * rng.standard_normal((2_000, k))) for k in (n, 9 * n)]
        covers = (stats.ttest_ind(*draw, axis=1, equal_var=False).pvalue >= 0.05).mean()
        assert f"6.0 {n:>3} {known:>9.3f}" in BOOK.outputs and same_rate(known, covers, 2_000)


def test_clipped_world_and_recovered_shop():
    assert printed("clipped mean") == pytest.approx(11.17, abs=5e-3) and printed(
        "clipped lift, per cent"
    ) == pytest.approx(2.74, abs=5e-3)
    error = float(re.search(r"bias of the shop +\S+ +± ([\d.]+)", BOOK.outputs)[1])
    assert abs(printed("bias of the shop")) < 5 * error


def test_your_own_table_may_be_parquet(tmp_path):
    table = ab.datasets.shop_table(200, rng=np.random.default_rng(SEED))
    table.to_parquet(tmp_path / "shop.parquet")
    arms = ab.Moments.from_table(str(tmp_path / "shop.parquet"), ["revenue"], by="arm")
    expected = table.groupby("arm").revenue.mean().diff().iloc[-1]
    assert ab.welch(arms["control"], arms["treatment"]).estimate == pytest.approx(
        expected, rel=1e-9
    )  # rounding


def test_rows_of_the_panel_have_the_stated_skewness():
    for skew in (0.0, 2.0, 6.0):
        x = np.linspace(-12, 12, 200_001)
        y, weight = bent(x, skew), stats.norm.pdf(x) * (x[1] - x[0])
        assert [(y**k * weight).sum() for k in (1, 2, 3)] == pytest.approx(
            [0, 1, skew], abs=1e-6
        )  # the grid's error
    with pytest.raises(ValueError, match="`skew`"):
        bent(np.zeros(2), -1.0)
    with pytest.raises(ValueError, match="`n`"):
        outcomes(301, 0.0, 1)


def test_panel_and_grid_count_what_scipy_counts():
    effects = outcomes(20, 4.0, 3, seed=SEED, reps=100)
    rng = np.random.default_rng(SEED)
    c, t = rng.standard_normal((100, 300)), rng.standard_normal((100, 2_700))
    pvalue = stats.ttest_ind(bent(t[:, :60], 4.0), bent(c[:, :20], 4.0), axis=1, equal_var=False).pvalue
    assert (
        effects.pvalue == pytest.approx(pvalue, rel=1e-8) and covered(effects) == (pvalue >= 0.05).mean()
    )  # rounding
    finding = interval(seed=SEED).value(n=50, skew=0.0, ratio=1)
    assert f"{100 * covered(outcomes(50, 0.0, 1, seed=SEED)):.1f} ±" in finding
    assert repr(interval(seed=SEED)) == repr(interval(seed=SEED))


def test_normal_data_cover_and_skewed_uneven_data_do_not():
    table = coverage_table([10], [0.0, 6.0], 9, seed=SEED, reps=2_000).set_index("skew").coverage
    assert within(table[0.0], 0.95, 2_000) and not within(table[6.0], 0.95, 2_000)


def test_figures_hold_the_data():
    p = np.random.default_rng(SEED).random(500)
    ax = plot_pvalues(p, bins=10)
    heights = [bar.get_height() for bar in ax.patches]
    assert [t.get_text() for t in ax.texts] == ["50\nexpected"] and heights == np.histogram(p, 10, (0, 1))[
        0
    ].tolist()
    effects = outcomes(10, 0.0, 1, seed=SEED, reps=40)
    ax = plot_intervals(effects, unit="sd")
    assert ax.get_title(loc="left") == f"{round(40 * covered(effects))} of 40 intervals hold the truth"
    ax = plot_intervals(effects, ranked=True)
    bars = np.concatenate([np.array(c.get_segments())[:, :, 1] for c in ax.collections if c.get_segments()])
    assert sorted(bars[:, 0]) == sorted(effects.low) and sorted(bars[:, 1]) == sorted(effects.high)
    places = {x: low for c in ax.collections for (x, low), _ in c.get_segments()}
    assert [places[x] for x in sorted(places)] == sorted(effects.low)
    ax = plot_coverage({"a": ([10, 100], [0.9, 0.95], [0.01, 0.01])}, ax=style.axes_or_new(None))
    assert [round(v) for v in ax.lines[1].get_ydata()] == [90, 95]
    for call in (
        lambda: plot_pvalues([2.0]),
        lambda: plot_intervals(ab.welch([1.0, 2.0], [2.0, 4.0])),
        lambda: plot_coverage({}),
    ):
        with pytest.raises(ValueError, match="`"):
            call()


def test_toms_bar_fails_and_the_interval_of_the_difference_does_not():
    low, high, mean = -0.33, 0.88, 8.95
    with pytest.raises(ValueError, match="negative"):
        style.axes_or_new(None).errorbar([0], [mean], yerr=[[mean - low], [high - mean]])
    plot_effects(ab.welch([1.0, 2.0, 3.0], [2.0, 3.0, 4.5]))
    assert nb04.EXERCISES["04.4"].check((high - low) / 2).ok


def test_first_answer_and_its_slips_from_scipy():
    arms = (11.0, 1.0, 300, 10.0, 3.0, 30)
    check = nb04.EXERCISES["04.1"].check
    assert check(stats.ttest_ind_from_stats(*arms, equal_var=False).pvalue).ok
    se = np.sqrt(9 / 30 + 1 / 300)
    assert "Student" in check(stats.ttest_ind_from_stats(*arms).pvalue).message
    assert "normal quantile" in check(2 * stats.norm.sf(1 / se)).message


def test_third_answer_and_its_slips_by_simulation():
    rng = np.random.default_rng([SEED, 4])
    reps, scale = 200_000, 1 / 30 + 1 / 300
    gap = np.abs(rng.normal(0, np.sqrt(9 / 30 + 1 / 300), reps))
    c, t = 9 * rng.chisquare(29, reps) / 30, rng.chisquare(299, reps) / 300  # variances divided by n
    averaged = (gap <= 1.959964 * np.sqrt((c + t) / 2 * scale)).mean()
    weighted = (gap <= 1.959964 * np.sqrt((29 * c + 299 * t) / 328 * scale)).mean()
    check = nb04.EXERCISES["04.3"].check
    assert check(averaged).ok, averaged
    assert "pooled" in check(weighted).message, weighted
