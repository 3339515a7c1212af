"""Notebook 04: every number it teaches, against scipy, normal theory or a brute force; panels, figures and
exercises; the stored outputs.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
import statsmodels.api as sm
from conftest import SEED
from scipy import integrate, optimize, stats
from statsmodels.stats.proportion import confint_proportions_2indep
from stored import Stored

import abkit as ab
from abkit.datasets.skewed import bent, coverage_table, covered, outcomes
from abkit.exercises import nb04
from abkit.explore.panel_interval import interval
from abkit.explore.panel_promise import promise, repeated
from abkit.plots import (
    plot_coverage,
    plot_draws,
    plot_effects,
    plot_extreme,
    plot_intervals,
    plot_pvalues,
    style,
)
from abkit.plots.showing import description

BOOK = Stored("04_uncertainty")
printed = BOOK.printed
TEXT = " ".join(" ".join("".join(c["source"]) for c in BOOK.cells if c["cell_type"] == "markdown").split())
C = stats.norm.isf(0.025)
SE = 15 * np.sqrt(2 / 5_000)  # euros a user: the sd is 15 in both arms
TRUTH = 0.425


def arms():
    rows = ab.datasets.shop_table(5_000, rng=np.random.default_rng(1)).groupby("arm").revenue
    return rows.get_group("control"), rows.get_group("treatment")


def gap():
    control, treatment = arms()
    return treatment.mean() - control.mean()


def within(rate, truth, reps):
    """Five Monte-Carlo standard errors of a known rate, and half a unit of the fourth printed digit."""
    return abs(rate - truth) < 5 * np.sqrt(truth * (1 - truth) / reps) + 5e-5


def same_rate(p, q, reps):
    """Two simulated rates of `reps` replications each, within 5 standard errors of their difference."""
    return abs(p - q) < 5 * np.sqrt((p * (1 - p) + q * (1 - q)) / reps)


def test_amaras_report_is_that_of_scipy():
    control, treatment = arms()
    result = stats.ttest_ind(treatment, control, equal_var=False)
    low, high = result.confidence_interval()
    assert f"+{gap():.2f} euros, 95 per cent interval −{-low:.2f} to {high:.2f}, p = .37" in TEXT
    assert f"{result.pvalue:.2f}" == "0.37"
    assert f"ab.welch: {low:.2f} to {high:.2f} euros, p = 0.37" in BOOK.outputs
    error = np.sqrt(control.var() / 5_000 + treatment.var() / 5_000)
    assert printed("standard error from one table") == pytest.approx(error, abs=5e-4)  # three digits
    half = 1.96 * error
    assert f"standard deviation of users: {control.std():.1f} and {treatment.std():.1f}" in BOOK.outputs
    assert f"by hand: {gap() - half:.2f} to {gap() + half:.2f} euros" in BOOK.outputs
    assert f"miss {100_000 * high - 40_000:,.0f} a year" in BOOK.outputs
    assert f"lose {40_000 - 100_000 * low:,.0f} euros a year" in BOOK.outputs
    assert f"standard error {error:.3f} of Amara's table" in TEXT
    assert f"That gives {100 * 2 * stats.norm.sf(gap() / error):.0f} of 100, written p = .37" in TEXT


def same_interval(times):
    """Chance that a second estimate lies within `times` standard errors of a first one, by integration."""
    return integrate.quad(
        lambda x: stats.norm.pdf(x) * (stats.norm.cdf(x + times) - stats.norm.cdf(x - times)), -9, 9
    )[0]


@pytest.mark.parametrize(
    "said, value, digits",
    [
        ("In theory it is 7.8 of 100", lambda: 100 * stats.norm.cdf(-TRUTH / SE), 1),
        ("reaches 0.30 euros to each side", lambda: SE, 2),
        ("is near the theory's 0.300", lambda: SE, 3),
        ("√(0.21² + 0.21²) = 0.30", lambda: np.sqrt(2) * 15 / np.sqrt(5_000), 2),
        ("15 / 70.7 = 0.21", lambda: 15 / np.sqrt(5_000), 2),
        ("15 euros in both arms: that gives 0.300", lambda: SE, 3),
        ("95 of 100 estimates lie within 1.96", lambda: 100 * (1 - 2 * stats.norm.sf(1.96)), 0),
        ("only 29.3 of 100 lie above zero", lambda: 100 * stats.norm.sf(C - TRUTH / SE), 1),
        ("interval is about 1.18 euros wide", lambda: 2 * C * SE, 2),
        (
            "standard errors of the truth, 67 of 100 within 0.974",
            lambda: 100 * (1 - 2 * stats.norm.sf(0.974)),
            0,
        ),
        (
            "Either the promise falls (level 67: only 67 of 100",
            lambda: 100 * (1 - 2 * stats.norm.sf(C / 2)),
            0,
        ),
        ("On average 83.4 do", lambda: 100 * same_interval(C), 1),
        ("many would give 36.1 of 100", lambda: 200 * stats.norm.sf(gap() / SE), 1),
        ("In the long run 5 of 100 A/A tests", lambda: 200 * stats.norm.sf(1.96), 0),
        ("in 22.2 of 100 A/A tests", lambda: 100 * naive_rate(), 1),
        ("cover 91.4 per cent", lambda: 100 * (1 - 2 * stats.t.sf(C, 8)), 1),
        (".178 at p = .3", lambda: stats.norm.sf(C - stats.norm.isf(0.15)), 3),
        ("mean is 11.17", lambda: clipped(8.5), 2),
        ("true lift 2.74 per cent", lambda: 100 * (clipped(8.925) / clipped(8.5) - 1), 2),
        ("skewness 3.5", lambda: 2 * 15 / 8.5, 1),
    ],
)
def test_a_number_in_the_text_is_exact(said, value, digits):
    assert said in TEXT, said
    wanted = f"{value():.{digits}f}"
    assert wanted.lstrip("0") in said, (said, value())


def clipped(mean):
    """Mean of max(0, N(mean, 15²)), by integration."""
    return integrate.quad(lambda y: y * stats.norm.pdf(y, mean, 15), 0, mean + 200, limit=200)[0]


def test_normal_theory_holds_for_gamma_revenue():
    """A brute force of the shop: gamma revenue, scipy's interval; five errors of 2,000."""
    rng, reps = np.random.default_rng([SEED, 5]), 2_000
    found = []
    for mean in (8.5, 8.925):
        rows = rng.gamma((mean / 15) ** 2, 15**2 / mean, (reps, 5_000))
        found.append((rows.mean(1), rows.var(1, ddof=1) / 5_000))
    estimate, se = found[1][0] - found[0][0], np.sqrt(found[0][1] + found[1][1])
    half = stats.t.isf(0.025, 9_998) * se
    assert within((estimate < 0).mean(), stats.norm.cdf(-TRUTH / SE), reps)
    assert within((estimate - half > 0).mean(), stats.norm.sf(C - TRUTH / SE), reps)
    assert within((abs(estimate - TRUTH) < half).mean(), 0.95, reps)


def test_the_repeated_shop_is_the_shop():
    many = ab.datasets.repeated_shop(300, rng=SEED)
    assert many.estimate.mean() == pytest.approx(TRUTH, abs=5 * SE / np.sqrt(300))  # five errors
    assert many.se.mean() == pytest.approx(SE, rel=0.01)  # its own error is below .002
    assert many.df.shape == (300,) and many.n_treatment.tolist() == [5_000] * 300
    zero = ab.datasets.repeated_shop(200, gain=0, users=1_250, rng=[SEED, 1][0])
    assert zero.se.mean() == pytest.approx(2 * SE, rel=0.02)  # a quarter of the users, twice the error
    again = ab.datasets.repeated_shop(3, rng=SEED)
    assert np.array_equal(again.estimate, ab.datasets.repeated_shop(3, rng=SEED).estimate)
    for call in (
        lambda: ab.datasets.repeated_shop(0),
        lambda: ab.datasets.repeated_shop(1, users=1),
        lambda: ab.datasets.repeated_shop(1, gain=-9),
    ):
        with pytest.raises(ValueError, match="`"):
            call()


def test_the_answers_of_the_predictions_are_the_exact_values():
    answers = {key: item.answer for key, item in nb04.PREDICTIONS.items()}
    assert answers["04.p1"] == pytest.approx(100 * stats.norm.cdf(-TRUTH / SE), abs=0.05)  # one digit
    assert answers["04.p2"] == pytest.approx(100 * stats.norm.sf(C - TRUTH / SE), abs=0.06)  # one digit
    assert answers["04.p3"] == 5.0


@pytest.mark.parametrize(
    "name, truth",
    [
        ("below zero, in 100", lambda: stats.norm.cdf(-TRUTH / SE)),
        ("wholly above zero, in 100", lambda: stats.norm.sf(C - TRUTH / SE)),
        ("coverage, per cent", lambda: 0.95),
        ("no-effect worlds at least as extreme, in 100", lambda: 2 * stats.norm.sf(gap() / SE)),
        ("A/A tests above .95, in 100", lambda: 0.05),
        ("views as units, in 100", lambda: naive_rate()),
    ],
)
def test_stored_counts_lie_within_chance_of_theory(name, truth):
    assert within(printed(name) / 100, truth(), 500 if name.startswith("views") else 2_000)


def test_the_levels_on_paper():
    for level, times in ((50, 0.674), (67, 0.974), (95, 1.96), (99, 2.576)):
        assert 100 * (1 - 2 * stats.norm.sf(times)) == pytest.approx(level, abs=0.1)  # three digits of times
        width, inside = BOOK.numbers(f"level {level}: # euros wide, # of 100 hold")
        assert width == pytest.approx(2 * times * SE, abs=0.006)  # two digits
        assert within(inside / 100, level / 100, 2_000) or abs(inside - level) <= 1


def test_the_picture_of_a_hundred_is_typical_and_counted_with_scipy():
    many = ab.datasets.repeated_shop(100, rng=54)
    half = stats.t.isf(0.025, many.df) * many.se
    hold = int((abs(many.estimate - TRUTH) <= half).sum())
    above = int((many.estimate - half > 0).sum())
    assert f"{hold} of 100 intervals hold the truth, {above} lie above 0" in BOOK.outputs
    assert abs(hold - 95) <= 1 and abs(above - 29.3) <= 1  # typical, as the text says


def naive_rate() -> float:
    """True sd of clicks per view over the sd that independent views would have, for the shop."""
    own = 0.25 * 0.75 / 5  # variance of Beta(1, 3)
    factor = np.sqrt((71 * own + 8 * (0.25 * 0.75 - own)) / (8 * 0.25 * 0.75))
    return float(2 * stats.norm.sf(C / factor))


def test_one_row_a_user_keeps_the_promise_that_views_break():
    world = ab.datasets.shop(300, click_lift=0.0)
    old, new = world(np.random.default_rng(SEED), 1_000)
    flat = ab.ratio(old, new, numerator="clicks", denominator="views").pvalue
    assert stats.kstest(flat, "uniform").pvalue > 5e-7  # as rare as 5 standard errors
    sums = [(300 * a.select("clicks", "views").mean).round() for a in (old, new)]
    rates = [s[:, 0] / s[:, 1] for s in sums]
    pool = (sums[0][:, 0] + sums[1][:, 0]) / (sums[0][:, 1] + sums[1][:, 1])
    (users,) = BOOK.numbers("users as units, ab.ratio: p below .05 in # of 100 tests")
    assert within(users / 100, 0.05, 500)
    z = (rates[1] - rates[0]) / np.sqrt(pool * (1 - pool) * (1 / sums[0][:, 1] + 1 / sums[1][:, 1]))
    steep = 2 * stats.norm.sf(abs(z))
    assert within((steep < 0.05).mean(), naive_rate(), 1_000)
    assert stats.kstest(steep, "uniform").pvalue < 5e-7  # teeth


def test_cart_and_click_intervals_by_other_formulas():
    table = ab.datasets.shop_table(5_000, rng=np.random.default_rng(1))
    c, t = (part for _, part in table.groupby("arm"))
    low, high = score_ends(int(c.cart.sum()), 5_000, int(t.cart.sum()), 5_000)
    assert f"interval {low:.4f} to {high:.4f}" in BOOK.outputs
    assert f"For carts, −{-100 * low:.2f} to {100 * high:.2f} points" in TEXT
    ratio, variance = [], 0.0
    for part in (c, t):
        ratio.append(part.clicks.sum() / part.views.sum())
        rest = (part.clicks - ratio[-1] * part.views) / part.views.mean()  # linearised, its mean is 0
        variance += rest.var(ddof=1) / 5_000
    found = [*BOOK.numbers("more clicks in 100 views: #"), *BOOK.numbers("interval: # to #")]
    middle, half = ratio[1] - ratio[0], C * np.sqrt(variance)
    assert found == pytest.approx([100 * x for x in (middle, middle - half, middle + half)], abs=0.011)
    assert f"{100 * middle:.2f} more clicks in 100 views" in TEXT and middle - half > 0


def test_student_and_the_normal_quantile_break_and_welch_does_not():
    rng = np.random.default_rng([SEED, 1])
    c, t = rng.normal(0, 3, (8_000, 30)), rng.normal(0, 1, (8_000, 300))
    student = (stats.ttest_ind(c, t, axis=1).pvalue < 0.05).mean()
    assert same_rate(printed("student rejects"), student, 8_000) and within(student, 0.374, 8_000)
    assert within(printed("welch rejects"), 0.05, 8_000)
    assert within(printed("five users covered by 1 96"), 1 - 2 * stats.t.sf(C, 8), 20_000)


@pytest.mark.parametrize("ratio, known", [(1, 0.961), (2, 0.949), (3, 0.936), (4, 0.928), (9, 0.907)])
def test_true_coverage_at_skewness_six_and_thirty_users(ratio, known):
    """scipy on lognormal rows; 300,000 repetitions of this script gave the three digits of the text."""
    rng, reps = np.random.default_rng([SEED, 7, ratio]), 4_000
    w = optimize.brentq(lambda w: (w + 2) ** 2 * (w - 1) - 36, 1.0, 4.0)  # lognormal with skewness 6
    c, t = (np.exp(np.sqrt(np.log(w)) * rng.standard_normal((reps, n))) for n in (30, 30 * ratio))
    assert within((stats.ttest_ind(c, t, axis=1, equal_var=False).pvalue >= 0.05).mean(), known, reps)
    assert f"{100 * known:.1f}" in TEXT


def test_true_coverage_of_gamma_data_at_skewness_six():
    """The skewness of a gamma law is 2 over the root of its shape; 400,000 repetitions gave .8540."""
    rng, reps, shape = np.random.default_rng([SEED, 8]), 4_000, 4 / 6**2
    c, t = (rng.gamma(shape, size=(reps, n)) for n in (30, 270))
    assert stats.gamma(shape).stats(moments="s") == pytest.approx(6)
    assert within((stats.ttest_ind(c, t, axis=1, equal_var=False).pvalue >= 0.05).mean(), 0.854, reps)
    assert "gamma data of skewness 6 have 85.4 at 1:9" in TEXT


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
    return [
        optimize.brentq(lambda gap: distance(gap) - C, middle - 0.03, middle),
        optimize.brentq(lambda gap: distance(gap) + C, middle, middle + 0.03),
    ]


def test_zero_cell_intervals():
    p = 18 / 1_129
    half = C * np.sqrt(p * (1 - p) / 1_129)
    ends = {"wald": (-p - half, -p + half), "score": score_ends(18, 1_129, 0, 1_131)}
    ends["newcombe"] = confint_proportions_2indep(0, 1_131, 18, 1_129, method="newcomb", compare="diff")
    for name, (low, high) in ends.items():
        assert f"{name:<8}  {1000 * low:.1f} to {1000 * high:.1f} per 1,000" in BOOK.outputs, name
    assert "no case among 1,131 vaccinated teenagers, and 18 among 1,129" in TEXT
    assert f"at most {-1000 * ends['wald'][0]:.1f} cases" in TEXT
    assert f"allow {-1000 * ends['score'][0]:.1f}." in TEXT


def test_the_gate_halves_success_and_exaggerates():
    """Binomial draws of our own: the shares are normal theory, the lifts a count."""
    rng = np.random.default_rng([SEED, 3])
    rows = rng.binomial(14_751, [[0.10], [0.11]], (2, 100_000)) / 14_751
    z = (rows[1] - rows[0]) / np.sqrt(rows.mean(0) * (1 - rows.mean(0)) * 2 / 14_751)
    for name, bound, passes, said in (("significant", C, 0.8, 11.4), ("gate", 2.8016, 0.5, 13.05)):
        lift = 100 * (rows[1] / rows[0] - 1)[z > bound]
        share, mean = BOOK.numbers(f"{name}: # pass, mean lift # per cent")
        assert share == pytest.approx(passes, abs=0.006)  # five errors of 200,000
        assert mean == pytest.approx(lift.mean(), abs=5 * lift.std() / np.sqrt(lift.size) + 0.1)
        assert lift.mean() == pytest.approx(said, abs=5 * lift.std() / np.sqrt(lift.size) + 0.05)


def test_the_rand_visits_by_hand():
    frame = sm.datasets.randhie.load_pandas().data  # the same rows, as another package ships them
    rows = ab.datasets.rand_health()
    assert len(rows) == len(frame) and rows.mdvis.sum() == frame.mdvis.sum()
    part, spread, by_row = {}, {}, {}
    for coins, arm in rows.groupby("coins"):
        people = arm.groupby("person").mdvis.agg(["sum", "size"])
        rate, n = people["sum"].sum() / people["size"].sum(), len(people)
        rest = (people["sum"] - rate * people["size"]) / people["size"].mean()  # linearised, its mean is 0
        part[coins], spread[coins] = rate, rest.var(ddof=1) / n
        by_row[coins] = arm.mdvis.var(ddof=1) / len(arm)
    four = {"rel": 1e-3}  # four digits are printed
    assert printed("visits more with free care") == pytest.approx(part[0] - part[95], **four)
    assert printed("error by person") == pytest.approx(np.sqrt(spread[0] + spread[95]), **four)
    assert printed("error by row") == pytest.approx(np.sqrt(by_row[0] + by_row[95]), **four)


def test_a_small_sum_of_the_repeated_shop_is_not_biased():
    error = float(re.search(r"mean estimate +\S+ +± ([\d.]+)", BOOK.outputs)[1])
    assert abs(printed("mean estimate") - TRUTH) < 5 * error < 0.04


def test_your_own_table_may_be_parquet(tmp_path):
    table = ab.datasets.shop_table(200, rng=np.random.default_rng(SEED))
    table.to_parquet(tmp_path / "shop.parquet")
    both = ab.Moments.from_table(str(tmp_path / "shop.parquet"), ["revenue"], by="arm")
    expected = table.groupby("arm").revenue.mean().diff().iloc[-1]
    assert ab.welch(both["control"], both["treatment"]).estimate == pytest.approx(expected, rel=1e-9)


def test_rows_of_the_panel_have_the_stated_skewness():
    for skew in (0.0, 2.0, 6.0):
        x = np.linspace(-12, 12, 200_001)
        y, weight = bent(x, skew), stats.norm.pdf(x) * (x[1] - x[0])
        moments = [(y**k * weight).sum() for k in (1, 2, 3)]
        assert moments == pytest.approx([0, 1, skew], abs=1e-6)  # the grid's error
    with pytest.raises(ValueError, match="`skew`"):
        bent(np.zeros(2), -1.0)
    with pytest.raises(ValueError, match="`n`"):
        outcomes(301, 0.0, 1)


def test_panel_and_grid_count_what_scipy_counts():
    effects = outcomes(20, 4.0, 3, seed=SEED, reps=100)
    rng = np.random.default_rng(SEED)
    c, t = rng.standard_normal((100, 300)), rng.standard_normal((100, 2_700))
    pvalue = stats.ttest_ind(bent(t[:, :60], 4.0), bent(c[:, :20], 4.0), axis=1, equal_var=False).pvalue
    assert effects.pvalue == pytest.approx(pvalue, rel=1e-8)  # rounding
    assert covered(effects) == (pvalue >= 0.05).mean()
    finding = interval(seed=SEED).value(n=50, skew=0.0, ratio=1)
    assert f"{100 * covered(outcomes(50, 0.0, 1, seed=SEED)):.1f} ±" in finding
    assert repr(interval(seed=SEED)) == repr(interval(seed=SEED))


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 5])
def test_the_goals_do_not_depend_on_the_seed(seed):
    """Level 67 or 20,000 users halve the width; at skewness 6 equal arms keep 95, 1:9 do not."""
    ask = promise(run=100, seed=seed).value

    def width(**values):
        return float(re.search(r"one is ([\d.]+) euros", ask(run=100, **values))[1])

    start = width(level=95, users=5_000)
    assert start == pytest.approx(1.18, abs=0.02)  # the median width of a hundred
    assert width(level=67, users=5_000) == pytest.approx(start / 2, rel=0.02)
    assert width(level=95, users=20_000) == pytest.approx(start / 2, rel=0.03)
    equal, uneven = (covered(outcomes(30, 6.0, ratio, seed=seed)) for ratio in (1, 9))
    assert equal > 0.94 > uneven


def test_the_promise_counts_what_scipy_counts():
    found, every = promise(seed=SEED).value(run=40, level=80, users=1_250), repeated(SEED, 1_250)
    half = stats.t.isf(0.1, every.df[:40]) * every.se[:40]
    hold = int((abs(every.estimate[:40] - TRUTH) <= half).sum())
    assert f": {hold} of 40 intervals hold" in found
    assert f"one is {2 * np.median(half):.2f} euros wide" in found


def test_normal_data_cover_and_skewed_uneven_data_do_not():
    table = coverage_table([10], [0.0, 6.0], 9, seed=SEED, reps=2_000).set_index("skew").coverage
    assert within(table[0.0], 0.95, 2_000) and not within(table[6.0], 0.95, 2_000)


def test_figures_of_pvalues_and_intervals_hold_the_data():
    p = np.random.default_rng(SEED).random(500)
    ax = plot_pvalues(p, bins=10, guess=50)
    heights = [bar.get_height() for bar in ax.patches]
    assert [t.get_text() for t in ax.texts] == ["50\nexpected", "your guess"]
    assert heights == np.histogram(p, 10, (0, 1))[0].tolist()
    assert ax.lines[-1].get_xydata().tolist() == [[0.9, 250.0], [1.0, 250.0]] and ax.get_ylim()[1] >= 250
    effects = outcomes(10, 0.0, 1, seed=SEED, reps=40)
    ax = plot_intervals(effects, unit="sd")
    assert ax.get_title(loc="left") == f"{round(40 * covered(effects))} of 40 intervals hold the truth"
    ax = plot_intervals(effects, ranked=True, against=0.1, guess=30)
    assert f", {(effects.low > 0.1).sum()} lie above 0.1" in ax.get_title(loc="left")
    assert description(ax).table["number"][-1] == (effects.low > 0.1).sum()
    lines = [line.get_xydata().tolist() for line in ax.lines]
    assert [[0.0, 0.1], [1.0, 0.1]] in lines and [[10.5, 0.0], [10.5, 1.0]] in lines
    bars = np.concatenate([np.array(c.get_segments())[:, :, 1] for c in ax.collections if c.get_segments()])
    assert sorted(bars[:, 0]) == sorted(effects.low) and sorted(bars[:, 1]) == sorted(effects.high)
    places = {x: low for c in ax.collections for (x, low), _ in c.get_segments()}
    assert [places[x] for x in sorted(places)] == sorted(effects.low)
    ax = plot_coverage({"a": ([10, 100], [0.9, 0.95], [0.01, 0.01])}, ax=style.axes_or_new(None))
    assert [round(v) for v in ax.lines[1].get_ydata()] == [90, 95]


def test_figures_of_estimates_hold_the_data():
    y = np.random.default_rng(SEED).normal(0.4, 0.3, 70)
    ax = plot_draws(y, 0.4, first=0.1, unit="euros")
    gains, losses = (len(ax.lines[i].get_xdata()) for i in (0, 1))
    assert (gains, losses) == ((y >= 0).sum(), (y < 0).sum())
    assert all(ax.lines[0].get_xdata() > 0) and all(ax.lines[1].get_xdata() < 0)
    width = np.ptp(y) / 28
    drawn = np.sort(np.concatenate([ax.lines[i].get_xdata() for i in (0, 1)]))
    assert np.abs(drawn - np.sort(y)).max() <= width / 2 + 1e-9  # a pile is as wide as its bin
    table = description(ax).table
    assert table["usual distance"] == [pytest.approx(np.std(y, ddof=1))] and table["below zero"] == [losses]
    ax = plot_extreme(y - 0.4, -0.3)
    far = int((abs(y - 0.4) >= 0.3).sum())
    assert f"{100 * far / 70:.1f} of 100" in ax.get_title(loc="left")
    assert sum(description(ax).table["worlds"]) == sum(bar.get_height() for bar in ax.patches) == 70
    outer = [b.get_height() for b in ax.patches if abs(b.get_x() + b.get_width() / 2) > 0.3]
    assert sum(outer) == far


@pytest.mark.parametrize(
    "call",
    [
        lambda: plot_pvalues([2.0]),
        lambda: plot_intervals(ab.welch([1.0, 2.0], [2.0, 4.0])),
        lambda: plot_coverage({}),
        lambda: plot_draws([1.0], 0.0),
        lambda: plot_draws(np.zeros(401), 0.0),
        lambda: plot_extreme([1.0], 0.5),
        lambda: plot_extreme([1.0, 2.0], 0.0),
    ],
)
def test_a_figure_refuses_bad_input(call):
    with pytest.raises(ValueError, match="`"):
        call()


def test_a_bar_of_a_mean_cannot_carry_the_interval_of_a_difference():
    with pytest.raises(ValueError, match="negative"):
        style.axes_or_new(None).errorbar([0], [8.95], yerr=[[8.95 + 0.33], [0.88 - 8.95]])
    plot_effects(ab.welch([1.0, 2.0, 3.0], [2.0, 3.0, 4.5]))


def test_answers_of_the_exercises_and_their_slips_by_normal_theory():
    def check(key):
        return nb04.EXERCISES[key].check

    assert check("04.1")(1.8 - C * 0.5).ok and "ends" in check("04.1")(1.8 + C * 0.5).message
    doubled = 200 * stats.norm.sf(C / np.sqrt(2))
    assert check("04.4")(("a", doubled)).kind == "right"
    assert "square root" in check("04.4")(("a", 200 * stats.norm.sf(C / 2))).message
    assert "larger" in check("04.4")(("a", 200 * stats.norm.sf(C * np.sqrt(2)))).message


def test_copies_of_rows_shrink_the_error_by_the_square_root_of_two():
    y = np.random.default_rng(SEED).normal(size=(2, 400))
    once, twice = (stats.ttest_ind(*rows, equal_var=False) for rows in (y, np.tile(y, 2)))
    assert twice.statistic / once.statistic == pytest.approx(np.sqrt(2), rel=2e-3)  # n − 1 for n


def test_the_second_country_by_hand():
    """Lower ends in points: linearised sums, views as units, and the mean of the users' own rates."""
    table = ab.datasets.shop_table(1_000, rng=np.random.default_rng(14))
    rates, by_user, by_view, own = [], 0.0, 0.0, []
    for _, part in table.groupby("arm"):
        rates.append(part.clicks.sum() / part.views.sum())
        rest = (part.clicks - rates[-1] * part.views) / part.views.mean()  # linearised, its mean is 0
        by_user += rest.var(ddof=1) / 1_000
        by_view += rates[-1] * (1 - rates[-1]) / part.views.sum()
        own.append(part.clicks / part.views)
    gap, check = 100 * (rates[1] - rates[0]), nb04.EXERCISES["04.3"].check
    low, high = gap - 100 * C * np.sqrt(by_user), gap + 100 * C * np.sqrt(by_user)
    assert check(("b", low)).kind == "right" and check("b, -0.5").kind == "right"
    assert f"{low:.1f} to {high:.1f}".replace("-", "−") in nb04.EXERCISES["04.3"].solution.explanation
    for value, said in (
        (gap - 100 * C * np.sqrt(by_view), "views as units"),
        (gap, "the estimate"),
        (high, "ends"),
        (-high, "control minus treatment"),
        (100 * stats.ttest_ind(own[1], own[0], equal_var=False).confidence_interval()[0], "own rate"),
    ):
        assert said in check(("b", value)).message, value
