"""Notebook 08: every number it teaches, against an independent oracle; exercises; the stored outputs."""

from __future__ import annotations

import os
import re

import numpy as np
import pytest
from scipy import integrate, stats
from stored import Stored

import abkit as ab
from abkit.exercises import nb08

SEED = int(os.environ.get("ABKIT_SEED", "0"))
BOOK = Stored("08_multiple_testing")
printed = BOOK.printed
ALL = list(nb08.EXERCISES.values())
REPS = 20_000  # replications in the notebook


def near(name: str, exact: float, reps: int = REPS) -> bool:
    """Within five Monte-Carlo standard errors of the exact rate."""
    return abs(printed(name) - exact) < 5 * np.sqrt(exact * (1 - exact) / reps)


def family_error(k: int, alpha: float, rho: float) -> float:
    """1 − P(all |Z_i| ≤ c) for Z_i = √rho·U + √(1 − rho)·E_i, by adaptive integration over U."""
    c, rest = stats.norm.isf(alpha / 2), np.sqrt(1 - rho)

    def none(u: float) -> float:
        return (
            stats.norm.pdf(u)
            * (stats.norm.cdf((c - rho**0.5 * u) / rest) - stats.norm.cdf((-c - rho**0.5 * u) / rest)) ** k
        )

    return 1 - integrate.quad(none, -10, 10, limit=200)[0]


@pytest.mark.parametrize(("rho", "published"), [(0.0, 0.642), (0.5, 0.419), (0.9, 0.155)])
def test_twenty_metrics(rho, published):
    exact = family_error(20, 0.05, rho)
    assert exact == pytest.approx(published, abs=5e-4)  # half a unit of the last digit
    assert printed(f"correlation {rho}") == pytest.approx(exact, abs=6e-5)  # four digits are printed


def test_drawn_rates_agree_with_the_integral():
    assert near("experiments with a false alarm", 1 - 0.95**20) and near(
        "drawn at 0.5", family_error(20, 0.05, 0.5)
    )
    assert near("experiments with a false win", 1 - 0.975**20)
    assert printed("false alarms per experiment") == pytest.approx(
        1, abs=5 * np.sqrt(20 * 0.05 * 0.95 / REPS)
    )  # 5 errors


def test_nadias_best_metric():
    """A rise with two-sided p at most .012: one side of .006, the best of twenty, one shared normal
    factor.
    """
    limit = stats.norm.isf(0.006)
    for rho, told in ((0.0, 0.113), (0.5, 0.069)):

        def none(u, rho=rho):
            return stats.norm.cdf((limit - np.sqrt(rho) * u) / np.sqrt(1 - rho)) ** 20 * stats.norm.pdf(u)

        exact = 1 - integrate.quad(none, -9, 9)[0]
        assert exact == pytest.approx(told, abs=5e-4)  # half a unit of the last digit in the text
        assert printed(f"a rise with p at most .012, correlation {rho}") == pytest.approx(exact, abs=6e-5)


def test_table_of_corrections_is_that_of_statsmodels():
    multipletests = pytest.importorskip("statsmodels.stats.multitest").multipletests
    p = [0.0003, 0.0451, 0.0121, 0.8432, 0.2213, 0.0333, 0.0049, 0.0511, 0.6124, 0.0087]
    names = {
        "bonferroni": "bonferroni",
        "sidak": "sidak",
        "holm": "holm",
        "hochberg": "simes-hochberg",
        "hommel": "hommel",
        "bh": "fdr_bh",
        "by": "fdr_by",
    }
    table = {ours: multipletests(p, method=theirs)[1] for ours, theirs in names.items()}
    for ours, adjusted in table.items():
        assert printed(ours) == (adjusted <= 0.05).sum()
    row = re.search(r"^0\.0333 +(.*)$", BOOK.outputs, re.M)
    assert row and [float(v) for v in row[1].split()] == pytest.approx(
        [table[m][5] for m in names], abs=6e-5
    )  # four digits


def test_rates_of_holm_and_bh_with_half_of_the_effects_real():
    assert (
        abs(printed("share of false wins, BH") - 0.025) < 5 * 0.00084
    )  # exact for independent tests; printed error
    mean = printed("mean share")
    assert abs(mean - 0.025) < 5 * 0.00084
    assert printed("over 10 per cent") > 0.1  # the myth


@pytest.mark.parametrize(
    ("metrics", "rho", "real"), [(10, 0.0, 0), (20, 0.0, 10), (20, 0.5, 10), (40, 0.5, 10)]
)
def test_static_twin_by_simulation(metrics, rho, real):
    """Holm's any false win and both finds, from my own draws and statsmodels' step-down and step-up."""
    html = next(
        h
        for c in BOOK.cells
        for o in c.get("outputs", [])
        if "false among wins" in (h := "".join(o.get("data", {}).get("text/html", "")))
    )
    values = np.array(re.findall(r"<td>([^<]*)</td>", html)).reshape(4, 9)[
        [(10, 0.0), (20, 0.0), (20, 0.5), (40, 0.5)].index((metrics, rho))
    ]
    whats = ("any false win", "false among wins", "true found")
    shown = dict(zip([(what, m) for what in whats for m in ("none", "Holm", "BH")], values, strict=True))
    rng = np.random.default_rng(SEED)
    z = np.sqrt(rho) * rng.standard_normal((2_000, 1)) + np.sqrt(1 - rho) * rng.standard_normal(
        (2_000, metrics)
    )
    z[:, :real] += 3.0
    p = np.sort(2 * stats.norm.sf(np.abs(z)), axis=1)
    order = np.argsort(2 * stats.norm.sf(np.abs(z)), axis=1)
    ranks = np.arange(1, metrics + 1)
    steps = {
        "none": (2 * stats.norm.sf(np.abs(z)) <= 0.05)[np.arange(2_000)[:, None], order],
        "Holm": np.logical_and.accumulate(p <= 0.05 / (metrics - ranks + 1), axis=1),
        "BH": np.logical_or.accumulate((p <= 0.05 * ranks / metrics)[:, ::-1], axis=1)[:, ::-1],
    }
    for name, won in steps.items():
        false = won & (order >= real)
        rates = {"any false win": false.any(1), "false among wins": false.sum(1) / np.maximum(won.sum(1), 1)}
        if real:
            rates["true found"] = (won & (order < real)).sum(1) / real
        for what, each in rates.items():
            error = (
                100 * each.std() * np.sqrt(1 / 2_000 + 1 / 1_000)
            )  # mine and the notebook's 1,000 experiments
            assert abs(100 * each.mean() - float(shown[what, name])) < 5 * error + 0.5, (
                what,
                name,
            )  # and rounding
    assert real or shown["true found", "Holm"] == "-"


def test_bh_at_its_worst_is_the_bound_and_one_metric_is_sound():
    bound = 0.05 * (1 / np.arange(1, 21)).sum()
    assert bound == pytest.approx(0.17989, abs=5e-6) and near("BH at its worst:", bound)
    assert near("one metric", 0.05)
    assert printed("BH at its worst:") > 0.05 + 5 * np.sqrt(
        0.05 * 0.95 / REPS
    )  # teeth: BH breaks its promise here


def test_dunnett_of_three_screens():
    rng = np.random.default_rng(SEED)
    shared, own = rng.standard_normal((400_000, 1)), rng.standard_normal((400_000, 3))
    largest = np.abs(shared + own).max(1) / np.sqrt(2)
    for c, level in ((printed("Dunnett"), 0.05), (1.96, printed("three plain tests, any false win"))):
        assert abs((largest > c).mean() - level) < 5 * np.sqrt(level * (1 - level) / 400_000)
    alone = re.search(r"^Bonferroni +([\d.]+)$", BOOK.outputs, re.M)  # not a row of a figure's table
    assert float(alone[1]) == pytest.approx(stats.norm.isf(0.025 / 3), abs=1e-3)  # the t has 9,998 df
    rows = {
        name: [float(v) for v in re.search(rf"^{name} +([\d. -]+)$", BOOK.outputs, re.M)[1].split()]
        for name in "AC"
    }
    z = 0.142 / (3 * np.sqrt(2 / 5_000))
    assert (
        abs((largest > z).mean() - rows["A"][0]) < 5 * np.sqrt(0.05 * 0.95 / 400_000) + 1e-4
    )  # and rounding
    assert (
        rows["A"][3] == pytest.approx(6 * stats.norm.sf(z), abs=3e-4) and rows["A"][0] < 0.05 < rows["A"][3]
    )


def test_two_secondaries_after_the_primary():
    opened = stats.norm.sf(stats.norm.isf(0.025) - 6)
    for name, exact in (("each at .05", 0.0975), ("fixed order", 0.05), ("Holm", 1 - 0.975**2)):
        found = [float(v) for v in re.findall(rf"^{re.escape(name)} +(0\.\d+) +± ", BOOK.outputs, re.M)]
        assert any(abs(v - exact * opened) < 5 * np.sqrt(exact * (1 - exact) / REPS) for v in found), name


def test_guardrails_outside_the_family():
    for name, level in (("each at .05", 0.05), ("corrected, .01", 0.01)):
        one = stats.norm.cdf(3 - stats.norm.isf(level))
        assert near(f"{name}: safe", one**5) and near(f"{name}: harmful", level * one**4)


def test_best_of_twenty_segments():
    order = integrate.quad(lambda z: z * 20 * stats.norm.pdf(z) * stats.norm.cdf(z) ** 19, -10, 10)[0]
    assert order == pytest.approx(1.8675, abs=5e-5)  # the published digits
    assert printed("best above truth in se") == pytest.approx(
        order, abs=5 * 0.525 / np.sqrt(REPS)
    )  # sd of the largest is .525
    p = 2 * stats.norm.sf(printed("best effect") / 0.1)
    assert printed("plain p") == pytest.approx(p, rel=5e-3) and printed("bonferroni p") == pytest.approx(
        20 * p, rel=5e-3
    )  # rounding
    assert printed("plain wins") == 4 and printed("bonferroni wins") == 0
    wins = 20 * (
        stats.norm.sf(stats.norm.isf(0.025) - 0.5) + stats.norm.cdf(-stats.norm.isf(0.025) - 0.5)
    )  # .5 errors of effect
    assert (
        printed("wins on average") == pytest.approx(wins, abs=5 * np.sqrt(wins / REPS))
        and round(wins, 1) == 1.6
    )  # 5 errors


def test_answers_from_oracles():
    assert nb08.EXERCISES["08.1"].check(1 - 0.95**8).ok
    assert nb08.EXERCISES["08.3"].check(max(5 * 0.001, 4 * 0.012, 3 * 0.014)).ok
    assert (
        nb08.EXERCISES["08.3"]
        .check(ab.adjust_pvalues([0.001, 0.012, 0.014, 0.04, 0.3, np.nan], method="holm")[2])
        .ok
    )
    assert nb08.EXERCISES["08.4"].check(1 - 0.95**2).ok
