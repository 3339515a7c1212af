"""What planted faults showed no test to see: batches drawn row by row, ends of a range, refusals by name."""

from __future__ import annotations

import json
import math
from datetime import date
from decimal import Decimal, localcontext
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, stats

import abkit as ab
from abkit import Effect, Moments, _check, datasets, plots, teach
from abkit.adaptive.contextual import LinUcb, LogisticGreedy
from abkit.causal import exposed_effects
from abkit.cli.demo_files import tables
from abkit.datasets.skewed import coverage_table
from abkit.estimate import linearised
from abkit.inference.lifts import _ratio_z
from abkit.numeric.roots import bracketed_root
from abkit.registry.notation import as_mapping, from_mapping, json_text
from abkit.sequential.path import usable
from abkit.sequential.stagewise_order import require_fractions

# --- refusals by name ---


@pytest.mark.parametrize("value", [True, False, np.True_, 1.0, 2.0, np.float64(2), "1", 0, 3, -1, None, [1]])
def test_sides_are_the_whole_number_1_or_2(value):
    for call in (_check.sides, lambda sides: ab.group_sequential(3, sides=sides)):
        with pytest.raises(ValueError, match=r"^`sides` must be 1 or 2; got "):
            call(value)


@pytest.mark.parametrize("value", [1, 2, np.int64(1), np.uint8(2)])
def test_sides_come_back_as_a_plain_number(value):
    assert type(_check.sides(value)) is int and _check.sides(value) == value


@pytest.mark.parametrize("counts, shape", [(5, r"\(\)"), ([5], r"\(1,\)"), ([1, 2, 3], r"\(3,\)")])
def test_counts_need_an_arm_for_each_weight(counts, shape):
    with pytest.raises(ValueError, match=rf"^`counts` must hold 2 arms, as weights does; got {shape}"):
        ab.srm(counts, [0.5, 0.5])


# --- batches ---


def test_a_batch_of_contexts_pulls_what_a_loop_pulls(rng):
    """A generator fills an array row by row, so one user after the other gets the same draws."""
    contexts = rng.normal(size=(60, 2))
    greedy = LogisticGreedy(3, 2, epsilon=0.5, weights=rng.normal(size=(3, 3)))
    for policy in (greedy, LogisticGreedy(3, 2), LinUcb(3, 2)):  # the last two have ties: chance decides
        seed = int(rng.integers(1 << 30))
        one_by_one = np.random.default_rng(seed)
        loop = [policy.pull(one_by_one, context) for context in contexts]
        assert policy.pull(seed, contexts).tolist() == loop
        assert policy.pull(seed, contexts.reshape(20, 3, 2)).tolist() == np.reshape(loop, (20, 3)).tolist()
        assert len(set(loop)) == 3


def test_pulls_of_a_batch_have_the_stated_propensity(rng):
    """epsilon/arms for every arm, and 1 − epsilon more for the best, each user by a draw of their own."""
    policy = LogisticGreedy(3, 1, epsilon=0.3, weights=[[0, 0], [1, 0], [0.5, 0]])
    users = 20_000
    got = np.bincount(policy.pull(rng, np.zeros((users, 1))), minlength=3) / users
    want = np.array([0.1, 0.8, 0.1])
    np.testing.assert_allclose(policy.propensity(np.zeros((4, 1))), np.tile(want, (4, 1)), rtol=1e-12)
    assert (np.abs(got - want) < 5 * np.sqrt(want * (1 - want) / users)).all()  # five standard errors


@pytest.mark.parametrize("shape", [(4,), (2, 3)])
def test_linearised_moments_of_a_batch_are_those_of_the_terms_of_each_row(shape, rng):
    """Deng, Knoblich and Lu (2018): a unit's term is R + (a − R·b)/mean(b); here from the units."""
    rows = rng.gamma(2.0, 1.0, (*shape, 30, 3))
    mean = rows.mean(-2)
    gap = rows - mean[..., None, :]
    batch = Moments(30, mean, np.swapaxes(gap, -1, -2) @ gap, ("y", "views", "past"))
    got = linearised(batch, ("y", "views"), "past", ("past", "views"))
    assert got.names == ("y/views", "past", "past/views") and got.mean.shape == (*shape, 3)
    for i in np.ndindex(shape):
        y, views, past = rows[i].T
        terms = [
            y.mean() / views.mean() + (y - y.mean() / views.mean() * views) / views.mean(),
            past,
            past.mean() / views.mean() + (past - past.mean() / views.mean() * views) / views.mean(),
        ]
        np.testing.assert_allclose(got.mean[i], np.mean(terms, 1), rtol=1e-12)
        np.testing.assert_allclose(got.cov[i], np.cov(terms), rtol=1e-9, atol=1e-12)  # rounding of sums


# --- effects of exposure ---


def covariance_part(y, seen, single, cross, kept):
    """What the arms' covariance adds, pair by pair (Aronow and Samii 2017, eq. 9 and the bound after it)."""
    total = 0.0
    for i, j in product(np.flatnonzero(kept), repeat=2):
        left, right = (seen[a, k] * y[k] / single[a, k] for a, k in ((0, i), (1, j)))
        if cross[i, j] > 0:
            total -= 2 * left * right * (1 - single[0, i] * single[1, j] / cross[i, j])
        else:
            total += left * y[i] + right * y[j]
    return total


@pytest.mark.parametrize("share", [0.3, 0.6])
@pytest.mark.parametrize("rule", ["full", "any", 0.6])
def test_the_covariance_of_the_arms_takes_the_chance_of_each_arm(rule, share, rng):
    """With a share other than 1/2 the two exposures have other chances; plain arrays bound the covariance."""
    graph = {0: [1, 2], 1: [0], 2: [0, 3], 3: [2], 4: [5], 5: [4], 6: [7], 7: [6, 8], 8: [7]}
    p = ab.exposure_probabilities(graph, [0, 0, 1, 1, 2, 2, 3, 3, 4], share, rule)
    assert np.abs(p.single[0] - p.single[1]).max() > 0.1
    kept, y = p.single.min(0) > 0, rng.normal(3, 1, 9)
    found = 0
    for z in product((0, 1), repeat=5):
        treated = np.array(z)[[0, 0, 1, 1, 2, 2, 3, 3, 4]]
        seen = np.stack([ab.exposure(graph, treated, rule, arm=arm) for arm in ("control", "treatment")])
        if not (seen * kept).any(1).all():
            continue
        parts = np.where(kept, seen / np.where(p.single > 0, p.single, 1.0), 0.0) * y
        values = np.broadcast_to(y, parts.shape)
        with_cross = exposed_effects._design_variance(parts, values, p.joint, p, kept)
        alone = exposed_effects._design_variance(parts, values, p.joint, None, kept) / 2
        want = covariance_part(y, seen, p.single, p.cross, kept)
        assert with_cross - alone == pytest.approx(want, rel=1e-9, abs=1e-9)  # sums of a few dozen terms
        found += 1
    assert found > 5


# --- the files of the demonstration, and coverage ---


def within(values, mean, sd):
    """The mean lies within five standard errors of its law, and the spread within six of a normal's or so."""
    n = len(values)
    assert abs(np.mean(values) - mean) < 5 * sd / math.sqrt(n), (np.mean(values), mean)
    gap = (np.asarray(values, float) - mean) ** 2
    assert abs(gap.mean() - sd**2) < 6 * gap.std() / math.sqrt(n), (np.std(values), sd)


def test_the_files_of_the_demonstration_follow_their_laws():
    """1 + Poisson(1.5) visits; 0.06 and 0.08 a visit; lognormal euros around 30; pages of 420 ± 60 ms."""
    users, events = tables()
    assert len(users) == 4_000 and users["user_id"].is_unique and set(users["user_id"]) == set(events.user_id)
    visits = events.groupby("user_id").size()
    within(visits, 2.5, math.sqrt(1.5))
    within(events["load_ms"], 420, 60)
    within(events["day"], 7.5, math.sqrt((14**2 - 1) / 12))
    bought = events[events["converted"] == 1]
    within(np.log(bought["revenue"]), 3.3, 0.5)  # a mean of exp(3.3 + 0.125), about 30 euros
    assert (events.loc[events["converted"] == 0, "revenue"] == 0).all()
    for arm, rate in (("control", 0.06), ("treatment", 0.08)):
        mine = events.loc[events["arm"] == arm, "converted"].groupby(events["user_id"]).agg(["sum", "size"])
        # a user with v visits buys v·rate·taste times on average; taste has mean 1 and variance 1/2
        v = mine["size"].to_numpy(float)
        mean, spread = rate * v.sum(), math.sqrt((v * rate + v * (v - 1) * rate**2 / 2).sum())
        assert abs(mine["sum"].sum() - mean) < 5 * spread
    within(users["pre_revenue"], 6, math.sqrt(72))  # exponential of mean 6 times taste: E² = 72 · 1.5
    assert (users["arm"] == "treatment").mean() == pytest.approx(0.5, abs=0.04)  # five standard errors
    assert (users["segment"] == "ios").mean() == pytest.approx(0.5, abs=0.04)


def test_taste_stays_with_a_user():
    """Past and present of a user go together: their covariance is rate · visits · 30.8 · 6 · var(taste)."""
    users, events = tables()
    visits = events.groupby("user_id").size().reindex(users["user_id"]).to_numpy()
    rate = np.where(users["arm"] == "treatment", 0.08, 0.06)
    past = users["pre_revenue"].to_numpy() - 6
    product_ = past * (users["revenue"] - rate * visits * math.exp(3.425)).to_numpy()
    want = (rate * visits).mean() * math.exp(3.425) * 6 * 0.5
    assert abs(product_.mean() - want) < 5 * product_.std() / math.sqrt(len(users))


def test_sums_of_users_are_those_of_their_events():
    users, events = tables()
    by_user = events.groupby("user_id")
    want = pd.DataFrame(
        {
            "converted": by_user["converted"].max(),
            "revenue": by_user["revenue"].sum().round(2),
            "load_ms": by_user["load_ms"].mean().round(2),
        }
    )
    pd.testing.assert_frame_equal(users.set_index("user_id")[list(want)].sort_index(), want)


def test_the_settings_of_a_coverage_table_have_names():
    named = coverage_table(sizes=[20, 40], skews=[0.0, 1.0], ratio=2, seed=1, reps=60)
    assert named.equals(coverage_table([20, 40], [0.0, 1.0], 2, seed=1, reps=60))
    assert named[["skew", "n"]].to_numpy().tolist() == [[0, 20], [0, 40], [1, 20], [1, 40]]
    hits = named["coverage"] * 60
    assert np.allclose(hits, hits.round()) and not named.equals(
        coverage_table([20, 40], [0.0, 1.0], 2, reps=60)
    )
    np.testing.assert_allclose(
        named["error"], np.sqrt(named["coverage"] * (1 - named["coverage"]) / 60), rtol=1e-12
    )
    with pytest.raises(TypeError, match="positional"):
        coverage_table([20], [0.0], 1, 1)
    assert datasets.coverage_table is coverage_table


# --- the score test of a ratio ---


def exact_z(pc, n, pt, m, ratio):
    """Miettinen and Nurminen (1985), eq. 10 and 11, with 80 digits, of the floats as they are."""
    with localcontext() as digits:
        digits.prec = 80
        pc, n, pt, m, r = (Decimal(float(v)) for v in (pc, n, pt, m, ratio))
        a, b, c = (n + m) * r, m * (r + pt) + n * (1 + pc * r), n * pc + m * pt
        rc = (b - (b * b - 4 * a * c).sqrt()) / (2 * a)
        rt = r * rc
        variance = (rt * (1 - rt) / m + r * r * rc * (1 - rc) / n) * (n + m) / (n + m - 1)
        return float((pt - r * pc) / variance.sqrt())


def near_one():
    """Rates that miss 1 by 1e-8 to 1e-12; r·pc often lies above 1, where a float has one bit less."""
    for n, m in ((3e8, 7e8), (7e11, 3e12), (1e12, 9e11)):
        for failed, gone, steps in product((1, 5, 9), (0, 2, 7), (-3, 0, 4, 9.5, 14)):
            yield 1 - failed / n, n, 1 - gone / m, m, 1 + steps / n


def near_zero():
    """The same for rates of nearly 0, and ratios far from 1."""
    for x, y, ratio in product((1, 3, 10), (0, 1, 7), (0.01, 0.5, 1.0, 3.0, 40.0)):
        yield x / 1e12, 1e12, y / 3e11, 3e11, ratio


def few_users():
    for x, y, ratio in product((1, 20, 31, 32), (0, 1, 9, 10), (0.25, 0.75, 1.5, 8.0)):
        yield x / 32, 32, y / 10, 10, ratio


def at_a_double_root():
    """No failure in control and this ratio: both roots of the quadratic are 1."""
    for n, m in ((17_593, 15_416), (151_084, 158_698), (4_198_420, 22_724_295)):
        for failed in range(1, 30):
            pt = 1 - failed / m
            yield 1.0, n, pt, m, (n + m * pt) / (n + m)


@pytest.mark.parametrize(
    "cases, near",
    [  # by how much z may be off, of 1 + |z|: float arithmetic on differences of the size of these rates
        (near_one, 1e-6),
        (near_zero, 1e-12),
        (few_users, 1e-12),
        (at_a_double_root, 1e-6),  # at a root of multiplicity two half of the digits are known
    ],
)
def test_the_score_statistic_of_a_ratio_keeps_its_digits_to_the_ends(cases, near):
    rows = list(cases())
    with np.errstate(invalid="ignore", divide="ignore"):
        got = _ratio_z(*(np.array(column, float) for column in zip(*rows, strict=True)))
    want = np.array([exact_z(*row) for row in rows])
    assert (np.abs(got - want) <= near * (1 + np.abs(want))).all(), np.nanmax(np.abs(got - want))


def test_the_score_test_has_a_p_value_for_every_count_of_failures():
    """p of the ratio at 1 is that of the pooled (N − 1) chi-square, counted in failures."""
    n, x, y = (v.ravel() for v in np.meshgrid([3e8, 1e9, 7e9], np.arange(1, 30.0), np.arange(0, 30.0)))
    got = ab.lift(Moments.counts(n - x, n), Moments.counts(n - y, n), method="score")
    pooled = (x + y) / (2 * n)
    z = (x - y) / n / np.sqrt(pooled * (1 - pooled) * 2 / n * 2 * n / (2 * n - 1))
    np.testing.assert_allclose(
        got.pvalue, 2 * stats.norm.sf(np.abs(z)), rtol=1e-5
    )  # 1 − 1e-9 has 7 digits left


# --- roots ---


@pytest.mark.parametrize("power, at, low, high", [(3, 3, 0, 5), (5, 2, 0, 5), (7, 1, -1, 8)])
def test_a_flat_root_takes_hardly_more_calls_than_halving(power, at, low, high):
    """The steps of Chandrupatla must be refused where they do not help; halves end at 4e-16 of the root."""
    calls = []
    found = bracketed_root(lambda x: calls.append(1) or (x - at) ** power, np.float64(low), np.float64(high))
    assert abs(found - at) <= 1e-15 * at
    halves = math.ceil(math.log2((high - low) / (4e-16 * at)))
    assert len(calls) <= halves + 5  # two ends, and steps that were tried before the halves


@pytest.mark.parametrize(
    "f, low, high, root",
    [
        (lambda x: x * x - 2, 0, 2, math.sqrt(2)),
        (lambda x: np.exp(x) - 2, -4, 4, math.log(2)),
        (lambda x: np.log(x) - 1, 0.1, 90, math.e),
        (lambda x: 2 - x, 0, 5, 2),
    ],
)
def test_a_simple_root_takes_some_ten_calls(f, low, high, root):
    calls = []
    found = bracketed_root(lambda x: calls.append(1) or f(x), np.float64(low), np.float64(high))
    assert found == pytest.approx(root, rel=1e-15) and len(calls) <= 15


# --- planning of rates ---


def fleiss(p1, p2, n, ratio, tail):
    """Power of the pooled test, Fleiss, Levin and Paik (2003), eq. 4.14 solved for z of beta."""
    mean = (p1 + ratio * p2) / (1 + ratio)
    null = math.sqrt(mean * (1 - mean) * (1 + 1 / ratio))
    alt = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2) / ratio)
    return stats.norm.cdf((abs(p2 - p1) * math.sqrt(n) - stats.norm.isf(tail) * null) / alt)


@pytest.mark.parametrize(
    "p, alternative, allocation",
    [(0.1, "greater", 0.5), (0.4, "less", 0.5), (0.9, "two-sided", 0.3), (0.5, "greater", 0.7)],
)
def test_the_smallest_effect_of_rates_reaches_its_power_at_every_size(p, alternative, allocation):
    ratio, tail = allocation / (1 - allocation), 0.025 if alternative == "two-sided" else 0.05
    for n in (30, 100, 1e3, 1e5, 1e9, 1e15, 1e18):
        try:
            found = ab.mde_proportions(p, n, alternative=alternative, allocation=allocation)
        except ValueError:
            end = 1e-12 if alternative == "less" else 1 - 1e-12
            assert fleiss(p, end, n, ratio, tail) < 0.8
            continue
        assert np.sign(found.effect) == (-1 if alternative == "less" else 1)
        # p + effect holds 1e-16 of the rate, so a gap of 1e-9 is known to 1e-7
        near = 1e-9 + 1e-15 / abs(found.effect)
        assert fleiss(p, p + found.effect, n, ratio, tail) == pytest.approx(0.8, abs=near)


@pytest.mark.parametrize(
    "p, alternative", [(0.5, "greater"), (0.5, "less"), (0.2, "two-sided"), (0.05, "less")]
)
def test_an_effect_up_to_the_end_of_the_rates_is_found_and_beyond_it_refused(p, alternative):
    """The fewest units that find a rate of nearly 0 or 1, by the formula; a share of 1e-4 to both sides."""
    tail, end = 0.025 if alternative == "two-sided" else 0.05, 0.0 if alternative == "less" else 1.0
    need = optimize.brentq(lambda n: fleiss(p, end, n, 1.0, tail) - 0.8, 1.01, 1e4)
    found = ab.mde_proportions(p, need * 1.0001, alternative=alternative)
    assert abs(p + found.effect - end) < 2e-3 and 0 < p + found.effect < 1
    for n in (need * 0.9999, need * 0.5):
        with pytest.raises(ValueError, match="^`n` must be large enough to detect some share; got "):
            ab.mde_proportions(p, n, alternative=alternative)


# --- figures: the number of things they take ---


@pytest.fixture
def ax():
    axes = plt.figure().add_subplot()
    yield axes
    plt.close("all")


def power_curves(number):
    return {f"plan {i}": ab.power_proportions(0.1, 0.11 + i / 100, [1_000, 2_000]) for i in range(number)}


def test_a_figure_of_power_takes_one_to_six_plans(ax):
    lines = plots.plot_power(power_curves(6), ax=ax).lines
    want = [plan.power.tolist() for plan in power_curves(6).values()]
    assert [line.get_ydata().tolist() for line in lines[:6]] == want
    assert len({(line.get_color(), line.get_linestyle()) for line in lines[:6]}) == 6
    assert plots.plot_power(power_curves(1)).lines[0].get_ydata().tolist() == want[0]
    for number in (0, 7):
        with pytest.raises(ValueError, match=f"^`curves` must hold one to 6 plans; got {number}"):
            plots.plot_power(power_curves(number))


def test_a_figure_of_squares_takes_two_panels_or_one_on_given_axes(ax):
    line = np.linspace(0, 0.99, 50)
    pairs = {name: (line, line) for name in ("one", "two", "three")}

    def drawn(number, **given):
        return plots.plot_squares(dict(list(pairs.items())[:number]), names=("a", "b"), **given)

    assert drawn(1, ax=ax) is ax and len(ax.figure.axes) == 1
    assert len(drawn(1).figure.axes) == 1 and len(drawn(2).figure.axes) == 2
    for number, given in ((0, {}), (3, {}), (0, {"ax": ax}), (2, {"ax": ax})):
        with pytest.raises(ValueError, match=f"^`pairs` must hold one or two panels; got {number}"):
            drawn(number, **given)


def test_a_figure_of_shares_needs_two_counts_a_row_and_a_unit(ax):
    got = plots.plot_shares({"a": (0, 1), "b": (30, 10)}, 0.5, ax=ax)
    assert [line.get_xdata()[0] for line in got.lines[-2:]] == [50, -25]
    for counts in (
        (1, 2),
        {"a": 5},
        {"a": (1, 2, 3)},
        {"a": (1,)},
        {"a": (1, 2), "b": (0, 0)},
        {"a": [[1, 2]]},
    ):
        with pytest.raises(
            ValueError, match=r"^`counts` must hold \(control, treatment\) with at least one unit"
        ):
            plots.plot_shares(counts if isinstance(counts, dict) else dict(enumerate(counts)), 0.5)


def test_the_bounds_of_giving_up_are_thin_lines_where_plans_stand_together(ax):
    plans = {
        "one": ab.group_sequential(3, sides=1, futility=[0, 0.5]),
        "two": ab.group_sequential(4, sides=1),
        "three": ab.group_sequential(5, sides=1, futility=[-1, 0, 0.3, 0.6]),
    }
    lines = plots.plot_boundaries(plans, ax=ax).lines
    drawn = {tuple(np.round(line.get_ydata(), 9)): line for line in lines}
    for plan in plans.values():
        upper = drawn[tuple(np.round(plan.upper, 9))]
        if plan.futility is None:
            assert tuple(np.round(plan.lower, 9)) not in drawn
            continue
        lower = drawn[tuple(np.round(plan.lower, 9))]
        assert lower.get_color() == upper.get_color() and lower.get_linewidth() < upper.get_linewidth()
        assert lower.get_linewidth() == 1 and lower.get_markersize() == 5
        assert lower.get_xdata().tolist() == upper.get_xdata().tolist() == plan.fraction.tolist()


# --- the registry ---


def registered(**fields):
    analysis = ab.Analysis("arm", "control", (ab.Metric("ordered", "proportion"),), unit="user")
    base = {
        "plan": ab.Plan(
            0.02, 1_234, 1_300, n_exact=1_234.0, power=0.8, alpha=0.05, alternative="two-sided", sd=(0.3, 0.3)
        )
    }
    return ab.Experiment(
        "button", "More orders.", None, {"control": 0.5, "big": 0.5}, analysis, **(base | fields)
    )


def test_an_experiment_says_its_plan_in_one_line():
    text = "Experiment button (draft): ordered, {}, {} to {}, looks {}"
    assert repr(registered()) == text.format("1,234 units in control", "?", "?", 1)
    assert repr(registered(plan=None)) == text.format("no plan", "?", "?", 1)
    dated = registered(start=date(2026, 3, 2), end="2026-03-15", looks=3)
    assert repr(dated) == text.format("1,234 units in control", "2026-03-02", "2026-03-15", 3)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_stored_json_is_json(value):
    """JSON has no word for what is not a number; RFC 8259 allows none."""
    with pytest.raises(ValueError, match="JSON compliant"):
        json_text({"worth": [value]})


def test_stored_json_is_one_line_in_its_own_order():
    text = json_text({"b": [1, 0.5, None], "a": "ü\n"})
    assert text == '{"b":[1,0.5,null],"a":"ü\\n"}' and json.loads(text) == {"b": [1, 0.5, None], "a": "ü\n"}


SEGMENT, COUNTRY = ab.Where("segment", "==", "mobile"), ab.Where("country", "==", "FR")
RULES = {
    "none": ((), "all"),
    "a segment": ((SEGMENT,), "mobile"),
    "another column": ((COUNTRY,), [{"column": "country", "op": "==", "value": "FR"}]),
    "another sign": (
        (ab.Where("segment", "!=", "mobile"),),
        [{"column": "segment", "op": "!=", "value": "mobile"}],
    ),
    "a number": ((ab.Where("segment", "==", 3),), [{"column": "segment", "op": "==", "value": 3}]),
    "a list": (
        (ab.Where("segment", "in", ("ios", "web")),),
        [{"column": "segment", "op": "in", "value": ["ios", "web"]}],
    ),
    "two rules": (
        (SEGMENT, COUNTRY),
        [
            {"column": "segment", "op": "==", "value": "mobile"},
            {"column": "country", "op": "==", "value": "FR"},
        ],
    ),
}


@pytest.mark.parametrize("rules, written", RULES.values(), ids=RULES)
def test_who_may_enter_is_written_so_that_it_reads_back(rules, written):
    document = as_mapping(registered(eligible=rules))
    assert document["eligible"] == written
    assert from_mapping(document).eligible == rules


# --- looks ---


def spending(share):
    return lambda t: np.interp(t, [0, 0.5, 1], [0, share, 1])


@pytest.mark.parametrize("alpha, first, power, beta_first", [(0.025, 0.06, 0.9, 0.6), (0.2, 0.35, 0.8, 0.62),
                                                             (0.025, 0.5, 0.8, 0.3)])  # fmt: skip
def test_two_bounds_that_spend_meet_where_both_errors_are_spent(alpha, first, power, beta_first):
    """Two looks by one integral each. In the first two plans a low drift leaves less than alpha to spend."""
    options = {"sides": 1, "alpha": alpha, "power": power, "binding": True}
    plan = ab.group_sequential(2, spending=spending(first), futility=spending(beta_first), **options)
    (u1, u2), (l1, l2) = plan.upper, plan.lower
    assert u1 == pytest.approx(stats.norm.isf(alpha * first), abs=1e-9) and u2 == l2

    def second(drift, chance):
        """Chance to go on at t = 1/2 and to end on one side of the last bound."""
        mean = drift * math.sqrt(0.5)

        def density(z):
            return stats.norm.pdf(z - mean) * chance((u2 - math.sqrt(0.5) * z - drift / 2) / math.sqrt(0.5))

        return integrate.quad(density, l1, u1, epsabs=1e-13)[0]

    assert second(0.0, stats.norm.sf) == pytest.approx(alpha * (1 - first), rel=1e-6)
    drift = stats.norm.ppf((1 - power) * beta_first)
    drift = (l1 - drift) / math.sqrt(0.5)  # under it the first lower bound spends its part of beta
    assert second(drift, stats.norm.cdf) == pytest.approx((1 - power) * (1 - beta_first), rel=1e-5)


def test_a_fall_of_information_is_named_by_its_look():
    se = np.array([0.4, 0.3, 0.2, 0.25, 0.1])
    with pytest.raises(ValueError, match="a fall at look 4"):
        usable(np.zeros(5), se)
    looks = [Effect.of(0.1, float(s)) for s in se]
    with pytest.raises(ValueError, match="a fall at look 4"):
        ab.msprt(looks, tau=0.1, burn_in=0)


def test_in_a_batch_only_the_experiment_whose_information_falls_is_lost():
    se = np.array([[0.4, 0.3, 0.2], [0.4, 0.2, 0.3], [0.3, 0.3, 0.3], [0.4, 0.3, 0.35]])
    got = usable(np.zeros(se.shape), se)
    np.testing.assert_array_equal(got[[0, 2]], se[[0, 2]])
    assert np.isnan(got[[1, 3]]).all()


@pytest.mark.parametrize("growth, refused", [(0.0, False), (5e-10, False), (2e-9, True), (1e-3, True)])
def test_rounding_is_no_fall_of_information(growth, refused):
    """A standard error may rise by 1e-9 of itself; the batch beside a clear fall obeys the same limit."""
    se = np.array([[0.3, 0.2, 0.2 * (1 + growth)], [0.3, 0.2, 0.3]])
    assert np.isnan(usable(np.zeros((2, 3)), se)).all(1).tolist() == [refused, True]
    if refused:
        with pytest.raises(ValueError, match="a fall at look 3"):
            usable(np.zeros(3), se[0])
    else:
        assert usable(np.zeros(3), se[0]).tolist() == se[0].tolist()


def test_looks_at_other_fractions_are_said_as_they_were():
    """Information is 1/se², in units in which the first look was where it was planned: 1/3 · (0.3/se)²."""
    plan = ab.group_sequential(3)
    words = "0.333333, 0.666667, 1 for information that grew as 0.333333, 0.75, 3"
    with pytest.raises(ValueError, match=words):
        require_fractions(np.array([0.3, 0.2, 0.1]), plan)
    with pytest.raises(ValueError, match="0.333333, 0.666667 for information that grew as 0.333333, 3"):
        require_fractions(np.array([0.3, 0.1]), plan)


@pytest.mark.parametrize(
    "wobble, refused", [(1.09, False), (1.11, True), (1 / 1.09, False), (1 / 1.11, True)]
)
def test_a_variance_may_wobble_by_a_tenth(wobble, refused):
    plan = ab.group_sequential(2)
    se = np.sqrt(np.array([2.0, 1.0 * wobble]))
    if refused:
        with pytest.raises(ValueError, match="must have the fractions at which the looks were taken"):
            require_fractions(se, plan)
    else:
        require_fractions(se, plan)


# --- guesses ---


@pytest.mark.parametrize(
    "guess, target, said",
    [
        (0, 5, "your guess is 5 too low"),
        (5, 0, "your guess is 5 too high"),
        (0, 0, "your guess is right"),
        (-3, 4, "your guess is 7 too low"),
        (4, -3, "your guess is 7 too high"),
        (-8, -2, "your guess is 6 too low"),
        (10, 5, "your guess is too high by a factor of 2"),
        (5, 10, "your guess is too low by a factor of 2"),
        (9, 5, "your guess is 4 too high"),
        (0.5, 5, "your guess is too low by a factor of 10"),
    ],
)
def test_a_guess_is_compared_in_times_only_where_both_are_above_0(guess, target, said, capsys):
    teach.predict("97.p1", guess)
    capsys.readouterr()
    teach.reveal("97.p1", target)
    assert capsys.readouterr().out.strip().endswith(f": {said}.")
