"""Notebook 15: every number it teaches, against an independent oracle; its figures and its panel."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, hypergeom, norm
from stored import Stored

import abkit as ab
from abkit.exercises import nb15
from abkit.plots.showing import description

BOOK = Stored("15_sutva")
numbers = BOOK.numbers
TEXT = " ".join(
    "".join(w for c in BOOK.cells if c["cell_type"] == "markdown" for w in [*c["source"], " "]).split()
)


@pytest.fixture(scope="module")
def app():
    return ab.datasets.word_of_mouth(rng=7)


def test_nearly_every_control_user_is_reached(app):
    """Hypergeometric, 500 of the 999 others treated; a test counts 500 control users, an error of .6."""
    exact = 100 * (1 - hypergeom.pmf(0, 999, 500, app.friends)).mean()
    (told,) = numbers("It is # per cent. So the control group")
    assert told == pytest.approx(exact, abs=5 * 0.6)
    assert nb15.PREDICTIONS["15.p1"].answer == pytest.approx(exact, abs=0.05)
    assert round(exact, 1) == 98.2
    assert 0.5**6 < 0.02 and "½ · ½ · ½ · ½ · ½ · ½, less than 2 in 100" in TEXT


def test_the_total_effect_and_the_mean_of_tests_by_user(app):
    everybody, nobody = app.base + 2 + 3, app.base
    assert numbers("# minutes\n") and "5.0 minutes" in BOOK.outputs
    assert everybody.mean() - nobody.mean() == pytest.approx(app.total)
    (told,) = numbers("You made no guess. It is # minutes.")
    assert told == pytest.approx(2 + 3 * (499 / 999 - 500 / 999), abs=5e-3)
    assert nb15.PREDICTIONS["15.p2"].answer == pytest.approx(told, abs=0.005)


def test_the_mean_of_tests_by_city(app):
    """Every pair of friends counted by hand: same city 1, else −1/39."""
    links = app.links.toarray()
    same = app.city[:, None] == app.city
    weight = np.where(same, 1, -1 / 39)
    exact = 2 + 3 * ((links * weight).sum(1) / links.sum(1)).mean()
    (shown,) = numbers("On average tests by user show 2.0 and by city show #;")
    assert exact == pytest.approx(4.7, abs=0.05) and shown == pytest.approx(
        exact, abs=0.1
    )  # 5 errors of 400 tests
    crossing = links[~same].sum() / links.sum()
    assert crossing == pytest.approx(0.1, abs=0.001) and "one friendship in ten" in TEXT


def test_the_coupon_of_the_market():
    """Total by binomial sums; by rider price · P(ask) · P(a car is left for one who asks), coins fair."""
    k = np.arange(201)
    served = [(binom.pmf(k, 200, p) * np.minimum(k, 36)).sum() / 200 for p in (0.2, 0.3)]
    assert [200 * served[0], 10 * served[0]] == pytest.approx([35.2, 1.76], abs=0.05)
    assert [200 * served[1], 9 * served[1]] == pytest.approx([36.0, 1.62], abs=0.005)
    assert 9 * served[1] - 10 * served[0] == pytest.approx(numbers("A launch: # euros")[0], abs=0.005)
    others = np.arange(200)
    left = (binom.pmf(others, 199, 0.25) * np.minimum(1, 36 / (others + 1))).sum()
    assert [100 * left, 30 * left, 20 * left] == pytest.approx([72, 21.6, 14.4], abs=0.05)
    assert [2.7 * left, 2.0 * left] == pytest.approx([1.94, 1.44], abs=0.005)
    assert (
        "about 72 of 100 who ask: 21.6 users pay 9 euros, 1.94 a user, against 14.4 who pay 10, 1.44" in TEXT
    )
    by_rider = left * (9 * 0.3 - 10 * 0.2)
    assert nb15.PREDICTIONS["15.p3"].answer == pytest.approx(by_rider, abs=0.01)
    (told,) = numbers("You made no guess. It is # euros.")
    assert told == pytest.approx(by_rider, abs=0.06)  # people of 100 cities: error .033, coins .005


def test_the_error_by_city_is_the_spread_of_the_heap(app):
    """Own tests by city: the spread of their means, the usual error of two means of 500 users."""
    own = np.random.default_rng(12)
    links, friends = app.links.toarray(), app.friends
    shown, errors = [], []
    for _ in range(1_000):
        z = own.permutation(np.arange(40) % 2)[app.city]
        y = app.base + 2 * z + 3 * (links @ z) / friends
        shown.append(y[z == 1].mean() - y[z == 0].mean())
        errors.append(np.sqrt(y[z == 1].var(ddof=1) / 500 + y[z == 0].var(ddof=1) / 500))
    spread, by_users = np.std(shown), np.mean(errors)
    assert numbers("spread of the 400 tests #")[0] == pytest.approx(spread, abs=5 * 0.33 / np.sqrt(800))
    assert numbers("error that counts cities #")[0] == pytest.approx(spread, abs=3 * 0.33 / np.sqrt(76))
    assert numbers("error that counts users #")[0] == pytest.approx(by_users, abs=0.02)


def test_a_treated_user_has_two_minutes_more_than_a_control_user(app, rng):
    """Own tests by user: 3.5 and 1.5 minutes above nobody, the friends counted from the links."""
    links, above = app.links.toarray(), []
    for _ in range(200):
        z = rng.permutation(np.arange(1_000) % 2)
        gain = 2 * z + 3 * (links @ z) / app.friends
        above.append([gain[z == 1].mean(), gain[z == 0].mean()])
    assert np.mean(above, axis=0) == pytest.approx([3.5, 1.5], abs=0.02)
    assert "has 2 + 1.5 = 3.5 minutes more than if nobody had voice notes, a control user 1.5" in TEXT


def test_two_in_three_false_alarms():
    theory = 2 * norm.sf(norm.isf(0.025) / np.sqrt(1 + 199 * 0.1))
    assert theory == pytest.approx(0.668, abs=0.001)
    assert numbers("# of 100 tests\n")[0] == pytest.approx(100 * theory, abs=5 * 0.75)


def test_exercise_1_by_hand():
    ring = ab.datasets.word_of_mouth(cities=4, size=6, friends=2, away=0.3, rng=5)
    links = ring.links.toarray()
    treated = np.flatnonzero(ring.city < 2)
    reached = [u for u in np.flatnonzero(ring.city >= 2) if any(links[u, t] for t in treated)]
    assert nb15.EXERCISES["15.1"].solution.answer == len(reached)


def test_exercise_3_by_pairs_of_friends():
    world = ab.datasets.word_of_mouth(own=1.5, spill=-1.0, away=0.3, rng=7)
    links = world.links.toarray()
    weight = np.where(world.city[:, None] == world.city, 1, -1 / 39)
    exact = 1.5 - ((links * weight).sum(1) / links.sum(1)).mean()
    assert nb15.EXERCISES["15.3"].solution.answer == pytest.approx(exact, abs=1e-6)


def test_exercise_4_by_the_design_effect():
    exact = 200 * norm.sf(norm.isf(0.025) / np.sqrt(1 + 19 * 0.1))
    assert nb15.EXERCISES["15.4"].solution.answer[1] == pytest.approx(exact, abs=0.001)


def test_the_smallest_p_of_two_in_six():
    ways = len(list(itertools.combinations(range(6), 2)))
    assert numbers("p # of # assignments; the smallest p possible is #,")[1:] == pytest.approx(
        [ways, 1 / ways], rel=1e-3
    )
    assert 2 / len(list(itertools.combinations(range(6), 3))) == 0.1
    assert "comes by chance in 2 of them, in 10 of 100 tests" in TEXT


def test_city_intervals_hold_their_own_mean_and_not_the_launch(app):
    """Normal theory: an error of .32 and .29 missing leave 86 of 100 intervals on the launch."""
    tests = ab.datasets.redesigns(app, "cities", reps=1_000, rng=11)
    shift = (app.total - app.expected("cities")) / tests.estimate.std(ddof=1)
    held = np.mean((tests.low < app.total) & (app.total < tests.high))
    assert held == pytest.approx(norm.cdf(1.96 + shift) - norm.cdf(-1.96 + shift), abs=0.05)
    assert held == pytest.approx(0.86, abs=5 * 0.011)


def test_the_share_of_city_intervals_on_the_launch():
    """Printed for 400 tests; .86 in the long run, error .017."""
    assert numbers("# of 100 intervals hold 5 minutes")[0] == pytest.approx(86, abs=5 * 1.75)


def test_weighing_gives_the_launch_and_spreads_more(app, rng):
    """Own weights: all of a user's k cities have one coin with chance .5^k."""
    links = app.links.toarray()
    cities = [len({app.city[i], *app.city[links[i] > 0]}) for i in range(1_000)]
    weight, friends = 2.0 ** np.array(cities), links.sum(1)
    found = []
    for _ in range(1_000):
        z = rng.integers(0, 2, 40)[app.city]
        treated = links @ z
        y = app.base + 2 * z + 3 * treated / friends
        alone, full = (z == 0) & (treated == 0), (z == 1) & (treated == friends)
        found.append(np.average(y[full], weights=weight[full]) - np.average(y[alone], weights=weight[alone]))
    assert np.mean(found) == pytest.approx(5, abs=0.07)
    assert np.std(found) == pytest.approx(0.42, abs=5 * 0.42 / np.sqrt(2_000))
    assert ".42 minutes, plain tests by city by .33" in " ".join(BOOK.path.read_text("utf-8").split())
    tests = ab.datasets.redesigns(app, "cities", reps=1_000, rng=11)
    assert tests.estimate.std() == pytest.approx(0.33, abs=5 * 0.33 / np.sqrt(2_000))


def test_the_slope_over_treated_friends_is_the_spillover(app, rng):
    slopes = []
    for _ in range(200):
        z = rng.permutation(np.arange(1_000) % 2)
        x, y = app.share(z)[z == 0], app.outcomes(z)[z == 0]
        slopes.append(np.cov(x, y)[0, 1] / x.var(ddof=1))
    assert np.mean(slopes) == pytest.approx(3, abs=5 * 0.9 / np.sqrt(200))
    assert np.std(slopes) == pytest.approx(0.9, abs=0.25)
    assert numbers("# minutes more if all friends")[0] == pytest.approx(3, abs=5 * 0.9)


def test_isolated_users_give_minus_a_third_for_a_true_twentieth(rng):
    """ERRATA E53: 30 graphs of 2,000 users, mean degree 8, outcome .095 a friend: kept 1.8 per cent, 4
    friends, −.33.
    """
    kept, degree, gap = [], [], []
    for _ in range(30):
        graph = nx.fast_gnp_random_graph(2_000, 8 / 1_999, seed=int(rng.integers(1 << 30)))
        arms = rng.permutation(np.arange(2_000) % 2)
        friends = np.array([graph.degree(i) for i in range(2_000)])
        y = 0.095 * friends + 0.05 * arms
        alone = np.array([arms[i] == 1 and all(arms[j] == 1 for j in graph[i]) for i in range(2_000)])
        kept.append(alone.sum() / arms.sum())
        degree.append(friends[alone].mean())
        gap.append(y[alone].mean() - y[arms == 0].mean())
    assert np.mean(kept) == pytest.approx(np.exp(-4), abs=5 * np.std(kept) / np.sqrt(30))
    assert np.mean(degree) == pytest.approx(4, abs=5 * np.std(degree) / np.sqrt(30))
    assert np.mean(gap) == pytest.approx(-0.33, abs=5 * np.std(gap) / np.sqrt(30))
    assert numbers("kept less control #")[0] == pytest.approx(-0.33, abs=5 * np.std(gap))


def test_the_farmers_by_two_stage_least_squares():
    """Cai, de Janvry and Sadoulet: .791 (.273); errors by hamlet are .267 without the factors for few
    clusters.
    """
    features = [
        "male", "age", "agpop", "ricearea_2010", "literacy", "intensive", "risk_averse", "disaster_prob",
    ]  # fmt: skip
    frame = ab.datasets.social_insurance().dropna(subset=[*features, "pre_takeup_rate", "default"])
    dummies = pd.get_dummies(frame.village, drop_first=True).to_numpy(float)
    controls = np.c_[np.ones(len(frame)), frame[features].to_numpy(float), dummies]
    x, z = np.c_[frame.pre_takeup_rate, controls], np.c_[frame.default, controls]
    y, hamlet = frame.takeup_survey.to_numpy(float), pd.factorize(frame.address)[0]
    first = z @ np.linalg.solve(z.T @ z, z.T @ x)
    beta = np.linalg.solve(first.T @ x, first.T @ y)
    scores = np.zeros((hamlet.max() + 1, x.shape[1]))
    np.add.at(scores, hamlet, first * (y - x @ beta)[:, None])
    bread = np.linalg.inv(first.T @ first)
    error = np.sqrt((bread @ scores.T @ scores @ bread)[0, 0])
    g, n, k = len(scores), len(y), x.shape[1]
    assert beta[0] == pytest.approx(0.791, abs=5e-4) and error == pytest.approx(0.267, abs=5e-4)
    assert error * np.sqrt(g / (g - 1) * (n - 1) / (n - k)) == pytest.approx(0.273, abs=5e-4)
    assert ".791 (error .273)" in BOOK.path.read_text("utf-8")


def test_the_three_lines_of_the_twin(app):
    curve = ab.datasets.spill_curve(app, [-3, -2, -1, 0, 1, 2, 3])
    ax = ab.plots.plot_spill(curve)
    black, by_user, by_city = (line.get_ydata() for line in ax.lines[:3])
    assert black.tolist() == [-1, 0, 1, 2, 3, 4, 5]
    assert np.abs(by_user - 2).max() < 0.005 and by_city[-1] == pytest.approx(4.71, abs=0.005)
    assert description(ax).table["by city (minutes)"] == pytest.approx(by_city)


def test_the_picture_of_the_street_counts_its_rings():
    street = ab.datasets.word_of_mouth(cities=4, size=6, friends=2, away=0.15, rng=3)
    treated = street.city < 2
    ax = ab.plots.plot_reached(street, {"by city": treated})
    links = street.links.toarray()
    reached = sum(1 for u in np.flatnonzero(~treated) if links[u, treated].any())
    assert ax.get_title(loc="left") == f"by city: {reached} of 12 reached"
    marks = {
        line.get_label(): len(line.get_xdata()) for line in ax.lines if not line.get_label().startswith("_")
    }
    assert marks == {"treated": 12, "control, not reached": 12 - reached, "control, reached": reached}
    assert description(ax).table["users"] == [12, 12 - reached, reached]
    assert reached == 1 and "By city one ring is left" in TEXT


def test_the_heaps_hold_every_test(app):
    tests = {
        d: ab.datasets.redesigns(app, k, reps=60, rng=1)
        for d, k in (("by user", "users"), ("by city", "cities"))
    }
    ax = ab.plots.plot_redesigns(tests, app.total, guess=3.0)
    assert sum(p.get_height() for p in ax.patches) == 120
    assert {5.0, 3.0} <= {float(np.ravel(line.get_xdata())[0]) for line in ax.lines}
    assert description(ax).table["mean (minutes)"][:2] == pytest.approx(
        [t.estimate.mean() for t in tests.values()]
    )


@pytest.mark.parametrize(
    "call", [lambda: ab.plots.plot_reached(None, {}), lambda: ab.plots.plot_redesigns({}, 1.0)]
)
def test_a_figure_of_nothing_is_refused(call):
    with pytest.raises(ValueError, match="one or two"):
        call()


def test_the_panel_meets_both_goals_of_the_notebook():
    """A test by user with a gain and a launch with none at a spillover of −2; by city a minute is lost near
    .3 away.
    """
    panel = ab.explore.spillover()
    assert panel.value(spill=-2.0).startswith("Launch to all: 0.0 minutes. One test by user")
    missed = []
    for away in (0.2, 0.25, 0.3, 0.35, 0.45, 0.5):
        panel.value(away=away)
        missed.append(float(panel.ax.get_title(loc="left").replace("\n", " ").split()[-1]))
    assert missed == sorted(missed) and missed[2:4] == [0.9, 1.1]
    assert "At 0.30 a test by city misses 0.9 minutes, at 0.35 it misses 1.1" in TEXT
    lines = [line.get_ydata() for line in panel.ax.lines if len(line.get_xdata()) == 10]
    assert len(lines) == 3


@pytest.mark.parametrize("spill, away, cities", list(itertools.product((-3.0, 6.0), (0.0, 1.0), (4, 80))))
def test_labels_stay_inside_at_every_corner(spill, away, cities):
    panel = ab.explore.spillover()
    panel.value(spill=spill, away=away, cities=cities)
    panel.figure.draw_without_rendering()
    frame = panel.figure.bbox
    texts = [t for t in (*panel.ax.texts, panel.ax.title, panel.ax._left_title) if t.get_text()]
    for text in texts:
        box = text.get_window_extent()
        assert box.x0 >= -1 and box.x1 <= frame.x1 + 1 and box.y0 >= -1 and box.y1 <= frame.y1 + 1, (
            text.get_text()
        )
