"""Notebook 18: every number it teaches, against stored simulations, exact rates and loops of its own."""

from __future__ import annotations

import json
import math
import os
import random
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats
from stored import FOLDER, Stored

import abkit as ab
from abkit.exercises import nb18

SEED = int(os.environ.get("ABKIT_SEED", "0"))
BOOK = Stored("18_bandits")
PROSE = "\n".join(c["source"] if isinstance(c["source"], str) else "".join(c["source"]) for c in BOOK.cells)
PROSE = " ".join(re.sub(r"\n# ?", " ", PROSE).split())
STUDY = json.loads((Path(__file__).parent / "oracles" / "after_adaptation.json").read_text(encoding="utf-8"))


def entry(oracle, topic, key):
    return next(e for e in oracle("adaptive", topic) if e["id"] == key)["expected"]


def test_readers_of_the_worse_headline_are_the_stored_ones(oracle):
    """20,000 simulated days of .10 and .12, by another program; a reader of A costs .02 clicks."""
    for name, want in (("eps", "1,664"), ("ucb1", "3,463"), ("thompson", "1,192")):
        mean = entry(oracle, "bandit_regret_mc_mean", f"rg_{name}_0.1_0.12_10000")["mean"]
        assert f"{mean / 0.02:,.0f}" == want and want in PROSE
    quantiles = entry(oracle, "bandit_regret_mc_quantiles", "rq_thompson_0.1_0.12_10000")
    assert f"{quantiles['q95'] / 0.02:,.0f}" == "3,105" and round(quantiles["q05"] / 0.02) == 184
    assert round(quantiles["q50"] / 0.02, -1) == 880 and "fewer than about 880 readers see A" in PROSE
    assert "1,192 × .02 = 23.8 clicks, an even split 100" in PROSE and round(1_192 * 0.02, 1) == 23.8
    answers = [p.answer for p in nb18.PREDICTIONS.values()]
    assert answers[0] == round(23.841610999999986 / 0.02) and answers[1] == round(62.10499999999989 / 0.02)


def thompson_days(days, rates):
    """Readers and clicks of each arm (days, 2), of days of 10,000 readers, in a loop of their own."""
    source, row = np.random.default_rng(SEED), np.arange(days)
    pulls, sums = np.zeros((days, 2)), np.zeros((days, 2))
    for _ in range(10_000):
        arm = source.beta(1 + sums, 1 + pulls - sums).argmax(1)
        pulls[row, arm] += 1
        sums[row, arm] += source.random(days) < rates[arm]
    return pulls, sums


def test_the_lucky_day_of_the_handout():
    """Erratum 49, in a loop of its own; tests/test_adaptive.py runs that world."""
    pulls, _ = thompson_days(500, np.array([0.10, 0.15]))
    lost = 0.05 * pulls[:, 0]
    assert abs(lost.mean() - 16.6) < 5 * 14.5 / math.sqrt(500) and abs(np.quantile(lost, 0.95) - 35.6) < 13
    assert "lose about 17 on average, and 5 of 100 lose more than about 36" in PROSE


def test_the_printed_days_lie_near_the_expected_ones():
    mean, high = BOOK.numbers(
        "Figure: # of 10,000 readers see the worse headline; in 1 run of 20 more than #"
    )
    assert abs(mean - 1_192) < 5 * 1_173 / math.sqrt(400)  # sd of a day: 23.46 clicks
    assert abs(high - 3_105) < 5 * 235  # bootstrap error of the stored quantile, scaled to 400 days


def test_the_usual_test_errs_as_stored(oracle):
    stored = entry(oracle, "post_adaptive_inference_mc", "pt_thompson_0.3_2000")
    assert nb18.PREDICTIONS["18.p3"].answer == round(100 * stored["reject_unpooled"], 1) == 14.6
    assert (
        "14.6" in PROSE and "27.2 per cent, the other arm's 30.4" in PROSE
    )  # means of the stored note: .2718, .3038
    assert round(100 * stored["reject_pooled"], 1) == 12.0 and "alarms on 12.0 of 100 days" in PROSE
    assert round(100 * stored["bias"], 1) == -1.2 and "A say, averages 1.2 points too low" in PROSE
    (found,) = BOOK.numbers("It is # of 100 tests")
    assert abs(found - 14.6) < 5 * 100 * math.sqrt(0.146 * 0.854 / 1_000)


def test_remedies_err_as_the_study_counted():
    rate = {
        (tuple(r["rates"]), r["method"]): (r["reject"] / r["reps"], r["cover"] / r["reps"])
        for r in STUDY["rows"]
    }
    same, other = (0.3, 0.3), (0.3, 0.36)
    assert "over 6,000 days it is 5.7. Without the weights it is 9.5" in PROSE
    assert "it is 5.5, against 5.7 of the weights and 9.5" in PROSE and "95 and 96 of 100 days" in PROSE
    for method, said in (("plain means", 9.5), ("constant", 5.7), ("batched", 5.5)):
        assert abs(100 * rate[same, method][0] - said) <= 0.0501  # one digit is printed
    assert round(100 * rate[other, "constant"][1]) == 95 and round(100 * rate[other, "batched"][1]) == 96
    assert round(100 * rate[same, "clipped log"][0]) == 20
    bias = {r["method"]: r["bias"] for r in STUDY["rows"] if tuple(r["rates"]) == other}
    assert [round(100 * bias[m], 1) for m in ("constant", "batched")] == [0.4, 0.5]
    assert ".4 and .5 points too high" in PROSE
    width = {r["method"]: r["width"] for r in STUDY["rows"] if tuple(r["rates"]) == other}
    assert [round(50 * width[m], 1) for m in ("constant", "batched")] == [6.8, 7.7]
    even = [196 * math.sqrt((p * (1 - p) + q * (1 - q)) / 1_000) for p, q in (same, other)]
    assert [round(v, 1) for v in even] == [4.0, 4.1]
    assert "6.8 points (weights) and 7.7 (batches), where an even split gives 4.1" in PROSE
    alike = {r["method"]: 50 * r["width"] for r in STUDY["rows"] if tuple(r["rates"]) == same}["constant"]
    assert round(alike, 1) == BOOK.printed("interval, plus or minus") == 5.2
    assert "plus or minus 5.2 points, where an even split gives 4.0" in PROSE
    for name, want in (("weighted", 0.057), ("batch by batch", 0.0545)):
        assert abs(BOOK.printed(f"{name}, false alarms in 100 days") / 100 - want) < 5 * math.sqrt(
            want * (1 - want) / 1_000
        ), name


def test_the_recap_is_right():
    a, b = stats.beta(12, 90), stats.beta(17, 85)
    best = integrate.quad(lambda x: b.pdf(x) * a.cdf(x), 0, 1)[0]
    row = BOOK.numbers("1 B # # # #")
    shown = [float(v) for v in re.findall(r"^[BA] +(\d+)$", BOOK.outputs, re.M)]
    assert abs(shown[0] - 5_000) < 5 * 50 and sum(shown[:2]) == 10_000  # the fixed test
    assert abs(max(shown[2:]) - 1_000 * best) < 5 * math.sqrt(1_000 * best * (1 - best))
    assert abs(row[0] - best) < 1e-4 and abs(row[2] - b.ppf(0.025)) < 1e-4  # four digits are printed
    (figure,) = BOOK.numbers("B is the better one with probability # per cent")
    assert figure == round(100 * best)


def test_six_lines_of_the_notebook_are_thompson_sampling():
    """The same rule in a loop of its own: the mean over days is the stored one."""
    source = random.Random(SEED)
    days = []
    for _ in range(60):
        wins, losses = [1, 1], [1, 1]
        for _ in range(1_000):
            draws = [source.betavariate(wins[k], losses[k]) for k in (0, 1)]
            shown = draws.index(max(draws))
            clicked = source.random() < (0.10, 0.12)[shown]
            wins[shown] += clicked
            losses[shown] += not clicked
        days.append(wins[0] + losses[0] - 2)
    assert abs(np.mean(days) - 330.1) < 5 * 225 / math.sqrt(60)  # stored: 6.6027 / .02, sd 4.5 / .02


def test_exercises_rest_on_stored_numbers(oracle):
    mean = entry(oracle, "bandit_regret_mc_mean", "rg_thompson_0.1_0.12_1000")["mean"]
    check = nb18.EXERCISES["18.3"].check
    assert check.answer == round(mean / 0.02, 1)
    assert check.noise >= 5 * 225.15 / math.sqrt(400) - 1  # 400 days, sd of one day from the stored note
    assert nb18.EXERCISES["18.4"].check.second.answer == pytest.approx(1_000 * (0.1 * 10 - 0.2 * 1))


def test_the_line_of_lai_and_robbins(oracle):
    line = entry(oracle, "lai_robbins_constant", "lr_0")
    assert "C = 4.90" in PROSE and round(line["constant"], 2) == 4.90
    assert round(line["at_T_10000"]) == 45 and "stands at 45 clicks" in PROSE
    mean = entry(oracle, "bandit_regret_mc_mean", "rg_thompson_0.5_0.6_10000")["mean"]
    assert round(mean) == 20 and "loses 20 on average" in PROSE


def test_the_memo_follows_from_the_printed_interval():
    low, high = BOOK.numbers("95 per cent interval # to #")
    assert low < 1 < high  # the rule then says inconclusive
    text = (FOLDER / "text" / "18_bandits.py").read_text(encoding="utf-8")
    assert 'by_rule="inconclusive"' in text


def test_the_table_of_designs_says_what_the_text_says():
    rows = re.findall(
        r"^\d +(fixed test|Thompson|hybrid) +(steady|a day late|drift) +([\d.]+) ±", BOOK.outputs, re.M
    )
    lost = {(design, world): float(value) for design, world, value in rows}
    assert len(lost) == 9
    for world in ("steady", "a day late", "drift"):
        assert lost["Thompson", world] == min(v for (_, w), v in lost.items() if w == world)
    assert (
        len(re.findall(r"^[01] +(?:fixed test|Thompson) +[\d.]+ ± [\d.]+ +[\d.]+ ±", BOOK.outputs, re.M)) == 2
    )


def test_four_headlines_turn_the_claim_round():
    """With four headlines and steady rates the bandit's claim misses by less than the fixed test's."""
    source, rates = np.random.default_rng(SEED), np.array([0.10, 0.12, 0.09, 0.10])
    row, pulls, sums = np.arange(100), np.zeros((100, 4)), np.zeros((100, 4))
    for _ in range(10_000):
        arm = source.beta(1 + sums, 1 + pulls - sums).argmax(1)
        pulls[row, arm] += 1
        sums[row, arm] += source.random(100) < rates[arm]
    even = np.full((4_000, 4), 1_250.0)
    found = [_miss(pulls, sums, rates), _miss(even, source.binomial(1_250, rates, even.shape), rates)]
    assert abs(found[1] - 1.24) < 0.08 and abs(found[0] - 0.82) < 0.3  # 5 errors of 4,000 and of 100 runs
    assert "a typical miss of .8 points against 1.2" in PROSE


def _miss(pulls, sums, rates):
    """Root mean square of (claimed − true) lead of the first over the second, in points."""
    mean = sums / np.maximum(pulls, 1)
    second, first = np.argsort(mean, 1)[:, -2:].T
    row = np.arange(len(mean))
    lead = mean[row, first] - mean[row, second] - (rates[first] - rates[second])
    return 100 * math.sqrt(np.mean(lead**2))


def test_the_price_of_the_memo():
    """What an even split of the same day would have given."""
    half = 196 * math.sqrt((0.1 * 0.9 + 0.12 * 0.88) / 5_000)
    assert round(half, 1) == 1.2 and "plus or minus 1.2 points" in PROSE


def test_new_clicks_at_the_same_split_alarm_as_promised():
    """The same numbers of readers, clicks drawn anew: the split alone does little harm to the test."""
    source, row = np.random.default_rng(SEED), np.arange(1_500)
    pulls, sums = np.zeros((1_500, 2)), np.zeros((1_500, 2))
    for _ in range(2_000):
        arm = source.beta(1 + sums, 1 + pulls - sums).argmax(1)
        pulls[row, arm] += 1
        sums[row, arm] += source.random(1_500) < 0.3
    anew = source.binomial(pulls.astype(int), 0.3, (10, 1_500, 2)) / pulls
    z = np.diff(anew)[..., 0] / np.sqrt((anew * (1 - anew) / pulls).sum(-1))
    assert 0.05 < (np.abs(z) > 1.96).mean() < 0.06 and "the first one alarms on 5 to 6" in PROSE


def test_the_rows_that_are_read_aloud(oracle):
    """Exact for the fixed test; for Thompson the stored mean, and a loop of its own for its miss."""
    error = math.sqrt((0.1 * 0.9 + 0.12 * 0.88) / 2_500)
    test = 50 + 5_000 * 0.02 * stats.norm.sf(0.02 / error)  # half the readers, and the wrong one wins
    stored = entry(oracle, "bandit_regret_mc_mean", "rg_thompson_0.1_0.12_10000")["mean"]
    assert round(test) == 51 and "The fixed test loses about 51 clicks" in PROSE
    assert round(100 * error, 1) == 0.9 and "typically .9 points off" in PROSE
    assert round(test - stored) == 27 and "about 27 more clicks" in nb18.EXERCISES["18.1"].check.why["a"]
    rates = np.array([0.10, 0.12])
    pulls, sums = thompson_days(300, rates)
    assert 1.5 < _miss(pulls, sums, rates) < 2.6 and "misses by about twice as much" in PROSE
    missed = re.findall(r"^(\d) +-?[\d.]+ ± [\d.]+ +([\d.]+) ± [\d.]+ *$", BOOK.outputs, re.M)
    miss = [float(v) for _, v in missed]
    assert len(miss) == 9 and all(miss[3 * k] == min(miss[3 * k : 3 * k + 3]) for k in range(3))  # the title
    assert abs(miss[0] - 100 * error) < 5 * 100 * error / math.sqrt(2 * 200)
    assert miss[6] < miss[8] < miss[7] and abs(miss[4] - miss[5]) < 0.4  # what the alt text says


def test_answers_to_the_explorer():
    """What its pictures show at 5,000 readers, and what many more runs of the same rule give."""

    def share(headlines, policy):
        run = ab.datasets.headline_runs(headlines, 5_000, policy)
        seen = 100 * (run.arm != headlines - 1).mean(1)
        return round(seen.mean()), np.quantile(seen, 0.95, method="inverted_cdf")

    assert share(2, 1)[0] == 50 and share(2, 4)[0] == 20 and 45 < share(2, 4)[1] < 60
    assert share(5, 1)[0] == 80 and share(5, 4)[0] == 53 and share(5, 4)[1] > 80
    assert "from 50 to 20 of 100 readers" in PROSE and "from 80 to 53; the band again" in PROSE
    source, rates = np.random.default_rng(SEED), np.array([0.10, 0.12])
    row, pulls, sums = np.arange(600), np.zeros((600, 2)), np.zeros((600, 2))
    for reader in range(5_000):
        if reader % 50 == 0:
            known, clicks = pulls.copy(), sums.copy()
        arm = source.beta(1 + clicks, 1 + known - clicks).argmax(1)
        pulls[row, arm] += 1
        sums[row, arm] += source.random(600) < rates[arm]
    seen = pulls[:, 0] / 50
    assert abs(seen.mean() - 18.3) < 5 * 15 / math.sqrt(600) and 40 < np.quantile(seen, 0.95) < 62
