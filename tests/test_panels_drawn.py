"""What a panel draws is what the public function returns: the data of its lines, bars and marks, twice."""

from __future__ import annotations

import os
from functools import cache

import numpy as np
import pytest
from drawn import across, curve, curves, title, upright
from scipy import stats

import abkit as ab
from abkit import explore
from abkit.datasets.lost_users import planted_counts
from abkit.datasets.many_metrics import error_rates
from abkit.datasets.skewed import outcomes
from abkit.datasets.stopping import stops
from abkit.explore.panel_multiplicity import REPS
from abkit.plots import style

SEED = int(os.environ.get("ABKIT_SEED", "0"))
WORSE, BETTER = "#D55E00", "#0072B2"


@cache
def panel(name):
    return getattr(explore, name)()


def drawn(name, **values):
    """The axes of a panel at these values, and its finding."""
    made = panel(name)
    finding = made.value(seed=SEED, **values)
    return made.ax, finding


@pytest.mark.parametrize("tau, horizon, lift", [(2.0, 10_000, 2.0), (0.5, 4_000, 0.0)])
def test_always_draws_the_width_of_the_msprt_over_that_of_one_look(tau, horizon, lift):
    ax, finding = drawn("always", tau=tau, horizon=horizon, lift=lift)
    n, factor = curve(ax.lines[0])
    se = 100 * np.sqrt(2 * 0.1 * 0.9 / n)  # two rates of 10 per cent, in points
    one = ab.Effect.of(0 * n, se, n_control=n, n_treatment=n)
    path = ab.msprt(one, tau=tau, burn_in=0)
    np.testing.assert_allclose(factor, (path.high - path.low) / (one.high - one.low), rtol=1e-9)
    assert (n[0], n[-1]) == (pytest.approx(horizon / 50), pytest.approx(horizon)) and across(ax) == [1]
    mark = ax.lines[-1]
    assert mark.get_marker() == "s" and mark.get_xdata()[0] == n[factor.argmin()]
    assert f"{factor[-1]:.2f} times as wide" in finding
    end = 100 * np.sqrt(2 * 0.1 * 0.9 / horizon)
    found = stats.norm.cdf(lift / end - 1.95996) + stats.norm.cdf(-lift / end - 1.95996)
    assert f"against {found:.1%} of one look" in finding and f"one planned look: {found:.1%}" in title(ax)


@pytest.mark.parametrize("before, after, arms", [(0.1, 0.5, 2), (0.2, 0.3, 4)])
def test_ramp_draws_the_share_that_a_second_salt_spares(before, after, arms):
    ax, finding = drawn("ramp", before=before, after=after, arms=arms)
    ids = [f"{SEED}-{i}" for i in range(20_000)]
    where = ab.position(ids, "test")  # of 10,000
    first = where < round(10_000 * before)
    arm = [where[first] * arms // round(10_000 * share) for share in (before, after)]
    one = 100 * np.mean(arm[0] != arm[1])
    weights = {str(i): 1 / arms for i in range(arms)}
    two = [ab.assign(ids, weights, salt="test", share=share) for share in (before, after)]
    entered = two[0] != np.array(None)
    other = 100 * np.mean(two[0][entered] != two[1][entered])
    points = {line.get_marker(): line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1}
    assert points["s"] == pytest.approx(one) and points["o"] == other == 0
    assert f"one hash moves {one:.1f}%" in title(ax)
    assert f"{first.sum():,} of 20,000 users exposed at {before:.0%}, then {after:.0%}" in finding


@pytest.mark.parametrize("headlines, readers, policy", [(2, 1_000, 1), (4, 2_000, 4)])
def test_bandit_draws_the_readers_of_worse_headlines(headlines, readers, policy):
    ax, finding = drawn("bandit", headlines=headlines, readers=readers, policy=policy)
    rates = [0.10] * (headlines - 1) + [0.12]
    kind = {1: ab.EvenSplit, 4: ab.Thompson}[policy](headlines)
    run = ab.run(kind, rates, horizon=readers, reps=40, batch=readers // 100, rng=SEED)
    worse = (run.arm != headlines - 1).cumsum(1)
    lines = curves(ax)
    at, mean = curve(lines[-1])
    np.testing.assert_allclose(mean, worse.mean(0)[at.astype(int) - 1])
    assert len(lines) == 41 and lines[-1].get_color() == WORSE
    for line, row in zip(lines, worse, strict=False):
        assert line.get_ydata()[-1] == row[-1]
    assert (
        f"{worse[:, -1].mean():,.0f} readers ({100 * worse[:, -1].mean() / readers:.1f} per cent)" in finding
    )
    named = (
        (ab.run(kind, rates, horizon=readers, reps=40, batch=readers // 100, rng=SEED)).summary().named_best
    )
    assert f"named in {100 * named:.0f} of 100" in finding


@pytest.mark.parametrize("looks, delta, power", [(5, 0.0, 0.8), (3, 0.5, 0.9)])
def test_boundaries_draws_the_bounds_of_the_plan(looks, delta, power):
    ax, finding = drawn("boundaries", looks=looks, delta=delta, power=power)
    plan = ab.group_sequential(looks, design="wang_tsiatis", parameter=delta)
    x, z = curve(ax.lines[0])
    np.testing.assert_allclose(x, np.arange(1, looks + 1) / looks)
    np.testing.assert_allclose(z, plan.upper)
    np.testing.assert_allclose(z, plan.upper[-1] * x ** (delta - 0.5), rtol=1e-6)  # Wang and Tsiatis
    assert across(ax) == pytest.approx([stats.norm.isf(0.025), -stats.norm.isf(0.025)])
    np.testing.assert_allclose(curve(ax.lines[2])[1], plan.lower)
    assert f"final z {plan.upper[-1]:.3f}; at most {ab.inflation(plan, power):.3f} times" in finding
    assert f"on average {ab.expected_size(plan, power):.3f}" in finding
    assert f"{looks} looks cost {100 * (ab.inflation(plan, power) - 1):.1f}%" in title(ax)


@pytest.mark.parametrize("week, new, history", [(0.3, 0.2, 4), (0.6, 0.5, 12)])
def test_history_draws_the_weeks_that_cuped_leaves(week, new, history):
    ax, finding = drawn("history", week=week, new=new, history=history)
    weeks = np.arange(27)
    rho = ab.history_correlation(week, weeks, window=4)
    everyone, some = curves(ax)[:2]
    for line, share in ((everyone, ab.cuped_factor(rho)), (some, ab.cuped_factor(rho, new=new))):
        np.testing.assert_allclose(curve(line)[0], weeks)
        np.testing.assert_allclose(curve(line)[1], 4 * share)
    assert some.get_color() == WORSE and everyone.get_color() == BETTER
    mark = next(line for line in ax.lines if len(np.atleast_1d(line.get_xdata())) == 1)
    left = ab.cuped_factor(rho, new=new)[history]
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (history, pytest.approx(4 * left))
    assert across(ax) == [4]
    assert f"{left:.0%} of the variance is left: {4 * left:.1f} weeks instead of 4" in finding
    assert f"an interval {np.sqrt(left):.0%} as wide" in finding


@pytest.mark.parametrize("n, skew, ratio", [(30, 2.0, 9), (100, 0.0, 1)])
def test_interval_draws_a_hundred_welch_intervals_and_marks_the_misses(n, skew, ratio):
    ax, finding = drawn("interval", n=n, skew=skew, ratio=ratio)
    found = outcomes(n, skew, ratio, seed=SEED)
    hit = (found.low <= 0) & (found.high >= 0)
    strokes = {}
    for collection in ax.collections:
        for (x, low), (_, high) in collection.get_segments():
            strokes[int(x)] = (low, high, collection.get_linestyle()[0][1] is None)
    assert len(strokes) == 100
    for i in range(100):
        low, high, solid = strokes[i + 1]
        assert (low, high) == (pytest.approx(found.low[i]), pytest.approx(found.high[i])) and solid == hit[i]
    marks = {line.get_marker(): len(line.get_xdata()) for line in ax.lines if line.get_marker() in "so"}
    assert marks == {"o": hit[:100].sum(), "s": 100 - hit[:100].sum()} and across(ax) == [0]
    share = hit.mean()
    error = np.sqrt(share * (1 - share) / len(hit))
    assert f"{100 * share:.1f} ± {100 * error:.1f} per cent of {len(hit)} intervals" in finding
    assert f"half-width {np.median(found.high - found.low) / 2:.2f} sd" in finding
    assert f"{n:,} against {ratio * n:,} users" in finding and f"{share:.1%}" in title(ax)


@pytest.mark.parametrize("learner, world, n", [("T", "flat", 500), ("DR", "linear", 2_000)])
def test_learners_draws_one_fit_against_the_truth(learner, world, n):
    ax, finding = drawn("learners", learner=learner, world=world, n=n)
    found = ab.datasets.measured_learner(learner, world, n)
    order = np.argsort(found.days, kind="stable")
    dots, truth = ax.lines[:2]
    np.testing.assert_allclose(curve(dots), (found.days[order], found.shown[SEED % 3][order]))
    np.testing.assert_allclose(curve(truth), (found.days[order], found.truth[order]))
    assert dots.get_marker() == "s" and dots.get_linestyle() == "None" and truth.get_color() == "#000000"
    assert f"error {found.error:.1f} euros" in finding and f"error {found.error:.1f}" in title(ax)
    assert f"promised {found.promised:.1f} euros and gets {found.kept:.1f}" in finding


@pytest.mark.parametrize("good, power, alpha", [(0.1, 0.8, 0.05), (0.3, 0.5, 0.10)])
def test_ledger_draws_the_true_and_the_false_part_of_wins_and_euros(good, power, alpha):
    ax, finding = drawn("ledger", good=good, power=power, alpha=alpha)
    found = ab.win_ledger(good=good, power=power, alpha=alpha)
    false = 100 * (1 - good) * alpha / 2 / ((1 - good) * alpha / 2 + good * power)  # a win is a positive one
    lost = 100 * (1 - found.true / found.claimed)
    bars = [(bar.get_x(), bar.get_width(), bar.get_hatch()) for bar in ax.patches]
    want = [
        (0, 100 - false, None),
        (0, 100 - lost, None),
        (100 - false, false, "//"),
        (100 - lost, lost, "//"),
    ]
    for got, (x, width, hatch) in zip(bars, want, strict=True):
        assert got == (pytest.approx(x), pytest.approx(width, rel=1e-3), hatch)
    assert f"{found.wins:.4g} win, {found.false_wins:.3g} of them falsely: {false:.0f} of 100" in finding
    assert f"Of 100 euros claimed {100 - lost:.0f} come" in finding


@pytest.mark.parametrize("metrics, correlation, share", [(10, 0.5, 0.3), (5, 0.0, 0.0)])
def test_multiplicity_draws_the_rates_of_each_correction(metrics, correlation, share):
    ax, finding = drawn("multiplicity", metrics=metrics, correlation=correlation, share=share)
    rates = error_rates(metrics, correlation, share, reps=REPS, seed=SEED)
    fields = [("any_false", "o"), ("false_share", "s")] + ([("found", "^")] if share else [])
    assert len(ax.containers) == len(fields)
    for bars, (field, marker) in zip(ax.containers, fields, strict=True):
        points, _, (strokes,) = bars
        rate, error = (
            np.array([100 * getattr(r, f) for r in rates.values()]) for f in (field, f"{field}_se")
        )
        assert points.get_marker() == marker
        np.testing.assert_allclose(points.get_xdata(), rate)
        ends = np.array([(low, high) for (low, _), (high, _) in strokes.get_segments()])
        np.testing.assert_allclose(ends, np.c_[rate - 2 * error, rate + 2 * error])
    assert [text.get_text() for text in ax.get_yticklabels()] == list(rates) and upright(ax) == [2.5]
    told = [rates[name] for name in ("none", "Holm", "max-t", "BH")]
    for name, field in (("any false win", "any_false"), ("share of false wins", "false_share")):
        assert f"{name}: " + ", ".join(f"{getattr(r, field):.0%}" for r in told) in finding
    assert f"any false win {told[0].any_false:.0%}, with Holm {told[1].any_false:.0%}" in title(ax)
    assert ("found: " in finding) == bool(share)


@pytest.mark.parametrize("looks, lift, rule", [(10, 0.0, 2), (5, 2.0, 3)])
def test_peeking_draws_each_claim_at_the_users_it_had(looks, lift, rule):
    ax, finding = drawn("peeking", looks=looks, lift=lift, rule=rule)
    found = stops(looks, lift, rule, seed=SEED)
    users, claims = curve(ax.lines[0])
    np.testing.assert_allclose((users, claims), (found.users, found.claims))
    assert ax.lines[0].get_marker() == "s" and across(ax) == [lift]
    se = 20 * np.sqrt(2 / users)  # no claim is smaller than what is significant with these users
    bound = 1.96 if rule == 2 else ab.group_sequential(looks).upper[-1]
    assert (np.abs(claims) >= 0.999 * bound * se).all() and users.max() <= 3_000
    if lift == 0:
        assert f"{100 * ab.peeking_error(looks):.1f}% false alarms" in finding
    mean = claims[claims > 0].mean()
    assert f"winner claims {mean:.2f} minutes" in finding and f"claims {mean:.1f} minutes" in title(ax)
    assert (f"{mean / lift:.2f} times the truth" in finding) if lift else ("the truth" not in finding)
    assert f"{found.ends.mean():,.0f} users" in finding


@pytest.mark.parametrize("baseline, lift, traffic", [(0.05, 0.10, 4_000), (0.20, 0.05, 2_000)])
def test_plan_draws_the_lift_that_each_number_of_weeks_detects(baseline, lift, traffic):
    ax, finding = drawn("plan", baseline=baseline, lift=lift, traffic=traffic)
    weeks, least = curve(ax.lines[0])
    for i in (0, len(weeks) // 2, len(weeks) - 1):
        found = ab.mde_proportions(baseline, 7 * traffic * weeks[i] / 2)
        assert least[i] == pytest.approx(100 * found.effect / baseline, rel=1e-6)
    assert (weeks[0], weeks[-1]) == (pytest.approx(2), pytest.approx(26))
    plan = ab.duration(ab.sample_size_proportions(baseline, lift=lift), traffic)
    assert across(ax) == [pytest.approx(100 * lift)] and ax.get_xlim() == (0, pytest.approx(27))
    dot = next(line for line in ax.lines if line.get_marker() == "o")
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (plan.days / 7, pytest.approx(100 * lift))
    reached = ab.power_proportions(baseline, baseline * (1 + lift), plan.days * traffic / 2).power
    assert (
        f"{plan.n_control:,} users in each arm: {plan.days:,} days, with power {float(reached):.2f}"
        in finding
    )
    assert f"is {least[0]:.3g}% after 2 weeks, {least[-1]:.3g}% after 26" in finding


@pytest.mark.parametrize("run, level, users", [(20, 80, 1_250), (100, 95, 5_000)])
def test_promise_draws_the_intervals_of_the_experiments_so_far(run, level, users):
    ax, finding = drawn("promise", run=run, level=level, users=users)
    every = ab.datasets.repeated_shop(100, gain=0.425, users=users, rng=SEED)
    half = stats.t.ppf(0.5 + level / 200, every.df[:run]) * every.se[:run]
    hit = np.abs(every.estimate[:run] - 0.425) <= half
    ends = {s[0][0]: (s[0][1], s[1][1]) for c in ax.collections for s in c.get_segments()}
    for i in range(run):
        assert ends[i + 1] == pytest.approx((every.estimate[i] - half[i], every.estimate[i] + half[i]))
    assert len(ends) == run and across(ax) == [0.425]
    places = {line.get_marker(): len(line.get_xdata()) for line in ax.lines if line.get_marker() in "so"}
    assert places == {"o": hit.sum(), "s": run - hit.sum()}
    assert (
        f"{hit.sum()} of {run} intervals hold the truth" in title(ax) and f": {hit.sum()} of {run}" in finding
    )
    assert f"one is {2 * np.median(half):.2f} euros wide" in finding


@pytest.mark.parametrize("spill, away, cities", [(3.0, 0.1, 40), (-1.0, 0.5, 20)])
def test_spillover_draws_both_designs_and_one_test_of_each(spill, away, cities):
    ax, finding = drawn("spillover", spill=spill, away=away, cities=cities)
    world = ab.datasets.word_of_mouth(cities=cities, away=away, spill=spill, rng=SEED)
    mean = ab.datasets.spill_curve(world, np.linspace(-3, 6, 10))
    total, user, city = curves(ax)[:3]
    for line, values in ((total, mean.total), (user, mean.by_user), (city, mean.by_city)):
        np.testing.assert_allclose(curve(line), (mean.spill, values))
    assert (user.get_color(), city.get_color()) == ("#767676", "#009E73") and across(ax) == [0]
    tests = [ab.datasets.redesigns(world, kind, reps=1, rng=SEED) for kind in ("users", "cities")]
    for bars, test, side in zip(ax.containers, tests, (-1, 1), strict=True):
        point, _, (stroke,) = bars
        (x, low), (_, high) = stroke.get_segments()[0]
        assert (low, high) == (pytest.approx(test.low[0]), pytest.approx(test.high[0]))
        assert point.get_ydata()[0] == pytest.approx(test.estimate[0]) and 0 < side * (x - spill) < 0.5
    assert f"Launch to all: {world.total:.1f} minutes. One test by user {tests[0].estimate[0]:.1f}" in finding
    assert (
        f"one by city {tests[1].estimate[0]:.1f} [{tests[1].low[0]:.1f}, {tests[1].high[0]:.1f}]" in finding
    )
    misses = [abs(world.total - world.expected(kind)) for kind in ("users", "cities")]
    assert f"by user misses {misses[0]:.1f} minutes, by city {misses[1]:.1f}" in title(ax)


@pytest.mark.parametrize("n, share, loss", [(20_000, 0.5, 0.1), (50_000, 0.3, 0.0)])
def test_srm_draws_each_share_and_what_the_check_allows(n, share, loss):
    ax, finding = drawn("srm", n=n, share=share, loss=loss)
    counts = planted_counts(n, share, loss, seed=SEED)
    rows = {"all": np.sum(list(counts.values()), axis=0), **counts}
    assert [text.get_text() for text in ax.get_yticklabels()] == list(rows)
    marks = [line for line in ax.lines if len(line.get_xdata()) == 1]
    for row, (name, (control, treatment)) in enumerate(rows.items()):
        total, alpha = control + treatment, 0.001 if name == "all" else 0.001 / 3
        check = ab.srm([control, treatment], [1 - share, share], alpha=alpha)
        assert marks[row].get_xdata()[0] == pytest.approx(100 * (treatment / total - share))
        assert marks[row].get_ydata()[0] == row and (marks[row].get_marker() == "o") == check.passed
        edge = 100 * stats.norm.isf(alpha / 2) * np.sqrt(share * (1 - share) / total)
        bar = ax.patches[row]
        assert (bar.get_x(), bar.get_width()) == (pytest.approx(-edge), pytest.approx(2 * edge))
    assert upright(ax) == [0]
    whole = ab.srm(list(map(int, rows["all"])), [1 - share, share])
    assert (
        f"p = {whole.pvalue:.3g}" in title(ax)
        and f"{rows['all'][0]:,} control and {rows['all'][1]:,}" in finding
    )


@pytest.mark.parametrize("day, lift, rule", [(9, 0.0, 2), (30, 1.5, 3), (30, 1.5, 1)])
def test_useless_draws_a_mark_for_each_win_and_loss(day, lift, rule):
    ax, finding = drawn("useless", day=day, lift=lift, rule=rule)
    bound = np.full(30, stats.norm.isf(0.025))
    if rule == 3:
        bound = np.full(30, np.inf)
        bound[[5, 11, 17, 23, 29]] = ab.group_sequential(5).upper
    found = ab.datasets.running_tests(100, lift=lift, bound=bound, rng=SEED)
    state = (
        found.state[:, day - 1]
        if rule == 1
        else np.where((found.alarm > 0) & (found.alarm <= day), found.result, 0)
    )
    for line, side in zip(ax.lines, (1, -1), strict=True):
        at = np.flatnonzero(state == side)
        assert line.get_marker() == {1: "^", -1: "v"}[side]
        np.testing.assert_array_equal(curve(line), (at % 20, -(at // 20)))
    colours = [patch.get_facecolor()[:3] for patch in ax.patches]
    assert len(colours) == len(set(state.tolist()))
    wins, losses = (int((state == side).sum()) for side in (1, -1))
    assert f"{wins} win" in finding and f"{losses} loss" in finding and f"{wins} win" in title(ax)


@pytest.mark.parametrize("n, effect, worth", [(100, 45.0, 35.0), (300, 45.0, 10.0), (60, -10.0, 10.0)])
def test_verdict_draws_the_score_interval_and_says_what_the_rule_says(n, effect, worth):
    ax, finding = drawn("verdict", n=n, effect=effect, worth=worth)
    low, high = curves(ax)[:2]
    people = curve(low)[0]
    for size in (people[0], people[30], people[-1]):
        pair = [
            ab.Moments.summary(int(size), p, np.sqrt(p * (1 - p) * size / (size - 1)))
            for p in (0.34, 0.34 + effect / 100)
        ]
        found = ab.proportions(*pair)
        at = list(people).index(size)
        assert curve(low)[1][at] == pytest.approx(100 * found.low, abs=1e-6)
        assert curve(high)[1][at] == pytest.approx(100 * found.high, abs=1e-6)
    pair = [ab.Moments.summary(n, p, np.sqrt(p * (1 - p) * n / (n - 1))) for p in (0.34, 0.34 + effect / 100)]
    here = ab.proportions(*pair)
    stroke, mark = curves(ax)[2], ax.lines[3]
    np.testing.assert_allclose(curve(stroke), ((n, n), (100 * here.low, 100 * here.high)))
    assert (mark.get_xdata()[0], mark.get_ydata()[0], mark.get_marker()) == (n, effect, "s")
    assert across(ax) == [worth, 0]
    action = ab.decide(here, rule=ab.Rule(worth=worth / 100)).action
    assert finding.endswith(f"break-even {worth:g}: {action}.") and title(ax).endswith(action)
    assert f"{100 * here.low:.1f} to {100 * here.high:.1f}" in finding


def test_verdict_draws_nothing_for_a_rate_beyond_a_hundred():
    made = explore.verdict(base=50.0)
    assert made.value(effect=60.0) == "A rate of 110 per cent is impossible: change the effect."
    assert not made.ax.lines and made.value(effect=-30.0).startswith("100 people an arm, 50 against 20")


def test_a_panel_that_swaps_is_seen(monkeypatch):
    """The faults that the suite could not see: swapped claims, another baseline, a lost square."""
    from abkit.explore import panel_peeking, panel_plan

    right = panel_peeking.plot_stops
    monkeypatch.setattr(panel_peeking, "plot_stops", lambda n, claims, **rest: right(claims, n, **rest))
    with pytest.raises(AssertionError):
        test_peeking_draws_each_claim_at_the_users_it_had(10, 0.0, 2)
    weeks = panel_plan.by_week
    monkeypatch.setattr(panel_plan, "by_week", lambda baseline, traffic: weeks(2 * baseline, traffic))
    with pytest.raises(AssertionError):
        test_plan_draws_the_lift_that_each_number_of_weeks_detects(0.05, 0.10, 4_000)
    role = style.role
    monkeypatch.setattr(style, "role", lambda name: role("control"))
    with pytest.raises((AssertionError, KeyError)):
        test_srm_draws_each_share_and_what_the_check_allows(20_000, 0.5, 0.1)
