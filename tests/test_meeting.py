"""Experiments that share users: days, rules and layers against enumeration; shared ids; interactions against
a regression.
"""

import itertools
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import abkit as ab
from abkit import Analysis, Experiment, Metric, Registry, Where
from abkit.registry.meeting import Span, both_possible, conflicts_of, together_in_time

ANALYSIS = Analysis("arm", "a", (Metric("y"),))


def plan(name, **fields):
    base = {"layer": None, "start": "2026-03-01", "end": "2026-03-14"} | fields
    return Experiment(name, "", weights={"a": 0.5, "b": 0.5}, analysis=ANALYSIS, **base)


@pytest.fixture
def registry(tmp_path):
    with Registry(tmp_path / "registry.sqlite") as opened:
        yield opened


def names(found):
    return [conflict.name for conflict in found]


def test_days_meet_as_lists_of_days_do(rng):
    zero = date(2026, 3, 1)
    for _ in range(300):
        a, b, c, d = (int(x) for x in rng.integers(0, 12, 4))
        one, two = (min(a, b), max(a, b)), (min(c, d), max(c, d))
        spans = [Span(plan("x"), zero + timedelta(x), zero + timedelta(y)) for x, y in (one, two)]
        shared = set(range(one[0], one[1] + 1)) & set(range(two[0], two[1] + 1))
        assert together_in_time(*spans) == bool(shared)
    assert together_in_time(Span(plan("x"), None, None), Span(plan("y"), zero, zero))


OPS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")


def test_rules_exclude_each_other_only_where_no_value_meets_both(rng):
    """Against all values: `both_possible` may not miss a shared user, and finds every exclusion of numbers
    but by !=.
    """
    grid = np.arange(-1, 12) / 2
    for _ in range(2_000):
        rules = []
        for _ in range(2):
            op = OPS[rng.integers(len(OPS))]
            value = float(rng.integers(0, 5))
            rules.append([Where("v", op, (value, value + 1) if "in" in op else value)])
        meets = (
            ab.eligible({"v": grid.tolist()}, rules[0]) & ab.eligible({"v": grid.tolist()}, rules[1])
        ).any()
        assert both_possible(*rules) == meets, rules


def test_other_columns_and_other_types_exclude_nothing():
    assert both_possible([Where("country", "==", "NL")], [Where("age", ">", 30)])
    assert both_possible([Where("v", ">", "a")], [Where("v", "<", 3)])


def test_all_overlaps_every_segment_and_segments_exclude_each_other(registry):
    """ERRATA E48: the handout's check lists an experiment against itself, and calls 'all' and 'mobile_only'
    apart.
    """
    for name, segment in (("everyone", "all"), ("phones", "mobile_only"), ("desks", "desktop")):
        registry.add(plan(name, eligible=segment))
    assert names(registry.conflicts("everyone")) == ["desks", "phones"]
    assert names(registry.conflicts("phones")) == ["everyone"]
    assert names(registry.conflicts("desks")) == ["everyone"]


def test_days_count_and_so_does_an_end_that_came_early(registry):
    registry.add(plan("first"))
    registry.add(plan("later", start="2026-03-15", end="2026-03-28"))
    registry.add(plan("touching", start="2026-03-14", end="2026-03-20"))
    assert names(registry.conflicts("first")) == ["touching"]
    registry.start("first", at="2026-03-01")
    registry.stop("first", at="2026-03-10")
    assert names(registry.conflicts("first")) == [] and names(registry.conflicts("touching")) == ["later"]


def test_layers_keep_experiments_apart_until_they_are_full():
    def against(own, *others):
        spans = [Span(other, other.start, other.end) for other in others]
        return conflicts_of(Span(own, own.start, own.end), spans)

    half, third = plan("half", layer="search", share=0.5), plan("third", layer="search", share=0.3)
    other, none = plan("other", layer="home"), plan("none")
    assert names(against(half, third, other)) == []
    assert names(against(half, none)) == ["none"] and names(against(none, half)) == ["half"]
    big = plan("big", layer="search", share=0.6)
    found = against(big, half, third)
    assert names(found) == ["half", "third"]
    assert "0.8 of it is taken" in found[0].reason and "at most 0.2" in found[0].suggestion
    later = plan("later", layer="search", share=0.3, start="2026-03-20", end="2026-03-25")
    assert names(against(big, third, later)) == []  # never more than .9 on a day
    assert "one layer (for instance 'search')" in against(none, half)[0].suggestion


def test_an_experiment_that_is_not_registered_yet_can_ask(registry):
    registry.add(plan("known"))
    assert names(registry.conflicts(plan("new"))) == ["known"]
    assert names(registry.conflicts(plan("known", start="2027-01-01", end="2027-01-02"))) == []


# Shared users


def test_shared_users_are_those_of_sets(rng):
    a, b = (set(rng.integers(0, 300, 200).tolist()) for _ in range(2))
    found = Registry.overlapping_users(a, b)
    assert found.both == len(a & b) and found.share_a == len(a & b) / len(a)
    assert set(found.users) == {str(i) for i in a & b}
    tables = [pd.DataFrame({"user": sorted(ids) * 2}) for ids in (a, b)]
    assert Registry.overlapping_users(*tables, unit="user").both == found.both


def test_ids_are_text_and_gaps_are_refused():
    assert Registry.overlapping_users([7, 8], ["7"]).both == 1
    with pytest.raises(ValueError, match="`units`"):
        Registry.overlapping_users([7, None], ["7"])
    with pytest.raises(ValueError, match="`unit` must name"):
        Registry.overlapping_users(pd.DataFrame({"user": [1]}), ["1"])
    with pytest.raises(ValueError, match="got 'id'"):
        Registry.overlapping_users(pd.DataFrame({"user": [1]}), pd.DataFrame({"id": [1]}), unit="id")


def test_the_handouts_exercise_five():
    """Three experiments with overlapping users: every user of more than one is found."""
    assigned = {"x": ["u1", "u2", "u3"], "y": ["u3", "u4"], "z": ["u4", "u5", "u1"]}
    found = {
        (a, b): sorted(Registry.overlapping_users(assigned[a], assigned[b]).users)
        for a, b in itertools.combinations(assigned, 2)
    }
    assert found == {("x", "y"): ["u3"], ("x", "z"): ["u1"], ("y", "z"): ["u4"]}


# Interactions


def factorial(rng, n, interaction=0.0, arms=2):
    a, b = rng.integers(0, arms, n), rng.integers(0, 2, n)
    y = rng.normal(0, 1, n) + 0.1 * a + 0.2 * b + interaction * a * b
    return pd.DataFrame(
        {"a": a, "b": b, "y": y, "clicked": (y > 0.5).astype(int), "views": 1 + rng.poisson(3, n)}
    )


def test_the_interaction_is_the_regressions(rng):
    import statsmodels.formula.api as smf

    frame = factorial(rng, 4_000, 0.3)
    found = ab.interactions(frame, {"a": 0, "b": 0}, Metric("y"))[0]
    fit = smf.ols("y ~ a * b", frame).fit(
        cov_type="HC2"
    )  # HC2 of a saturated model: cell variances over cell sizes
    assert found.effect.estimate == pytest.approx(fit.params["a:b"], rel=1e-9)
    assert found.effect.se == pytest.approx(fit.bse["a:b"], rel=1e-9)
    assert (found.a, found.b) == ("a: 1", "b: 1") and found.passed == (found.adjusted >= 0.05)


def test_pairs_are_corrected_as_one_family(rng):
    frame = factorial(rng, 3_000)
    frame["c"] = rng.integers(0, 2, 3_000)
    found = ab.interactions(frame, {"a": 0, "b": 0, "c": 0}, Metric("clicked", "proportion"))
    assert [(i.a[0], i.b[0]) for i in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    raw = [i.effect.pvalue for i in found]
    assert [i.adjusted for i in found] == pytest.approx(ab.adjust_pvalues(raw, method="holm").tolist())
    three = ab.interactions(factorial(rng, 3_000, arms=3), {"a": 0, "b": 0}, Metric("y"))
    assert [i.a for i in three] == ["a: 1", "a: 2"]
    ratio = ab.interactions(frame, {"a": 0, "b": 0}, Metric("clicked", "ratio", denominator="views"))
    assert np.isfinite(ratio[0].effect.se)


def test_without_interaction_the_test_rejects_as_promised(rng):
    reps, n = 2_000, 60
    cells = rng.normal(0, [1, 2, 1, 3], (reps, n, 4))  # main effects are left out: the contrast cancels them
    from abkit.estimate import difference, mean
    from abkit.moments import Moments

    each = [mean(Moments.of(cells[..., i])) for i in range(4)]
    found = difference(difference(each[0], each[1]), difference(each[2], each[3]))
    from scipy import stats

    p = 2 * stats.t.sf(np.abs(found.value / found.se), found.df)
    assert abs((p < 0.05).mean() - 0.05) < 5 * np.sqrt(0.05 * 0.95 / reps)


def test_a_file_gives_what_the_frame_gives(rng, tmp_path):
    frame = factorial(rng, 400)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    one, two = (ab.interactions(t, {"a": 0, "b": 0}, Metric("y"))[0] for t in (frame, tmp_path / "rows.csv"))
    assert one.effect.estimate == pytest.approx(two.effect.estimate, rel=1e-12) and one.a == two.a
    ids = frame.assign(user=[f"u{i}" for i in range(400)])
    ids.to_csv(tmp_path / "ids.csv", index=False)
    assert Registry.overlapping_users(ids.head(100), tmp_path / "ids.csv", unit="user").both == 100


def test_missing_values_are_left_out_and_thin_cells_refused(rng):
    frame = factorial(rng, 400)
    full = ab.interactions(frame, {"a": 0, "b": 0}, Metric("y"))[0]
    gaps = pd.concat([frame.astype({"y": float}), pd.DataFrame({"a": [0], "b": [1], "y": [np.nan]})])
    assert ab.interactions(gaps, {"a": 0, "b": 0}, Metric("y"))[0].effect.estimate == full.effect.estimate
    with pytest.raises(ValueError, match="two users in each"):
        ab.interactions(
            frame[(frame.a == 0) | (frame.b == 0)].assign(a=lambda f: f.a), {"a": 0, "b": 0}, Metric("y")
        )
    with pytest.raises(ValueError, match="two experiments"):
        ab.interactions(frame, {"a": 0}, Metric("y"))
    with pytest.raises(ValueError, match="control of a"):
        ab.interactions(frame, {"a": "x", "b": 0}, Metric("y"))
