"""Columns of any type and name, at every call that takes a table: a named refusal, or sums that are right."""

import os
from decimal import Decimal

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, seed, strategies as st
from test_fuzz import FUZZ, judge

import abkit as ab

SEED = int(os.environ.get("ABKIT_SEED", "0"))
N = 12
NAMES = [
    "y",
    "a.b",
    "a`b",
    '"',
    "_row",
    "row",
    "unit",
    "seen v0",
    "v0",
    "arm ",
    "",
    "ünïcode",
    "select",
    "x0",
    "p0_1",
]
OTHER_NAMES = [0, 1.5, ("a", "b"), None, True, pd.Timestamp("2026-01-01")]
HALF = np.array([False, True] * 6)


def pandas_columns():
    whole = np.arange(N)
    return {
        "int64": whole,
        "int8": whole.astype(np.int8),
        "uint64": whole.astype(np.uint64) + 2**63,
        "float32": whole.astype(np.float32),
        "float16": whole.astype(np.float16),
        "nan": np.where(HALF, np.nan, 1.0 * whole),
        "infinite": np.where(HALF, np.inf, 1.0 * whole),
        "bool": HALF,
        "text": np.array(["a", "b"] * 6, object),
        "text with gaps": [None, "b"] * 6,
        "numbers as text": [str(i) for i in range(N)],
        "mixed": [1, "1"] * 6,
        "mixed labels": [0, "b"] * 6,
        "decimal": [Decimal(i) / 7 for i in range(N)],
        "decimal nan": [Decimal("NaN"), Decimal(1)] * 6,
        "complex": whole + 1j,
        "lists": [[i] for i in range(N)],
        "dates": pd.date_range("2026-01-01", periods=N),
        "lengths of time": pd.to_timedelta(whole, unit="D"),
        "category": pd.Categorical(["a", "b"] * 6),
        "category of numbers": pd.Categorical([3, 5] * 6),
        "sparse": pd.arrays.SparseArray(np.where(HALF, 1.0, 0.0)),
        "Int64": pd.array([None, 1] * 6, "Int64"),
        "boolean": pd.array([None, True] * 6, "boolean"),
        "string": pd.array(["a", None] * 6, "string"),
        "period": pd.period_range("2026-01", periods=N, freq="M"),
        "nothing": [None] * N,
        "objects": [object()] * N,
        "bytes": [b"a", b"b"] * 6,
        "huge": [10**30, 1] * 6,
    }


def arrow_columns():
    text = pa.array(["a", "b"] * 6)
    parts = [pa.array(["b", "a"] * 3).dictionary_encode(), pa.array(["a", "c"] * 3).dictionary_encode()]
    return {
        "string_view": pa.array(text.to_pylist(), pa.string_view()),
        "large_string": text.cast(pa.large_string()),
        "dictionaries that differ": pa.chunked_array(parts),
        "decimal128": pa.array([Decimal(i) for i in range(N)], pa.decimal128(20, 3)),
        "int64 beyond floats": pa.array([2**60 + i for i in range(N)]),
        "null": pa.nulls(N),
        "struct": pa.array([{"a": i} for i in range(N)]),
        "binary": pa.array([b"a", b"b"] * 6),
        "half": pa.array(np.arange(N, dtype=np.float16)),
        "time": pa.array(range(N), pa.time64("us")),
    }


def polars_columns():
    return {
        "enum": pl.Series(["a", "b"] * 6, dtype=pl.Enum(["a", "b"])),
        "categorical": pl.Series(["a", "b"] * 6, dtype=pl.Categorical),
        "int128": pl.Series([2**70, 1] * 6, dtype=pl.Int128),
        "list": pl.Series([[1]] * N),
        "object": pl.Series([object()] * N, dtype=pl.Object),
        "decimal": pl.Series([Decimal(1)] * N),
        "nan and null": pl.Series([float("nan"), None, 1.0] * 4),
        "duration": pl.Series([pd.Timedelta(1, "D")] * N),
    }


CONTAINERS = {
    **{f"pandas {k}": (pd.DataFrame, v) for k, v in pandas_columns().items()},
    **{f"arrow {k}": (pa.table, v) for k, v in arrow_columns().items()},
    **{f"polars {k}": (pl.DataFrame, v) for k, v in polars_columns().items()},
    **{f"lazy {k}": (lambda columns: pl.DataFrame(columns).lazy(), v) for k, v in polars_columns().items()},
}
CALLS = {
    "reduce_table": lambda t, y, arm, user: {"columns": y, "by": arm},
    "arm_counts": lambda t, y, arm, user: {"arm": arm, "by": y},
    "count_units": lambda t, y, arm, user: {"unit": user, "arm": arm},
    "sum_units": lambda t, y, arm, user: {"columns": [y], "unit": user, "arm": arm},
    "analyze": lambda t, y, arm, user: {"analysis": ab.Analysis(arm, "a", (ab.Metric(y),), unit=user)},
}
ROLES = [("odd", "arm", "user"), ("y", "odd", "user"), ("y", "arm", "odd"), ("odd", "odd", "user")]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("container", CONTAINERS)
def test_a_column_of_any_type_in_any_role(container, call):
    make, odd = CONTAINERS[container]
    rows = {"arm": ["a", "b"] * 6, "user": [f"u{i}" for i in range(N)], "y": np.arange(1.0, N + 1)}
    table = make({**rows, "odd": odd})
    for roles in ROLES:
        ask(call, table, *roles)


def ask(call, table, y, arm, user):
    try:
        arguments = CALLS[call](table, y, arm, user)
    except ValueError:  # an Analysis that reads one column twice
        return
    judge(getattr(ab, call), {"table": table, **arguments})


def in_polars(frame):
    return pl.DataFrame({name: frame[name].to_list() for name in frame})  # from_pandas gives "" another name


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "wrap", [lambda f: f, in_polars, pa.Table.from_pandas], ids=["pandas", "polars", "arrow"]
)
def test_a_column_of_any_name_gives_the_same_answer(wrap, call):
    @seed(SEED)
    @FUZZ
    @given(st.permutations(NAMES))
    def renamed(names):
        frame = pd.DataFrame(
            {"arm": ["a", "b"] * 6, "user": [f"u{i}" for i in range(N)], "y": np.arange(1.0, N + 1)}
        )
        y, arm, user = names[:3]
        table = wrap(frame.set_axis([arm, user, y], axis=1))
        found = getattr(ab, call)(table, **CALLS[call](table, y, arm, user))
        want = getattr(ab, call)(frame, **CALLS[call](frame, "y", "arm", "user"))
        same(call, found, want, y)

    renamed()


def same(call, found, want, y):
    if call == "reduce_table":
        assert {k: m.mean.tolist() for k, m in found.moments.items()} == {
            k: m.mean.tolist() for k, m in want.moments.items()
        }
    elif call == "sum_units":
        assert sum(nw.from_native(found, eager_only=True)[y].to_list()) == 78
    elif call == "analyze":
        assert [line.effect.estimate for line in found.lines] == [line.effect.estimate for line in want.lines]
    else:
        assert str(found) == str(want) or call == "arm_counts"


@pytest.mark.parametrize("name", OTHER_NAMES, ids=repr)
@pytest.mark.parametrize("call", CALLS)
def test_a_name_that_is_no_text_is_refused_or_left_alone(name, call):
    frame = pd.DataFrame({"arm": ["a", "b"] * 6, "user": range(N), "y": np.arange(1.0, N + 1)})
    frame[name] = 1.0
    ask(call, frame, "y", "arm", "user")
    for roles in ((name, "arm", "user"), ("y", name, "user"), ("y", "arm", name)):
        ask(call, frame, *roles)


@pytest.mark.parametrize("call", CALLS)
def test_odd_frames_are_refused_or_read(call):
    frame = pd.DataFrame({"arm": ["a", "b"] * 6, "user": range(N), "y": np.arange(1.0, N + 1)})
    columns = pd.MultiIndex.from_tuples([("arm", ""), ("user", ""), ("y", "")])
    for table in (
        frame.set_axis(columns, axis=1),
        frame.set_axis([0] * N),
        frame.set_index("user", drop=False),
        frame[:0],
        frame[:1],
        frame.iloc[:, [0, 1, 2, 2]],
        frame.to_numpy(),
        frame["y"],
        frame.to_dict("list"),
        "no such file.csv",
        os.getcwd(),
        None,
    ):
        ask(call, table, "y", "arm", "user")


LABELS = {
    "arrow dictionaries that differ": {"a": 6, "b": 3, "c": 3},
    "arrow string_view": {"a": 6, "b": 6},
    "arrow large_string": {"a": 6, "b": 6},
    "pandas category": {"a": 6, "b": 6},
    "polars enum": {"a": 6, "b": 6},
    "lazy categorical": {"a": 6, "b": 6},
}


@pytest.mark.parametrize("container", LABELS)
def test_labels_of_any_type_are_counted_right(container):
    make, odd = CONTAINERS[container]
    table = make({"odd": odd, "y": np.arange(1.0, N + 1)})
    assert ab.arm_counts(table, "odd").counts == LABELS[container]
    moments = ab.Moments.from_table(table, "y", by="odd")
    assert {arm: m.n for arm, m in moments.items()} == LABELS[container]
