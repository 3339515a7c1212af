"""Notebook 05: every number it teaches, against an independent oracle; exercises; the panel; the stored
outputs.
"""

from __future__ import annotations

import os
import re

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower
from stored import Stored

from abkit import explore
from abkit.exercises import nb05
from abkit.plots import style
from abkit.plots.planning import plot_power, plot_weeks

SEED = int(os.environ.get("ABKIT_SEED", "0"))
BOOK = Stored("05_sample_size")
printed = BOOK.printed
ALL = list(nb05.EXERCISES.values())


def power_at(p: float, q: float, n: float, alpha: float = 0.05) -> float:
    """Power of the pooled z-test, from the normal law of the difference."""
    pooled = (p + q) / 2
    critical = stats.norm.isf(alpha / 2) * np.sqrt(2 * pooled * (1 - pooled) / n)
    return stats.norm.sf(critical, loc=abs(q - p), scale=np.sqrt((p * (1 - p) + q * (1 - q)) / n))


def smallest(p: float, q: float, alpha: float = 0.05) -> int:
    """The smallest n whose power is .80, by bisection: the notebook uses a closed formula."""
    low, high = 2, 10**8
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power_at(p, q, middle, alpha) >= 0.8 else (middle, high)
    return high


def test_headline_and_table_of_fifteen_plans():
    assert printed("full effect") == smallest(0.05, 0.055) == 31_234
    assert printed("half effect") == smallest(0.05, 0.0525) == 122_124
    assert printed("third effect") == smallest(0.05, 0.05 + 0.005 / 3) == 272_665
    assert printed("times for half") == pytest.approx(122_124 / 31_234, rel=1e-3)  # four digits are printed
    assert printed("times for a third") == pytest.approx(
        272_665 / 31_234, rel=1e-3
    )  # four digits are printed
    for p in (0.05, 0.10, 0.20, 0.30, 0.50):
        row = [smallest(p, p * (1 + lift)) for lift in (0.05, 0.10, 0.20)]
        assert re.search(rf"^ *{p:.0%} +" + " +".join(f"{n:,}" for n in row) + "$", BOOK.outputs, re.M), row


def test_exact_power_is_the_rate_in_a_table_of_binomials():
    n = int(printed("users rare"))
    x, y = np.arange(30), np.arange(80)  # the rest has chance below 1e-12
    p, pooled = y / n - x[:, None] / n, (y + x[:, None]) / (2 * n)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = p / np.sqrt(pooled * (1 - pooled) * 2 / n * (2 * n) / (2 * n - 1))
    chance = stats.binom.pmf(x, n, 0.001)[:, None] * stats.binom.pmf(y, n, 0.005)
    want = chance[z > stats.norm.isf(0.025)].sum()
    assert printed("exact rare") == pytest.approx(want, abs=6e-5) and want == pytest.approx(0.840, abs=5e-4)
    assert abs(printed("simulated rare") - want) < 5 * np.sqrt(want * (1 - want) / 20_000)
    assert want - 0.80 > 10 * np.sqrt(0.16 / 20_000)  # teeth: the planned .80 is not the rate


def test_simulation_keeps_the_promise():
    assert abs(printed("simulated") - printed("exact")) < 5 * np.sqrt(0.16 / 20_000)  # 5 standard errors
    assert printed("exact") == pytest.approx(power_at(0.05, 0.055, 31_234), abs=1e-3)  # O(1/n) and lattice


def test_weeks_and_days():
    for weeks, users, lift in re.findall(
        r"^ ?(\d+) weeks +([\d,]+) an arm  lift ([\d.]+)%", BOOK.outputs, re.M
    ):
        assert int(users.replace(",", "")) == 14_000 * int(weeks)
        assert power_at(0.05, 0.05 * (1 + float(lift) / 100), 14_000 * int(weeks)) == pytest.approx(
            0.8, abs=1e-3
        )  # lift: two digits
    assert printed("days for the full effect") == 7 * np.ceil(2 * 31_234 / 4_000 / 7) == 21
    assert printed("days for half") == 7 * np.ceil(2 * 122_124 / 4_000 / 7) == 63
    assert printed("myth days") == pytest.approx(4.759, abs=1e-3) and printed("true days") == pytest.approx(
        42_468 / 4_000, abs=5e-3
    )


def test_arms_guardrails_covariates_clusters_and_tails():
    for k in (3, 5):
        assert f"{k} arms  equal  {k * smallest(0.05, 0.055, 0.05 / (k - 1)):,} users" in BOOK.outputs
    saved = [
        (int(a.replace(",", "")), int(b.replace(",", "")))
        for a, b in re.findall(r"equal +([\d,]+) users  larger control +([\d,]+)", BOOK.outputs)
    ]
    assert saved[0][0] == saved[0][1] and all(b < a for a, b in saved[1:])
    assert printed("ten independent") == pytest.approx(0.8**10, abs=1e-4)
    assert printed("two co primaries") == pytest.approx(0.64)
    rng, root = np.random.default_rng(0), np.sqrt(0.5)  # fixed seed: the oracle below has 400,000 draws
    z = root * rng.standard_normal((400_000, 1)) + root * rng.standard_normal((400_000, 10))
    assert abs(printed("ten at correlation half") - (z < stats.norm.ppf(0.8)).all(1).mean()) < 5 * np.sqrt(
        0.25 / 400_000
    )
    assert f"correlation 0.7: {int(np.ceil(0.51 * 31_233.438)):>6,}" in BOOK.outputs
    assert "ICC 0.05: design effect 3.45" in BOOK.outputs and f"{5_000 / 3.45:,.0f}" in BOOK.outputs
    skew = float(stats.lognorm(1).stats("s"))
    assert (
        printed("skewness") == pytest.approx(skew, abs=1e-3)
        and printed("users by the rule") == round(355 * skew**2) == 13_580
    )


def log_normal_misses(n_control, n_treatment, reps, rng):
    """Shares of Welch intervals wholly above and wholly below the truth, from one-sided p-values of scipy."""
    control, treatment = (np.exp(rng.standard_normal((reps, n))) for n in (n_control, n_treatment))
    p = stats.ttest_ind(treatment, control, axis=1, equal_var=False, alternative="greater").pvalue
    return (p < 0.025).mean(), (p > 0.975).mean()


@pytest.mark.parametrize(("sizes", "cover"), [((500, 500), 95), ((300, 2_700), 94)])
def test_equal_arms_cancel_skewness_and_unequal_arms_do_not(sizes, cover):
    line = re.search(
        rf"^{sizes[0]} against {sizes[1]}: ([\d.]+) cover, misses ([\d.]+) and ([\d.]+)$", BOOK.outputs, re.M
    )
    covered, *sides = (float(v) for v in line.groups())
    assert round(100 * covered) == cover
    own = log_normal_misses(*sizes, 4_000, np.random.default_rng([SEED, 1]))
    for shown, rate in zip(sides, own, strict=True):
        assert (
            abs(shown - rate) < 5 * np.sqrt(rate * (1 - rate) * (1 / 10_000 + 1 / 4_000)) + 5e-4
        )  # three digits
    assert (sides[0] > 2 * sides[1]) == (cover == 94)


def test_myths():
    for p, lift, n in ((0.10, 0.05, 25_000), (0.25, 0.05, 5_000), (0.10, 0.03, 8_000)):
        q = p * (1 + lift)
        assert re.search(
            rf"{n:,} users have power {power_at(p, q, n):.3f}; +{smallest(p, q):,} are needed", BOOK.outputs
        )


def test_answers_from_oracles():
    assert nb05.EXERCISES["05.1"].check(smallest(0.20, 0.22)).ok
    assert nb05.EXERCISES["05.3"].check(2_500 / (1 + 49 * 0.05)).ok
    assert nb05.EXERCISES["05.4"].check(power_at(0.05, 0.055, 29_826)).ok
    assert power_at(0.05, 0.055, 10_000) == pytest.approx(0.354, abs=5e-4)  # in the message of 05.2 a


def test_panel_answers_for_your_own_numbers():
    finding = explore.plan().value(baseline=0.10, lift=0.10, traffic=1_000)
    assert finding.startswith(
        f"14,751 users an arm, 35 days with power {power_at(0.10, 0.11, 35 * 500):.2f}."
    )
    assert "Returning users, CUPED (correlation 0.5): 28 days" in finding  # 22.1 days
    assert explore.plan().value(seed=1) == explore.plan().value(seed=2)
    for values in (
        {"baseline": 0.005, "lift": 0.01, "traffic": 100},
        {"baseline": 0.6, "lift": 0.5, "traffic": 100_000},
    ):
        assert "users an arm" in explore.plan().value(**values)


def test_figures_show_the_plans():
    import abkit as ab

    ax = plot_power(
        {"a": ab.power([0.5], [64, 128], sd=1), "b": ab.power(0.3, [64, 128], sd=1)},
        ax=style.axes_or_new(None),
    )
    assert ax.lines[0].get_ydata()[0] == pytest.approx(
        TTestIndPower().power(0.5, 64, 0.05), abs=1e-6
    )  # the other tail is below 1e-6
    rows = ab.mde_by_week(1_000, sd=12)
    assert plot_weeks(rows).lines[0].get_ydata().tolist() == rows.effect.tolist()
    title = plot_weeks(ab.mde_by_week(4_000, p_control=0.05, weeks=[2, 12]), baseline=0.05).get_title(
        loc="left"
    )
    assert title == "12 weeks, not 2: the smallest lift falls from 10.6 to 4.3%"
    panel = explore.plan()
    assert "21 days" in panel.value() and "21 days" in [t.get_text() for t in panel.ax.texts]
    for wrong in (
        lambda: plot_power({}),
        lambda: plot_power({"a": ab.power(0.5, 64, sd=1)}),
        lambda: plot_weeks(ab.power(0.5, 64, sd=1)),
    ):
        with pytest.raises(ValueError, match="`"):
            wrong()


def test_the_memo_weighs_weeks_against_the_half_effect():
    three, nine = (power_at(0.05, 0.0525, 14_000 * weeks) for weeks in (3, 9))
    assert f"with chance {1 - three:.2f}." in BOOK.outputs and nine > 0.8 > three
    assert printed("power in three weeks") == pytest.approx(three, rel=1e-3)  # four digits are printed
    assert printed("power in nine weeks") == pytest.approx(nine, rel=1e-3)  # four digits are printed
    sign_ups = 120_000 // 400  # a quarter of one per cent
    assert printed("half effect a month") == 40 * sign_ups == 12_000
    old_page = 42 * 2_000 // 400 * 40  # six weeks of the control arm
    assert (
        printed("six weeks of the old page") == old_page == 8_400
        and printed("six weeks of test time") == 6 * 500
    )
    assert (
        f"Six more weeks cost {3_000 + old_page:,} euros, three months of the half effect are {3 * 12_000:,}."
        in BOOK.outputs
    )
    assert (
        3_000 + old_page < (nine - three) * 36_000
    )  # even the chance to find it pays, if the half effect is real
    assert power_at(0.05, 0.055, 42_000) == pytest.approx(
        0.90, abs=5e-3
    )  # the panel says: 21 days with power 0.90
