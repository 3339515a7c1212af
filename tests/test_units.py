"""Events become units: the same sums from every container, and what no sum can mend is refused."""

import os

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import abkit as ab
from abkit.tables.units import count_units, sum_units

SEED = int(os.environ.get("ABKIT_SEED", "0"))
EVENTS = pd.DataFrame(
    {
        "user": [7, 7, 1, 1, 2],
        "arm": ["b", "b", "a", "a", "a"],
        "clicks": [1, 2, 0, 4, 5],
        "bought": [0, 1, 0, 0, 1],
    }
)
NAMES = {"unit": "user", "arm": "arm"}


def test_units_with_several_rows_and_several_arms_are_counted():
    both = pd.concat([EVENTS, pd.DataFrame({"user": [1, np.nan, 9], "arm": ["b", "a", None]})])
    found = count_units(both, "user", arm="arm")
    assert (found.units, found.repeated, found.crossed, found.missing, found.left_out) == (3, 2, 1, 1, 2)


def test_events_sum_to_units_in_the_order_of_first_sight():
    found = sum_units(EVENTS, ["clicks"], flags=["bought"], **NAMES)
    assert found.to_dict("list") == {
        "user": [7, 1, 2],
        "arm": ["b", "a", "a"],
        "clicks": [3, 4, 5],
        "bought": [1, 0, 1],
    }


@pytest.mark.parametrize("container", ["polars", "pyarrow", "lazy", "duckdb", "csv", "parquet"])
def test_every_container_gives_the_sums_of_a_plain_loop(container, tmp_path):
    rng = np.random.default_rng([SEED, 1])
    users = rng.integers(0, 50, 400)
    log = pd.DataFrame(
        {
            "user": users,
            "arm": np.where(users % 2, "a", "b"),
            "spend": rng.gamma(1, 5, 400),
            "bought": rng.random(400) < 0.1,
        }
    )
    want: dict[int, list] = {}
    for row in log.itertuples():
        sums = want.setdefault(row.user, [0.0, False])
        sums[0], sums[1] = sums[0] + row.spend, sums[1] or row.bought
    log.to_csv(tmp_path / "log.csv", index=False)
    log.to_parquet(tmp_path / "log.parquet")
    make = {
        "polars": pl.from_pandas,
        "pyarrow": pa.Table.from_pandas,
        "lazy": lambda f: pl.from_pandas(f).lazy(),
        "duckdb": duckdb.from_df,
        "csv": lambda f: tmp_path / "log.csv",
        "parquet": lambda f: tmp_path / "log.parquet",
    }
    found = sum_units(make[container](log), ["spend"], flags=["bought"], **NAMES)
    found = found.collect() if container == "lazy" else found
    found = (
        found.df()
        if container == "duckdb"
        else found
        if isinstance(found, pd.DataFrame)
        else found.to_pandas()
    )
    assert len(found) == len(want)
    for row in found.itertuples():
        spend, bought = want[int(row.user)]  # in a text file ids are text
        assert row.spend == pytest.approx(spend, rel=1e-12) and bool(row.bought) is bool(bought)


def test_a_unit_in_two_arms_is_refused():
    with pytest.raises(ValueError, match="`unit` must be in one arm each; got 3 of 3 units in two arms"):
        sum_units(pd.concat([EVENTS, EVENTS.assign(arm="c")]), ["clicks"], **NAMES)


def test_rows_that_belong_nowhere_are_counted_in_a_warning():
    lost = pd.concat(
        [EVENTS, pd.DataFrame({"user": [np.nan, 9], "arm": ["a", None], "clicks": [9, 9], "bought": [1, 1]})]
    )
    with pytest.warns(UserWarning, match="2 rows have no value in user or arm"):
        assert sum_units(lost, ["clicks"], **NAMES).clicks.sum() == EVENTS.clicks.sum()


@pytest.mark.parametrize("wrap", [lambda f: f, pl.from_pandas, pa.Table.from_pandas, duckdb.from_df])
def test_nan_is_missing_in_every_container(wrap):
    rows = pa.table(
        {
            "user": [1.0, 1.0, 2.0, float("nan")],
            "arm": ["a", "a", "b", "a"],
            "clicks": [1.0, float("nan"), 3.0, 9.0],
        }
    )
    table = wrap(rows.to_pandas()) if wrap is not pa.Table.from_pandas else rows
    found = count_units(table, "user", arm="arm")
    assert (found.units, found.crossed, found.missing) == (2, 0, 1)
    with pytest.warns(UserWarning, match="1 rows"):
        sums = sum_units(table, ["clicks"], **NAMES)
    sums = sums.df() if hasattr(sums, "df") else sums if isinstance(sums, pd.DataFrame) else sums.to_pandas()
    assert sorted(sums.clicks) == [1.0, 3.0]


@pytest.mark.parametrize("wrap", [lambda f: f, pl.from_pandas, pa.Table.from_pandas, duckdb.from_df])
def test_a_unit_without_any_value_stays_missing(wrap):
    log = pd.DataFrame(
        {
            "user": [1, 1, 2, 2],
            "arm": list("aabb"),
            "spend": [np.nan, np.nan, 2.0, np.nan],
            "bought": [np.nan, np.nan, 1.0, np.nan],
        }
    )
    sums = sum_units(wrap(log), ["spend"], flags=["bought"], **NAMES)
    sums = sums.df() if hasattr(sums, "df") else sums if isinstance(sums, pd.DataFrame) else sums.to_pandas()
    assert sums.sort_values("user")[["spend", "bought"]].fillna(-1).values.tolist() == [[-1, -1], [2, 1]]


def test_a_flag_that_counts_is_refused():
    with pytest.raises(
        ValueError, match="`clicks` must hold 0 and 1 only, as a flag; got values from 0 to 5"
    ):
        sum_units(EVENTS, [], flags=["clicks"], **NAMES)


@pytest.mark.parametrize(
    "columns, message",
    [
        (["sales"], "`columns` must name columns of the table"),
        (["arm"], "`columns` must be other columns than the unit and the arm"),
        ([], "`columns` must be a column name"),
    ],
)
def test_bad_columns_are_named(columns, message):
    with pytest.raises(ValueError, match=message):
        sum_units(EVENTS, columns, **NAMES)


def whole(kind, values):
    """Two users with 2e9 clicks a row, or what `values` says, in a container and type of 32 bits."""
    library, dtype = kind.split()
    user, arm = ["u", "u", "v"], ["a", "a", "b"]
    if library == "pandas":
        return pd.DataFrame({"user": user, "arm": arm, "clicks": pd.array(values, dtype)})
    if library == "polars":
        return pl.DataFrame({"user": user, "arm": arm, "clicks": pl.Series(values, dtype=getattr(pl, dtype))})
    return pa.table({"user": user, "arm": arm, "clicks": pa.array(values, getattr(pa, dtype)())})


NARROW = [
    "pandas int32",
    "pandas uint32",
    "pandas Int32",
    "polars Int32",
    "polars UInt32",
    "arrow int32",
    "arrow uint32",
]


@pytest.mark.parametrize("kind", NARROW)
def test_sums_of_narrow_whole_numbers_do_not_wrap(kind):
    found = sum_units(whole(kind, [2_000_000_000, 2_000_000_000, 5]), ["clicks"], **NAMES)
    assert [int(v) for v in nw.from_native(found, eager_only=True)["clicks"].to_list()] == [4_000_000_000, 5]


@pytest.mark.parametrize(
    "kind", ["pandas int64", "polars Int64", "polars UInt64", "arrow int64", "arrow uint64"]
)
def test_sums_beyond_64_bits_are_floats(kind):
    found = sum_units(whole(kind, [2**62, 2**62 + 1, 5]), ["clicks"], **NAMES)
    column = nw.from_native(found, eager_only=True)["clicks"]
    assert column.dtype == nw.Float64 and column.to_list() == [2.0**63, 5.0]
    exact = sum_units(whole(kind, [2**60, 1, 5]), ["clicks"], **NAMES)
    assert [int(v) for v in nw.from_native(exact, eager_only=True)["clicks"].to_list()] == [2**60 + 1, 5]


@pytest.mark.parametrize("kind", ["pandas float32", "polars Float32", "arrow float32"])
def test_sums_of_narrow_floats_are_wide(kind):
    found = sum_units(whole(kind, [2.0**24, 1.0, 5.0]), ["clicks"], **NAMES)
    assert nw.from_native(found, eager_only=True)["clicks"].to_list() == [2.0**24 + 1, 5.0]


def test_ids_compare_as_text():
    log = EVENTS.assign(user=[7, "7", 1.0, 1, "1"], arm=["b", "b", "a", "a", "a"])
    found = count_units(log, "user", arm="arm")
    assert (found.units, found.repeated, found.crossed) == (2, 2, 0)
    assert sum_units(log, ["clicks"], **NAMES).values.tolist() == [["7", "b", 3], ["1", "a", 9]]
    arms = ab.assign([7, "7"], {"a": 0.5, "b": 0.5}, salt="s")
    assert arms[0] == arms[1]
