"""Whole results at three or more looks, where [1] is not [-1], and values at the edge of what is allowed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special, stats

import abkit as ab
from abkit import Effect

ESTIMATE, SE = np.array([0.5, 0.3, 0.45, 0.5]), np.array([0.3, 0.2, 0.15, 0.12])
LOOKS = [
    Effect.of(e, s, n_control=n, n_treatment=n + 10)
    for e, s, n in zip(ESTIMATE, SE, (50, 120, 200, 320), strict=True)
]
N = np.array([110.0, 250, 410, 650])


def whole(path, **want):
    """Compare every field of a result, none left out."""
    assert set(want) == set(path.to_dict())
    for name, value in want.items():
        np.testing.assert_allclose(np.asarray(getattr(path, name), float), value, rtol=1e-9, err_msg=name)


def obrien(share, t):
    """Lan and DeMets: alpha spent by a side that has this share."""
    return 2 - 2 * stats.norm.cdf(stats.norm.isf(share / 2) / np.sqrt(t))


def stopping(t, upper, lower, drift=0.0, grid=601):
    """Chance to cross up and down at each look: Brownian motion on a grid, Simpson's rule, not abkit."""
    up, down, x, density = [], [], np.zeros(1), np.ones(1)
    weight, before = np.ones(1), 0.0
    for now, high, low in zip(t, upper * np.sqrt(t), lower * np.sqrt(t), strict=True):
        sd = np.sqrt(now - before)
        centre = x + drift * (now - before)
        up.append(float((weight * density * stats.norm.sf((high - centre) / sd)).sum()))
        down.append(float((weight * density * stats.norm.cdf((low - centre) / sd)).sum()))
        inside = np.linspace(max(low, -9), high, grid)
        density = (weight * density * stats.norm.pdf((inside[:, None] - centre) / sd) / sd).sum(1)
        step = (inside[-1] - inside[0]) / (grid - 1)
        weight = step / 3 * np.r_[1, np.tile([4, 2], (grid - 3) // 2), 4, 1]
        x, before = inside, now
    return np.array(up), np.array(down)


# --- plans ---


@pytest.mark.parametrize("binding", [False, True])
def test_given_futility_bounds_stay_with_their_looks_and_the_last_is_the_upper_one(binding):
    plan = ab.group_sequential(4, sides=1, alpha=0.025, futility=[-1, 0, 1], binding=binding)
    assert plan.fraction.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert plan.lower[:3].tolist() == [-1, 0, 1] and plan.lower[3] == plan.upper[3]
    obeyed = plan.lower if binding else np.full(4, -np.inf)
    up, _ = stopping(plan.fraction, plan.upper, np.where(np.isfinite(obeyed), obeyed, -9))
    np.testing.assert_allclose(up.cumsum(), plan.spent, rtol=1e-4)  # the grid's rounding
    t = plan.fraction
    np.testing.assert_allclose(plan.spent, obrien(0.025, t), rtol=1e-9)
    assert (plan.alpha, plan.sides, plan.spending, plan.parameter) == (0.025, 1, "obrien_fleming", None)
    assert (plan.information, plan.binding) == (None, binding)


def test_a_plan_of_four_looks_spends_alpha_look_by_look():
    plan = ab.group_sequential(4)
    t = np.arange(1, 5) / 4
    np.testing.assert_allclose(plan.spent, 2 * obrien(0.025, t), rtol=1e-9)
    up, down = stopping(t, plan.upper, plan.lower)
    np.testing.assert_allclose((up + down).cumsum(), plan.spent, rtol=1e-4)
    np.testing.assert_array_equal(plan.lower, -plan.upper)
    later = ab.replan(plan, [0.2, 0.5, 0.7, 0.9], last=True)
    spent = 2 * obrien(0.025, later.fraction[:3])
    np.testing.assert_allclose(later.spent, [*spent, 0.05], rtol=1e-9)
    up, down = stopping(later.fraction, later.upper, later.lower)
    np.testing.assert_allclose((up + down).cumsum(), later.spent, rtol=1e-4)


def test_mean_size_and_power_of_three_looks():
    plan = ab.group_sequential(3, design="pocock")
    t = plan.fraction
    drift = optimize.brentq(lambda d: stopping(t, plan.upper, plan.lower, d, 301)[0].sum() - 0.8, 2, 4)
    fixed = stats.norm.isf(0.025) + stats.norm.isf(0.2)
    assert ab.inflation(plan, 0.8) == pytest.approx((drift / fixed) ** 2, rel=1e-4)
    for effect in (1.0, 0.5):
        up, down = stopping(t, plan.upper, plan.lower, drift * effect)
        stop = up + down
        mean = stop[:2] @ t[:2] + 1 - stop[:2].sum()
        mean *= (drift / fixed) ** 2
        assert ab.expected_size(plan, 0.8, effect=effect) == pytest.approx(mean, rel=1e-3)


# --- paths ---


def test_a_monitored_test_is_whole_at_four_looks():
    plan = ab.group_sequential(4)
    path = ab.monitor(LOOKS, plan)
    z = ESTIMATE / SE
    whole(
        path,
        look=[1, 2, 3, 4],
        n=N,
        estimate=ESTIMATE,
        se=SE,
        low=ESTIMATE - plan.upper * SE,
        high=ESTIMATE + plan.upper * SE,
        pvalue=2 * stats.norm.sf(z),
        crossed=z >= plan.upper,
    )
    one = ab.group_sequential(4, sides=1, alpha=0.025, futility=[-1, 0, 2.2])
    found = ab.monitor(LOOKS, one)
    np.testing.assert_allclose(found.pvalue, stats.norm.sf(z))
    assert found.crossed.tolist() == [False, False, True, True] and np.isinf(found.high).all()
    assert ab.monitor(LOOKS[:2], one).look.tolist() == [1, 2]


def test_a_look_is_not_the_last_one_unless_it_is_said():
    plan, information = ab.group_sequential(4), 100.0
    t = 1 / (SE[:3] ** 2 * information)
    for options, last in (({}, False), ({"last": True}, True)):
        path = ab.monitor(LOOKS[:3], plan, information=information, **options)
        bound = ab.replan(plan, t, last=last).upper
        np.testing.assert_allclose(path.low, ESTIMATE[:3] - bound * SE[:3])
    assert ab.replan(plan, t).upper[-1] > ab.replan(plan, t, last=True).upper[-1] + 0.1


def test_the_msprt_is_whole_at_four_looks():
    r = (0.3 / SE) ** 2
    z = ESTIMATE / SE
    likelihood = np.sqrt(1 / (1 + r)) * np.exp(z**2 / 2 * r / (1 + r))
    half = SE * np.sqrt((np.log1p(r) + 2 * np.log(20)) * (1 + r) / r)
    p = np.minimum.accumulate(np.minimum(1, 1 / likelihood))
    rest = {"look": [1, 2, 3, 4], "n": N, "estimate": ESTIMATE, "se": SE}
    path = ab.msprt(LOOKS, tau=0.3)
    whole(path, **rest, low=ESTIMATE - half, high=ESTIMATE + half, pvalue=p, crossed=p < 0.05)
    assert path.crossed.tolist() == [False, False, False, True]
    low, high = np.maximum.accumulate(ESTIMATE - half), np.minimum.accumulate(ESTIMATE + half)
    whole(ab.msprt(LOOKS, tau=0.3, intersect=True), **rest, low=low, high=high, pvalue=p, crossed=p < 0.05)
    late = ab.msprt(LOOKS, tau=0.3, burn_in=120)  # of the SMALLER arm: 50 are too few, 120 are enough
    assert np.isinf(late.low).tolist() == [True, False, False, False] and late.pvalue[0] == 1


def test_a_confidence_sequence_is_whole_at_four_looks():
    path = ab.confidence_sequence(LOOKS, alpha=0.1, n_opt=400)

    def width(q):
        return (400 * q + 1) / q * np.log((400 * q + 1) / 0.01)

    best = optimize.minimize_scalar(width, bounds=(1e-5, 1), method="bounded", options={"xatol": 1e-12})
    rho2 = best.x  # its interval at 400 units is the shortest
    r = N * rho2
    half = SE * np.sqrt((np.log1p(r) + 2 * np.log(10)) * (1 + r) / r)
    np.testing.assert_allclose(path.high - path.low, 2 * half, rtol=1e-6)
    np.testing.assert_allclose((path.high + path.low) / 2, ESTIMATE)
    assert path.n.tolist() == N.tolist() and path.look.tolist() == [1, 2, 3, 4]


def test_a_sequence_of_one_rate_is_whole_at_three_looks():
    hits, n = np.array([3, 12, 20]), np.array([20.0, 60, 100])
    path = ab.bernoulli_sequence(hits, n, alpha=0.05, n_opt=60, null=0.4)
    rate = hits / n
    prior = ab.normal_mixture_rho(60, alpha=0.05) - 1

    def wealth(p, i):
        a, b = prior * p, prior * (1 - p)
        mixed = special.betaln(a + hits[i], b + n[i] - hits[i]) - special.betaln(a, b)
        return mixed - hits[i] * np.log(p) - (n[i] - hits[i]) * np.log1p(-p)

    low, high = (
        [
            optimize.brentq(lambda p, i=i: wealth(p, i) - np.log(20), *ends(rate[i]), xtol=1e-13)
            for i in range(3)
        ]
        for ends in (lambda r: (1e-9, r), lambda r: (r, 1 - 1e-9))
    )
    p = np.minimum.accumulate([min(1, np.exp(-wealth(0.4, i))) for i in range(3)])
    se = np.sqrt(rate * (1 - rate) / n)
    whole(path, look=[1, 2, 3], n=n, estimate=rate, se=se, low=low, high=high, pvalue=p, crossed=p < 0.05)
    assert np.isnan(ab.bernoulli_sequence(hits, n, alpha=0.05, n_opt=60).pvalue).all()


def test_a_betting_sequence_is_whole_at_every_row():
    y = np.array([2.0, 8, 5, 9, 3, 7])
    path = ab.betting_sequence(y, alpha=0.05, bounds=(0, 10), null=4.0)
    n = np.arange(1, 7)
    mean = y.cumsum() / n
    assert path.look.tolist() == n.tolist() == path.n.tolist()
    assert path.low.min() >= 0 and path.high.max() <= 10
    assert ((path.low <= path.estimate) & (path.estimate <= path.high)).all()
    assert path.estimate[-1] == pytest.approx(mean[-1], abs=0.5)
    wider = ab.betting_sequence(y / 10, alpha=0.05, bounds=(0, 1), null=0.4)
    for name in ("estimate", "se", "low", "high"):
        np.testing.assert_allclose(getattr(path, name), 10 * getattr(wider, name))
    np.testing.assert_allclose(path.pvalue, wider.pvalue)
    many = ab.betting_sequence(np.tile([0.1, 0.2, 0.3, 0.2], 150), alpha=0.05, bounds=(0, 1), null=0.4)
    assert many.low[-1] < 0.2 < many.high[-1] < 0.4 and many.crossed[-1] and not many.crossed[0]


def test_effects_at_four_looks_are_those_of_all_users_so_far():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {"arm": ["A", "B"] * 60, "day": np.repeat([1, 2, 3, 5], 30), "y": rng.normal(size=120)}
    )
    found = ab.effects_at_looks(table, looks=(1, 2, 3, 5, 9), metric="y")
    for i, day in enumerate((1, 2, 3, 5)):
        part = table[table.day <= day]
        b, a = (part.y[part.arm == arm] for arm in "BA")
        t = stats.ttest_ind(b, a, equal_var=False)
        assert found.pvalue[i] == pytest.approx(t.pvalue) and found.estimate[i] == pytest.approx(
            b.mean() - a.mean()
        )
        assert (found.n_control[i], found.n_treatment[i]) == (len(a), len(b))
        assert found.low[i] == pytest.approx(t.confidence_interval()[0])
    assert len(found.estimate) == 4


def test_a_watch_keeps_every_look():
    watch = ab.Watch(target_se=0.1, tau=0.3)
    for day, effect in zip((2, 5, 9), LOOKS[:3], strict=True):
        watch = watch.look(day, effect)
    assert (watch.day, watch.n_control, watch.n_treatment) == ((2, 5, 9), (50, 120, 200), (60, 130, 210))
    progress = watch.progress()
    assert progress.share == pytest.approx((0.1 / 0.15) ** 2)
    assert progress.days_left == np.ceil(9 / progress.share - 9)
    np.testing.assert_allclose(watch.path().low, ab.msprt(LOOKS[:3], tau=0.3).low)


def test_a_sequential_check_says_the_counts_of_the_last_look():
    counts = np.array([[30, 20, 10], [70, 62, 28], [110, 140, 50], [150, 270, 80]])
    check = ab.sequential_srm(counts, {"a": 0.5, "b": 0.3, "c": 0.2})
    shares, prior = np.array([0.5, 0.3, 0.2]), np.array([1.5, 0.9, 0.6])
    log_bf = [
        special.gammaln(3)
        - special.gammaln(3 + c.sum())
        + (special.gammaln(prior + c) - special.gammaln(prior) - c * np.log(shares)).sum()
        for c in counts
    ]
    np.testing.assert_allclose(check.statistic, log_bf)
    np.testing.assert_allclose(check.pvalue, np.minimum.accumulate(np.minimum(1, np.exp(-np.array(log_bf)))))
    assert check.passed is False and check.name == "sequential SRM"
    p = f"{check.pvalue[-1]:.2g}"
    assert check.message == (
        "a 150 (planned 250), b 270 (planned 150), c 80 (planned 100); "
        f"p = {p}, alpha 0.001: sample-ratio mismatch: do not read any effect, find the cause"
    )
    sound = ab.sequential_srm([[5, 5], [10, 9], [15, 16]], [0.5, 0.5])
    assert sound.passed is True and sound.message.startswith(
        "arm 1 15 (planned 15.5), arm 2 16 (planned 15.5); p = "
    )
    assert sound.message.endswith("alpha 0.001: the shares fit the plan")


def test_sets_of_counts_are_judged_one_by_one():
    check = ab.srm([[50, 50], [90, 10], [30, 40]], [0.5, 0.5], alpha=0.01)
    assert (
        check.passed.tolist() == [True, False, True]
        and check.message == "alpha 0.01 for each of 3 sets of counts"
    )
    np.testing.assert_allclose(
        check.pvalue, [stats.chisquare(c).pvalue for c in ((50, 50), (90, 10), (30, 40))]
    )


def test_stop_rules_have_a_bound_a_day():
    rules = ab.stop_rules(2.5, days=10)
    once, planned, always, peek = rules.bound
    assert np.isinf(once[:-1]).all() and once[-1] == pytest.approx(stats.norm.isf(0.025))
    assert np.isfinite(planned).tolist() == [False, True] * 5
    np.testing.assert_allclose(planned[1::2], ab.group_sequential(5).upper)
    r = 2.5**2 * np.arange(1, 11) / 10
    np.testing.assert_allclose(always, np.sqrt((1 + r) / r * (np.log1p(r) + 2 * np.log(20))))
    np.testing.assert_allclose(peek, stats.norm.isf(0.025))
    day = np.arange(1, 11) / 10
    found = np.c_[rules.false_wins, rules.days_useless, rules.power, rules.days]
    for bound, row in zip(rules.bound, found, strict=True):
        z = np.where(np.isfinite(bound), bound, 9.0)
        for drift, wins, days in ((0.0, *row[:2]), (2.5, *row[2:])):
            up, down = stopping(day, z, -z, drift, 301)
            stop = (up + down)[:-1]
            assert wins == pytest.approx(up.sum(), rel=2e-3, abs=1e-6)
            assert days == pytest.approx(10 * (stop @ day[:-1] + 1 - stop.sum()), rel=2e-3)


# --- boundaries ---


def test_a_spread_of_zero_is_a_spread():
    arm = ab.Moments.summary(10, 5.0, 0.0)
    assert arm.cov.tolist() == [[0.0]] and arm.mean.tolist() == [5.0] and arm.n == 10
    assert ab.Moments.summary([10, 20], 1.0, [0.0, 2.0]).cov.tolist() == [[[0.0]], [[4.0]]]
    found = ab.welch(arm, ab.Moments.summary(10, 6.0, 2.0))
    assert (found.estimate, found.se, found.df) == (1.0, pytest.approx(2 / np.sqrt(10)), pytest.approx(9))
    assert ab.Moments.summary(1, 5.0, 0.0).n == 1 and np.isnan(ab.Moments.summary(1, 5.0, 0.0).cov).all()
    with pytest.raises(ValueError, match="`sd` must not be negative; got -0.1"):
        ab.Moments.summary(10, 5.0, -0.1)


def test_a_seed_of_zero_is_a_seed(capsys):
    from abkit import teach

    first = teach.start("07", seed=0)
    assert capsys.readouterr().out.split("\n")[0].endswith(". Seed 0.")
    assert first.random() == np.random.default_rng(0).random()
    with pytest.raises(ValueError, match="`seed` must be a whole number of at least 0; got -1"):
        teach.start("07", seed=-1)
    for number in ("7", "99", ""):
        with pytest.raises(ValueError, match="`number` must be one of '00', "):
            teach.start(number)


@pytest.mark.parametrize("null", [-0.999, -0.5, 0.0, 0.5, 0.999])
def test_every_difference_of_rates_may_be_the_null(null):
    pair = ab.Moments.counts(40, 100), ab.Moments.counts(55, 110)
    for method in ("score", "pooled", "wald", "newcombe"):
        found = ab.proportions(*pair, method=method, null=null)
        assert 0 <= found.pvalue <= 1 and (found.pvalue < 0.05) == (null < found.low or null > found.high)
    with pytest.raises(
        ValueError, match=f"`null` must lie strictly between -1 and 1; got {np.sign(null or 1):g}"
    ):
        ab.proportions(*pair, null=float(np.sign(null or 1)))


@pytest.mark.parametrize("power", [0.06, 0.1, 0.19])
def test_a_plan_may_want_little_power(power):
    """Power below .2, where the wrong direction would count for most: only the right one does."""
    n = ab.sample_size(0.5, sd=1.0, power=power).n_exact
    df = 2 * n - 2
    reached = stats.nct.sf(stats.t.isf(0.025, df), df, 0.5 * np.sqrt(n / 2))
    assert reached == pytest.approx(power, abs=1e-6)
    found = ab.mde(100, sd=1.0, power=power)
    reached = stats.nct.sf(stats.t.isf(0.025, 198), 198, found.effect * np.sqrt(50))
    assert reached == pytest.approx(power, abs=1e-6)
    normal = ab.sample_size(0.1, sd=1.0, power=power, normal=True).n_exact
    assert stats.norm.cdf(0.1 * np.sqrt(normal / 2) - stats.norm.isf(0.025)) == pytest.approx(power, abs=1e-6)
    assert ab.power(0.5, n, sd=1.0).power == pytest.approx(power, abs=1e-6)
    rates = ab.sample_size_proportions(0.1, p_treatment=0.12, power=power)
    assert ab.power_proportions(0.1, 0.12, rates.n_exact).power == pytest.approx(power, abs=1e-6)
    least = ab.mde_proportions(0.1, 1_000, power=power)
    assert ab.power_proportions(0.1, 0.1 + least.effect, 1_000).power == pytest.approx(power, abs=1e-6)


def test_shares_at_both_ends():
    ids, even = [f"u{i}" for i in range(300)], {"a": 0.5, "b": 0.5}
    assert (ab.assign(ids, even, salt="s", share=0.0) == np.array(None)).all()
    assert (ab.assign(ids, even, salt="s", share=1.0) != np.array(None)).all()
    assert (
        ab.cuped_factor(0.5, new=1.0) == 1
        and ab.cuped_factor(0.5, new=0.0) == 0.75
        and ab.cuped_factor(0.0) == 1
    )
    assert ab.familywise_error(5, correlation=0.0) == pytest.approx(1 - 0.95**5)
    assert ab.familywise_error(5, correlation=1.0) == pytest.approx(0.05)
    assert ab.joint_power([0.8, 0.9], correlation=1.0) == pytest.approx(0.8)
    assert ab.joint_power([0.8, 0.9]) == pytest.approx(0.72)
    assert (
        ab.design_effect(1, 0.3) == 1 and ab.design_effect(10, 0.0) == 1 and ab.design_effect(10, 1.0) == 10
    )
    assert ab.win_ledger(good=0.999).share_false < 0.001 and ab.Moments.counts(0, 1).mean.tolist() == [0]
    assert ab.srm([5, 0], [1 / 2, 1 / 2]).pvalue == pytest.approx(stats.chisquare([5, 0]).pvalue)
    assert ab.srm([5, 4, 0], [0.5, 0.5, 0.0]).pvalue == pytest.approx(stats.chisquare([5, 4]).pvalue)
