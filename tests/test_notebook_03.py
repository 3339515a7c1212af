"""Notebook 03: every number it teaches, against scipy, a recursion or a simulation written anew; exercises,
predictions, the stored outputs.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from conftest import SEED
from scipy import stats
from scipy.special import betaln
from stored import Stored

import abkit as ab
from abkit.exercises import nb03

BOOK = Stored("03_srm")
TEXT = " ".join(" ".join("".join(c["source"]) for c in BOOK.cells if c["cell_type"] == "markdown").split())
N = 821_588 + 815_482
REPS = 40_000


def within(rate, truth, reps=REPS, slack=0.0):
    """A share lies within five Monte-Carlo errors of the stated one."""
    return abs(rate - truth) < slack + 5 * np.sqrt(truth * (1 - truth) / reps)


def crossing(bound: float, looks: int) -> float:
    """P(any |S_k/√k| > bound) for a random walk: density of S_k on a grid, carried from look to look."""
    grid = np.linspace(-bound * np.sqrt(looks), bound * np.sqrt(looks), 1601)
    step = grid[1] - grid[0]
    kernel = stats.norm.pdf(grid[:, None] - grid[None, :]) * step
    density = np.where(np.abs(grid) <= bound, stats.norm.pdf(grid), 0.0)
    for k in range(2, looks + 1):
        density = np.where(np.abs(grid) <= bound * np.sqrt(k), kernel @ density, 0.0)
    return 1 - density.sum() * step


@cache
def leaky(users: int, loss: float) -> tuple[float, float]:
    """Shares of tests with an alarm: all users at .001, android (40 per cent) at .001 / 3."""
    rng, android = np.random.default_rng(SEED + 1), round(0.4 * users)
    treated = rng.binomial(android, 0.5, REPS)
    other = rng.binomial(users - android, 0.5, REPS)
    kept = rng.binomial(treated, 1 - loss)
    pairs = (users - treated - other, kept + other), (android - treated, kept)
    z = [abs(t - c) / np.sqrt(t + c) for c, t in pairs]
    limits = stats.norm.isf(0.0005), stats.norm.isf(0.0005 / 3)
    return tuple(float((score > limit).mean()) for score, limit in zip(z, limits, strict=True))


@cache
def days(loss: float) -> tuple[np.ndarray, np.ndarray]:
    """Counts so far of control and treatment, (REPS, 30): 10,000 users a day."""
    rng = np.random.default_rng(SEED + 2)
    treated = rng.binomial(10_000, 0.5, (REPS, 30))
    return (10_000 - treated).cumsum(1), rng.binomial(treated, 1 - loss).cumsum(1)


def alarm_days(loss: float, alpha: float, concentration: float | None) -> np.ndarray:
    """First day with an alarm, 31 for none: chi-square on each day, or the Beta mixture, with scipy's
    betaln.
    """
    c, t = days(loss)
    if concentration is None:
        hit = (c - t) ** 2 / (c + t) > stats.chi2.isf(alpha, 1)
    else:
        k = concentration
        log_bf = betaln(k + c, k + t) - betaln(k, k) + (c + t) * np.log(2)
        hit = log_bf > -np.log(alpha)
    return np.where(hit.any(1), hit.argmax(1) + 1, 31)


def test_the_missing_users_are_the_effect():
    hits, n = np.array([164_318, 164_318]), np.array([821_588, 815_482])
    rates = 100 * hits / n
    assert rates.round(2).tolist() == [20.00, 20.15] and "from 20.00 to 20.15" in TEXT
    assert BOOK.printed("control") == 821_588 and "20.15    164318" in BOOK.outputs
    bookings = (rates[1] - rates[0]) / 100 * n.sum()
    assert round(bookings, -1) == 2_450 and abs(bookings * 122 - 300_000) < 1_000
    table = np.array([hits, n - hits])
    assert stats.chi2_contingency(table, correction=False).pvalue == pytest.approx(0.017, abs=5e-4)
    assert round(100 * 6_106 / 821_588, 1) == 0.7  # per cent of an arm, in the prediction
    assert f"{100 * 20 / 90:.1f}" == "22.2" and "22.2 of 90" in BOOK.outputs


def test_chance_alone():
    p = stats.chisquare([821_588, 815_482])
    assert f"{p.pvalue:.1e}" == "1.8e-06" and "1.8 in a million" in TEXT
    assert f"{p.statistic:.2f}" == "22.77" and BOOK.numbers("22.77 22.77 #") == [pytest.approx(p.pvalue)]
    assert stats.norm.isf(0.0005) * np.sqrt(N) == pytest.approx(4_210, abs=0.5)
    assert stats.norm.isf(0.0005) == pytest.approx(3.29, abs=5e-3)
    assert np.sqrt(N) == pytest.approx(1_279, abs=0.6) and 6_106 / np.sqrt(N) == pytest.approx(4.77, abs=5e-3)
    assert "gap is 4.77 of them" in TEXT and stats.norm.cdf(1) - stats.norm.cdf(-1) == pytest.approx(
        2 / 3, abs=0.02
    )
    assert abs(BOOK.printed("standard deviation:") - 1_279) < 5 * 1_279 / np.sqrt(20_000)
    assert pytest.approx(0.26, abs=0.005) == 100 * 4_210 / N
    assert [round(100 * c / N, 1) for c in (821_588, 815_482)] == [50.2, 49.8]
    assert nb03.PREDICTIONS["03.p2"].answer == 4_210
    se = np.sqrt(1e-3 / 10_000) / (2 * stats.norm.pdf(3.29)) * np.sqrt(N)  # of the quantile of 10,000 draws
    assert abs(BOOK.printed("gap of 1 in 1,000 sound tests, users") - 4_210) < 5 * se


def test_plans_of_90_to_10():
    assert stats.chisquare([901_300, 98_700], [9e5, 1e5]).pvalue == pytest.approx(1.5e-5, abs=5e-7)
    assert round(901_300 / 9) == 100_144 and 100_144 - 98_700 == 1_444  # control complete, 90 to 10
    assert "or 100,144, belong to treatment" in TEXT and "about 1,444 are missing, not 1,300" in TEXT
    assert "p = 1.5e-05" in BOOK.outputs and "p = 1.5e-05" in TEXT
    assert stats.chi2.logsf(6_400, 1) < -300 * np.log(10)  # 9,000 and 1,000 against an equal split


def test_the_week_is_localised_and_its_total_passes():
    rows = re.findall(r"^(laptop|new phone|old phone|tablet) +(\d{5}) +(\d{5})$", BOOK.outputs, re.M)
    counts = {name: (int(c), int(t)) for name, c, t in rows}
    assert len(counts) == 4
    ps = {name: stats.chisquare(pair).pvalue for name, pair in counts.items()}
    for name, p in ps.items():
        assert re.search(rf"^{name} +p = {p:.2g} ", BOOK.outputs, re.M)
    assert [name for name, p in ps.items() if p < 0.001 / 4] == ["old phone"]
    assert stats.chisquare(np.sum(list(counts.values()), axis=0)).pvalue > 0.001


def test_how_often_the_week_passes_and_the_old_phones_alarm_by_simulation():
    """The world of `hotel_log`, written anew: 382,000 users, a tenth on old phones, of whom 7.43 per cent
    of treatment are lost.
    """
    rng = np.random.default_rng(SEED + 3)
    slow = rng.binomial(382_000, 0.1, REPS)
    treated = rng.binomial(slow, 0.5)
    kept, other = rng.binomial(treated, 1 - 0.0743), rng.binomial(382_000 - slow, 0.5)
    c, t = 382_000 - treated - other, kept + other
    passes = ((c - t) ** 2 / (c + t) < stats.chi2.isf(0.001, 1)).mean()
    assert within(passes, 0.84, slack=0.005) and "In 84 of 100 weeks with such a loss" in TEXT
    assert "7.4 in 100 users with an old phone leave" in TEXT
    slow -= treated
    assert ((slow - kept) ** 2 / (slow + kept) > stats.chi2.isf(0.001 / 4, 1)).mean() > 0.999


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_another_seed_finds_the_same_devices(seed):
    """What the text says of the week holds for other draws: old phones alarm."""
    log = ab.datasets.hotel_log(rng=seed)
    table = log.groupby(["device", "arm"])["user"].count().unstack()
    ps = {name: stats.chisquare(row).pvalue for name, row in zip(table.index, table.values, strict=True)}
    assert min(ps, key=ps.get) == "old phone" and ps["old phone"] < 0.001 / 4


@pytest.mark.parametrize(
    "users, loss, whole, part",
    [
        (20_000, 0.10, 33, 84),
        (107_000, 0.05, 50, 95),
        (5_000, 0.10, 3, 10),
        (80_000, 0.05, 33, 83),
        (80_000, 0.10, 99, 100),
    ],
)
def test_who_notices_by_simulation(users, loss, whole, part):
    found = leaky(users, loss)
    assert within(found[0], whole / 100, slack=0.006) and within(found[1], part / 100, slack=0.006)
    assert ab.srm_power(users, 0.4 * loss) == pytest.approx(found[0], abs=0.015)  # normal, and five errors
    lines = BOOK.numbers(f"{users:,} users, {loss:.0%} lost: all #, android #") if users != 107_000 else None
    assert lines is None or lines == [whole, part]


def test_the_text_says_what_the_simulation_finds():
    assert "finds 33 of 100 such tests: 67 pass" in TEXT and "with a third of .001, finds 84" in TEXT
    assert "hidden in nine of ten tests" in TEXT  # 10 of 100 are found
    assert within(leaky(20_000, 0.1)[0], nb03.PREDICTIONS["03.p3"].answer / 100)
    assert within(BOOK.printed("alarms of all users, of 100 tests") / 100, leaky(20_000, 0.1)[0], 8_000)


@pytest.mark.parametrize(("alpha", "said"), [(0.01, "7.44"), (0.001, "0.96")])
def test_thirty_daily_looks(alpha, said):
    exact = crossing(stats.norm.isf(alpha / 2), 30)
    assert exact == pytest.approx(float(said) / 100, abs=5e-4)  # grid error below 4e-4
    assert f"{alpha}: {said} false alarms" in BOOK.outputs
    assert within((alarm_days(0.0, alpha, None) < 31).mean(), exact)
    assert alpha == 0.01 or "by theory 0.96" in TEXT
    assert crossing(1.96, 1) == pytest.approx(0.05, abs=2e-3)  # the grid's ends


@pytest.mark.parametrize(
    ("alpha", "concentration", "median", "none", "false"),
    [
        (0.001, None, 10, 0.009, 0.0096),
        (0.01, 1, 20, 0.157, 0.00011),
        (0.01, 100, 15, 0.057, 0.0012),
        (0.01, 1_000, 13, 0.031, 0.0027),
        (0.001, 1, 25, 0.30, 0.00001),
        (0.05, 1, 17, 0.083, 0.00056),
    ],
)
def test_the_days_of_the_alarm_by_simulation(alpha, concentration, median, none, false):
    found = alarm_days(0.02, alpha, concentration)
    assert (found <= median).mean() > 0.5 - 5 * 0.5 / np.sqrt(REPS)
    assert (found < median).mean() < 0.5 + 5 * 0.5 / np.sqrt(REPS)
    assert within((found == 31).mean(), none, slack=0.001)
    assert within((alarm_days(0.0, alpha, concentration) < 31).mean(), false, slack=1e-4)


def test_the_stored_figure_of_the_daily_looks_says_what_theory_says():
    """40,000 sound tests: 1.0 to one digit, and 0.0; half of the leaking ones by day 10 and day 20."""
    found = re.search(r"Sound, false alarms in 100: solid (\S+), dashed (\S+); Leaking", BOOK.outputs)
    assert found and abs(float(found[1]) - 0.96) < 0.05 + 5 * 0.049 and float(found[2]) < 0.1
    assert "half found by day: solid 10, dashed 20" in BOOK.outputs
    assert "about 1 of 100 sound tests has a false alarm" in TEXT


def test_the_text_tells_these_days():
    assert "by day 20, against day 10, and 16 of 100 have none" in TEXT
    assert "days 20, 15 and 13, and none in 16, 6 and 3 per cent" in TEXT
    assert "at alpha .05 it errs in 0.056 per cent of sound tests, at .01 in 0.011" in TEXT
    assert "the median is day 25, and 30 per cent have no alarm" in TEXT


def test_at_equal_error_the_sequential_check_is_less_than_a_day_later():
    c, t = days(0.0)
    limit = np.quantile((betaln(1 + c, 1 + t) + (c + t) * np.log(2)).max(1), 1 - 0.0096)
    c, t = days(0.02)
    hit = betaln(1 + c, 1 + t) + (c + t) * np.log(2) > limit
    first = np.where(hit.any(1), hit.argmax(1) + 1, 31)
    fixed = alarm_days(0.02, 0.001, None)
    assert 0 < (first - fixed)[(first < 31) & (fixed < 31)].mean() < 1
    assert "differ by less than a day" in TEXT


def test_the_sequential_check_of_the_library_is_that_mixture():
    c, t = (x[0] for x in days(0.02))
    for k in (1, 100, 1_000):
        log_bf = betaln(k + c, k + t) - betaln(k, k) + (c + t) * np.log(2)
        found = ab.sequential_srm(np.stack([c, t], -1), [0.5, 0.5], concentration=k)
        assert found.statistic == pytest.approx(log_bf, abs=1e-5)  # sums of log gammas near 1e6


def test_trial_passes():
    assert stats.chisquare([44_910, 44_925]).pvalue == pytest.approx(0.96, abs=5e-3)
    assert "control 44,910" in BOOK.outputs and "p = 0.96" in BOOK.outputs


def test_answers_from_oracles():
    found = nb03.EXERCISES
    assert found["03.1"].check(stats.chisquare([9_070, 930], [9_000, 1_000]).pvalue).ok
    cities = {"a": (40_100, 9_950), "b": (32_000, 7_300), "c": (8_090, 1_910)}
    ps = {k: stats.chisquare(v, np.sum(v) * np.array([0.8, 0.2])).pvalue for k, v in cities.items()}
    assert [k for k, p in ps.items() if p < 0.001 / 3] == ["b"]
    assert [f"{ps['a']:.2f}", f"{ps['b']:.1g}", f"{ps['c']:.3f}"] == ["0.50", "2e-12", "0.024"]
    assert found["03.3"].check(("b", 32_000 * 0.2 / 0.8 - 7_300)).kind == "right"
    assert stats.norm.sf(np.sqrt(4_900 / 9_000 + 4_900 / 1_000)) == pytest.approx(
        0.00982, abs=1e-5
    )  # one side
    swapped = stats.chisquare([9_070, 930], [1_000, 9_000]).pvalue, stats.chisquare([9_070, 930]).pvalue
    assert max(swapped) < 1e-300  # both slips print 0.0
    rng = np.random.default_rng(SEED)
    total = rng.binomial(40_000, 0.8, 100_000)  # 8,000 give or take 100, from control alone
    assert (total / 4 - (40_000 - total)).std() == pytest.approx(100, abs=3)
    silent = [gap for gap in range(80_000, 84_000) if (N / 2 + gap / 2) / (N / 2) <= 1.05]
    assert found["03.4"].check(("b", silent[-1])).kind == "right"
    assert silent[-1] / 4_210 == pytest.approx(19.4, abs=0.05)
    assert 2 * stats.binom.cdf(94, 200, 0.5) == pytest.approx(0.44, abs=5e-3)  # "44 of 100 sound tests"
    assert round(0.01 * N) == 16_371
    q = nb03.QUIZ["03.q3"].why
    assert stats.binom.pmf(50, 100, 0.5) == pytest.approx(0.08, abs=5e-3) and "8 of 100" in q["a"]
    assert stats.binom.sf(60, 100, 0.5) < 0.02


@pytest.mark.parametrize("typed", ["b, 82000", ("b", "82,000 users"), ("b", 81_853.5)])
def test_the_bug_hunt_takes_answers_as_people_type_them(typed):
    assert nb03.EXERCISES["03.4"].check(typed).ok
