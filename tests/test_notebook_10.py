"""Notebook 10: every number it teaches, against a recursion written anew, printed tables and simulation;
exercises, predictions, the stored outputs.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pytest
from conftest import SEED
from scipy import optimize, special, stats
from stored import Stored

import abkit as ab
from abkit import explore
from abkit.exercises import nb10
from abkit.plots import plot_boundaries, plot_chances, plot_looks
from abkit.plots.showing import title_of

BOOK = Stored("10_group_sequential")
TEXT = " ".join(" ".join("".join(c["source"]) for c in BOOK.cells if c["cell_type"] == "markdown").split())
TEXT = TEXT.replace(" > ", " ")
GRID = 1e-3  # accuracy of the walk below
LOOK = np.arange(1, 6)
FLAT, FALLING = 2.4132, 2.0401  # Jennison and Turnbull (2000), tables 2.1 and 2.3, five looks at .05


def step(new: np.ndarray, old: np.ndarray, drift: float = 0.0) -> np.ndarray:
    """The density of a unit step, from each old to each new point."""
    gap = new[:, None] - old[None, :] - drift
    return np.exp(-gap * gap / 2) / np.sqrt(2 * np.pi)


def running(
    upper: np.ndarray, lower: np.ndarray | None = None, drift: float = 0.0, points: int = 1200
) -> np.ndarray:
    """P(no bound crossed up to each look) for S_j, a walk of unit steps with mean `drift`: its density on a
    fine grid.
    """
    root = np.sqrt(np.arange(1, len(upper) + 1))
    highs, lows = upper * root, (-upper if lower is None else lower) * root
    mass, grid, left = np.ones(1), np.zeros(1), []
    for low, high in zip(lows, highs, strict=True):
        width = (high - low) / points
        new = low + (np.arange(points) + 0.5) * width  # midpoints
        mass, grid = step(new, grid, drift) @ mass * width, new
        left.append(mass.sum())
    return np.array(left)


def crossing(bound: np.ndarray, drift: float = 0.0) -> float:
    """P(any |S_j/√j| > bound_j) for a random walk."""
    return 1 - running(bound, drift=drift)[-1]


FIXED = stats.norm.isf(0.025) + stats.norm.isf(0.2)  # mean of z at which one look has power .8


def spending_bounds(looks: int) -> np.ndarray:
    """O'Brien-Fleming spending, look by look, on the same kind of grid: Lan and DeMets (1983), alpha .025 a
    side.
    """
    spent = 2 * stats.norm.sf(stats.norm.isf(0.0125) / np.sqrt(np.arange(1, looks + 1) / looks))
    bounds, mass, grid = [], np.ones(1), np.zeros(1)
    for j, increment in enumerate(np.diff(spent, prepend=0.0), 1):

        def over(c, j=j, mass=mass, grid=grid, increment=increment):
            return special.logsumexp(stats.norm.logsf(c * np.sqrt(j) - grid), b=mass) - np.log(increment)

        z = optimize.brentq(over, 1, 30, xtol=1e-7)
        end = min(z, 9) * np.sqrt(j)
        new = (np.arange(600) + 0.5) / 600 * 2 * end - end
        mass, grid = step(new, grid) @ mass * (2 * end / 600), new
        bounds.append(z)
    return np.array(bounds)


@lru_cache
def price(looks: int) -> tuple[float, float, float]:
    """Users at most and on average of the spending plan, in units of one look at power .8, and the final
    bound.
    """
    z = spending_bounds(looks)
    wide = np.minimum(z, 9)  # a density beyond 9 standard errors is nothing

    def left(drift):
        return running(wide, drift=drift / np.sqrt(looks), points=400)

    drift = optimize.brentq(lambda d: 0.2 - left(d)[-1], FIXED, 1.2 * FIXED, xtol=1e-5)
    most = (drift / FIXED) ** 2
    return most, most * (1 + left(drift)[:-1].sum()) / looks, float(z[-1])


@lru_cache
def bounds(name: str) -> tuple[float, ...]:
    """Upper bounds of five looks."""
    if name == "budget":
        return tuple(spending_bounds(5))
    return tuple(np.full(5, FLAT) if name == "flat" else FALLING * np.sqrt(5 / LOOK))


def ended(upper: np.ndarray, drift: float = 0.0, lower: np.ndarray | None = None) -> np.ndarray:
    """P(above the upper bound first) at each look: what leaves above, from those still running."""
    upper = np.asarray(upper, float)
    low = -upper if lower is None else lower
    each = drift / np.sqrt(len(upper))
    mass, grid, won = np.ones(1), np.zeros(1), []
    for j, root in enumerate(np.sqrt(np.arange(1, len(upper) + 1))):
        won.append(mass @ stats.norm.sf(upper[j] * root - grid - each))
        top = min(upper[j], drift / np.sqrt(len(upper)) * root + 9)
        width = (top - low[j]) * root / 1200
        new = low[j] * root + (np.arange(1200) + 0.5) * width
        mass, grid = step(new, grid, each) @ mass * width, new
    return np.array(won)


@lru_cache
def drift_of(name: str) -> float:
    """The mean of z at the end at which a plan has power .8."""
    return optimize.brentq(lambda d: ended(bounds(name), d).sum() - 0.8, FIXED, 1.3 * FIXED, xtol=1e-6)


def cost(name: str) -> float:
    return (drift_of(name) / FIXED) ** 2


def average(name: str, drift: float | None = None) -> float:
    """Users on average, as a multiple of one look."""
    d = drift_of(name) if drift is None else drift
    return cost(name) * (1 + running(np.minimum(bounds(name), 9), drift=d / np.sqrt(5))[:-1].sum()) / 5


@lru_cache
def green(drift: float = 0.0) -> float:
    """P(win | z > 1.96 at the second of five looks), falling bound."""
    up, each = np.array(bounds("falling")), drift / np.sqrt(5)
    root = np.sqrt(2)
    one = np.linspace(-9, up[0], 4001)[:-1] + (up[0] + 9) / 8000  # sum after look 1
    mass = stats.norm.pdf(one - each) * (up[0] + 9) / 4000
    total = mass @ stats.norm.sf(1.96 * root - one - each)
    won = mass @ stats.norm.sf(up[1] * root - one - each)
    width = (up[1] - 1.96) * root / 1200
    two = 1.96 * root + (np.arange(1200) + 0.5) * width
    left, grid = step(two, one, each) @ mass * width, two
    for j in (2, 3, 4):
        won += left @ stats.norm.sf(up[j] * np.sqrt(j + 1) - grid - each)
        width = 2 * up[j] * np.sqrt(j + 1) / 1200
        new = -up[j] * np.sqrt(j + 1) + (np.arange(1200) + 0.5) * width
        left, grid = step(new, grid, each) @ left * width, new
    return float(won / total)


@lru_cache
def ines() -> tuple[np.ndarray, np.ndarray]:
    """Gap and standard error of Ines's table at her five looks, with pandas alone."""
    table, found = ab.datasets.price_page_test(), []
    for week in (2, 4, 6, 8, 10):
        arms = table[table.week <= week].groupby("arm").euros
        gap = arms.mean()["treatment"] - arms.mean()["control"]
        found.append((gap, np.sqrt((arms.var() / arms.size()).sum())))
    return tuple(np.array(found).T)


@lru_cache
def onward(belief: str) -> float:
    """Wins in 100 of Ines's test after week 4: 400,000 drawn remainders."""
    rng = np.random.default_rng(SEED)
    gap, se = (x[1] for x in ines())
    z, unit = gap / se, se * np.sqrt(0.4)
    drift = {"estimate": z / np.sqrt(0.4), "planned": drift_of("falling"), "half": 0.5 / unit, "useless": 0.0}
    steps = rng.normal(size=(400_000, 3)) * np.sqrt(0.2)
    rate = (
        drift.get(belief, 0)
        if belief != "any"
        else z / np.sqrt(0.4) + rng.normal(size=(400_000, 1)) / 0.4**0.5
    )
    b = z * np.sqrt(0.4) + (steps + rate * 0.2).cumsum(axis=1)
    return 100 * float((b / np.sqrt([0.6, 0.8, 1.0]) > bounds("falling")[2:]).any(axis=1).mean())


@lru_cache
def stopped(name: str = "falling") -> dict[str, float]:
    """p, median and interval at look 4, where chances of an ending at least as high come from the walk."""
    gap, se = ines()
    z, up = gap[3] / se[3], np.array([*bounds(name)[:3], gap[3] / se[3]])

    def tail(drift: float) -> float:
        each, grid, mass, high = drift / np.sqrt(5), np.zeros(1), np.ones(1), 0.0
        for j in range(4):
            root = np.sqrt(j + 1)
            high += mass @ stats.norm.sf(up[j] * root - grid - each)
            width = 2 * bounds(name)[j] * root / 700
            new = -bounds(name)[j] * root + (np.arange(700) + 0.5) * width
            mass, grid = step(new, grid, each) @ mass * width, new
        return high

    unit = se[3] * np.sqrt(0.8)
    found = {
        part: unit * optimize.brentq(lambda d, p=p: tail(d) - p, 0, 6, xtol=1e-5)
        for part, p in (("low", 0.025), ("middle", 0.5), ("high", 0.975))
    }
    return found | {"p": 2 * tail(0.0), "z": z}


def test_the_walk_knows_one_look_and_the_printed_tables():
    assert ended(np.array([1.959964])).sum() == pytest.approx(0.025, abs=1e-6)
    for name in ("flat", "falling"):
        assert crossing(np.array(bounds(name))) == pytest.approx(
            0.05, abs=1e-4
        )  # four digits of the constants
    assert cost("flat") == pytest.approx(1.229, abs=GRID) and cost("falling") == pytest.approx(
        1.028, abs=GRID
    )
    assert price(5)[0] == pytest.approx(cost("budget"), abs=GRID)
    np.testing.assert_allclose(bounds("budget"), [4.87688, 3.35701, 2.68028, 2.28982, 2.03103], atol=2e-3)


@pytest.mark.parametrize(
    "said, value",
    [
        ("gap is 1.66 euros", lambda: ines()[0][0]),
        ("usually moves it by 1.61", lambda: ines()[1][0]),
        ("by 1.61. Divide: 1.03", lambda: ines()[0][0] / ines()[1][0]),
        ("five looks it gives 14.2", lambda: 100 * crossing(np.full(5, 1.959964))),
        ("2.413 at each", lambda: FLAT),
        ("falling bound asks for 4.56", lambda: FALLING * np.sqrt(5)),
        ("week 2 and 2.040", lambda: FALLING),
        ("flat bound needs up to 12.3", lambda: 10 * cost("flat")),
        ("12.3 weeks, 22.9", lambda: 100 * (cost("flat") - 1)),
        ("one up to 10.3", lambda: 10 * cost("falling")),
        ("up to 10.3, 2.8", lambda: 100 * (cost("falling") - 1)),
        ("price is 2.5", lambda: 100 * (cost("budget") - 1)),
        ("at one look, 9.8", lambda: 2 * (FIXED * 30 / 2) ** 2 / 362),
        ("test stops after 8.0", lambda: average("budget") * 2 * (FIXED * 30 / 2) ** 2 / 362),
        ("In week 4 it is 2.16", lambda: ines()[0][1] / ines()[1][1]),
        ("bound is 3.23", lambda: bounds("falling")[1]),
        ("On average 32.4", lambda: 100 * green()),
        ("the gap fell to 2.02", lambda: ines()[0][2]),
        ("In week 8 z is 2.95", lambda: ines()[0][3] / ines()[1][3]),
        ("2.95, above 2.28", lambda: bounds("falling")[3]),
        ("count is 0.32", lambda: 200 * stats.norm.sf(2.95)),
        ("On average 1.01", lambda: 100 * stopped()["p"]),
        ("(5/look) give 6.1", lambda: 100 * crossing(1.959964 * np.sqrt(5 / LOOK))),
        ("below .05/√look 10.1", lambda: 100 * crossing(stats.norm.isf(0.025 / np.sqrt(LOOK)))),
        ("below .05/5 only 3.3", lambda: 100 * crossing(np.full(5, stats.norm.isf(0.005)))),
        ("with a falling bound, 22.9", lambda: 100 * (cost("flat") - 1)),
        ("(here 2.01", lambda: ines()[0][4]),
        ("Real patients: z = 2.24", lambda: stents()),
        ("plain p is .025", lambda: 2 * stats.norm.sf(stents())),
        ("at look 2 is 2.86", lambda: 2.0243 * np.sqrt(2)),  # table 2.3, four looks
        ("against 1.0247", lambda: cost("budget")),
    ],
)
def test_a_number_in_the_text_is_exact(said, value):
    """The text says it, and the oracle rounds to it; the walk may move the last digit by its accuracy."""
    assert said in TEXT, said
    number = re.findall(r"\d*\.\d+", said)[-1]
    digits = len(number.split(".")[1])
    room = 0.02 if digits == 1 else GRID
    assert abs(value() - float(number)) < 0.5 * 10**-digits + room, value()


def stents() -> float:
    rate = 73 / 451
    return (45 / 224 - 28 / 227) / np.sqrt(rate * (1 - rate) * (1 / 224 + 1 / 227))


def test_users_of_one_look_and_of_five():
    n = 2 * (FIXED * 30 / 2) ** 2
    assert "3,533 visitors in each arm" in TEXT and 3_531 < n < 3_534  # the t law adds one user
    assert "Five looks with a budget need 3,620" in TEXT and n * cost("budget") == pytest.approx(3_620, abs=3)
    assert [round(average(name), 2) for name in ("flat", "falling")] == [0.80, 0.82]
    assert "both take about 8 weeks on average" in TEXT


def test_the_table_of_prices_as_printed():
    for name in ("flat", "falling"):
        shown = BOOK.numbers(f"{name} weeks at most # if it works # if useless #")
        wanted = [10 * v for v in (cost(name), average(name), average(name, 0.0))]
        assert shown == pytest.approx(wanted, abs=0.07), name  # one digit, the walk
    for j, (share, bound, spent) in enumerate(
        zip(LOOK / 5, bounds("budget"), (0.00, 0.08, 0.76, 2.44, 5.00), strict=True)
    ):
        row = BOOK.numbers(f"share of users {share:.1f}: bound #, alarms so far # in 100")
        assert row == pytest.approx([bound, spent], abs=6e-3), j  # two digits
        rate = 2 * stats.norm.sf(stats.norm.isf(0.0125) / np.sqrt(share))
        assert 200 * rate == pytest.approx(spent, abs=6e-3)


def test_the_twin_and_the_goal_of_the_explorer():
    assert "first goal: 4.0 per cent, and 2.98 at look 2" in TEXT
    assert "cost 4.0 per cent with the falling bound, 30.1 with the flat one" in TEXT
    ten = np.sqrt(10 / np.arange(1, 11))
    for bound, said in ((2.087 * ten, 4.0), (np.full(10, 2.555), 30.1)):  # tables 2.3 and 2.1, ten looks
        top = optimize.brentq(lambda d, b=bound: ended(b, d).sum() - 0.8, FIXED, 1.3 * FIXED)
        assert 100 * ((top / FIXED) ** 2 - 1) == pytest.approx(said, abs=0.1)
    shape = (LOOK / 5) ** -0.4  # shape 0.1
    c = optimize.brentq(lambda c: crossing(c * shape) - 0.05, 1.9, 2.5)
    drift = optimize.brentq(lambda d: ended(c * shape, d).sum() - 0.8, FIXED, 1.3 * FIXED)
    assert 100 * ((drift / FIXED) ** 2 - 1) == pytest.approx(4.0, abs=0.1) and c * shape[1] == pytest.approx(
        2.98, abs=5e-3
    )
    reached = [explore.boundaries(delta=d).value() for d in (0.0, 0.1, 0.2)]
    costs = [float(re.search(r"at most ([\d.]+) times", text)[1]) for text in reached]
    second = [float(re.search(r"second z ([\d.]+)", text)[1]) for text in reached]
    assert costs[1] < 1.05 and second[1] < 3  # the goal can be met, and not by both ends
    assert second[0] > 3 and costs[2] > 1.05
    assert "final z 2.413" in explore.boundaries(delta=0.5).value()  # printed table


def test_beliefs_about_the_test_of_week_4_against_drawn_remainders():
    said = re.search(r"what you believe: (\d+), (\d+), (\d+) \(a page that adds 0.5 euros\) or (\d+)\.", TEXT)
    names = ("estimate", "planned", "half", "useless")
    error = 5 * 50 / np.sqrt(400_000)  # five errors at most, in wins of 100
    for text, name in zip(said.groups(), names, strict=True):
        assert abs(float(text) - onward(name)) < 0.5 + error, name
    assert abs(BOOK.printed("predictive") - onward("any")) < 0.5 + error
    assert 92 <= 100 * ended_from(1.96) < 93 and "that is green in week 4 at least 92" in TEXT
    assert abs(100 * ended_from(ines()[0][1] / ines()[1][1]) - 97) < 0.5 and "promises Ines 97 wins" in TEXT
    assert abs(100 * green(2 / 1.6 * np.sqrt(5)) - 96) < 0.5  # a real effect keeps the promise
    assert "Of pages that do add 2 euros, 96 of 100 green ones win" in TEXT


def ended_from(z: float) -> float:
    """P(win) from z at look 2 if the estimate is the truth: a chain of three normal steps, by simulation."""
    steps = np.random.default_rng(SEED).normal(size=(1_000_000, 3)) * np.sqrt(0.2)
    b = z * np.sqrt(0.4) + (steps + z / np.sqrt(0.4) * 0.2).cumsum(axis=1)
    return float((b / np.sqrt([0.6, 0.8, 1.0]) > bounds("falling")[2:]).any(axis=1).mean())


def test_the_answers_of_the_predictions_are_the_exact_values():
    answers = {key: item.answer for key, item in nb10.PREDICTIONS.items()}
    assert answers["10.p1"] == pytest.approx(FLAT, abs=5e-4)
    assert answers["10.p2"] == pytest.approx(100 * (cost("falling") - 1), abs=0.05)  # the walk
    assert answers["10.p3"] == pytest.approx(100 * green(), abs=0.1)  # the walk
    kept = BOOK.printed("green useless pages that win, in 100") / 100
    assert abs(kept - green()) < 5 * np.sqrt(green() * (1 - green()) / 2_400)
    assert nb10.PREDICTIONS["10.p2"].consequence(None, 2.84).endswith("that is 2 days more at most.")


def test_the_report_after_the_stop_against_the_walk():
    wanted = stopped()
    plain = BOOK.numbers("plain gap # from # to #")
    gap, se = (x[3] for x in ines())
    assert plain == pytest.approx([gap, gap - 1.96 * se, gap + 1.96 * se], abs=6e-3)
    shown = BOOK.numbers("stagewise # from # to #")
    assert shown == pytest.approx([wanted["middle"], wanted["low"], wanted["high"]], abs=7e-3)
    assert BOOK.printed("stagewise p") == pytest.approx(wanted["p"], abs=1e-4)
    assert "her honest p is .0101, not .0032" in TEXT
    assert abs(wanted["p"] - 0.0101) < 1e-4 and abs(2 * stats.norm.sf(gap / se) - 0.0032) < 5e-5
    assert (
        0.5 < wanted["low"] < plain[1] and "stagewise 0.53" in TEXT
    )  # "ship" follows from the rule, and the plain report said more


def test_futility_costs_12_7_per_cent_against_the_same_plan_without_it():
    plan = ab.group_sequential(5, sides=1, alpha=0.025, futility="obrien_fleming", power=0.8)
    upper, lower = np.array(plan.upper), np.array(plan.lower)
    lower[-1] = upper[-1] - 1e-9
    np.testing.assert_allclose(
        upper, bounds("budget"), atol=2e-3
    )  # one side at .025 spends as each side of two
    drift = optimize.brentq(lambda d: ended(upper, d, lower).sum() - 0.8, FIXED, 1.3 * FIXED, xtol=1e-6)
    most = (drift / FIXED) ** 2
    assert 100 * (most / cost("budget") - 1) == pytest.approx(12.7, abs=0.1) and most == pytest.approx(
        1.155, abs=GRID
    )
    assert "12.7 per cent longer" in TEXT and "(1.155 against 1.0247)" in TEXT
    mean = most * (1 + running(upper, lower)[:-1].sum()) / 5
    assert round(100 * mean) == 58 and "58 per cent of the users of one look" in TEXT


def test_the_published_futility_formula_gives_up_good_ideas(rng):
    t, drift, reps = np.arange(1, 11) / 10, 0.125 * np.sqrt(500), 200_000
    w = np.cumsum(0.1 * drift + np.sqrt(0.1) * rng.normal(size=(reps, 10)), axis=1) / np.sqrt(t)
    upper = 1.959964 / np.sqrt(t)
    lower = (0.841621 - 1.959964) / np.sqrt(t) + 0.125 * np.sqrt(2_000 * t)
    assert np.flatnonzero(lower > upper)[0] + 1 == 6
    first = ((w >= upper) | (w <= lower)).argmax(axis=1)
    lost = 1 - (w >= upper)[np.arange(reps), first].mean()
    assert abs(lost - 0.716) < 5 * np.sqrt(0.716 * 0.284 / reps) + 5e-4 and "gives up 71.6 per cent" in TEXT


def test_bias_and_second_metrics_after_a_stop_by_simulation():
    rng, reps = np.random.default_rng(SEED), 400_000
    steps, d = rng.normal(size=(reps, 5)), drift_of("budget")
    w = (steps + d / np.sqrt(5)).cumsum(axis=1) / np.sqrt(LOOK)
    up = np.array(bounds("budget"))
    out = abs(w) > up
    stop = np.where(out.any(axis=1), out.argmax(axis=1), 4)
    rows = np.arange(reps)
    ratio = w[rows, stop] / np.sqrt((stop + 1) / 5) / d
    assert (
        abs(ratio.mean() - 1.09) < 5e-3 + 5 * ratio.std() / np.sqrt(reps)
        and "is 9 per cent too large" in TEXT
    )
    wins = ratio[(w > up).any(axis=1)]
    assert abs(100 * (wins.mean() - 1) - 24) < 0.5 + 500 * wins.std() / np.sqrt(len(wins))
    one = (
        FIXED + stats.norm.pdf(stats.norm.isf(0.8)) / 0.8
    )  # mean of z above 1.96, where one look has power .8
    assert 100 * (one / FIXED - 1) == pytest.approx(12.5, abs=0.05)
    assert "wins it is 24." in TEXT and "with the same power, it is 12.5." in TEXT
    second = (0.8 * steps + 0.6 * rng.normal(size=(reps, 5))).cumsum(axis=1) / np.sqrt(LOOK)
    won = (w > up).any(axis=1)
    plain, bound = (100 * (won & (second[rows, stop] > z)).mean() for z in (1.96, up[stop]))
    assert abs(plain - 3.2) < 0.05 + 0.14 and "gives 3.2 false wins" in TEXT  # half a digit, five errors
    assert abs(bound - 0.25) < 0.03 + 0.04 and "about 0.25" in TEXT


def test_answers_from_oracles(oracle):
    found = nb10.EXERCISES
    entry = next(
        e
        for e in oracle("group_sequential", "obrien_fleming_equal")
        if (e["inputs"]["K"], e["inputs"]["alpha"], e["inputs"]["sided"]) == (4, 0.05, 2)
    )
    assert found["10.1"].check(entry["expected"]["z"][-1]).kind == "right"
    assert "with a budget" in found["10.1"].check(spending_bounds(4)[-1]).message
    entry = next(
        e for e in oracle("group_sequential", "adjusted_inference_stagewise") if e["id"].startswith("adj6")
    )
    assert (
        found["10.3"].check(2 * entry["expected"]["p_adjusted"]).kind == "right"
    )  # one side at .025, doubled
    assert "plain p" in found["10.3"].check(2 * stats.norm.sf(2.1)).message
    tom = 100 * crossing(1.959964 * np.sqrt(5 / LOOK))
    assert found["10.4"].check(("c", tom)).kind == "right"
    assert "wins only" in found["10.4"].check(("c", tom / 2)).message
    assert "five plain looks" in found["10.4"].check(("c", 100 * crossing(np.full(5, 1.959964)))).message
    four = 2.0243 * np.sqrt(4 / np.arange(1, 5))  # table 2.3
    for bound in four:
        assert f"{bound:.2f}" in found["10.2"].solution.explanation
    assert (np.array([1.1, 2.6, 2.2]) < four[:3]).all()  # no bound is crossed
    b = 2.6 * np.sqrt(0.5)  # the dashboard's promise after look 2, at the estimate
    steps = np.random.default_rng(SEED).normal(size=(200_000, 2)) * 0.5 + 2.6 / np.sqrt(0.5) / 4
    won = ((b + steps.cumsum(axis=1)) / np.sqrt([0.75, 1]) > four[2:]).any(axis=1).mean()
    assert abs(100 * won - 99) < 0.5 + 5 * 10 / np.sqrt(200_000)


def test_the_table_is_the_one_that_its_docstring_states():
    table = ab.datasets.price_page_test(seed=SEED, lift=3.0)
    assert table.groupby(["week", "arm"]).size().eq(362).all() and len(table) == 7_240
    arms = table.groupby("arm").euros
    for arm, mean in (("control", 59.0), ("treatment", 62.0)):
        error = mean / 2 / np.sqrt(3_620)
        assert abs(arms.mean()[arm] - mean) < 5 * error
        assert abs(arms.std()[arm] / (mean / 2) - 1) < 5 * np.sqrt(3.5 / 4 / 3_620)  # kurtosis of a gamma
    with pytest.raises(ValueError, match="`lift` must be above -59"):
        ab.datasets.price_page_test(lift=-60)


def endings(drift: float, rng: np.random.Generator, reps: int = 400_000) -> tuple[np.ndarray, np.ndarray]:
    """Endings of the plan with a budget as one number that rises in the stagewise order; and the wins."""
    up = np.array(bounds("budget"))
    w = (rng.normal(size=(reps, 5)) + drift / np.sqrt(5)).cumsum(axis=1) / np.sqrt(LOOK)
    out = abs(w) > up
    stop = np.where(out.any(axis=1), out.argmax(axis=1), 4)
    z = w[np.arange(reps), stop]
    return z + np.where(abs(z) > up[stop], np.sign(z) * 100 * (5 - stop), 0), z > up[stop]


def test_the_memo_says_how_seldom_a_win_is_more_than_what_pays():
    rng, worth, planned = np.random.default_rng(SEED), 0.5, 2.0
    end, won = endings(drift_of("budget"), rng)
    least = np.quantile(endings(drift_of("budget") * worth / planned, rng)[0], 0.975)
    assert abs(100 * won.mean() - 80) < 0.5 and "80 of 100 tests win" in TEXT
    assert abs(100 * (end > least).mean() - 45) < 1 and "only 45 end with an interval above 0.50" in TEXT
    median = np.quantile(end, 0.5)
    assert abs((end[won] > median).mean() - 5 / 8) < 5e-3 and "too high in 5 of 8" in TEXT
    more = (planned / (planned - worth)) ** 2
    assert f"= {more:.2f}: {3_620 * more:,.0f} visitors in each arm, {10 * more:.1f} weeks" in TEXT


def test_how_seldom_a_useless_change_is_green_at_one_look():
    assert 100 * stats.norm.sf(1.96) == pytest.approx(2.5, abs=0.005)
    assert "only 2.5 of 100 useless changes are green in week 4" in TEXT
    assert 100 * stats.norm.sf(1.96) * green() == pytest.approx(0.8, abs=0.05)
    assert "a third of these win: 0.8 of the 2.5 false wins" in TEXT
    assert "30·√(2/3,620)" in TEXT and 30 * np.sqrt(2 / 3_620) == pytest.approx(0.705, abs=5e-4)


def test_price_of_two_looks_in_the_exit_question():
    drift = optimize.brentq(lambda d: ended(1.9774 * np.sqrt(2 / np.arange(1, 3)), d).sum() - 0.8, FIXED, 4)
    assert 100 * ((drift / FIXED) ** 2 - 1) == pytest.approx(0.8, abs=0.05)  # 1.977: table 2.3, two looks
    assert "2.8 per cent instead of 0.8" in nb10.QUIZ["10.q4"].why["c"]
    assert "2.8 per cent more than one look, two cost 0.8" in nb10.QUIZ["10.q4"].why["a"]


def test_own_table_reports_by_stagewise_and_late_looks_by_replan():
    (own,) = [c for c in BOOK.cells if "my_table = test" in "".join(c["source"])]
    (late,) = [c for c in BOOK.cells if "moved = ab.replan" in "".join(c["source"])]
    for cell, wanted, room in ((own, stopped("falling"), 2e-3), (late, stopped("budget"), 0.03)):
        shown = re.search(r"estimate ([\d.]+) +low ([\d.]+) +high ([\d.]+)", str(cell["outputs"]))
        assert [float(v) for v in shown.groups()] == pytest.approx(
            [wanted["middle"], wanted["low"], wanted["high"]], abs=room
        )  # the looks came at nearly the planned shares


def test_what_the_same_users_find_and_the_counted_p():
    drift = 2 / 1.6 * np.sqrt(5)  # the mean of z in week 10
    found = {"one look, week 10": stats.norm.sf(1.96 - drift)}
    found |= {f"five looks, {name}": ended(bounds(name), drift).sum() for name in ("flat", "falling")}
    for name, exact in found.items():
        assert abs(BOOK.printed(f"{name}:") - 100 * exact) < 0.5 + 0.7, name  # rounded, five errors
    said = [round(100 * v) for v in found.values()]
    assert said == [80, 71, 79] and "finds 80, the flat bound 71, the falling one 79" in TEXT
    for label, p in (("plain", 2 * stats.norm.sf(2.95)), ("as convincing", stopped()["p"])):
        assert abs(BOOK.printed(f"{label}, in 100:") - 100 * p) < 500 * np.sqrt(p / 100_000) + 0.005
    for bound in (1.96, 2.1, 2.2, 2.3, 2.4, 2.5):
        exact = crossing(np.full(5, bound))
        room = 0.05 + 500 * np.sqrt(exact / 100_000)
        assert abs(BOOK.printed(f"bound {bound} alarms in 100:") - 100 * exact) < room
    as_good = np.array([4.56, 3.23, 2.63, 2.95])
    for lift, said in ((0.53, 2.5), (2.19, 50), (3.79, 97.5)):
        exact = ended(as_good, 2 * lift / 1.6).sum()
        shown = BOOK.printed(f"page adds {lift} as good or better, in 100:")
        assert abs(shown - 100 * exact) < 0.05 + 500 * np.sqrt(exact * (1 - exact) / 100_000)
        assert abs(100 * exact - said) < 1.5  # "about"
    assert f"spends {200 * stats.norm.sf(FLAT):.1f} of the 5 in week 2" in TEXT
    assert crossing(np.full(5, 2.5)) < 0.05 < crossing(np.full(5, 2.4))  # "Between 2.4 and 2.5"


def test_the_reports_are_held_against_what_pays():
    assert "2 of 2 intervals exclude 0.5" in BOOK.outputs and "pays from 0.50 euros" in TEXT
    assert stopped()["low"] > 0.5


def test_the_choice_may_be_typed_in_words():
    check = nb10.EXERCISES["10.2"].check
    assert check("go on").kind == "right" and "no bound" in check("stop it as a loss").message
    assert "one of the letters" in check("stop it").message  # two options begin so


def test_stents_are_named_as_they_were_published():
    for part in (
        "stroke or death within 30 days",
        "log-rank test",
        "DOI 10.1056/NEJMoa1105335",
        "451 patients",
    ):
        assert part in TEXT


def test_figures_show_what_they_count():
    with pytest.raises(ValueError, match="one to four plans"):
        plot_boundaries({})
    plan = ab.group_sequential(5)
    ax = plot_boundaries({"plan": plan}, path=[1.0, 2.16])
    lower = [line for line in ax.lines if np.shape(line.get_ydata()) == (5,) and line.get_ydata()[0] < -4]
    assert len(lower) == 1 and lower[0].get_ydata() == pytest.approx(-plan.upper)  # lower bounds are drawn
    assert title_of(ax.figure) == "Look 2: z 2.16 is below the bound 3.36, go on"
    assert title_of(plot_boundaries({"plan": plan}, path=[1, 2, 2.7]).figure).endswith(
        "above the bound 2.68, stop"
    )
    assert title_of(plot_boundaries({"plan": plan}, path=[1, -3.4]).figure).endswith(
        "below the bound -3.36, stop"
    )
    assert title_of(plot_boundaries({"plan": plan}, path=[0, 0, 0, 0, 1.0]).figure).endswith("the end")
    ax = plot_looks([[0.0, 2.0], [0.0, 0.5], [-3.0, 2.5], [1.0, -2.2]], [2.5, 1.96], until=3)
    assert title_of(ax.figure).startswith("75.0 of 100")
    ends = [
        line.get_xdata()[-1] for line in ax.lines if len(line.get_xdata()) > 1 and line.get_xdata()[0] == 0
    ]
    assert ends == [2, 2, 1]
    with pytest.raises(ValueError, match="`bounds` must be one z or 2"):
        plot_looks([[0.0, 2.0]], [1.0, 2.0, 3.0])


def test_the_chances_that_are_drawn_are_those_of_the_library():
    plan = ab.group_sequential(3)
    se = 1 / np.sqrt(plan.fraction[:2])
    path = ab.monitor(ab.Effect.of(np.array([0.5, 1.5]) * se, se), plan)
    ax = plot_chances(path, plan)
    x, planned = ax.lines[1].get_data()
    at = 20
    moved = ab.monitor(ab.Effect.of(np.array([0.0, x[at]]) * se, se), plan)
    assert planned[at] == pytest.approx(100 * ab.conditional_power(moved, plan))
    assert ax.lines[2].get_ydata()[at] == pytest.approx(100 * ab.predictive_power(moved, plan))
    dots = ax.lines[-1].get_ydata()
    assert dots[0] == pytest.approx(100 * ab.conditional_power(path, plan, effect="estimate"))
    assert dots[3] == pytest.approx(100 * ab.conditional_power(path, plan, effect=0.0))
    with pytest.raises(ValueError, match="a look to come"):
        plot_chances(ab.monitor(ab.Effect.of(5 * se, se), plan), plan)
