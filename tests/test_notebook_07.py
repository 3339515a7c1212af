"""Notebook 07: every number it teaches, against an independent oracle; exercises; worlds; the stored
outputs.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, stats
from stored import Stored

import abkit as ab
from abkit.datasets.worlds import looks_world
from abkit.exercises import nb07
from abkit.moments import Moments

SEED = int(os.environ.get("ABKIT_SEED", "0"))
BOOK = Stored("07_peeking")
printed = BOOK.printed
ALL = list(nb07.EXERCISES.values())
C = stats.norm.isf(0.025)


def near(value: float, truth: float, reps: int) -> bool:
    """Within 5 Monte-Carlo standard errors of `truth`."""
    return abs(value - truth) < 5 * np.sqrt(truth * (1 - truth) / reps)


@lru_cache
def crossing(bound: float, looks: int, sides: int = 2, drift: float = 0.0) -> float:
    """P(any S_k/√k beyond the bound) for a random walk: its density on a grid, carried from look to look."""
    top = bound * np.sqrt(looks)
    grid = np.linspace(-top if sides == 2 else -6 * np.sqrt(looks), top, 1201)
    step = grid[1] - grid[0]
    kernel = stats.norm.pdf(grid[:, None] - grid[None, :] - drift) * step
    weight = {
        k: np.clip((bound * np.sqrt(k) - (np.abs(grid) if sides == 2 else grid)) / step + 0.5, 0, 1)
        for k in range(1, looks + 1)
    }
    density = stats.norm.pdf(grid - drift) * weight[1]
    for k in range(2, looks + 1):
        density = (kernel @ density) * weight[k]
    return 1 - density.sum() * step


def doubling(promising: float) -> float:
    """Error of one look, and a second after doubling when .05 < p < promising: two-dimensional normal
    boxes.
    """
    pair = stats.multivariate_normal([0, 0], [[1, 0.5**0.5], [0.5**0.5, 1]])
    low = stats.norm.isf(promising / 2)

    def box(a, b, c, d):
        return pair.cdf([b, d]) - pair.cdf([a, d]) - pair.cdf([b, c]) + pair.cdf([a, c])

    return 0.05 + 2 * (box(low, C, C, 12) + box(low, C, -12, -C))


@pytest.mark.parametrize(
    ("looks", "published"), [(5, 0.142), (10, 0.193), (20, 0.248), (30, 0.280), (100, 0.374)]
)
def test_rates_of_repeated_looks(looks, published):
    oracle = crossing(C, looks)
    assert oracle == pytest.approx(published, abs=1e-3)  # the published digits and the grid
    assert ab.peeking_error(looks) == pytest.approx(oracle, abs=1e-3)  # the grid
    assert near(printed(f"{looks} looks, simulated"), oracle, 10_000)


def test_two_looks_by_the_bivariate_normal():
    assert crossing(C, 1) == pytest.approx(0.05, abs=1e-3)  # the grid
    assert ab.peeking_error(2) == pytest.approx(doubling(1 - 1e-12), abs=1e-6)  # everybody doubles


def test_headline():
    assert near(printed("simulated"), crossing(C, 10), 20_000) and near(printed("at the end"), 0.05, 20_000)
    assert printed("exact") == pytest.approx(crossing(C, 10), abs=1e-3)  # the grid
    assert printed("dice formula") == pytest.approx(1 - 0.95**10, abs=5e-5)  # four digits are printed
    nine = crossing(C, 9)
    first = printed("first alarm on day 10, if nine gave none")
    assert (
        first == pytest.approx((crossing(C, 10) - nine) / (1 - nine), abs=1e-3) and round(first, 2) == 0.01
    )  # the grid


def test_a_simulation_passes_for_the_exact_curve_and_refutes_the_dice_formula():
    """Teeth: the check that the exact rate passes must fail for 1 − (1 − a)^k at every number of looks above
    one.
    """
    rng = np.random.default_rng(SEED)
    for looks in (2, 5, 10, 30):
        control, treatment = looks_world(looks, 200)(rng, 4_000)
        rate = (ab.welch(control, treatment).pvalue < 0.05).any(axis=1).mean()
        assert near(rate, ab.peeking_error(looks), 4_000)
        assert looks == 2 or not near(rate, 1 - 0.95**looks, 4_000)
        assert not near(rate, 0.05, 4_000)


def test_unequal_times_by_simulation():
    rng = np.random.default_rng(SEED)
    for name, times in [
        ("equal steps", [0.2, 0.4, 0.6, 0.8, 1]),
        ("mostly early", [0.01, 0.03, 0.1, 0.3, 1]),
        ("only at the end", [0.8, 0.85, 0.9, 0.95, 1]),
    ]:
        path = (rng.normal(size=(40_000, 5)) * np.sqrt(np.diff(times, prepend=0))).cumsum(1)
        rate = (np.abs(path) > C * np.sqrt(times)).any(1).mean()
        assert near(rate, printed(name), 40_000)
    assert printed("dice formula, five looks") == pytest.approx(
        1 - 0.95**5, abs=5e-5
    )  # four digits are printed


def test_running_longer_if_promising():
    assert doubling(0.2) == pytest.approx(0.0676, abs=5e-5)  # the published digits
    assert printed("run longer if promising") == pytest.approx(
        doubling(0.2), abs=1e-5
    )  # four digits are printed


def test_bayesian_rule_with_thirty_looks():
    oracle = crossing(stats.norm.isf(0.05), 30, sides=1)
    assert oracle == pytest.approx(0.239, abs=1.5e-3)  # the grid
    assert printed("Bayesian rule, 30 looks") == pytest.approx(oracle, abs=1.5e-3)  # the grid
    assert near(printed("the same, simulated"), oracle, 10_000)
    se = np.sqrt(2 * 0.09 / 100)  # the first day has the largest loss
    loss = integrate.quad(lambda d: max(-d, 0) * stats.norm.pdf(d, stats.norm.isf(0.05) * se, se), -1, 0)[0]
    assert loss < 0.001  # at P(B > A) = .95: the bound on z alone decides, as the text says


def test_thousand_looks_and_correlated_metrics():
    """1,000 looks by the walk on every look; 20 metrics by scipy's quadrature."""
    rng = np.random.default_rng(SEED)
    z = rng.normal(size=(2_000, 1_000)).cumsum(1) / np.sqrt(np.arange(1, 1_001))
    assert near((np.abs(z) > C).any(1).mean(), ab.peeking_error(1_000), 2_000)

    def none(x):
        return (
            stats.norm.pdf(x)
            * (stats.norm.cdf((C - x * 0.5**0.5) / 0.5**0.5) - stats.norm.cdf((-C - x * 0.5**0.5) / 0.5**0.5))
            ** 20
        )

    assert 1 - integrate.quad(none, -9, 9)[0] == pytest.approx(0.419, abs=5e-4)  # the published digits
    assert printed("twenty metrics, independent") == pytest.approx(
        1 - 0.95**20, abs=5e-5
    )  # four digits are printed


def test_the_story_is_an_a_a_test_that_loses_its_significance():
    assert printed("day 9 p") == pytest.approx(0.03, abs=5e-3) and printed("day 9 minutes") > 0
    assert printed("day 30 p") > 0.2
    assert near(printed("ever significant"), crossing(C, 30), 10_000)
    assert printed("a player that changes nothing, peeking, euros a year") == pytest.approx(
        120_000 * crossing(C, 30), abs=150
    )  # grid
    assert near(printed("still on day 30"), 0.05 / crossing(C, 30), 2_500)  # about 2,700 alarms


def test_rules_that_keep_the_promise_and_the_one_that_does_not():
    rows = {
        n: [float(v.replace(",", "").rstrip("%")) for v in values.split()]
        for n, values in re.findall(
            r"^(look once|five-look plan|always valid|peek daily) +(.+)$", BOOK.outputs, re.M
        )
    }
    assert near(rows["look once"][0] / 100, 0.05, 10_000) and near(
        rows["five-look plan"][0] / 100, 0.05, 10_000
    )
    assert 0 < rows["always valid"][0] < 5 and near(rows["peek daily"][0] / 100, crossing(C, 30), 10_000)
    power = stats.norm.sf(C - 1.5 / (20 * np.sqrt(2 / 3_000)))
    assert near(rows["look once"][1] / 100, power, 10_000) and rows["look once"][2] == 3_000
    assert near(rows["peek daily"][1] / 100, crossing(C, 30, drift=1.5 / (20 * np.sqrt(2 / 100))), 10_000)
    assert round(rows["peek daily"][1]) == 91  # the power that the text states
    claims = [rows[n][3] for n in ("look once", "five-look plan", "peek daily")]
    assert 1.5 < claims[0] < claims[1] < claims[2] and rows["five-look plan"][2] < 3_000


def test_early_winners_exaggerate_and_late_ones_claim_too_little():
    assert printed("mean early winner") > printed("mean winner") > printed("truth") == 1.5
    rng = np.random.default_rng(SEED)
    z = (rng.normal(size=(40_000, 30)) + 1.5 / (20 * np.sqrt(2 / 100))).cumsum(1)  # a new walk, other draws
    n = np.arange(1, 31)
    stop = np.abs(z) > C * np.sqrt(n)
    at = stop.argmax(1)
    claim = (z / n)[np.arange(40_000), at] * 20 * np.sqrt(2 / 100)
    won = stop.any(1) & (claim > 0)
    groups = {
        "mean early winner": at < 10,
        "3,000 users": at == 29,
        "1,100 to 1,500 users": (at >= 10) & (at < 15),
        "1,600 to 2,000 users": (at >= 15) & (at < 20),
    }
    for name, group in groups.items():
        mine = claim[won & group]
        error = mine.std() * np.sqrt(
            1 / len(mine) + 20 / len(mine)
        )  # the notebook has 2,000 tests, this 40,000
        assert abs(mine.mean() - printed(name)) < 5 * error, name
    assert (
        printed("1,100 to 1,500 users") > 1.5 > printed("1,600 to 2,000 users") > printed("3,000 users") > 1
    )


def own_table(day_last: int, minutes: np.ndarray) -> pd.DataFrame:
    """Run the cell of the reader's own table on a file that ends on `day_last`; its last line is the
    result.
    """
    source = next(
        "".join(c["source"]) for c in BOOK.cells if "later looks have not happened" in "".join(c["source"])
    )
    *body, last = [line for line in source.replace("pd.read_csv(my_file)", "my_file").splitlines() if line]
    users = pd.DataFrame(
        {
            "arm": np.repeat(["control", "treatment"], 100 * day_last),
            "day": np.tile(np.repeat(np.arange(1, day_last + 1), 100), 2),
            "minutes": minutes,
        }
    )
    scope = {"ab": ab, "np": np, "pd": pd, "my_file": users, "my_looks": (6, 12, 18, 24, 30)}
    exec("\n".join(body), scope)
    return eval(last, scope)


def test_a_look_that_has_not_happened_is_not_judged():
    """At z = 2.5 on day 12 the bound of that look, 3.36, is not crossed; that of day 30, 2.03, would be."""
    x = np.tile([-1.0, 1.0], 1_200)
    x = (x - x.mean()) / x.std(ddof=1)
    x[1_200:] += 2.5 * np.sqrt(2 / 1_200)
    for last, looks in ((12, 2), (17, 2), (18, 3)):
        data = x if last == 12 else np.resize(x[:1_200] - x[:1_200].mean(), 200 * last)
        rows = own_table(last, data)
        assert len(rows) == looks and not rows["crossed"].any()
    assert rows["users, both arms"].tolist() == [1_200, 2_400, 3_600]  # 100 a day in each of two arms


@pytest.mark.parametrize("sd", [1.0, (3.0, 0.5)])
def test_running_world_follows_the_law_of_accumulated_rows(sd):
    rng = np.random.default_rng(SEED)
    short = looks_world(3, 5, effect=2.0, sd=sd)(rng, 3_000)
    sds = np.broadcast_to(sd, 2)
    for arm, mu, sigma in zip(short, (0.0, 2.0), sds, strict=True):
        rows = rng.normal(mu, sigma, (3_000, 15))
        for look in range(3):
            long = Moments.of(rows[:, : 5 * (look + 1)])
            assert (arm.n[:, look] == long.n).all()
            assert (
                stats.ks_2samp(arm.mean[:, look, 0], long.mean[:, 0]).pvalue > 5e-7
            )  # as rare as 5 standard errors
            assert stats.ks_2samp(arm.scatter[:, look, 0, 0], long.scatter[:, 0, 0]).pvalue > 5e-7  # the same
        whole = Moments.of(rows)
        got = np.corrcoef(arm.mean[:, 0, 0], arm.mean[:, 2, 0])[0, 1]
        assert got == pytest.approx(np.sqrt(1 / 3), abs=5 / np.sqrt(3_000))  # 5 standard errors
        assert whole.n[0] == 15


def test_running_world_feeds_the_bench_and_one_look_is_the_plain_world():
    result = ab.calibrate(
        looks_world(10, 100), lambda c, t: ab.welch(c, t).pvalue.min(axis=-1), reps=2_000, rng=SEED
    )
    assert near(result.reject, ab.peeking_error(10), 2_000) and result.failed == 0
    once = ab.calibrate(looks_world(1, 100), lambda c, t: ab.welch(c, t).pvalue[..., 0], reps=2_000, rng=SEED)
    assert near(once.reject, 0.05, 2_000)


@pytest.mark.parametrize(
    "bad", [{"looks": 0}, {"per_look": 1}, {"effect": np.nan}, {"sd": 0}, {"sd": (1, 2, 3)}]
)
def test_running_world_refuses_bad_input(bad):
    with pytest.raises(ValueError, match="`"):
        looks_world(**bad)


def test_answers_from_oracles():
    found = nb07.EXERCISES
    assert found["07.1"].check(crossing(C, 14)).ok
    pocock = optimize.brentq(lambda z: crossing(z, 10) - 0.05, 2.4, 2.7, xtol=1e-3)
    assert found["07.3"].solution.answer == pytest.approx(2 * stats.norm.sf(pocock), abs=3e-4)  # the grid
    assert found["07.3"].check(2 * stats.norm.sf(ab.group_sequential(10, design="pocock").upper[0])).ok
    assert found["07.4"].check(doubling(0.5)).ok and not found["07.4"].check(doubling(0.2)).ok
    for key, looks in (("07.1", 14), ("07.4", 2)):
        assert "not dice" in found[key].check(1 - 0.95**looks).message
