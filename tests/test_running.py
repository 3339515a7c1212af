"""Tests that run day by day: the law of the gap, alarms, the exact stop rules, and effects at planned
looks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import SEED
from scipy import stats

import abkit as ab
from abkit.datasets import looks_world, running_tests
from abkit.datasets.running import audiobook_test, first_alarm, states_so_far
from abkit.moments import Moments
from abkit.sequential.stopping_early import stop_bounds


def close(value, truth, reps):
    """Within 5 Monte-Carlo standard errors of a share."""
    return abs(value - truth) < 5 * np.sqrt(truth * (1 - truth) / reps)


def test_the_gap_has_the_law_of_a_growing_mean():
    found = running_tests(20_000, lift=1.5, days=9, per_day=50, sd=10, rng=SEED)
    for day in (1, 4, 9):
        se = 10 * np.sqrt(2 / (50 * day))
        gap = found.gap[:, day - 1]
        assert stats.kstest((gap - 1.5) / se, "norm").pvalue > 5e-7  # as rare as 5 standard errors
        assert found.band[day - 1] == pytest.approx(stats.norm.isf(0.025) * se)
    got = np.corrcoef(found.gap[:, 3], found.gap[:, 8])[0, 1]
    assert got == pytest.approx(np.sqrt(4 / 9), abs=5 / np.sqrt(20_000))


def test_states_and_first_alarms_agree_with_a_loop():
    found = running_tests(300, rng=SEED)
    for gap, state, alarm, result in zip(found.gap, found.state, found.alarm, found.result, strict=True):
        slow = [1 if g > b else -1 if g < -b else 0 for g, b in zip(gap, found.band, strict=True)]
        first = next((i for i, s in enumerate(slow) if s), None)
        assert slow == state.tolist()
        assert (alarm, result) == ((0, 0) if first is None else (first + 1, slow[first]))
    won = found.alarm > 0
    assert (found.claim[won] == found.gap[won, found.alarm[won] - 1]).all() and np.isnan(
        found.claim[~won]
    ).all()
    for day in (1, 9, 30):
        so_far = states_so_far(found, day)
        assert so_far.tolist() == [
            r if 0 < a <= day else 0 for a, r in zip(found.alarm, found.result, strict=True)
        ]
        assert states_so_far(found, day, every_day=False).tolist() == found.state[:, day - 1].tolist()


def test_no_alarm_at_all_gives_zeros():
    alarm, result = first_alarm(np.zeros((2, 3)))
    assert alarm.tolist() == [0, 0] and result.tolist() == [0, 0]


def test_daily_wins_are_half_of_the_peeking_error_and_one_look_keeps_it():
    found = running_tests(10_000, rng=SEED)
    assert close((found.result > 0).mean(), ab.peeking_error(30) / 2, 10_000)
    assert close((found.state[:, -1] > 0).mean(), 0.025, 10_000)
    assert not close((found.result != 0).mean(), 1 - 0.95**30, 10_000)  # teeth: looks are not dice


@pytest.mark.parametrize("name", ["look once", "five planned looks", "always valid", "peek every day"])
def test_stop_rules_agree_with_simulation(name):
    drift = 1.5 / (20 * np.sqrt(2 / 3_000))
    rules, bounds = ab.stop_rules(drift), stop_bounds(30, drift)
    i = list(rules.name).index(name)
    for lift, share in ((0.0, rules.false_wins[i]), (1.5, rules.power[i])):
        found = running_tests(10_000, lift=lift, bound=bounds[name], rng=SEED)
        assert close((found.result > 0).mean(), share, 10_000)
        days = np.where(found.alarm > 0, found.alarm, 30)
        mean = rules.days[i] if lift else rules.days_useless[i]
        assert abs(days.mean() - mean) <= 5 * days.std() / 100 + 1e-9


def test_rules_that_keep_the_promise_and_the_one_that_does_not():
    rules = ab.stop_rules(2.9)
    assert (rules.false_wins[:3] <= 0.025 + 1e-6).all() and rules.false_wins[3] > 0.13
    assert ab.stop_rules(2.9, days=10).bound.shape == (4, 10)


@pytest.mark.parametrize(
    "call",
    [
        lambda: running_tests(0),
        lambda: running_tests(5, sd=0),
        lambda: running_tests(5, lift=np.nan),
        lambda: running_tests(5, bound=[1.0, 2.0]),
        lambda: states_so_far(running_tests(5, rng=1), 31),
        lambda: audiobook_test(30),
        lambda: audiobook_test(0),
        lambda: ab.stop_rules(0.0),
        lambda: ab.stop_rules(2.0, days=4),
    ],
)
def test_bad_input_is_refused_with_the_parameter_in_backticks(call):
    with pytest.raises(ValueError, match="`"):
        call()


@pytest.mark.parametrize("morning, seed", [(1, 1), (5, 2), (9, 7), (12, 3)])
def test_the_audiobook_test_wins_first_on_its_morning_and_not_at_the_end(morning, seed):
    table = audiobook_test(morning, seed=seed)
    assert table["user"].is_unique and table.groupby(["day", "arm"]).size().eq(100).all()
    assert (table["minutes"] >= 0).all()
    for day in range(1, 31):
        part = table[table["day"] <= day]
        arms = [part.loc[part["arm"] == arm, "minutes"] for arm in ("treatment", "control")]
        found = stats.ttest_ind(*arms, equal_var=False)
        if day < morning or day == 30:
            assert found.pvalue > 0.05, day
        if day == morning:
            assert found.pvalue < 0.05 and found.statistic > 0


def users(rng, arms=("control", "treatment"), days=20, per=15):
    n = days * per * 2
    return pd.DataFrame(
        {"who": np.arange(n), "arm": np.tile(arms, n // 2),
        "day": np.repeat(np.arange(1, days + 1), 2 * per), "y": rng.normal(5, 2, n)}
    )  # fmt: skip


LOOKS = {"looks": (5, 10, 20, 40), "metric": "y"}


def test_effects_at_looks_are_welch_tests_of_all_users_so_far(rng):
    table = users(rng)
    found = ab.effects_at_looks(table, user="who", **LOOKS)
    for i, last in enumerate((5, 10, 20)):
        part = table[table["day"] <= last]
        arms = [part.loc[part["arm"] == arm, "y"] for arm in ("treatment", "control")]
        slow = stats.ttest_ind(*arms, equal_var=False)
        assert found.pvalue[i] == pytest.approx(slow.pvalue, rel=1e-9)
        assert found.estimate[i] == pytest.approx(arms[0].mean() - arms[1].mean())
    assert found.estimate.shape == (3,)  # the look on day 40 has not happened


def test_arms_days_and_files_are_read_as_people_have_them(rng, tmp_path):
    table = users(rng)
    base = ab.effects_at_looks(table, **LOOKS)
    dates = table.assign(day=pd.Timestamp("2026-11-01") + pd.to_timedelta(table["day"] - 1, unit="D"))
    letters = table.replace({"arm": {"control": "A", "treatment": "B"}})
    switched = ab.effects_at_looks(letters, control="B", **LOOKS)
    dates.to_csv(tmp_path / "users.csv", index=False)
    for other in (dates, dates.assign(day=dates["day"].astype(str)), letters, tmp_path / "users.csv"):
        assert ab.effects_at_looks(other, **LOOKS).estimate == pytest.approx(base.estimate, abs=1e-12)
    assert switched.estimate == pytest.approx(-base.estimate)
    extra = pd.concat([table, pd.DataFrame({"who": [9e6], "arm": [None], "day": [1], "y": [1.0]})])
    assert (
        ab.effects_at_looks(extra, **LOOKS).n_control.tolist() == base.n_control.tolist()
    )  # not in the test


def test_the_looks_go_into_a_plan(rng):
    found = ab.effects_at_looks(users(rng), **LOOKS)
    path = ab.monitor(found, ab.group_sequential(np.array(LOOKS["looks"]) / 40))
    assert len(path.crossed) == 3


@pytest.mark.parametrize(
    "change, options, said",
    [
        (lambda t: t, {"metric": "z"}, "must name columns"),
        (lambda t: t, {"control": "B"}, "`control` must be one of the arms, control or treatment"),
        (
            lambda t: t.replace({"arm": {"control": "red", "treatment": "blue"}}),
            {},
            "`control` must be one of the arms",
        ),
        (lambda t: t.assign(arm="A"), {}, "two arms"),
        (lambda t: t.assign(arm=np.resize(["A", "B", "C"], len(t))), {}, "two arms"),
        (lambda t: t.assign(day="soon"), {}, "numbers or dates"),
        (lambda t: t.assign(y="much"), {}, "finite number"),
        (lambda t: t.assign(y=np.where(t.index == 3, np.inf, 1.0)), {}, "finite number"),
        (lambda t: t.assign(y=np.where(t.index == 3, np.nan, 1.0)), {}, "missing value in `y`"),
        (lambda t: t[t["day"] < 4], {}, "must have begun: the data end on day 3"),
        (lambda t: t, {"looks": (5, 5)}, "increasing"),
        (lambda t: t, {"looks": ()}, "increasing"),
        (lambda t: t.assign(who=1), {"user": "who"}, "one row a user"),
        (lambda t: t[(t["arm"] == "control") | (t["day"] > 6)], {}, "at least two users"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(rng, change, options, said):
    with pytest.raises(ValueError, match="`") as caught:
        ab.effects_at_looks(change(users(rng)), **{**LOOKS, **options})
    assert said in str(caught.value)


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
            for a, b in (
                (arm.mean[:, look, 0], long.mean[:, 0]),
                (arm.scatter[:, look, 0, 0], long.scatter[:, 0, 0]),
            ):
                assert stats.ks_2samp(a, b).pvalue > 5e-7  # as rare as 5 standard errors
        got = np.corrcoef(arm.mean[:, 0, 0], arm.mean[:, 2, 0])[0, 1]
        assert got == pytest.approx(np.sqrt(1 / 3), abs=5 / np.sqrt(3_000))  # 5 standard errors


def test_running_world_feeds_the_bench_and_one_look_is_the_plain_world():
    result = ab.calibrate(
        looks_world(10, 100), lambda c, t: ab.welch(c, t).pvalue.min(axis=-1), reps=2_000, rng=SEED
    )
    assert close(result.reject, ab.peeking_error(10), 2_000) and result.failed == 0
    once = ab.calibrate(looks_world(1, 100), lambda c, t: ab.welch(c, t).pvalue[..., 0], reps=2_000, rng=SEED)
    assert close(once.reject, 0.05, 2_000)


@pytest.mark.parametrize(
    "bad", [{"looks": 0}, {"per_look": 1}, {"effect": np.nan}, {"sd": 0}, {"sd": (1, 2, 3)}]
)
def test_running_world_refuses_bad_input(bad):
    with pytest.raises(ValueError, match="`"):
        looks_world(**bad)
