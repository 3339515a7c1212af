"""Notebook 11: every number it teaches, against a recursion and a quadrature written anew and simulation;
exercises, predictions, the stored outputs.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pytest
import test_notebook_10
from conftest import SEED
from scipy import integrate, optimize, stats
from stored import Stored

import abkit as ab
from abkit import explore, plots
from abkit.exercises import nb11
from abkit.plots.showing import description, title_of
from abkit.sequential.looking import half_width, price, se

BOOK = Stored("11_msprt")
TEXT = " ".join(" ".join("".join(c["source"]) for c in BOOK.cells if c["cell_type"] == "markdown").split())
TEXT = TEXT.replace(" > ", " ").replace("*", "")
DAY = 1.9  # standard error of the gap of one day, in points
GRID = 2e-3  # accuracy of the walk of notebook 10's test with 600 points


def mixture(z, r):
    """Mean likelihood ratio over effects, by quadrature: the definition, not the closed form."""
    return integrate.quad(
        lambda d: np.exp(z * d - d * d / 2) * stats.norm.pdf(d, scale=np.sqrt(r)),
        -60,
        60,
        points=[z],
        limit=400,
    )[0]


def bound(r, alpha=0.05):
    """|z| at which the mixture reaches 1/alpha (checked by quadrature below)."""
    return np.sqrt((1 + r) / r * (np.log1p(r) - 2 * np.log(alpha)))


@lru_cache
def best(alpha=0.05):
    """The r with the tightest interval, and its width by that of one look."""
    found = optimize.minimize_scalar(
        lambda r: bound(r, alpha), bounds=(3, 30), method="bounded", options={"xatol": 1e-6}
    )
    return found.x, found.fun / stats.norm.isf(alpha / 2)


@lru_cache
def left(error, looks, drift=0.0, tau=2.0):
    """P(money below 20 up to each look), looks at equal steps; error and drift of one step, in points."""
    r = np.arange(1, looks + 1) * (tau / error) ** 2
    points = 600 if looks > 100 else 1200
    return test_notebook_10.running(bound(r), drift=drift / error, points=points)


def found(tau, users, looks, lift=2.0):
    error = 100 * np.sqrt(0.18 / (users / looks))
    return 100 * (1 - left(error, looks, lift, float(tau))[-1])


@lru_cache
def noor():
    """Gap and standard error of each day from the table, by plain counting."""
    table = ab.datasets.booking_form_test()
    gap, error = [], []
    for day in range(1, 61):
        arms = [
            table[(table["day"] <= day) & (table["arm"] == arm)]["booked"] for arm in ("control", "treatment")
        ]
        c, t = (100 * a.to_numpy() for a in arms)
        gap.append(t.mean() - c.mean())
        error.append(np.sqrt(t.var(ddof=1) / len(t) + c.var(ddof=1) / len(c)))
    return np.array(gap), np.array(error)


def ends(day, alpha=0.05):
    gap, error = (v[day - 1] for v in noor())
    half = error * bound((2 / error) ** 2, alpha)
    return gap - half, gap + half


@pytest.mark.parametrize(("r", "alpha"), [(0.5, 0.05), (8.2, 0.05), (50.0, 0.01)])
def test_the_bound_is_where_the_mixture_reaches_one_over_alpha(r, alpha):
    assert mixture(bound(r, alpha), r) * alpha == pytest.approx(1, abs=1e-6)  # quadrature


def test_the_two_bells_are_the_mixture():
    """The height of the wide bell over that of the narrow one is the mean likelihood ratio."""
    for gap, error, tau in ((3.0, 1.9, 2.0), (-1.0, 0.6, 2.0), (2.02, 0.63, 5.0)):
        bells = stats.norm.pdf(gap, scale=np.hypot(error, tau)) / stats.norm.pdf(gap, scale=error)
        assert bells == pytest.approx(mixture(gap / error, (tau / error) ** 2), rel=1e-6)  # quadrature


def at_stop(drift=2.0, tests=60_000, days=60):
    """Mean day and mean gap at the first day on which zero is left, with their errors, by simulation."""
    day = np.arange(1, days + 1)
    gap = np.random.default_rng(SEED + 11).normal(drift, DAY, size=(tests, days)).cumsum(axis=1) / day
    error = DAY / np.sqrt(day)
    out = np.abs(gap) > error * bound((2 / error) ** 2)
    assert out.any(axis=1).mean() > 0.9999
    stop = out.argmax(axis=1)
    claim = gap[np.arange(tests), stop]
    return stop.mean() + 1, claim.mean(), claim.std() / np.sqrt(tests)


def test_the_morning_of_the_stop_and_its_gap():
    day, claim, error = at_stop()
    assert abs(claim - 2.42) < 0.005 + 5 * error and round(claim, 1) == 2.4  # what the text and the card say
    exact = left(DAY, 60, 2.0)
    mean_day = 1 + exact[:-1].sum()
    assert mean_day == pytest.approx(9.09, abs=0.02) and day == pytest.approx(mean_day, abs=0.15)  # 5 errors


def busy():
    """Chance of a day in points, with rates of 10 and 12 per cent."""
    return float(100 * np.sqrt((0.10 * 0.90 + 0.12 * 0.88) / 500))


SENTENCES = [
    (
        "So # of 100 reach 20 euros in a year of daily looks",
        lambda: 100 * (1 - left(DAY, 365)[-1]),
        0.05,
    ),
    ("They do with the plain rule: # of 100", lambda: plain(30), 0.1),
    ("of 100 useless forms in 30 mornings, # in a year", lambda: plain(365), 0.5),
    ("On day 10 it is # euros", lambda: mixture(noor()[0][9] / noor()[1][9], (2 / noor()[1][9]) ** 2), 0.05),
    (
        "It becomes the wide height over the narrow height: # euros",
        lambda: mixture(noor()[0][0] / noor()[1][0], (2 / noor()[1][0]) ** 2),
        5e-3,
    ),
    (
        "Not so the average of 1/money: for a useless form it is #",
        lambda: inverse(9 * (2 / DAY) ** 2),
        5e-3,
    ),
    ("leaves zero: from # to", lambda: ends(10)[0], 5e-3),
    ("leaves zero: from 0.10 to #", lambda: ends(10)[1], 5e-3),
    ("It takes # mornings on average", lambda: 1 + left(DAY, 60, 2.0)[:-1].sum(), 0.05),
    ("gap the heights are # and", lambda: 100 * stats.norm.pdf(3, scale=noor()[1][0]), 5e-3),
    ("the heights are 5.98 and #:", lambda: 100 * stats.norm.pdf(3, scale=np.hypot(noor()[1][0], 2)), 5e-3),
    ("shows such a gap # times as often", lambda: mixture(3 / noor()[1][0], (2 / noor()[1][0]) ** 2), 5e-3),
    ("1.89² + 2² = #²", lambda: np.hypot(noor()[1][0], 2), 5e-3),
    ("At a gap of 3, # forms own", lambda: 1_000 * stats.norm.pdf(3, scale=noor()[1][0]), 0.5),
    (
        "1.34 euros each, # euros together",
        lambda: 1_000 * stats.norm.pdf(3, scale=np.hypot(noor()[1][0], 2)),
        0.5,
    ),
    ("At best, on day 7, it is # times as wide", lambda: day_wide(7), 5e-3),
    ("It is # on day 1", lambda: day_wide(1), 5e-3),
    ("and # on day 60", lambda: day_wide(60), 5e-3),
    ("1.55² = # times", lambda: best()[1] ** 2, 5e-3),
    ("of day 3 (7 / 2.40 = #)", lambda: 7 / best()[1] ** 2, 0.05),
    ("At the true 2 points it is #;", lambda: found(2, 10_000, 20), 0.5),
    ("one planned look on day 20 finds #.", lambda: 100 * stats.norm.sf(1.959964 - 2 / np.sqrt(0.18)), 0.05),
    ("At 100 points it is #:", lambda: found(100, 10_000, 20), 0.5),
    ("tau of 2 points finds #", lambda: 100 * (1 - left(busy(), 20, 2.0)[-1]), 0.5),
    ("and tau of 100 points finds #", lambda: 100 * (1 - left(busy(), 20, 2.0, 100.0)[-1]), 0.5),
    ("moves more: # points a day", busy, 5e-3),
    ("At 0.2 it is #:", lambda: found(0.2, 10_000, 20), 1.0),
    ("one such code alarms in # of 100", lambda: wrong_code(), 0.5),
    ("from # to 3.03", lambda: ends(43)[0], 5e-3),
    ("from 1.11 to #.", lambda: ends(43)[1], 5e-3),
    (
        "planned looks (notebook 10) need at most # per cent",
        lambda: 100 * (test_notebook_10.price(40)[0] - 1),
        0.5,
    ),
]


@lru_cache
def plain(looks):
    """Useless forms of 100 that leave 1.96 standard errors on some of so many mornings."""
    return 100 * (1 - test_notebook_10.running(np.full(looks, 1.959964), points=600)[-1])


def day_wide(day):
    """How many times as wide the interval of a day is, with 1.9 points of chance a day."""
    return bound(day * (2 / DAY) ** 2) / 1.959964


def wrong_code(batches=500):
    """Alarms of 100 of the code that reads the last batch alone: its batches are independent, so exact."""
    hits = np.arange(11)
    c, t = np.meshgrid(hits / 10, hits / 10)
    chance = np.outer(*2 * [stats.binom.pmf(hits, 10, 0.5)])
    spread = (c * (1 - c) + t * (1 - t)) / 10
    z2 = np.divide((t - c) ** 2, spread, out=np.zeros_like(spread), where=spread > 0)
    quiet = [chance[np.exp(z2 / 2) / np.sqrt(1 + 20 * k) <= 20].sum() for k in range(1, batches + 1)]
    return 100 * (1 - np.prod(quiet))


def inverse(r):
    """Mean of 1/money of a useless change at r, by quadrature."""
    return integrate.quad(lambda z: stats.norm.pdf(z) / mixture(z, r), -8, 8, limit=100)[0]


@pytest.mark.parametrize(("said", "value", "tolerance"), SENTENCES, ids=[s for s, *_ in SENTENCES])
def test_a_number_in_the_text_is_exact(said, value, tolerance):
    form = re.escape(said).replace(r"\#", r"([\d.,]*\d)")
    number = re.search(form, TEXT, re.IGNORECASE)
    assert number, said
    assert float(number[1].replace(",", "")) == pytest.approx(value(), abs=tolerance)  # digits that are said


def test_zero_is_left_on_day_10_and_one_point_on_day_43():
    low = np.array([ends(day)[0] for day in range(1, 61)])
    assert 1 + int(np.argmax(low > 0)) == 10 and 1 + int(np.argmax(low > 1)) == 43
    assert (low[9:] > 0).all() and ends(20)[0] < 1 < ends(20)[1]  # day 20: extend
    assert "Day 20: from 0.71 to 3.49" in BOOK.outputs
    np.testing.assert_allclose([*ends(20)], [0.71, 3.49], atol=5e-3)  # two digits


def test_the_price_in_visitors():
    fixed = 2 * (30 * test_notebook_10.FIXED / 2.0) ** 2
    error = 100 * np.sqrt(0.18 / 120)
    works, useless = left(error, 50, 2.0), left(error, 50)
    want = (6_000 / fixed, *(120 / fixed * (1 + p[:-1].sum()) for p in (works, useless)))
    got = BOOK.numbers("at most #, if it works #, if useless #")
    np.testing.assert_allclose(got, want, atol=8e-3)  # two digits, and the grid
    assert (
        "at most 70 per cent more visitors than one look" in TEXT
        and "4 per cent more if the form adds the planned" in TEXT
    )
    assert "68 per cent more if it adds nothing" in TEXT
    np.testing.assert_allclose(np.array(want) * 100 - 100, (70, 4, 68), atol=0.5)  # per cent, rounded
    assert 1 - works[-1] == pytest.approx(0.80, abs=5e-3)  # the power that is printed


def test_the_best_day_and_the_flat_bottom():
    wide = [day_wide(day) for day in range(1, 61)]
    assert 1 + int(np.argmin(wide)) == 7
    assert min(wide) == pytest.approx(best()[1], abs=5e-4) and 1.96 * day_wide(
        7
    ) * DAY / 7**0.5 == pytest.approx(1.96 * DAY / 3**0.5, rel=0.02)  # as wide as a plain one of day 3


def test_the_bet_is_fair():
    forms, together = BOOK.numbers("forms # together #")
    assert forms == pytest.approx(1_000, abs=0.05) and together == pytest.approx(1_000, abs=0.05)  # one digit
    now, later = BOOK.numbers("a gap of 3 on day 1: # euros day 2 after it, on average: # euros")
    assert (
        now == later == pytest.approx(mixture(3 / noor()[1][0], (2 / noor()[1][0]) ** 2), abs=5e-4)
    )  # quadrature


def test_the_effects_that_stand_on_day_10():
    gap, error = (v[9] for v in noor())
    for effect in range(6):
        euros = BOOK.numbers(f"against {effect} points: # euros")[0]
        assert euros == pytest.approx(mixture((gap - effect) / error, (2 / error) ** 2), rel=1e-4, abs=5e-3)
        assert (euros < 20) == (effect in (1, 2, 3))
    assert BOOK.numbers("day 10: from # to # points") == pytest.approx([*ends(10)], abs=5e-3)


def test_an_always_valid_p_is_one_over_the_most_money():
    one_over, p = BOOK.numbers("1 over the most money #, p #")
    most = max(mixture(g / e, (2 / e) ** 2) for g, e in zip(*(v[:10] for v in noor()), strict=True))
    assert one_over == p == pytest.approx(1 / most, abs=5e-4)  # three digits


def test_the_share_of_the_watch_is_its_information():
    information, planned, share = BOOK.numbers("information # planned # share #")
    assert planned == pytest.approx(1 / 0.06**2, abs=0.05)  # one digit
    assert share == pytest.approx(information / planned, abs=5e-4)  # four digits
    assert f"needs: {share:.2f} on day 12".replace("0.", ".") in TEXT


def test_above_one_point_takes_about_four_times_as_many():
    """Truth 2 against what pays, 1: the same walk with half the drift, at 4.3 times 6,000 visitors."""
    users = 4.3 * 6_000
    error = 100 * np.sqrt(0.18 / (users / 50))
    assert 1 - left(error, 50, 1.0)[-1] == pytest.approx(0.80, abs=5e-3)  # what price() has at 6,000 for 2
    assert "takes about four times as many visitors" in TEXT


def test_answers_of_the_predictions_are_the_exact_values():
    assert nb11.PREDICTIONS["11.p1"].answer == pytest.approx(100 * (1 - left(DAY, 365)[-1]), abs=0.02)  # grid
    assert nb11.PREDICTIONS["11.p2"].answer == pytest.approx(best()[1], abs=1e-4)  # four digits
    assert nb11.PREDICTIONS["11.p3"].answer == pytest.approx(
        100 * (1 - left(DAY, 20, 2.0, 100.0)[-1]), abs=0.05
    )  # one digit
    for key, guess in (("11.p1", 30.0), ("11.p2", 3.0), ("11.p3", 50.0)):
        item = nb11.PREDICTIONS[key]
        assert len(item.consequence(guess, item.answer)) > 30


def test_the_twin_and_the_goals_of_the_explorer():
    for tau in (0.5, 1, 2, 5, 20):
        widths = BOOK.numbers(f"tau {tau} day 1: # day 7: # day 20: #")
        want = [bound(float(tau) ** 2 * day / DAY**2) / 1.959964 for day in (1, 7, 20)]
        np.testing.assert_allclose(widths, want, atol=5e-3)  # two digits
    days = [[bound(tau**2 * day / DAY**2) for tau in (0.5, 1, 2, 5, 20)] for day in (1, 7, 20)]
    assert [int(np.argmin(day)) for day in days] == [3, 2, 1]  # tau 5, 2 and 1 are the tightest
    assert "tau 5 is tightest on day 1, tau 2 on day 7, tau 1 on day 20" in TEXT
    at_end = np.sqrt(0.18e4 / 10_000 * best()[0])  # goal 1: 1.2 points, the square is at the end up to there
    for tau, last in ((1.2, True), (1.3, False)):
        panel = explore.always(tau=tau)
        panel.value()
        ax = panel.ax
        square = [line for line in ax.lines if line.get_marker() == "s"][0]
        assert (square.get_xdata()[0] > 9_900) == last == (tau < at_end)
    wide = [bound(tau**2 * 10_000 / 0.18e4) / 1.959964 for tau in (5.4, 5.5)]
    assert wide[0] < 1.705 < wide[1]  # goal 2: the title says 1.70 up to 5.4 points
    assert wide[0] / best()[1] == pytest.approx(1.10, abs=5e-3)  # two digits: a tenth wider
    assert "A tau 4.5 times too large makes the interval only a tenth wider" in TEXT  # 5.4 / 1.2
    assert "First goal: 1.2 points. Second goal: 5.4 points." in TEXT
    for tau, said in ((5.4, "1.70"), (5.5, "1.71")):
        assert f"{tau} points, 10,000 users in each arm: {said}" in explore.always(tau=tau).value()


def simulated(name: str) -> tuple[float, float]:
    found = re.search(rf"^{re.escape(name)} +([\d.]+) +± ([\d.]+)", BOOK.outputs, re.M)
    assert found, name
    return float(found[1]), float(found[2])


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("read from n = 2", 0.12, 0.18),
        ("each arm's own variance", 0.28, 0.43),
        ("wrong code, to 5,000 users in each arm", 0.79, 0.86),
    ],
)
def test_broken_promises_are_the_known_ones(name, low, high):
    got, error = simulated(name)
    assert low < got < high and got - 5 * error > 0.05  # known: .155, .38, .826 at their own settings


@pytest.mark.parametrize("name", ["read from n = 30", "pooled variance", "the library, same data"])
def test_kept_promises(name):
    got, error = simulated(name)
    assert 0.005 < got < 0.05 + 5 * error  # conservative, yet it rejects


def test_days_of_the_same_users():
    got, error = simulated("days added as new users")
    assert abs(got - 2 * stats.norm.sf(1.959964 / np.sqrt(2.3))) < 5 * error  # design effect 1 + 13 × .1
    got, error = simulated("bucket sums")
    assert abs(got - 0.05) < 5 * error


def test_panel_is_the_oracle():
    n = np.array([200, 1_000, 10_000])
    want = [float(se(k)) * bound((2 / float(se(k))) ** 2) for k in n]
    np.testing.assert_allclose(half_width(n, 2.0), want, rtol=1e-6)  # quadrature
    got = price(2.0, 10_000, 1.0)
    assert 100 * got.power == pytest.approx(found(2, 10_000, 50, 1.0), abs=0.5)  # the grid
    assert 100 * got.false_alarms == pytest.approx(found(2, 10_000, 50, 0.0), abs=0.1)  # the grid


def test_answers_from_oracles():
    assert nb11.EXERCISES["11.1"].check(round(ends(10, 0.01)[0], 2)).ok
    assert ends(10)[0] == pytest.approx(0.1010, abs=5e-4) and ends(10, 0.2)[0] == pytest.approx(
        0.4497, abs=5e-4
    )
    tried = {tau: bound((tau / 0.3) ** 2) for tau in np.arange(1, 31) / 10}
    assert min(tried, key=tried.get) == 0.9
    for answer in (0.9, 0.8, 1.0, 0.86, 0.92, "0.85 points"):
        assert nb11.EXERCISES["11.3"].check(answer).ok, answer
    assert max(tried[0.8], tried[1.0]) < 1.01 * best()[1] * 1.959964  # any of them is within 1 per cent
    day = np.arange(1, 8)
    error = DAY / np.sqrt(day)
    stay = 1 - 2 * stats.norm.sf(error * bound((2 / error) ** 2) / DAY)  # Omar's days are independent
    omar = 100 * (1 - stay.prod())
    assert omar == pytest.approx(nb11.EXERCISES["11.4"].check.second.answer, abs=0.2)  # 1.9 for 1.897
    assert nb11.EXERCISES["11.4"].check(f"b, {omar:.0f}").ok
    assert not nb11.EXERCISES["11.2"].check("a").ok and nb11.EXERCISES["11.2"].check("c)").ok


def test_the_memo_decides_against_what_pays():
    source = next(s for s in ("".join(c["source"]) for c in BOOK.cells) if s.startswith('rule = "extend"'))
    for low, high, rule in ((1.11, 3.03, "ship"), (0.71, 3.49, "extend"), (-1.0, 0.9, "stop")):
        names = {"low": low, "high": high, "my_worth": 1}
        exec(source, names)
        assert names["rule"] == rule


def test_the_table_is_the_one_that_its_docstring_states():
    table = ab.datasets.booking_form_test(seed=SEED, lift=5.0)
    assert table.groupby(["day", "arm"]).size().eq(500).all() and len(table) == 60_000
    rate = table.groupby("arm")["booked"].mean()
    assert abs(rate["control"] - 0.10) < 5 * np.sqrt(0.09 / 30_000)  # 5 standard errors
    assert abs(rate["treatment"] - 0.15) < 5 * np.sqrt(0.1275 / 30_000)  # the same
    assert table["visitor"].tolist()[:2] == [1, 2]
    with pytest.raises(ValueError, match="`lift` must lie between"):
        ab.datasets.booking_form_test(lift=95)


def test_the_bells_are_drawn_with_their_heights():
    ax = plots.plot_bet(3.0, 1.9, 2.0)
    heights = [line.get_ydata()[0] for line in ax.lines[-2:]]
    want = [100 * stats.norm.pdf(3.0, scale=s) for s in (1.9, np.hypot(1.9, 2.0))]
    np.testing.assert_allclose(heights, want, rtol=1e-12)
    assert ax.lines[-2].get_color() != ax.lines[-1].get_color()
    assert f"{want[1] / want[0]:.3g} times as high" in title_of(ax.figure)
    with pytest.raises(ValueError, match="`error`"):
        plots.plot_bet(3.0, 0.0, 2.0)


def test_bars_of_drawn_gaps_lie_under_the_bells():
    rng = np.random.default_rng(SEED)
    draws = rng.normal(0, 1.9, 200_000), rng.normal(0, np.hypot(1.9, 2.0), 200_000)
    ax = plots.plot_bet(3.0, 1.9, 2.0, draws=draws)
    bars = np.array([[p.get_x() + p.get_width() / 2, p.get_height()] for p in ax.patches])
    assert len(bars) == 80
    for part, spread in ((bars[:40], 1.9), (bars[40:], np.hypot(1.9, 2.0))):
        np.testing.assert_allclose(
            part[:, 1], 100 * stats.norm.pdf(part[:, 0], scale=spread), atol=0.35
        )  # 5 errors


def test_money_ends_at_its_first_day_above_the_limit():
    euros = [[0.9, 25.0, 1.0], [0.8, 0.5, 0.4], [30.0, 1.0, 1.0], [1.0, 2.0, 20.0]]
    ax = plots.plot_money(euros, guess=40)
    assert title_of(ax.figure) == "75.0 of 100 useless tests reach 20 euros on some day"
    marks = [(line.get_xdata()[0], line.get_ydata()[0]) for line in ax.lines if line.get_marker() == "^"]
    assert marks == [(2, 25.0), (1, 30.0), (3, 20.0)]
    assert ax.lines[0].get_ydata().tolist() == [1.0, 0.9, 25.0]
    assert description(ax).table["reached 20 so far (of 100)"] == [25.0, 50.0, 75.0]
    assert [t.get_text() for t in ax.texts] == ["20 euros", "your guess: 40 of 100"]
    assert 20.0 in [line.get_ydata()[0] for line in ax.lines if line.get_color() == "black"]
    with pytest.raises(ValueError, match="euros above 0"):
        plots.plot_money([[1.0, 0.0]])


def test_tau_is_drawn_with_the_power_of_the_oracle():
    ax = plots.plot_tau(2.0, 10_000, looks=20, guess=50)
    tau, power = ax.lines[0].get_xdata(), ax.lines[0].get_ydata()
    for at in (5, 15, 30):
        assert power[at] == pytest.approx(found(tau[at], 10_000, 20), abs=0.6)  # the grid
    once = 100 * stats.norm.sf(1.959964 - 2 / np.sqrt(0.18))
    assert ax.lines[1].get_ydata()[0] == pytest.approx(once, abs=0.01)
    with pytest.raises(ValueError, match="`lift`"):
        plots.plot_tau(0.0, 10_000)


def test_a_sequence_is_held_against_what_pays():
    from abkit.estimate import Path as Looks

    one, none = np.ones(2), np.array([False, True])
    path = Looks(np.array([1, 2]), np.array([10, 20]), one, one, one / 2, 2 * one, one / 50, none)
    ax = plots.plot_sequence(path, scale=100)
    assert ax.lines[-1].get_xdata().tolist() == [20] and ax.lines[-1].get_ydata().tolist() == [100]
    assert title_of(ax.figure) == "The interval leaves zero at 20 users"
    for worth, said in ((0.4, "it lies above 0.4"), (1.5, "1.5 is inside"), (3.0, "3 is above it")):
        ax = plots.plot_sequence(path, worth=worth, by="day")
        assert title_of(ax.figure) == f"The interval leaves zero at day 2; at the end {said}"
        assert ax.get_xlabel() == "day" and worth in [line.get_ydata()[0] for line in ax.lines]
        marks = [[*map(float, line.get_xydata()[0])] for line in ax.lines if line.get_marker() == "^"]
        assert marks == ([[1.0, 0.5]] if worth < 0.5 else [])  # the first low end above what pays
        assert bool(marks) == ("A triangle at 1: the first above what pays." in description(ax).alt)
    with pytest.raises(ValueError, match="one experiment"):
        plots.plot_sequence(Looks(one, one, np.ones((2, 2)), one, one, one, one, one))
    ax = plots.plot_price([1, 2], [3.0, 4.0], [2.0, 2.0], by="day", log=False)
    assert ax.get_xlabel() == "day" and "against day" in description(ax).alt
    assert "day" in description(ax).table
    with pytest.raises(ValueError, match="as many as n"):
        plots.plot_price([1, 2], [1.0], [1.0])
