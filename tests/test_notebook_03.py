"""Notebook 03: every number it teaches, against an independent oracle; exercises; the stored outputs."""

from __future__ import annotations

import os
import re

import numpy as np
import pytest
from scipy import stats
from stored import Stored

import abkit as ab
from abkit.datasets.lost_users import planted_counts
from abkit.exercises import nb03

SEED = int(os.environ.get("ABKIT_SEED", "0"))
BOOK = Stored("03_srm")
printed = BOOK.printed
ALL = list(nb03.EXERCISES.values())


def crossing(bound: float, looks: int) -> float:
    """P(any |S_k/√k| > bound) for a random walk: density of S_k on a grid, carried from look to look."""
    grid = np.linspace(-bound * np.sqrt(looks), bound * np.sqrt(looks), 1601)
    step = grid[1] - grid[0]
    kernel = stats.norm.pdf(grid[:, None] - grid[None, :]) * step
    density = np.where(np.abs(grid) <= bound, stats.norm.pdf(grid), 0.0)
    for k in range(2, looks + 1):
        density = np.where(np.abs(grid) <= bound * np.sqrt(k), kernel @ density, 0.0)
    return 1 - density.sum() * step


@pytest.mark.parametrize(("alpha", "published"), [(0.01, 0.0744), (0.001, 0.0096)])
def test_thirty_daily_looks(alpha, published):
    exact = crossing(stats.norm.isf(alpha / 2), 30)
    assert exact == pytest.approx(published, abs=5e-4)  # grid error below 4e-4
    se = np.sqrt(exact * (1 - exact) / 20_000)
    assert abs(printed(f"30 looks at {alpha}") - exact) < 5 * se  # the notebook's 20,000 replications


def test_recursion_gives_the_nominal_rate_at_one_look_and_the_known_rate_at_two():
    assert crossing(1.96, 1) == pytest.approx(0.05, abs=2e-3)  # the grid's ends
    normal = stats.multivariate_normal([0, 0], [[1, 0.5**0.5], [0.5**0.5, 1]])
    box = normal.cdf([1.96, 1.96]) - 2 * normal.cdf([1.96, -1.96]) + normal.cdf([-1.96, -1.96])
    assert crossing(1.96, 2) == pytest.approx(1 - box, abs=2e-3)  # the grid's ends


def test_headline():
    p = stats.chisquare([821_588, 815_482]).pvalue
    assert (
        printed("p value") == pytest.approx(p, rel=1e-3) and f"{p:.1e}" == "1.8e-06"
    )  # four digits are printed
    assert printed("alarm from gap") == round(stats.norm.isf(0.0005) * np.sqrt(1_637_070))
    assert printed("gap") == -6_106 and printed("one standard deviation") == pytest.approx(1_279, abs=0.5)
    assert printed("gap in standard deviations") == pytest.approx(-4.8, abs=0.05)  # the text says 4.8
    assert printed("gap in per cent") == pytest.approx(
        -100 * 6_106 / 1_637_070, rel=1e-3
    )  # four digits are printed


def test_effect_out_of_nothing():
    hits, n = np.array([164_318, 164_318]), np.array([821_588, 815_482])
    table = np.array([hits, n - hits])
    chi2 = stats.chi2_contingency(table, correction=False).statistic * (n.sum() - 1) / n.sum()
    values = re.search(r"effect in points +([\d.]+)\np value +([\d.]+)", BOOK.outputs)
    assert float(values[1]) == pytest.approx(100 * (hits / n) @ [-1, 1], rel=1e-3)  # four digits are printed
    assert float(values[2]) == pytest.approx(stats.chi2.sf(chi2, 1), rel=1e-3)  # four digits are printed


def test_localised_segment_is_the_planted_one_and_the_total_passes():
    rows = re.findall(r"^(chrome|edge|firefox|safari) +(\d{4,5}) +(\d{4,5})$", BOOK.outputs, re.M)
    counts = {name: (int(c), int(t)) for name, c, t in rows}
    for name, pair in counts.items():
        assert printed(f"{name}") == pytest.approx(pair[0])  # the table comes first
        assert f"{stats.chisquare(pair).pvalue:.4g}" in BOOK.outputs
    total = stats.chisquare(np.sum(list(counts.values()), axis=0)).pvalue
    assert printed("whole log") == pytest.approx(total, rel=1e-3) and total > 0.001  # four digits are printed
    assert min(counts, key=lambda k: stats.chisquare(counts[k]).pvalue) == "safari"


def test_the_grid_on_paper_judges_segments_at_a_third_of_alpha():
    lines = re.findall(
        r"^ *([\d,]+) users, loss +(\d+)%: total p = (\S+), alarm in (.+)$", BOOK.outputs, re.M
    )
    assert len(lines) == 9
    for users, loss, p, alarms in lines:
        counts = planted_counts(int(users.replace(",", "")), 0.5, int(loss) / 100, seed=2)
        assert float(p) == pytest.approx(
            stats.chisquare(np.sum(list(counts.values()), axis=0)).pvalue, rel=0.05
        )  # two digits
        hit = [name for name, pair in counts.items() if stats.chisquare(pair).pvalue < 0.001 / 3]
        assert alarms == (", ".join(hit) or "no segment")
    assert ("20,000", "10", "0.0034", "android") in lines and (
        "5,000",
        "10",
        "0.14",
        "no segment",
    ) in lines  # the text


def test_trial_passes_and_equal_split_would_fail_a_correct_plan():
    assert printed("control") == 44_910 and printed("mammogram") == 44_925
    assert stats.chisquare([44_910, 44_925]).pvalue == pytest.approx(
        0.960, abs=5e-4
    )  # three published digits
    assert printed("planned 90 10") == 1 and "equal split assumed  below 1e-300" in BOOK.outputs
    assert stats.chi2.logsf(6_400, 1) < -300 * np.log(10)  # chi-square 6,400: below 1e-300, and not 0


def test_tail_does_not_underflow():
    assert printed("upper tail") == pytest.approx(stats.chi2.sf(80, 1), rel=1e-3)  # four digits are printed
    assert printed("one minus the rest") == 0


def test_sequential_check_keeps_its_alpha_and_alarms_later():
    assert printed("alarm day sequential") > printed("alarm day fixed")
    assert printed("false alarms") <= 0.001 + 5 * np.sqrt(
        0.001 * 0.999 / 20_000
    )  # Ville, and 5 standard errors


def test_teeth_fixed_test_at_every_look_breaks_the_promise_that_the_sequential_keeps():
    rng = np.random.default_rng(SEED)
    seen = np.stack([rng.binomial(10_000, 0.5, (400, 30)).cumsum(1)] * 2, -1)
    seen[..., 1] = 10_000 * np.arange(1, 31) - seen[..., 0]
    fixed = (ab.srm(seen, [0.5, 0.5]).pvalue.min(1) < 0.05).mean()
    kept = np.mean([ab.sequential_srm(s, [0.5, 0.5], alpha=0.05).passed for s in seen])
    limit = 0.05 + 5 * np.sqrt(0.05 * 0.95 / 400)  # 5 standard errors
    assert fixed > limit and 1 - kept <= limit


def test_answers_from_oracles():
    assert nb03.EXERCISES["03.1"].check(stats.chisquare([9_070, 930], [9_000, 1_000]).pvalue).ok
    assert nb03.EXERCISES["03.3"].check(32_000 * 0.2 / 0.8 - 7_300).ok
    assert nb03.EXERCISES["03.4"].check(crossing(stats.norm.isf(0.005), 30)).ok
    assert "Subtract" in nb03.EXERCISES["03.3"].check(32_000 * 0.2 / 0.8).message
    assert "30 looks at .001" in nb03.EXERCISES["03.4"].check(crossing(stats.norm.isf(0.0005), 30)).message
    assert "not dice" in nb03.EXERCISES["03.4"].check(1 - 0.99**30).message
