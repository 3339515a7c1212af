"""Notebook 07: every number it teaches, against a recursion written anew; exercises, predictions, the stored
outputs.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pytest
from conftest import SEED
from scipy import stats
from stored import Stored

import abkit as ab
from abkit.exercises import nb07
from abkit.plots.showing import title_of

BOOK = Stored("07_peeking")
TEXT = " ".join("".join(c["source"]) for c in BOOK.cells if c["cell_type"] == "markdown")
C = stats.norm.isf(0.025)
SE = 20 * np.sqrt(2 / 3_000)  # minutes, on day 30
DRIFT = 1.5 / SE  # a lift of 1.5 minutes
GRID = 1e-4  # absolute accuracy of the walk below: its step is a fortieth of a day's standard deviation


@lru_cache
def walk(bounds: tuple[float, ...], drift: float = 0.0, lower: bool = True) -> dict[str, np.ndarray]:
    """Carry the density of a sum S_k of daily steps N(drift, 1) from day to day; |S_k| > z_k √k ends a test.

    Returns, day by day, the chance to end above and below, the mean of S_k of those that end above, and the
    chance that a test that ended above is above C·√K on the last day, had it run on.
    """
    days, h = len(bounds), 1 / 40
    grid = h * np.arange(-(half := int((6 * np.sqrt(days) + 9 + abs(drift) * days) / h)), half + 1)
    step = h * np.arange(-(half := int((7 + abs(drift)) / h)), half + 1)
    step = stats.norm.pdf(step - drift) * h
    alive, gone = np.zeros_like(grid), np.zeros_like(grid)
    alive[np.argmin(abs(grid))] = 1.0
    up, down, mean = np.zeros(days), np.zeros(days), np.zeros(days)
    for k, z in enumerate(bounds, 1):
        alive, gone = np.convolve(alive, step, "same"), np.convolve(gone, step, "same")
        edge = z * np.sqrt(k)
        above = np.clip((grid - edge) / h + 0.5, 0, 1) if np.isfinite(edge) else 0 * grid
        below = np.clip((-grid - edge) / h + 0.5, 0, 1) if np.isfinite(edge) and lower else 0 * grid
        won = alive * above
        up[k - 1], down[k - 1] = won.sum(), (alive * below).sum()
        mean[k - 1] = (won * grid).sum() / max(won.sum(), 1e-300)
        gone, alive = gone + won, alive * (1 - above - below)
    last = np.clip((grid - C * np.sqrt(days)) / h + 0.5, 0, 1)
    return {"up": up, "down": down, "mean": mean, "kept": (gone * last).sum()}


def daily(looks: int, drift: float = 0.0, lower: bool = True) -> dict[str, np.ndarray]:
    return walk((C,) * looks, drift / np.sqrt(looks), lower)


def wins(looks: int) -> float:
    """Wins in 100 useless changes, exact up to the grid."""
    return 100 * float(daily(looks)["up"].sum())


def doubling(promising: float) -> float:
    """Alarms of one look, and a second after doubling when .05 < p < promising: two-dimensional normal
    boxes.
    """
    pair = stats.multivariate_normal([0, 0], [[1, 0.5**0.5], [0.5**0.5, 1]])
    low = stats.norm.isf(promising / 2)

    def box(a, b, c, d):
        return pair.cdf([b, d]) - pair.cdf([a, d]) - pair.cdf([b, c]) + pair.cdf([a, c])

    return 0.05 + 2 * (box(low, C, C, 12) + box(low, C, -12, -C))


def claim(first: int, last: int, lift: float = 1.5) -> float:
    """Mean gap in minutes of wins on these days, under a lift in minutes."""
    found, day = daily(30, lift / SE), np.arange(1, 31)
    gap = found["mean"] / day * 20 * np.sqrt(2 / 100)
    part = slice(first - 1, last)
    return float(np.average(gap[part], weights=found["up"][part]))


def test_the_walk_knows_one_look_two_looks_and_dice_less():
    assert daily(1)["up"].sum() == pytest.approx(0.025, abs=GRID)
    assert 2 * daily(2)["up"].sum() == pytest.approx(doubling(1 - 1e-12), abs=GRID)  # everybody looks twice
    assert 2 * wins(30) < 100 * (1 - 0.95**30) - 40


@pytest.mark.parametrize(
    "looks, alarms", [(5, 14.2), (10, 19.3), (20, 24.8), (30, 28.0), (100, 37.4)]
)  # the first three: Armitage, McPherson and Rowe (1969), table 2
def test_alarms_and_wins_of_repeated_looks(looks, alarms):
    assert 2 * wins(looks) == pytest.approx(alarms, abs=0.1)  # the printed digit and the grid
    assert 50 * ab.peeking_error(looks) == pytest.approx(wins(looks), abs=100 * GRID)


@pytest.mark.parametrize(
    "said, value",
    [
        ("7.1 wins at 5 looks", lambda: wins(5)),
        ("14.0 at 30", lambda: wins(30)),
        ("18.7 at 100", lambda: wins(100)),
        ("28.0 give some alarm", lambda: 2 * wins(30)),
        ("14.0 give a win", lambda: wins(30)),
        ("78.5 per cent at 30 looks", lambda: 100 * (1 - 0.95**30)),
        ("Exact: 28.0 per cent", lambda: 2 * wins(30)),
        ("17.6 of 100 such winners", lambda: 100 * daily(30)["kept"] / daily(30)["up"].sum()),
        ("3.6 minutes on average", lambda: claim(1, 10)),
        ("2.4 times the truth", lambda: claim(1, 10) / 1.5),
        ("last five days show 1.1", lambda: claim(26, 30)),
        ("14.0 false wins", lambda: wins(30)),
        ("useless wins in 100 into 14.0", lambda: wins(30)),
        ("come close to dice (22.6)", lambda: 100 * (1 - 0.95**5)),
        ("ships 23.9 of 100", lambda: 100 * walk((stats.norm.isf(0.05),) * 30, 0.0, False)["up"].sum()),
        ("ships 14.1 (a loss", lambda: 100 * daily(30, lower=False)["up"].sum()),
        ("in 7.44 per cent", lambda: 200 * walk((stats.norm.isf(0.005),) * 30)["up"].sum()),
        ("in 0.96 per cent", lambda: 200 * walk((stats.norm.isf(0.0005),) * 30)["up"].sum()),
        ("2.83 minutes on day 1", lambda: 20 * np.sqrt(2 / 100)),
        ("between −5.54 and +5.54", lambda: C * 20 * np.sqrt(2 / 100)),
    ],
)
def test_a_number_in_the_text_is_exact(said, value):
    """The text says it, and the oracle rounds to it; a grid may move the last digit by less than a tenth."""
    assert said in " ".join(TEXT.split()).replace("# ", ""), said
    number = max(re.findall(r"\d+\.\d+", said), key=lambda n: (len(n.split(".")[1]), said.index(n) == 0))
    number = re.findall(r"\d+\.\d+", said)[0 if "into" not in said else -1]
    digits = len(number.split(".")[1])
    assert abs(value() - float(number)) < 0.5 * 10**-digits + 100 * GRID


def test_the_answers_of_the_predictions_are_the_exact_values():
    answers = {key: item.answer for key, item in nb07.PREDICTIONS.items()}
    assert answers["07.p1"] == pytest.approx(wins(30), abs=0.06)  # one digit, and the grid
    assert answers["07.p2"] == pytest.approx(100 * daily(30)["kept"] / daily(30)["up"].sum(), abs=0.1)
    assert answers["07.p3"] == pytest.approx(claim(1, 10), abs=0.02)


def test_stored_counts_lie_within_chance_of_the_exact_values():
    for name, truth, reps in (
        ("wins counted at 30 looks, in 100", wins(30) / 100, 10_000),
        ("winners still winning, in 100", daily(30)["kept"] / daily(30)["up"].sum(), 1_400),
    ):
        assert abs(BOOK.printed(name) / 100 - truth) < 5 * np.sqrt(truth * (1 - truth) / reps)
    assert abs(BOOK.printed("mean gap of early wins, minutes") - claim(1, 10)) < 5 * 1.6 / np.sqrt(5_000)


def test_half_of_the_band_is_1_96_standard_errors():
    for day in (1, 4, 9, 30):
        (printed,) = BOOK.numbers(f"day {day:2}: half of the band #".replace("  ", " "))
        assert printed == pytest.approx(C * 20 * np.sqrt(2 / (100 * day)), abs=5e-3)  # two digits


def test_the_four_rules_against_the_walk():
    day = np.arange(1, 31)
    r = DRIFT**2 * day / 30
    planned = np.full(30, np.inf)
    planned[5::6] = 4.87688, 3.35701, 2.68028, 2.28982, 2.03103  # as ldbounds, gsDesign and rpact print them
    bounds = {
        "look once": np.where(day == 30, C, np.inf),
        "five planned looks": planned,
        "always valid": np.sqrt((1 + r) / r * (np.log1p(r) - 2 * np.log(0.05))),
        "peek every day": np.full(30, C),
    }
    rules = ab.stop_rules(DRIFT)
    for i, (name, z) in enumerate(bounds.items()):
        null, lifted = walk(tuple(z)), walk(tuple(z), DRIFT / np.sqrt(30))
        ended = lifted["up"] + lifted["down"]
        assert rules.name[i] == name and rules.bound[i] == pytest.approx(z, abs=1e-5)
        assert rules.false_wins[i] == pytest.approx(null["up"].sum(), abs=GRID)
        assert rules.power[i] == pytest.approx(lifted["up"].sum(), abs=4 * GRID)  # steeper there
        assert rules.days[i] == pytest.approx(day @ ended + 30 * (1 - ended.sum()), abs=0.05)
    assert round(30 - rules.days[1]) == 6  # "save six days"
    assert rules.power[1] > rules.power[0] - 0.02  # "almost as often"


def test_answers_from_oracles():
    found = nb07.EXERCISES
    assert found["07.1"].check(wins(14)).ok and not found["07.1"].check(2 * wins(14)).ok
    assert found["07.3"].check(claim(1, 10, 0.5) / 0.5).kind == "right"
    assert abs(found["07.3"].check.answer - claim(1, 10, 0.5) / 0.5) < 0.02
    for wrong, message in (
        (claim(1, 10) / 1.5, "lift of 1.5"),
        (claim(1, 10, 0.5), "in minutes"),
        (claim(1, 30, 0.5) / 0.5, "late ones too"),
    ):
        assert message in found["07.3"].check(wrong).message
    assert found["07.4"].check(("b", 100 * doubling(0.5))).kind == "right"
    assert not found["07.4"].check(("b", 100 * (1 - 0.95**2))).ok
    assert "8.3 per cent" in found["07.4"].check.first.why["a"]
    assert 100 * doubling(1 - 1e-12) == pytest.approx(8.31, abs=5e-3)  # two looks for everybody
    assert stats.norm.isf(0.25) / C == pytest.approx(0.344, abs=5e-4)  # p = .5 in half bands
    assert "dice" in found["07.1"].check(50 * (1 - 0.95**14)).message
    assert round(2 * wins(4)) == 13 and "still give 18 alarms" in nb07.QUIZ["07.q6"].why["c"]


def test_what_wins_are_worth_by_simulation():
    """Useless wins among wins (58, 21), mean sizes, the wins that last, alarms at two looks in a row."""
    planned = np.array([4.87688, 3.35701, 2.68028, 2.28982, 2.03103])
    rng, day = np.random.default_rng(SEED), np.arange(1, 31)
    z = rng.normal(size=(40_000, 30)).cumsum(1) / np.sqrt(day)
    outside = (z[:, 1:] * z[:, :-1] > 0) & (abs(z[:, 1:]) > C) & (abs(z[:, :-1]) > C)
    assert 100 * outside.any(1).mean() == pytest.approx(17.65, abs=1)
    z += DRIFT * np.sqrt(day / 30)
    gap, rows = z * 20 * np.sqrt(2 / (100 * day)), np.arange(len(z))
    alarm = (abs(z) > C).argmax(1)
    won = z[rows, alarm] > C
    five = (z[:, 5::6] > planned).argmax(1)
    found = z[rows, 6 * five + 5] > planned[five]
    for said, size in (
        ("show 2.7 when peeking", gap[rows, alarm][won]),
        ("1.8 with five planned looks", gap[rows, 6 * five + 5][found]),
        ("1.7 with one", gap[z[:, -1] > C, -1]),
    ):
        assert said in TEXT.replace("\n", " ")
        number = float(re.findall(r"\d\.\d", said)[0])
        assert abs(size.mean() - number) < 0.05 + 5 * size.std() / np.sqrt(len(size))
    lasting = (z[won & (alarm < 10), -1] > C).mean()
    assert abs(lasting - 0.93) < 0.005 + 5 * np.sqrt(0.07 / 20_000)
    once = 2.5 * 0.9, 100 * 0.1 * stats.norm.sf(C - DRIFT)
    peeking = wins(30) * 0.9, 100 * 0.1 * daily(30, DRIFT)["up"].sum()
    assert [round(100 * useless / (useless + useful)) for useless, useful in (peeking, once)] == [58, 21]
    thousands = [[round(20 * part) for part in parts] for parts in (peeking, once)]  # of 2,000 ideas
    assert thousands == [[252, 179], [45, 166]]
    for said in ("252 useless ideas and 179 good ones win: 58 of 100", "one look 45 and 166 win: 21 of 100"):
        assert said in " ".join(TEXT.split())


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_readers_count_is_near_the_exact_wins_at_any_seed(seed):
    """The cell of the notebook, run as it stands."""
    source = next("".join(c["source"]) for c in BOOK.cells if "".join(c["source"]).startswith("def count("))
    scope = {"np": np, "rng": np.random.default_rng(seed)}
    exec(source, scope)
    for looks in (1, 14, 30):
        truth = wins(looks) / 100
        assert abs(scope["count"](looks) / 100 - truth) < 5 * np.sqrt(truth * (1 - truth) / 10_000)


@pytest.mark.parametrize("morning", [2, 9, 13])
def test_the_title_of_her_test_follows_the_morning(morning):
    """Another day in the one place where it is set gives another title, and the text says no day that is not
    hers.
    """
    table = ab.datasets.audiobook_test(first_win=morning)
    effects = ab.effects_at_looks(table, looks=range(1, 31), metric="minutes")
    assert (effects.pvalue[: morning - 1] > 0.05).all() and effects.pvalue[-1] > 0.05
    assert effects.pvalue[morning - 1] < 0.05 and effects.estimate[morning - 1] > 0
    assert (
        title_of(ab.plots.plot_gap(effects).figure)
        == f"The gap wanders: a win on day {morning}, none on day 30"
    )
    cells = ["".join(c["source"]) for c in BOOK.cells if c["cell_type"] == "code"]
    assert (
        sum("first_win" in c for c in cells) == 1
        and sum(bool(re.search(r"\bmorning = ", c)) for c in cells) == 1
    )


def test_the_hundred_of_the_notebook_is_a_typical_one():
    """Two wins and two losses at one look, 14 and 13 daily: near 2.5, 2.5, 14.0 and 14.0."""
    assert BOOK.numbers("One look, on day 30: # wins, # losses in 100") == [2, 2]
    assert "day 30: 14 won, 13 lost" in BOOK.outputs


def test_a_bayesian_posterior_of_95_per_cent_is_1_645_standard_errors():
    assert stats.norm.isf(0.05) == pytest.approx(1.645, abs=5e-4)
    rng = np.random.default_rng(SEED)
    z = rng.normal(size=(20_000, 30)).cumsum(1) / np.sqrt(np.arange(1, 31))
    rate = (stats.norm.cdf(z) > 0.95).any(1).mean()
    assert abs(rate - 0.239) < 5 * np.sqrt(0.239 * 0.761 / 20_000)


def test_unequal_times_by_simulation():
    rng = np.random.default_rng(SEED)
    for times, said in (
        ([0.2, 0.4, 0.6, 0.8, 1], 14.2),
        ([0.01, 0.03, 0.1, 0.3, 1], 19.4),
        ([0.8, 0.85, 0.9, 0.95, 1], 8.4),
    ):
        path = (rng.normal(size=(40_000, 5)) * np.sqrt(np.diff(times, prepend=0))).cumsum(1)
        rate = 100 * (np.abs(path) > C * np.sqrt(times)).any(1).mean()
        assert abs(rate - said) < 500 * np.sqrt(said / 100 * (1 - said / 100) / 40_000) + 0.05
        assert f"{times} {said} alarms" in BOOK.outputs
