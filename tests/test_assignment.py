"""Assignment against published digests, brute force, and the laws it promises."""

import hashlib
from decimal import Decimal
from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import SEED
from scipy import stats

import abkit as ab
from abkit.assignment import arms as arms_module, drawing
from abkit.assignment.arms import holdout, verify
from abkit.assignment.drawing import randomize
from abkit.assignment.hashing import BUCKETS, LONG, _bucket
from abkit.sequential.daily_sums import BucketSums

HALVES = {"control": 0.5, "treatment": 0.5}
IDS = [f"user-{SEED}-{i}" for i in range(20_000)]


def brute(unit, salt):
    return int(hashlib.md5((salt + "." + unit).encode("utf-8")).hexdigest()[:15], 16) % 10_000


def test_bucket_is_the_published_digest_modulo_ten_thousand(oracle):
    entries = oracle("hashing", "key_hash_buckets")
    assert len(entries) >= 10
    for e in entries:
        assert _bucket(e["expected"]["key"]) == int(e["expected"]["md5_hex"][:15], 16) % 10_000


@pytest.mark.parametrize("unit", ["", "ann", "O'Brien", "użytkownik_ß", "x" * 300, "\U0001f600", "a\nb", '"'])
def test_position_is_md5_of_salt_dot_unit(unit):
    assert ab.position([unit], "s").tolist() == [brute(unit, "s")]


def test_long_lists_give_the_numbers_of_short_ones():
    ids = [
        "",
        "O'Brien",
        '"q"',
        "użytkownik_ß",
        "x" * 300,
        "\U0001f600",
        "nul\0byte",
        *(str(i) for i in range(LONG)),
    ]
    assert ab.position(ids, "s'α").tolist() == [brute(i, "s'α") for i in ids]


def test_every_container_gives_the_same_arms():
    want = ab.assign([3, 1, 2], HALVES, salt="s").tolist()
    numbers = np.array([3, 1, 2])
    for units in (
        numbers,
        pd.Series(numbers),
        pl.Series(numbers),
        ["3", "1", "2"],
        pd.Categorical(["3", "1", "2"]),
        (3, 1, 2),
    ):
        got = ab.assign(units, HALVES, salt="s")
        assert got.dtype == object and got.tolist() == want


def test_assign_is_the_rule_written_out():
    weights = {"a": 0.2, "b": 0.3, "c": 0.5}
    want = []
    for unit in IDS[:2000]:
        where = brute(unit, "exp/arm")
        arm = "a" if where < 2000 else "b" if where < 5000 else "c"
        want.append(arm if brute(unit, "exp/entry") < 3000 else None)
    assert ab.assign(IDS[:2000], weights, salt="exp", share=0.3).tolist() == want


def test_a_ramp_adds_units_and_moves_nobody():
    small, large = (ab.assign(IDS, HALVES, salt="s", share=s) for s in (0.05, 0.5))
    was_in = small != np.array(None)
    assert (small[was_in] == large[was_in]).all()
    assert (large != np.array(None)).sum() > was_in.sum()


def test_one_hash_for_two_purposes_would_move_users():
    where = ab.position(IDS, "s")
    small, large = (np.where(where < 10_000 * s / 2, "c", "t")[where < 500] for s in (0.05, 0.5))
    assert (small != large).mean() > 0.4  # teeth: half of the exposed users change arm


def test_shares_are_the_buckets_cut():
    assert ab.shares({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}) == {"a": 0.3333, "b": 0.3334, "c": 0.3333}
    assert ab.shares([0.25, 0.75]).tolist() == [0.25, 0.75]
    assert sum(ab.shares({str(i): 1 / 7 for i in range(7)}).values()) == pytest.approx(
        1, abs=1e-12
    )  # rounding of sums


def test_arms_have_the_shares_and_other_salts_are_independent():
    assert verify(IDS, {"a": 0.1, "b": 0.9}, salt="one", against="two", alpha=1e-6).passed  # about 5 SE
    assert not verify(IDS, HALVES, salt="one", against="one").passed  # teeth: the same salt is the same split


@pytest.mark.parametrize(
    "weights, share, word",
    [
        ({"a": 0.6, "b": 0.5}, 1, "sum to 1"),
        ({"a": 1.5, "b": -0.5}, 1, "negative"),
        ([("a", 0.5), ("a", 0.5)], 1, "once"),
        ({"a": 0.99995, "b": 0.00005}, 1, ".0001"),
        (HALVES, 0.00004, ".0001"),
        (HALVES, 1.1, "between 0 and 1"),
        ({"a": 50, "b": 50}, 1, "per cent"),
        ([0.5, 0.5], 1, "mapping"),
        ({}, 1, "weights"),
    ],
)
def test_impossible_allocations_raise(weights, share, word):
    with pytest.raises(ValueError, match=word):
        ab.assign(["u"], weights, salt="s", share=share)


@pytest.mark.parametrize(
    "units",
    [
        [],
        "ann",
        [1.0],
        [None],
        ["a", float("nan")],
        [True],
        [["a"]],
        ["\ud800"],
        None,
        5,
        {"ann": 1},
        {"ann", "bob"},
        np.array(5),
        np.array([["ann", "bob"]]),
        pd.DataFrame({"user": ["ann", "bob"]}),
        pl.DataFrame({"user": ["ann", "bob"]}),
    ],
)
def test_impossible_ids_raise(units):
    with pytest.raises(ValueError, match="`units`"):
        ab.assign(units, HALVES, salt="s")


def test_experiments_of_a_layer_never_meet():
    layer = ab.Layer("search")
    layer.allocate("a", 0.4)
    layer.allocate("b", 0.6)
    members = layer.members(IDS)
    assert set(members) == {"a", "b"}
    assert abs((members == "a").mean() - 0.4) < 5 * np.sqrt(0.24 / len(IDS))  # 5 Monte-Carlo SE
    with pytest.raises(ValueError, match="free"):
        layer.allocate("c", 0.1)
    layer.release("a")
    assert layer.allocate("c", 0.1) == (0, 1000)
    kept = layer.members(IDS) == "b"
    assert (kept == (members == "b")).all()


def test_holdout_is_independent_of_the_arms():
    out = holdout(IDS, 0.2, salt="s")
    arms = ab.assign(IDS, HALVES, salt="s")
    table = [[(out & (arms == a)).sum(), (~out & (arms == a)).sum()] for a in HALVES]
    assert stats.chi2_contingency(table, correction=False).pvalue > 1e-6  # about 5 SE


@pytest.mark.parametrize(
    "values",
    [
        np.array([np.nan, 20], np.float32),
        np.array([np.nan, 20], np.float16),
        [Decimal("NaN"), Decimal(20)],
        [Decimal("sNaN"), Decimal(20)],
        np.ma.array([0, 20], mask=[True, False]),
        pd.array([None, 20], "Int64"),
        pd.array([None, 20], "Float32"),
    ],
    ids=["float32", "float16", "decimal", "signalling", "masked", "Int64", "Float32"],
)
@pytest.mark.parametrize("wrap", [dict, pd.DataFrame])
def test_what_is_missing_in_any_type_meets_no_rule(values, wrap):
    frame = wrap({"age": values})
    for rule in (ab.Where("age", "!=", 7), ab.Where("age", "not in", [7]), ab.Where("age", "<=", 99)):
        assert ab.eligible(frame, rule).tolist() == [False, True]


def test_no_date_meets_no_rule():
    days = np.array(["NaT", "2026-03-01"], "datetime64[D]")
    assert ab.eligible({"day": days}, ab.Where("day", "!=", np.datetime64("2026-01-01"))).tolist() == [
        False,
        True,
    ]
    frame = pd.DataFrame({"day": pd.to_datetime(days)})
    assert ab.eligible(frame, ab.Where("day", "!=", pd.Timestamp("2026-01-01"))).tolist() == [False, True]


@pytest.mark.parametrize("library", [dict, pd.DataFrame, pl.DataFrame])
def test_a_row_without_the_attribute_is_not_eligible(library):
    frame = library({"age": [17.0, 30.0, None, 40.0], "country": ["NL", None, "PL", "DE"]})
    assert ab.eligible(frame, ab.Where("age", "!=", 17)).tolist() == [False, True, False, True]
    assert ab.eligible(frame, [ab.Where("country", "not in", ["NL"])]).tolist() == [False, False, True, True]
    assert ab.eligible(frame, [ab.Where("age", ">", 18), ab.Where("country", "==", "DE")]).tolist() == [
        False
    ] * 3 + [True]


def test_rules_that_cannot_work_raise():
    for bad in (
        lambda: ab.Where("a", "=~", 1),
        lambda: ab.Where("a", "in", "NL"),
        lambda: ab.eligible({"a": [1]}, []),
        lambda: ab.eligible({"a": [1]}, [ab.Where("b", "==", 1)]),
        lambda: ab.eligible({"a": ["x"]}, [ab.Where("a", "<", 1)]),
    ):
        with pytest.raises(ValueError):
            bad()


def test_stratified_arms_are_balanced_within_every_stratum(rng):
    strata = rng.choice(["a", "b", "c"], 3000).tolist()
    arms = ab.stratified(range(3000), strata, {"x": 0.25, "y": 0.75}, rng=rng)
    for s in "abc":
        at = np.array(strata) == s
        assert abs((arms[at] == "x").sum() - at.sum() / 4) <= 9  # at most one unfinished block of 12
    simple = drawing.randomize(range(3000), {"x": 0.25, "y": 0.75}, rng=rng)
    assert stats.binomtest(int((simple == "x").sum()), 3000, 0.25).pvalue > 1e-6  # about 5 SE


def test_random_assignments_repeat_with_their_seed_and_keep_the_input():
    units = list(range(50))
    assert randomize(units, HALVES, rng=SEED).tolist() == randomize(units, HALVES, rng=SEED).tolist()
    one, two = (ab.stratified(units, [0] * 50, HALVES, rng=SEED).tolist() for _ in range(2))
    assert one == two and units == list(range(50))
    with pytest.raises(ValueError, match="ratio"):
        ab.stratified([1], [1], {"a": 0.12345, "b": 0.87655}, rng=1)


def test_position_is_uniform_over_buckets():
    counts = np.bincount(ab.position(IDS, "u") // 100, minlength=BUCKETS // 100)
    assert stats.chisquare(counts).pvalue > 1e-6  # about 5 SE


def independent(a, b):
    """P-value of the table of two assignments; an empty row or column is a perfect dependence."""
    table = np.array([[((a == x) & (b == y)).sum() for y in HALVES] for x in HALVES]) + 1e-9
    return stats.chi2_contingency(table, correction=False).pvalue


def test_66_pairs_of_salts_are_independent_and_the_wrong_rules_fail():
    limit, ids = 0.001 / 66, [f"unit-{i}" for i in range(20_000)]
    twelve = [ab.assign(ids, HALVES, salt=f"test-{k}") for k in range(12)]
    pairs = [independent(a, b) for a, b in combinations(twelve, 2)]
    assert len(pairs) == 66 and min(pairs) > limit  # Bonferroni at .001
    assert (
        independent(ab.assign(ids, HALVES, salt="default"), ab.assign(ids, HALVES, salt="default")) < limit
    )  # teeth
    where = ab.position(ids, "one")
    inside = where < 5_000  # teeth: one hash cuts the arms of the ramp inside the share
    early = np.where(where < 1_000, "control", "treatment")[inside]
    assert independent(early, np.where(where < 2_500, "control", "treatment")[inside]) < limit
    before, after = (ab.assign(ids, HALVES, salt="two", share=s) for s in (0.1, 0.5))
    inside = after != np.array(None)
    early = np.where(before != np.array(None), "control", "treatment")[inside]
    assert independent(early, after[inside]) > limit


@pytest.mark.parametrize("salt", [5, None, b"s"])
@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_salt_is_text(salt, share):
    with pytest.raises(ValueError, match="`salt`"):
        ab.assign(["ann"], HALVES, salt=salt, share=share)
    with pytest.raises(ValueError, match="`salt`"):
        holdout(["ann"], share, salt=salt)
    with pytest.raises(ValueError, match="`salt`"):
        BucketSums.empty(salt)


def test_arguments_that_are_not_there_are_named():
    for call, name in (
        (lambda: ab.assign(["ann"], None, salt="s"), "weights"),
        (lambda: ab.stratified(["ann"], None, HALVES), "strata"),
        (lambda: randomize(None, HALVES), "units"),
        (lambda: ab.shares(None), "weights"),
    ):
        with pytest.raises(ValueError, match=f"`{name}`"):
            call()


def test_remembered_weights_never_change_an_answer():
    for weights in ({"1": 0.5, "2": 0.5}, {1: 0.5, 2: 0.5}, {1.0: 0.5, 2.0: 0.5}, {"2": 0.5, "1": 0.5}):
        first, again = (ab.assign(IDS[:50], weights, salt="s") for _ in range(2))
        labels = [str(label) for label in weights]
        assert first.tolist() == again.tolist() == [labels[brute(u, "s/arm") >= 5_000] for u in IDS[:50]]
        first[:] = "spoiled"
        assert ab.assign(IDS[:50], weights, salt="s").tolist() == again.tolist()
    changed = {"a": 0.5, "b": 0.5}
    ab.assign(IDS[:5], changed, salt="s")
    changed["a"], changed["b"] = 0.0, 1.0
    assert set(ab.assign(IDS[:5], changed, salt="s")) == {"b"}


def test_a_share_of_zero_enrols_nobody():
    assert ab.assign(IDS[:100], HALVES, salt="s", share=0).tolist() == [None] * 100


def test_the_next_arm_of_a_block_list_cannot_be_told(rng):
    following = {ab.stratified(range(9), [0] * 9, HALVES, rng=rng)[8] for _ in range(64)}
    assert following == set(HALVES)  # one arm only: chance 2**-63
    runs = {tuple(ab.stratified(range(12), [0] * 12, HALVES, rng=rng)) for _ in range(20)}
    assert len(runs) > 10  # alternating lists would give one


def test_verify_keeps_its_level_with_few_units_in_a_cell():
    """Shares .99 and .01 of 500 ids: .05 ids are expected in the smallest cell of two experiments."""
    salts = [f"{SEED}-{i}" for i in range(300)]
    failed = sum(
        not arms_module.verify(range(500), {"a": 0.99, "b": 0.01}, salt=f"s{s}", against=f"t{s}").passed
        for s in salts
    )
    assert failed <= 4  # nominal .3 in 300; five or more have a chance of 2e-5. The plain chi-square fails 9


def test_verify_finds_dependence_with_few_units_in_a_cell():
    """The same salt twice is the same assignment."""
    check = arms_module.verify(range(500), {"a": 0.99, "b": 0.01}, salt="blue", against="blue")
    assert check.passed is False


def test_verify_says_nothing_of_an_empty_arm(monkeypatch):
    monkeypatch.setattr(
        arms_module, "assign", lambda units, weights, **_: np.array(["a"] * len(units), object)
    )
    assert np.isfinite(arms_module.verify(range(500), {"a": 0.5, "b": 0.5}, salt="x", against="y").pvalue)
